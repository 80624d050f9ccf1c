// Package nanp knows the North American Numbering Plan as far as it is used in the
// United States: what a telephone number looks like, where each area code (NPA) is,
// which rate center each code (NPA-NXX) belongs to, and which rate centers serve a
// place.
//
//	tn, ok := nanp.ParseTN("+13035550100")  // true: a well-formed number
//	nanp.StateOf(tn.NPA())                  // CO
//	nanp.ByCode(303_296)                    // the rate center CO/DENVER
//	list, known := nanp.Serving(nanp.Place{City: "Denver", State: "CO", ZIP: "80202"})
//
// A number is ten digits: the NPA, the NXX, and the line. Numbers are handed out in
// blocks of a thousand, which is the NPA, the NXX and the first digit of the line. A
// rate center is the area within which a call costs the same; carriers name it by at
// most ten letters, which abbreviate the name of its town: COLORDOSPG. A LATA is the
// larger area within which a local carrier may carry a call itself.
//
// Everything here is a fact: it is in data/, never changes while the program runs, is
// read when it is first asked for, and may be read by everyone at once.
//
// The codes are those that were in use in February 2014. Area codes that were added
// later, most of them overlays of older ones, are known by InService, StateOf and
// Zone, but have no codes and no rate centers.
//
// Map:
//
//	number.go   TN, Block, Code: their forms and their parts
//	center.go   RateCenter, and how one is found
//	area.go     area codes and states
//	serving.go  the rate centers of a place
//	match.go    which town a name abbreviates; region.go: names that abbreviate none
//	tables.go   data/ as it is read
package nanp

// Package postal knows US addresses: how people write them, how USPS Publication
// 28 writes them, and which of two a person may have meant by a third.
//
//	a, bad := postal.Parse(postal.Input{StreetAddress: "12 e. Oak-Grove avenue apt #4",
//		City: "St. Louis", State: "missouri", ZIP: "63101-1234"})
//	// 12 E OAK GROVE AVE APT 4, SAINT LOUIS MO 63101; bad is 0
//
// Everything here is a pure function of its arguments and of the tables in data/,
// which are in the program. The rows of known addresses are in postalsql; they are
// the same for every world, because a street is where it is.
//
// Map:
//
//	address.go    Address, its lines, its id
//	parse.go      Parse: what a caller sends, taken apart
//	text.go       the words of a line
//	unit.go       apartments and suites; street.go: directionals, names, suffixes;
//	highway.go    roads that have a number for a name
//	tables.go     Publication 28's tables; places.go: ZIP codes, and the footprint
//	distance.go   edit distance; score.go: Score and Rank
//	dataset.go    the known addresses of data/
//	synthetic.go  ten million more, for load
//	postalsql/    the book of known addresses, in the database
package postal

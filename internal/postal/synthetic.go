package postal

import (
	"strconv"
	"strings"
	"sync"
)

// SyntheticAddresses is how many different addresses Synthetic makes.
const SyntheticAddresses = 10_000_000

// A ZIP code has so many made-up streets, and a street so many addresses.
const (
	streetsPerZIP  = 30
	doorsPerStreet = 16
	flats          = 8 // of a building with flats
)

// Synthetic is the n-th of ten million made-up addresses, no two of which are
// equal: real ZIP codes with their cities, all in the footprint, and streets that
// are there in name only. They fill one ZIP code after the other, those of the data
// set first, so that a small book is as dense as a large one. n beyond the last
// begins again.
func Synthetic(n int64) Address {
	n %= SyntheticAddresses
	if n < 0 {
		n += SyntheticAddresses
	}
	door, n := n%doorsPerStreet, n/doorsPerStreet
	at, n := n%streetsPerZIP, n/streetsPerZIP
	zips := servedZIPs()
	p, _ := PlaceOf(zips[n%int64(len(zips))])
	code, _ := strconv.ParseUint(p.ZIP, 10, 64) // digits
	dice := mix(code*streetsPerZIP + uint64(at))

	// The step has no factor in common with how many names there are, so a ZIP code
	// has no name twice.
	name := (mix(code) + uint64(at)*100) % uint64(len(madeUpFirst)*len(madeUpSecond))
	a := Address{
		Street: joined(madeUpFirst[name%uint64(len(madeUpFirst))], madeUpSecond[name/uint64(len(madeUpFirst))]),
		Suffix: madeUpSuffix[dice%uint64(len(madeUpSuffix))],
		City:   p.City, State: p.State, ZIP: p.ZIP,
	}
	if dice>>8%4 == 0 {
		a.Predir = []string{"N", "S", "E", "W"}[dice>>16%4]
	}
	first := 100*int64(1+dice>>24%90) + int64(dice>>40%2)
	if dice>>48%6 == 0 {
		a.Number = strconv.FormatInt(first+10*(door/flats), 10)
		a.UnitType, a.Unit = "APT", strconv.FormatInt(100*(1+door%flats/4)+1+door%4, 10)
		return a
	}
	a.Number = strconv.FormatInt(first+6*door, 10)
	return a
}

// servedZIPs are the ZIP codes of the footprint, those of the data set first.
var servedZIPs = sync.OnceValue(func() []string {
	known := map[string]bool{}
	var list []string
	for r := range records(addressFile) {
		if zip := r[2]; !known[zip] {
			known[zip], list = true, append(list, zip)
		}
	}
	for line := range strings.Lines(zipLines()) {
		if zip := line[:5]; !known[zip] && Footprint(zip) {
			list = append(list, zip)
		}
	}
	return list
})

var madeUpFirst = strings.Fields(`AMBER ASPEN BADGER BARLEY BEACON BIRCH BRAMBLE BUCKEYE CALICO CANDLE CARDINAL CEDAR CHESTNUT CINDER
	CLOVER COBBLE COPPER CORAL COTTON CRANE DOGWOOD ELDER FALCON FENNEL GARNET GINGER GRANITE HARVEST HAZEL HERON HICKORY INDIGO
	IVORY JASPER JUNIPER KESTREL LANTERN LARKSPUR LINDEN MAGNOLIA MARIGOLD MULBERRY NUTMEG OLIVE ORCHID OTTER PEBBLE PEPPER
	QUARRY RAVEN ROSEMARY SADDLE SAFFRON SPARROW SUMAC THISTLE TIMBER TUPELO WALNUT WILLOW YARROW`)

var madeUpSecond = []string{"", "CREEK", "RIDGE", "HOLLOW", "GROVE", "SPRING", "MEADOW"}

var madeUpSuffix = strings.Fields(`ST AVE DR RD LN ST CT DR CIR WAY AVE PL RD TER ST BLVD LN TRL DR`)

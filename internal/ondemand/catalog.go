package ondemand

import (
	"crypto/sha256"
	_ "embed" // the site table is part of the binary
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/govalues/decimal"
)

// The catalogue is what the reference network sells and where. It is the same in
// every world and never changes while the program runs, so it is read once and
// shared: the slices it hands out are for reading only.

// Partner is a data center operator whose buildings the network reaches.
type Partner struct {
	ID        string
	Name      string
	FabricURL string
	Type      string
}

// Site is a building where the service can be ordered: a partner's data center,
// or a customer's own premises.
type Site struct {
	ID            string // the API's masterSiteId: "PL" and ten digits
	PartnerID     string // empty at a customer's premises
	Name          string // "Equinix DC11"
	StreetAddress string
	City          string
	State         string // two letters
	Country       string // "US"
	Zip           string
	ZipExt        string // the +4 of the ZIP, often unknown
	Market        string
	DataCenter    bool
	Access        []Speed // what is offered here, ascending; read only
}

// Offer is a speed with its price in USD per hour.
type Offer struct {
	Speed  Speed
	Hourly decimal.Decimal
}

const (
	catalogEquinix       = "43558"
	catalogDigitalRealty = "362232"
	catalogHeadquarters  = "PL0001247634" // the documentation's own site
	catalogPremises      = "PL0001247700"
	catalogPremisesLimit = 1000 // the access ring of an office building ends at 1 Gbps

	// A month is priced as thirty days of twenty-four hours, whatever its length.
	monthHours = 720
)

var catalogPartners = []Partner{
	{
		ID:        catalogEquinix,
		Name:      "Equinix",
		FabricURL: "https://ecxfabric.equinix.com/",
		Type:      "CLOUD_PARTNER",
	},
	{
		ID:        catalogDigitalRealty,
		Name:      "Digital Realty",
		FabricURL: "https://www.digitalrealty.com/platform-digital/connectivity/service-fabric/connect",
		Type:      "CLOUD_PARTNER",
	},
}

// catalogTariff is ascending in speed and in price, and each step is cheaper per
// Mbps than the one before: that is how capacity is sold, and a partner's program
// that sorts or compares prices meets a sane curve. 100 Mbps is the documented price.
var catalogTariff = []Offer{
	catalogOffer(10, 12),
	catalogOffer(20, 18),
	catalogOffer(50, 31),
	catalogOffer(100, 46),
	catalogOffer(200, 68),
	catalogOffer(500, 115),
	catalogOffer(1000, 178),
	catalogOffer(2000, 284),
	catalogOffer(5000, 540),
	catalogOffer(10000, 860),
}

func catalogOffer(mbps int, cents int64) Offer {
	return Offer{Speed: CanonicalSpeed(mbps), Hourly: decimal.MustNew(cents, 2)}
}

// Partners lists the data center operators, in the documentation's order. Read only.
func Partners() []Partner { return slices.Clip(catalogPartners) }

// PartnerByID finds an operator.
func PartnerByID(id string) (Partner, bool) {
	for _, p := range catalogPartners {
		if p.ID == id {
			return p, true
		}
	}
	return Partner{}, false
}

// SiteByID finds a site, a partner's or a customer's.
func SiteByID(id string) (Site, bool) {
	s, ok := catalogSites().byID[id]
	return s, ok
}

// SitesOf lists a partner's sites, always in the same order so that pages fit
// together; nothing for an unknown partner. Read only.
func SitesOf(partnerID string) []Site {
	if partnerID == "" {
		return nil // premises have no partner, and are not listed by having none
	}
	return catalogSites().byPartner[partnerID]
}

// Offers lists what can be ordered at a site, ascending. Read only.
func Offers(site Site) []Offer {
	offers := catalogTariff
	if !site.DataCenter {
		for offers[len(offers)-1].Speed.Mbps > catalogPremisesLimit {
			offers = offers[:len(offers)-1]
		}
	}
	return slices.Clip(offers)
}

// OfferFor finds the offer for a speed, however that speed is spelt.
func OfferFor(site Site, speed Speed) (Offer, bool) {
	for _, o := range Offers(site) {
		if o.Speed.Mbps == speed.Mbps {
			return o, true
		}
	}
	return Offer{}, false
}

// Monthly is the price of a month at an hourly price: 720 hours, exactly. It is
// computed in decimals because the documentation's own $331.20000000000005 shows
// what floats make of it.
func Monthly(hourly decimal.Decimal) decimal.Decimal { return exactTimes(hourly, monthHours) }

// USD writes an amount as the API does: a dollar sign, no grouping and two
// decimals. An amount with more is rounded half to even.
func USD(d decimal.Decimal) string {
	d = d.Round(2)
	text := make([]byte, 0, 24)
	if d.IsNeg() {
		text = append(text, '-')
		d = d.Abs()
	}
	text = append(text, '$')
	text, _ = d.AppendText(text) // its error is always nil
	switch d.Scale() {
	case 0:
		text = append(text, ".00"...)
	case 1:
		text = append(text, '0')
	}
	return string(text)
}

// exactTimes multiplies without rounding. Prices have cents and counts have a few
// digits; a product beyond nineteen digits is a damaged price, and a wrong bill is
// worse than none, so it panics.
func exactTimes(price decimal.Decimal, n int) decimal.Decimal {
	product, err := price.MulExact(decimal.MustNew(int64(n), 0), price.Scale())
	if err != nil {
		panic(fmt.Sprintf("ondemand: %s times %d has no exact amount: %v", price, n, err))
	}
	return product
}

//go:embed data/datacenter_sites.csv
var catalogCSV string

type catalogIndex struct {
	byID      map[string]Site
	byPartner map[string][]Site
}

var catalogSites = sync.OnceValue(func() catalogIndex {
	index, err := readCatalog(catalogCSV)
	if err != nil {
		panic("ondemand: the site table in the binary is damaged: " + err.Error())
	}
	return index
})

// readCatalog builds the index from the site table and adds the customer premises.
func readCatalog(table string) (catalogIndex, error) {
	index := catalogIndex{byID: map[string]Site{}, byPartner: map[string][]Site{}}
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		return index, err
	}
	if len(rows) == 0 || strings.Join(rows[0], ",") != "partner,site,street_address,city,state,zip,market" {
		return index, fmt.Errorf("its first line is not the expected header")
	}
	for _, row := range rows[1:] {
		site := catalogSite(row)
		if site.PartnerID == "" {
			return index, fmt.Errorf("no partner is named %q", row[0])
		}
		if other, taken := index.byID[site.ID]; taken {
			return index, fmt.Errorf("%s and %s have the same id %s", other.Name, site.Name, site.ID)
		}
		site.Access = catalogAccess(site)
		index.byID[site.ID] = site
		index.byPartner[site.PartnerID] = append(index.byPartner[site.PartnerID], site)
	}
	// The documentation's own site leads, so that a program which takes the first
	// location of the first page walks through the published example.
	for partner, sites := range index.byPartner {
		slices.SortStableFunc(sites, func(a, b Site) int {
			return catalogRank(a) - catalogRank(b)
		})
		index.byPartner[partner] = slices.Clip(sites)
	}
	premises := Site{
		ID:            catalogPremises,
		Name:          "Eldorado Campus, Broomfield",
		StreetAddress: "1025 Eldorado Blvd",
		City:          "Broomfield",
		State:         "CO",
		Country:       "US",
		Zip:           "80021",
		Market:        "DENVER",
	}
	premises.Access = catalogAccess(premises)
	index.byID[premises.ID] = premises
	return index, nil
}

// catalogSite reads one row. A partner without a row in catalogPartners leaves
// PartnerID empty.
func catalogSite(row []string) Site {
	site := Site{
		ID:            catalogSiteID(row[0], row[1]),
		Name:          row[0] + " " + row[1],
		StreetAddress: row[2],
		City:          row[3],
		State:         row[4],
		Country:       "US",
		Zip:           row[5],
		Market:        row[6],
		DataCenter:    true,
	}
	if row[0] == "CenturyLink" && row[1] == "HQ" {
		// The documentation answers the headquarters as a location of partner 43558.
		site.ID, site.PartnerID, site.ZipExt = catalogHeadquarters, catalogEquinix, "2041"
		return site
	}
	for _, p := range catalogPartners {
		if p.Name == row[0] {
			site.PartnerID = p.ID
		}
	}
	return site
}

// catalogSiteID depends on the partner and the site code alone: rows may be added,
// moved or corrected without a stored service losing its site. The numbers begin
// above those of the two sites with a fixed id.
func catalogSiteID(partner, code string) string {
	sum := sha256.Sum256([]byte(partner + "\x00" + code))
	return fmt.Sprintf("PL%010d", 1_300_000+binary.BigEndian.Uint64(sum[:])%700_000)
}

func catalogAccess(site Site) []Speed {
	offers := Offers(site)
	access := make([]Speed, len(offers))
	for i, o := range offers {
		access[i] = o.Speed
	}
	return access
}

func catalogRank(s Site) int {
	if s.ID == catalogHeadquarters {
		return 0
	}
	return 1
}

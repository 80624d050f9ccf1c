package preorder

import (
	"slices"

	"github.com/govalues/decimal"
)

// Component is a part of a product.
type Component struct {
	Code   string
	Name   string
	Family string
}

// Offering is a product of the catalogue.
type Offering struct {
	Code       string
	Name       string
	Family     string
	BillType   string
	Segments   []string
	Speed      int // Mbps down; 0 without broadband
	Technology []string
	Monthly    decimal.Decimal
	Components []Component
	PromoCodes []string
}

// broadband reports whether the product has a broadband line in it.
func (o Offering) broadband() bool { return o.Speed > 0 }

// Promotion takes something off the first months' charge, or off what is paid once.
type Promotion struct {
	Code    string
	Text    string
	Monthly decimal.Decimal // off the monthly charge
	Once    decimal.Decimal // off what is paid once
}

// ModemOption is a way of getting a modem.
type ModemOption struct {
	Code    string
	Name    string
	Once    decimal.Decimal
	Monthly decimal.Decimal
	Own     bool // the customer's own, which no technician installs
}

// AddOn is an accessory or a service beside a product.
type AddOn struct {
	Code    string
	Name    string
	Once    decimal.Decimal
	Monthly decimal.Decimal
	// Broadband ones go with a broadband line only.
	Broadband bool
}

func usd(text string) decimal.Decimal { return decimal.MustParse(text) }

// Speeds above the first need a technician if the line is no fiber; above the second
// always. Below, a technician may be had.
const (
	techFrom       = 100
	techAlwaysFrom = 500
)

// Charges beside the products'.
var (
	activation  = usd("25.00") // of every line
	techVisit   = usd("99.00")
	shipping    = usd("12.95") // and handling, of a modem that is installed by oneself
	modems      = []ModemOption{{Code: "PURCHASE", Name: "Modem purchase", Once: usd("150.00")}, {Code: "LEASE", Name: "Modem lease", Monthly: usd("14.99")}, {Code: "OWN", Name: "I have my own modem", Own: true}}
	addOns      = []AddOn{{Code: "EASE-STD", Name: "@Ease Standard", Monthly: usd("9.99"), Broadband: true}, {Code: "EASE-ADV", Name: "@Ease Advanced", Monthly: usd("14.99"), Broadband: true}, {Code: "JACK", Name: "Additional jack", Once: usd("45.00")}, {Code: "LINEGUARD", Name: "Inside wire care", Monthly: usd("5.99")}}
	promotions  = []Promotion{{Code: "WELCOME10", Text: "10.00 off the monthly charge for twelve months", Monthly: usd("10.00")}, {Code: "NOSETUP", Text: "no activation charge", Once: activation}, {Code: "BIZ20", Text: "20.00 off the monthly charge for twelve months", Monthly: usd("20.00")}}
	local       = Component{"LOC", "Local service", FamilyLocal}
	long        = Component{"LD", "Unlimited long distance", FamilyLong}
	allSegments = []string{Consumer, SmallBusiness}
)

func hsi(speed string) Component {
	return Component{"HSI-" + speed, "Broadband " + speed + " Mbps", FamilyBroadband}
}

// technologies that carry broadband, slowest first.
const (
	TechADSL  = "ADSL2+"
	TechVDSL  = "VDSL2"
	TechFiber = "GPON"
)

// catalogue is what is sold, where a line carries it.
var catalogue = []Offering{
	{Code: "LOCAL-PRE", Name: "Home Phone, prepaid", Family: FamilyLocal, BillType: Prepaid, Segments: []string{Consumer}, Monthly: usd("30.00"), Components: []Component{local}},
	{Code: "LOCAL-POST", Name: "Home Phone", Family: FamilyLocal, BillType: Postpaid, Segments: []string{Consumer}, Monthly: usd("35.00"), Components: []Component{local}, PromoCodes: []string{"NOSETUP"}},
	{Code: "LD-POST", Name: "Unlimited Long Distance", Family: FamilyLong, BillType: Postpaid, Segments: allSegments, Monthly: usd("20.00"), Components: []Component{long}},
	{Code: "BIZ-LINE", Name: "Business Line", Family: FamilyLocal, BillType: Postpaid, Segments: []string{SmallBusiness}, Monthly: usd("45.00"), Components: []Component{local}, PromoCodes: []string{"BIZ20"}},
	{Code: "HSI-20-PRE", Name: "Internet 20, prepaid", Family: FamilyBroadband, BillType: Prepaid, Segments: []string{Consumer}, Speed: 20, Technology: []string{TechADSL, TechVDSL, TechFiber}, Monthly: usd("50.00"), Components: []Component{hsi("20")}},
	{Code: "HSI-20-POST", Name: "Internet 20", Family: FamilyBroadband, BillType: Postpaid, Segments: allSegments, Speed: 20, Technology: []string{TechADSL, TechVDSL, TechFiber}, Monthly: usd("55.00"), Components: []Component{hsi("20")}, PromoCodes: []string{"WELCOME10"}},
	{Code: "HSI-100-PRE", Name: "Internet 100, prepaid", Family: FamilyBroadband, BillType: Prepaid, Segments: []string{Consumer}, Speed: 100, Technology: []string{TechVDSL, TechFiber}, Monthly: usd("65.00"), Components: []Component{hsi("100")}, PromoCodes: []string{"WELCOME10"}},
	{Code: "HSI-100-POST", Name: "Internet 100", Family: FamilyBroadband, BillType: Postpaid, Segments: allSegments, Speed: 100, Technology: []string{TechVDSL, TechFiber}, Monthly: usd("70.00"), Components: []Component{hsi("100")}, PromoCodes: []string{"WELCOME10", "NOSETUP"}},
	{Code: "HSI-940-POST", Name: "Fiber Gigabit", Family: FamilyBroadband, BillType: Postpaid, Segments: allSegments, Speed: 940, Technology: []string{TechFiber}, Monthly: usd("75.00"), Components: []Component{hsi("940")}, PromoCodes: []string{"NOSETUP"}},
	{Code: "BUNDLE-20-POST", Name: "Home Phone and Internet 20", Family: FamilyBundle, BillType: Postpaid, Segments: []string{Consumer}, Speed: 20, Technology: []string{TechADSL, TechVDSL, TechFiber}, Monthly: usd("80.00"), Components: []Component{local, hsi("20")}, PromoCodes: []string{"WELCOME10"}},
	{Code: "BUNDLE-100-POST", Name: "Home Phone, Long Distance and Internet 100", Family: FamilyBundle, BillType: Postpaid, Segments: []string{Consumer}, Speed: 100, Technology: []string{TechVDSL, TechFiber}, Monthly: usd("105.00"), Components: []Component{local, long, hsi("100")}, PromoCodes: []string{"WELCOME10", "NOSETUP"}},
	{Code: "BIZ-BUNDLE-100", Name: "Business Line and Internet 100", Family: FamilyBundle, BillType: Postpaid, Segments: []string{SmallBusiness}, Speed: 100, Technology: []string{TechVDSL, TechFiber}, Monthly: usd("115.00"), Components: []Component{local, hsi("100")}, PromoCodes: []string{"BIZ20"}},
}

// OfferingByCode finds a product.
func OfferingByCode(code string) (Offering, bool) {
	i := slices.IndexFunc(catalogue, func(o Offering) bool { return o.Code == code })
	if i < 0 {
		return Offering{}, false
	}
	return catalogue[i], true
}

func promotionByCode(code string) (Promotion, bool) {
	i := slices.IndexFunc(promotions, func(p Promotion) bool { return p.Code == code })
	if i < 0 {
		return Promotion{}, false
	}
	return promotions[i], true
}

// Catalogue is what is sold; the embedded catalogue backend answers from it.
func Catalogue() []Offering { return slices.Clone(catalogue) }

// offersFor are the products that fit a segment and a loop: voice where there is a
// line at all, broadband where it carries the speed.
func offersFor(all []Offering, segment string, loop Loop) []Offering {
	var fit []Offering
	for _, o := range all {
		if !slices.Contains(o.Segments, segment) || loop.Technology == "" {
			continue
		}
		if o.broadband() && (o.Speed > loop.MaxDown || !slices.Contains(o.Technology, loop.Technology)) {
			continue
		}
		fit = append(fit, o)
	}
	return fit
}

// promosOf are the promotions of some products, each once, in the catalogue's order.
func promosOf(offers []Offering) []Promotion {
	var list []Promotion
	for _, p := range promotions {
		if slices.ContainsFunc(offers, func(o Offering) bool { return slices.Contains(o.PromoCodes, p.Code) }) {
			list = append(list, p)
		}
	}
	return list
}

// needsTech reports whether a technician has to install a product on a loop.
func needsTech(o Offering, loop Loop) bool {
	return o.broadband() && (loop.TechRequired || o.Speed >= techAlwaysFrom || o.Speed >= techFrom && loop.Technology != TechFiber)
}

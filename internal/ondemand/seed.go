package ondemand

import (
	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/magic"
)

// The examples of the source, which every fresh world holds under their ids, so
// that a request pasted from it works.
const (
	ExampleCustomer = "1-ABCDE"
	ExampleAlias    = "1-ABC-23" // the same customer, by another number
	OtherCustomer   = "1-WXYZ9"  // one more that the world's applications may act for
	ExampleAccount  = "5-RHQBGCGK"
	ExampleService  = "77133831778"
	ExampleUNI      = "77130000001" // the customer's own port
	exampleSite     = "PL0001247634"
	premisesSite    = "PL0001247700"
)

// standingQuotes are the quotes that the source's examples promote. They are valid
// for ten years, because nobody can request them again; each can be used once.
var standingQuotes = []string{"NaaS-7888", "NaaS-7898", "NaaS-1466", "NaaS-1468"}

// The inputs of a fresh world that do something special.
var _ = []magic.Value{
	magic.Example(Product, "the quote of an order", "NaaS-7888, NaaS-7898, NaaS-1466, NaaS-1468",
		"quotes of the published examples: 100 Mbps at PL0001247634 for 1-ABCDE, valid for ten years instead of 15 minutes, each for one order"),
	magic.Example(Product, "x-customer-number", OtherCustomer,
		"a second customer: what belongs to 1-ABCDE is foreign to it"),
	magic.Example(Product, "billingAccount.id", "5-TORONTO01, 5-VOICEONLY",
		"accounts that orders cannot use: headquarters in CA, and not entitled"),
	magic.Example(Product, "serviceId of a price request", ExampleUNI,
		"the port of 1-ABCDE at PL0001247700, 1 Gbps: a second service of 1 Gbps does not fit on it (409 no_capacity)"),
}

func exampleAccounts() []Account {
	us := func(id, customer, name, street, city, state, postcode string, entitled bool) Account {
		return Account{ID: id, Customer: customer, Name: name, Street: street, City: city, State: state, Postcode: postcode,
			Country: "USA", CountryCode: "100", HQCountry: "US", Currency: "USD", Entitled: entitled}
	}
	canada := us("5-TORONTO01", ExampleCustomer, "Company or account name, Canada", "120 BREMNER BLVD.", "TORONTO", "ON", "M5J 0A8", true)
	canada.Country, canada.HQCountry = "CAN", "CA"
	return []Account{
		us(ExampleAccount, ExampleCustomer, "Company or account name", "1025 ELDORADO BLVD.,  14C-511", "BROOMFIELD", "CO", "80021", true),
		us("5-WESTREGN1", ExampleCustomer, "Company or account name, West", "600 W 7TH ST.", "LOS ANGELES", "CA", "90017", true),
		us("5-VOICEONLY", ExampleCustomer, "Company or account name, voice only", "350 E CERMAK RD.", "CHICAGO", "IL", "60616", false),
		canada,
		us("5-OTHRCSTM", OtherCustomer, "Other customer", "1950 N STEMMONS FWY.", "DALLAS", "TX", "75207", true),
	}
}

// Seed fills a fresh world.
func (d *Desk) Seed(tx *db.Tx) error {
	for _, a := range exampleAccounts() {
		d.Store.AddAccount(tx, a)
	}
	hundred, _ := ParseSpeed("100 Mbps")
	site, _ := SiteByID(exampleSite)
	offer, ok := OfferFor(site, hundred)
	if !ok {
		return fault.Invalid.Say("100 Mbps is not offered at %s", exampleSite)
	}
	now := tx.Now()
	for _, id := range standingQuotes {
		d.Store.AddQuote(tx, Quote{ID: id, Customer: ExampleCustomer, Site: exampleSite, Partner: site.PartnerID,
			Speed: hundred, Hourly: offer.Hourly, CreatedAt: now, ExpiresAt: now.AddDate(10, 0, 0)})
	}
	nni := Port{Site: exampleSite, ID: PortName(1), Capacity: NNICapacity}
	uni := Port{Site: premisesSite, ID: ExampleUNI, Customer: ExampleCustomer, Capacity: UNICapacity}
	block := AddressBlock{N: 0}
	base := Service{Customer: ExampleCustomer, Account: ExampleAccount, AccountName: "Company or account name",
		Bits: 29, Speed: hundred, Hourly: offer.Hourly, Status: StatusActive, Holds: true, CreatedAt: now}
	atCenter, onPort := base, base
	atCenter.ID, atCenter.Name, atCenter.Site, atCenter.Partner = ExampleService, "My First NaaS", exampleSite, site.PartnerID
	onPort.ID, onPort.Name, onPort.Site = ServiceID(0), "Broomfield office", premisesSite
	for _, at := range []struct {
		s *Service
		p *Port
	}{{&atCenter, &nni}, {&onPort, &uni}} {
		if err := d.seedService(tx, at.s, at.p, &block); err != nil {
			return err
		}
	}
	d.Store.AddPort(tx, nni)
	d.Store.AddPort(tx, uni)
	d.Store.SaveBlock(tx, block)
	return nil
}

// seedService allocates like any order does, and starts the service's meter.
func (d *Desk) seedService(tx *db.Tx, s *Service, p *Port, b *AddressBlock) error {
	vlan, vlans, ok := TakeVLAN(p.VLANs)
	at, taken, fits := b.Taken.Take(s.Bits)
	net24, inPool := PoolPrefix(Pools()[0], int(b.N))
	if !ok || !fits || !inPool {
		return NoAddresses.With()
	}
	p.VLANs, p.VLANsUsed, p.Used, b.Taken = vlans, p.VLANsUsed+1, p.Used+s.Speed.Mbps, taken
	s.Port, s.VLAN, s.Prefix = p.ID, vlan, Prefix(net24, at, s.Bits).String()
	d.Store.AddService(tx, *s)
	d.Store.StartRun(tx, s.ID, Run{From: tx.Now(), Mbps: s.Speed.Mbps, Hourly: s.Hourly})
	audit.Record(tx, audit.Event{Subject: serviceSubject(s.ID), Actor: "seed", Event: "seeded", To: s.Status})
	return nil
}

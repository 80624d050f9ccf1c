package marketplace

import (
	"demarc/internal/audit"
	"demarc/internal/db"
	"demarc/internal/magic"
)

// What a fresh world holds: a provider that demarc itself plays, named as the source
// names its example, with two products and a running subscription.
const (
	ExampleProvider     = "PRV-1"
	ExampleOffer        = "PRD-1"
	ExampleFullOffer    = "PRD-2"
	ExampleSubscription = "SUB-1"
	ExampleCOID         = "CO-1001"
	ExampleSKU          = "SKU-SEATS"
	exampleReseller     = "reseller-example"
)

const whereHolder = `accountHolderName or companyName of a subscription to PRD-1 or PRD-2`

// Words for the embedded provider.
var (
	WordRefuses   = magic.Word(Product, whereHolder, "provider-refuses", "the provider answers 400: the subscription has failed, with its message")
	WordNoCOID    = magic.Word(Product, whereHolder, "provider-no-coid", "the provider answers 201 without a coid: a failure that names it")
	WordFailsOnce = magic.Word(Product, whereHolder, "provider-fails-once", "the provider answers 500, and 201 when it is asked again")
	WordFails     = magic.Word(Product, whereHolder, "provider-fails", "the provider answers 500 for ever: given up after a day")
	WordSilent    = magic.Word(Product, whereHolder, "provider-silent", "the provider does not answer: given up after a day")
)

var _ = []magic.Value{
	magic.Example(Product, "productId of a subscription", ExampleOffer+", "+ExampleFullOffer,
		"products of the provider that demarc plays: the first has the source's example form, the second all twelve fields"),
	magic.Example(Product, "coid of an update", ExampleCOID,
		"the running subscription of a fresh world; a provider key for it: POST /marketplace/v1/providers/PRV-1/keys"),
}

// fullForm shows all twelve fields.
func fullForm() []Field {
	form := make([]Field, len(fieldKinds))
	names := []string{"username", "password", "company", "name", "email", "address1", "address2", "country", "state", "zip", "phone", "resellerkey"}
	for i, k := range fieldKinds {
		form[i] = Field{Field: k.id, JSON: names[i], Label: k.label, Shown: k.id != FieldReseller,
			Required: k.id == FieldUsername || k.id == FieldPassword || k.id == FieldHolder || k.id == FieldEmail}
	}
	return form
}

// Seed fills a fresh world.
func (d *Desk) Seed(tx *db.Tx) error {
	now := tx.Now()
	d.Store.AddProvider(tx, Provider{ID: ExampleProvider, Name: "provider-name", Title: "Example Provider", BaseURL: EmbeddedURL,
		State: ProviderActive, Reseller: d.sealReseller(ExampleProvider, exampleReseller), CreatedAt: now})
	offers := []Offer{
		{ID: ExampleOffer, Name: "Example Mail", Description: "Mailboxes, by the seat and the gigabyte.", Form: ExampleForm(),
			SKUs: []SKU{{ExampleSKU, "Mailboxes", "seat"}, {"SKU-STORAGE", "Storage", "GB"}}},
		{ID: ExampleFullOffer, Name: "Example Backup", Description: "Backups of servers. Its form has all twelve fields.", Form: fullForm(),
			SKUs: []SKU{{"SKU-BACKUP", "Backups", "GB"}}},
	}
	for _, o := range offers {
		o.Provider, o.State, o.CreatedAt = ExampleProvider, OfferListed, now
		d.Store.AddOffer(tx, o)
		for _, s := range o.SKUs {
			d.Store.AddSKU(tx, o.ID, o.Provider, s)
		}
	}
	d.Store.AddSubscription(tx, Subscription{ID: ExampleSubscription, Provider: ExampleProvider, Offer: ExampleOffer, Customer: d.Customer,
		State: SubActive, COID: ExampleCOID, Values: map[string]string{FieldHolder: "Example Buyer", FieldEmail: "buyer@example.com"},
		Attempts: 1, CreatedAt: now, ActiveAt: now})
	audit.Record(tx, audit.Event{Subject: subSubject(ExampleSubscription), Actor: "seed", Event: evOpened, From: SubProvisioning, To: SubActive})
	return nil
}

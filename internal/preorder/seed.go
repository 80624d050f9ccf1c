package preorder

import (
	"demarc/internal/db"
	"demarc/internal/magic"
)

// What a fresh world holds: a partner, to which its applications are bound, and
// another, to whom all of that is foreign.
const (
	ExamplePartner   = "PTNR1001"
	ExampleSalesCode = "SC10001"
	ExampleAgent     = "AGENT01"
	OtherPartner     = "PTNR2002"
	otherSalesCode   = "SC20002"
)

const (
	whereStreet = "streetAddress, streetName or unit of a qualification"
	whereSSN    = "ssn of a postpaid Config"
)

// Inputs that force an outcome. Names take no brackets, so credit goes by the number
// and the date of birth; the address service by a word behind the street.
var _ = []magic.Value{
	magic.Example(Product, whereSSN, "any number that ends in 0001", "APPROVED, without a deposit"),
	magic.Example(Product, whereSSN, "any number that ends in 0002, or all 9s", "DEPOSIT of two months' charge"),
	magic.Example(Product, whereSSN, "any number that ends in 0003", "HARD_STOP, CREDIT_ISSUE"),
	magic.Example(Product, whereSSN, "any number that ends in 0004", "HARD_STOP, FINAL_BILL_OUTSTANDING"),
	magic.Example(Product, "dob of a Config", "01/01/1901", "the customer cannot be authenticated: 1080"),
	magic.Example(Product, "partnerId and salesCode", ExamplePartner+" and "+ExampleSalesCode, "the partner that a sandbox's applications are bound to"),
	magic.Example(Product, "salesCode", otherSalesCode, "another partner's: 2000"),
}

// Words for the embedded backends.
var (
	WordNoMatch   = magic.Word(Product, whereStreet, "no-match", "no address matches: 2096 or 2086, by the ZIP code")
	WordNear      = magic.Word(Product, whereStreet, "near-match", "near matches, also of an address that is known")
	WordNoOffer   = magic.Word(Product, whereStreet, "no-offer", "the loop carries nothing: 6000")
	WordNoFiber   = magic.Word(Product, whereStreet, "slow-loop", "the loop carries 20 Mbps")
	WordFastFiber = magic.Word(Product, whereStreet, "fiber", "the loop carries a gigabit over fiber")
)

// Seed fills a fresh world.
func (d *Desk) Seed(tx *db.Tx) error {
	d.Store.PutPartner(tx, Partner{ID: ExamplePartner, Name: "Example Partner", SalesCodes: []string{ExampleSalesCode, "SC10002"}})
	d.Store.PutPartner(tx, Partner{ID: OtherPartner, Name: "Other Partner", SalesCodes: []string{otherSalesCode}})
	return nil
}

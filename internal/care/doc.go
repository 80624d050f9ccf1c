// Package care is customer identification for the BOT UX API: a partner's bot
// gives an account's number or a telephone number and learns which customer that
// is, where the customer lives and how to reach him.
//
// Each business unit of the carrier (Puerto Rico, Jamaica, Panama, Chile) keeps its
// customers in a billing system of its own, with its own currency and its own forms
// of numbers and addresses. The package asks the right one and answers in one shape.
// It stores nothing itself: what it asks is a Billing.
//
// The rooms:
//
//	care.go      types: an account, and what is asked
//	units.go     the business units, one value each
//	rules.go     pure decisions, each with its id; load.go: those about what is loaded
//	faults.go    the coded errors
//	ports.go     what it needs: billing systems, and rows for the embedded one
//	service.go   the two use cases
//	seed.go      what every fresh world holds; synthetic.go: customers without number
//	check.go     the invariants
//	carehttp/    the wire; caresql/ the rows; carecarrier/ the billing systems
//	caretest/    a billing system that fails, and the contract of all of them
//
// The rules, by id (the code comments give the source clause):
//
//	CARE-AUTH-01..02  who may ask
//	CARE-UNIT-01..02  the business unit
//	CARE-LOB-01..02   the line of business
//	CARE-REF-01..04   what a customer is found by
//	CARE-HDR-01       a header says one thing
//	CARE-PRIV-01      the e-mail address is for three accounts at most
//	CARE-AMT-01       an amount has its currency's precision
//	CARE-NET-01..03   what the billing system's failures do
package care

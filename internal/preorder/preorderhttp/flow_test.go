package preorderhttp_test

import (
	"strconv"
	"testing"

	"demarc/internal/preorder"
)

// What the tests know of a customer; none of it may ever be answered.
const (
	ssn = "123-45-8894"
	dob = "02/28/1980"
)

// An address's house number is its own in each test: an order blocks its address.
func qualifying(street string) body {
	return body{"salesCode": preorder.ExampleSalesCode, "agentId": preorder.ExampleAgent, "partnerId": preorder.ExamplePartner,
		"marketSegment": preorder.Consumer, "qualForVideo": false,
		"address": body{"streetAddress": street, "city": "Monroe", "state": "LA", "zip": "71203"}}
}

// choosing takes one of the near matches of a transaction.
func choosing(tx, detail string) body {
	return qualifying("").without("address").with("transactionId", tx).with("addressDetailId", detail)
}

// configuring chooses Internet 20, postpaid.
func configuring(tx, detail, order string) body {
	return body{"transactionId": tx, "salesCode": preorder.ExampleSalesCode, "partnerId": preorder.ExamplePartner, "partnerOrderId": order,
		"configType": "Config", "addressDetailId": detail, "productCode": "HSI-20-POST", "billType": preorder.Postpaid,
		"interestedInSelfInstallOrTechInstall": preorder.Self,
		"customer":                             body{"accountFirstName": "Robin", "accountLastName": "Example", "ssn": ssn, "dob": dob}}
}

// reconfiguring is the same without the customer.
func reconfiguring(tx, detail, order string) body {
	return configuring(tx, detail, order).with("configType", "Reconfig").without("customer")
}

func completing(tx, order string) body {
	return body{"transactionId": tx, "salesCode": preorder.ExampleSalesCode, "partnerId": preorder.ExamplePartner, "partnerOrderId": order}
}

type qualified struct {
	TransactionID   string
	Status          string
	AddressDetailID string
	NearMatches     []struct {
		AddressDetailID string
		Score           float64
	}
}

// house is the next house of Main Street.
func (e *edge) house() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strconv.Itoa(1000+2*len(e.bodies)) + " Main Street"
}

// qualify qualifies a house of Main Street.
func (e *edge) qualify(t *testing.T) (tx, detail string) {
	t.Helper()
	var q qualified
	e.good(t, e.op("pxQualify"), ask{body: qualifying(e.house())}, 200, &q)
	if q.Status != "QUALIFIED" || q.TransactionID == "" {
		t.Fatalf("got %+v", q)
	}
	return q.TransactionID, q.AddressDetailID
}

// near is a transaction that waits for the choice of one of two addresses.
func (e *edge) near(t *testing.T) (tx string, details []string) {
	t.Helper()
	var q qualified
	e.good(t, e.op("pxQualify"), ask{body: qualifying("5 Elm St")}, 200, &q)
	for _, n := range q.NearMatches {
		details = append(details, n.AddressDetailID)
	}
	if q.Status != "NEAR_MATCHES" || len(details) != 2 {
		t.Fatalf("got %+v", q)
	}
	return q.TransactionID, details
}

// configure qualifies a house and configures a product there.
func (e *edge) configure(t *testing.T, order string) (tx, detail string) {
	t.Helper()
	tx, detail = e.qualify(t)
	e.good(t, e.op("pxConfigure"), ask{body: configuring(tx, detail, order)}, 200, nil)
	return tx, detail
}

// order goes all the way, and answers the order's number.
func (e *edge) order(t *testing.T, order string) (number, tx, detail string) {
	t.Helper()
	tx, detail = e.configure(t, order)
	var o struct{ OrderNumber string }
	e.good(t, e.op("pxCompleteOrder"), ask{body: completing(tx, order)}, 201, &o)
	return o.OrderNumber, tx, detail
}

package preorderhttp_test

import (
	"strings"
	"testing"

	"demarc/internal/preorder"
)

// config is a Config that is wrong in one thing, of a fresh transaction. values are
// what the text names before the transaction, the field first where that is <B>.
func config(is, why, field string, change func(b body) body, values ...string) row {
	return row{is, why, func(t *testing.T, e *edge) tried {
		t.Helper()
		tx, detail := e.qualify(t)
		got := e.send(t, e.op("pxConfigure"), ask{body: change(configuring(tx, detail, "PO-"+tx))}, true)
		x := tried{got: got, tx: tx, field: field}
		for _, v := range values {
			x.values = append(x.values, strings.Replace(v, thatTx, tx, 1))
		}
		return x
	}}
}

// thatTx stands for the row's transaction among the values of its text.
const thatTx = "{tx}"

// beside is a row whose answer has another code too: a transaction is known by its
// sales code.
func beside(code string, r row) row {
	try := r.try
	r.try = func(t *testing.T, e *edge) tried {
		t.Helper()
		x := try(t, e)
		x.beside = []string{code}
		return x
	}
	return r
}

// named is a config row whose text names the field.
func named(is, why, field string, change func(b body) body) row {
	return config(is, why, field, change, field)
}

func configRows() []row {
	const install = "interestedInSelfInstallOrTechInstall"
	unknown := func(tx, about, why string) row {
		return row{"Config 2070", "one " + why, func(t *testing.T, e *edge) tried {
			t.Helper()
			b := configuring(tx, "AD-1", "PO-FOREIGN")
			return tried{got: e.send(t, e.op("pxConfigure"), ask{body: b}, true), tx: about, values: []string{"transactionId"}}
		}}
	}
	rows := []row{
		beside("2070", named("Config 2000", "missing", "salesCode", unset("salesCode"))),
		beside("2070", named("Config 2000", "another partner's", "salesCode", set("salesCode", "SC20002"))),
		named("Config 2030", "missing", "partnerId", unset("partnerId")),
		unknown("", "", "that is missing"),
		unknown("not a transaction", "", "that is malformed"),
		unknown("PX-AAAAAAAAAAAAAAAA", "PX-AAAAAAAAAAAAAAAA", "that there is not"),
		{"Config 2070", "of another partner", func(t *testing.T, e *edge) tried {
			t.Helper()
			tx, detail := e.qualify(t)
			b := configuring(tx, detail, "PO-1").with("salesCode", "SC20002").with("partnerId", preorder.OtherPartner)
			return tried{got: e.send(t, e.op("pxConfigure"), ask{body: b, token: foreign}, true), tx: tx, values: []string{"transactionId"}}
		}},
		named("Config 2025", "missing", "addressDetailId", unset("addressDetailId")),
		named("Config 2025", "another", "addressDetailId", set("addressDetailId", "AD-1")),
		config("Config 2090", "nothing was configured", "configType", func(b body) body { return b.with("configType", "Reconfig").without("customer") },
			thatTx, preorder.ExampleSalesCode),
		named("Config 2100", "no such promotion", "promoCode", set("promoCode", "FREE")),
		named("Config 2100", "of another segment", "promoCode", set("promoCode", "BIZ20")),
		config("Config 2180", "another product's", "promoCode", set("promoCode", "NOSETUP"), "NOSETUP", "HSI-20-POST"),
		named("Config 2110", "no such product", "productCode", set("productCode", "HSI-9000")),
		named("Config 2110", "of another segment", "productCode", set("productCode", "BIZ-LINE")),
		named("Config 2120", "missing", "productCode", unset("productCode")),
		config("Config 2225", "missing", "partnerOrderId", unset("partnerOrderId"), ""),
		config("Config 2225", "another character", "partnerOrderId", set("partnerOrderId", "PO<>1"), "PO<>1"),
		config("Config 2105", "51 characters", "partnerOrderId", set("partnerOrderId", strings.Repeat("x", 51))),
		config("Config 2140", "the other one", "billType", func(b body) body {
			return b.with("billType", preorder.Prepaid).with("ssn", "999-99-9999")
		}, "HSI-20-POST", preorder.Prepaid),
		named("Config 2160", "missing", install, unset(install)),
		named("Config 2160", "neither", install, set(install, "SOMEHOW")),
		named("Config 2160", "by oneself where a technician has to come", install, set("productCode", "HSI-940-POST")),
		named("Config 2160", "of voice", install, set("productCode", "LOCAL-POST")),
		config("Config 2106", "missing", "configType", unset("configType")),
		config("Config 2106", "neither", "configType", set("configType", "Configure")),
		{"Config 2130", "another order's", func(t *testing.T, e *edge) tried {
			t.Helper()
			e.order(t, "PO-USED")
			tx, detail := e.qualify(t)
			got := e.send(t, e.op("pxConfigure"), ask{body: configuring(tx, detail, "PO-USED")}, true)
			return tried{got: got, tx: tx, values: []string{preorder.ExampleSalesCode, "PO-USED"}, field: "partnerOrderId"}
		}},
		{"Config 2131", "another than before", func(t *testing.T, e *edge) tried {
			t.Helper()
			tx, detail := e.configure(t, "PO-FIRST")
			got := e.send(t, e.op("pxConfigure"), ask{body: configuring(tx, detail, "PO-SECOND")}, true)
			return tried{got: got, tx: tx, values: []string{tx, "PO-SECOND"}, field: "partnerOrderId"}
		}},
		{"Config 2131", "another transaction's", func(t *testing.T, e *edge) tried {
			t.Helper()
			e.configure(t, "PO-BOUND")
			tx, detail := e.qualify(t)
			got := e.send(t, e.op("pxConfigure"), ask{body: configuring(tx, detail, "PO-BOUND")}, true)
			return tried{got: got, tx: tx, values: []string{tx, "PO-BOUND"}, field: "partnerOrderId"}
		}},
	}
	return append(rows, reconfigRows()...)
}

// reconfigRows are about a Reconfig of what was configured.
func reconfigRows() []row {
	again := func(is, why, field string, change func(b body) body) row {
		return row{is, why, func(t *testing.T, e *edge) tried {
			t.Helper()
			order := "PO-" + strings.ReplaceAll(is+why, " ", "-")
			tx, detail := e.configure(t, order)
			got := e.send(t, e.op("pxConfigure"), ask{body: change(reconfiguring(tx, detail, order))}, true)
			return tried{got: got, tx: tx, field: field}
		}}
	}
	return []row{
		again("Config 2170", "a customer", "customer", set("customer", body{"accountFirstName": "Robin"})),
		again("Config 2181", "prepaid now", "billType", func(b body) body {
			return b.with("productCode", "HSI-20-PRE").with("billType", preorder.Prepaid)
		}),
	}
}

// customerRows are about the customer of a Config.
func customerRows() []row {
	prepaid := func(b body) body { return b.with("productCode", "HSI-20-PRE").with("billType", preorder.Prepaid) }
	return []row{
		named("Config 1040", "missing", "accountFirstName", set("accountFirstName", "")),
		named("Config 1040", "no name", "accountFirstName", set("accountFirstName", "R2D2")),
		named("Config 1050", "missing", "accountLastName", set("accountLastName", "")),
		named("Config 1060", "missing", "ssn", set("ssn", "")),
		named("Config 1060", "eight digits", "ssn", set("ssn", "123-45-889")),
		named("Config 1060", "of a prepaid product, not all 9s", "ssn", prepaid),
		named("Config 1070", "missing", "dob", set("dob", "")),
		named("Config 1070", "eighteen tomorrow", "dob", set("dob", "06/01/2022")),
		named("Config 1090", "another form", "dob", set("dob", "1980-02-28")),
		named("Config 1090", "no such day", "dob", set("dob", "02/30/1980")),
		{"Config 1080", "nobody whom the credit system knows", func(t *testing.T, e *edge) tried {
			t.Helper()
			tx, detail := e.qualify(t)
			e.back.set(func(b *backends) { b.credit.Authenticated = false })
			defer e.back.set(func(b *backends) { b.credit.Authenticated = true })
			got := e.send(t, e.op("pxConfigure"), ask{body: configuring(tx, detail, "PO-WHO")}, true)
			return tried{got: got, tx: tx, values: []string{"800-555-0199"}, field: "dob"}
		}},
	}
}

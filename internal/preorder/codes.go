package preorder

import (
	"strings"

	"demarc/internal/fault"
)

// Product is the name under which applications are approved for PreOrder.
const Product = "preorder"

// The coded messages (source, the table at its end). In a text, <B> is the name of the
// field that offends (in 1005 whom to call, in 2131 the transaction), and other <> pairs
// are the values that are named before them.
// Every text ends with the transaction's id.
var (
	m1000 = message("1000", 410, "Missing or Invalid <B>; TxID <>")
	m1005 = message("1005", 410, "“CenturyLink received an order for service at this address within the last [30] days on order number <>. Please call <B> to make changes to this order; TxID <>”")
	m1010 = message("1010", 410, "Missing or Invalid <B>; TxID <>")
	m1020 = message("1020", 410, "Missing or Invalid <B>; TxID <>")
	m1030 = message("1030", 410, "Missing or Invalid <B>; TxID <>")
	m1040 = message("1040", 410, "Missing or Invalid <B>; TxID <>")
	m1050 = message("1050", 410, "Missing or Invalid <B>; TxID <>")
	m1060 = message("1060", 410, "Missing or Invalid <B>; TxID <>")
	m1070 = message("1070", 410, "Missing or Invalid <B>; must be 18 years or older; TxID <>")
	m1080 = message("1080", 410, "Please call CenturyLink at 800#<> for help with processing this orde?; TxID <>")
	m1090 = message("1090", 410, `Missing or Invalid <B>; format must be in format like "MM/DD/"YYYY"; TxID <>`)
	m2000 = message("2000", 401, "Missing or Invalid <B>; TxID <>")
	m2010 = message("2010", 401, "Missing or Invalid <B>; TxID <>")
	m2020 = message("2020", 401, "Missing or Invalid <B>; TxID <>")
	m2025 = message("2025", 401, "Missing or Invalid <B>; TxID <>")
	m2030 = message("2030", 401, "Missing or Invalid <B>; TxID <>")
	m2040 = message("2040", 401, "Missing or Invalid <B>; TxID <>")
	m2070 = message("2070", 410, "Missing or Invalid <B>; TxID <>")
	m2080 = message("2080", 410, "Missing or Invalid <B>; TxID <>")
	m2086 = message("2086", 200, "This address is not within the Centurylink footprint; TxID <>")
	m2090 = message("2090", 410, "Unable to find config transaction for transaction id <> and sales code <>; TxID <>")
	m2096 = message("2096", 200, "This address is within the Centurylink footprint but no address matched; TxID <>")
	m2100 = message("2100", 410, "Invalid <B>; TxID <>")
	m2105 = message("2105", 401, "Field length cannot exceed 50 characters for Partner Order Id; TxID <>")
	m2106 = message("2106", 401, "Missing or invalid configType (Config or Reconfig are expected values); TxIX <>")
	m2110 = message("2110", 410, "Invalid <B>; TxID <>")
	m2120 = message("2120", 410, "Missing <B>; TxID <>")
	m2130 = message("2130", 410, "SalesCode <> and PartnerOrderId <> combination must be unique; TxID <>")
	m2131 = message("2131", 410, "Transaction Id <B> and PartnerOrderId <> combination must remain constant through Complete; TxID <>")
	m2140 = message("2140", 410, "Product Code <> does not match Billing Type <>; TxID <>")
	m2160 = message("2160", 410, "Missing or Invalid <B>; TxID <>")
	m2170 = message("2170", 410, "Re-Config cannot contain customer information; TxID <>")
	m2180 = message("2180", 410, "PromoCode <> not applicable ot selected ProductCode <>; TxID <>")
	m2181 = message("2181", 410, "Cannot change Billtype on Re-Config request type; TxID <>")
	m2200 = message("2200", 410, "A config cannot be executed on Qualify response from the previous days TxID <>")
	m2220 = message("2220", 410, "The original Qualify response has expired; please submit a new Qualification TxID <>")
	m2225 = message("2225", 410, "Missing or invalid (i.e. contains unsupported characters like !@#$%^&*()<>?{}[]+=) Partner Order Id <>; TxID <>")
	m4000 = message("4000", 500, "Centurylink Address Service unavailable; TxID <>")
	m4010 = message("4010", 500, "Centurylink Address Service unavailable; TxID <>")
	m4020 = message("4020", 500, "Centurylink LoopQual Service; TxID <>")
	m4030 = message("4030", 500, "Centurylink LoopQual Service unavailable; TxID <>")
	m5000 = message("5000", 500, "Centurylink Exception/Error, please notify CenturyLink?; TxID <>")
	m5010 = message("5010", 500, "Centurylink Exception/Error, please notify CenturyLink?; TxID <>")
	m6000 = message("6000", 500, "No offers available; TxID <>")
)

func message(code string, status int, text string) *fault.Code {
	return fault.New(Product, "px_"+code, status, text)
}

// CodeOf is the source's number of a coded message; "" for other errors.
func CodeOf(c *fault.Code) string {
	code, ok := strings.CutPrefix(c.ID, "px_")
	if !ok || c.Family != Product {
		return ""
	}
	return code
}

// Wording is what a carrier puts into the texts.
type Wording struct {
	Carrier string // instead of the source's own name; "" leaves that
	Phone   string // for changes of an order, and for customers who cannot be authenticated
}

// unsupported is the one pair of angle brackets in the texts that stands for itself.
const unsupported = "()<>?{}"

// fill puts what <B> stands for, the values and the transaction's id into a text, in
// the order in which they stand there.
func (w Wording) fill(text, b, tx string, values ...string) string {
	const kept = "()\x00?{}"
	if w.Carrier != "" {
		text = strings.NewReplacer("CenturyLink", w.Carrier, "Centurylink", w.Carrier).Replace(text)
	}
	text = strings.Replace(text, unsupported, kept, 1)
	head, end, _ := cutLast(text, "<>")
	head = strings.ReplaceAll(head, "<B>", b)
	for _, v := range values {
		head = strings.Replace(head, "<>", v, 1)
	}
	return strings.Replace(head+tx+end, kept, unsupported, 1)
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

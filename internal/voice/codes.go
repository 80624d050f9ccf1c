package voice

import (
	"strings"

	"demarc/internal/fault"
)

// Product is the product's name.
const Product = "voice"

// The source's coded errors (source, 400 to 504), each under the rule that it is the
// answer to. A rule is named for its code: VOICE-ERR-20000.
var (
	e10007 = coded("VOICE-ERR-10007", 400, "Order exceeds limit for 399 telephone numbers per rate center. Please reduce order or make your request through LEUOrders@Lumen.com.")
	e10011 = coded("VOICE-ERR-10011", 400, "Telephone number quantity cannot be zero, please resubmit.")
	e20000 = coded("VOICE-ERR-20000", 400, "Invalid or missing product ID. Please check your product ID and try again.")
	e20011 = coded("VOICE-ERR-20011", 400, "Address state is missing or invalid. Please check your 2-digit state code and try again.")
	e20015 = coded("VOICE-ERR-20015", 400, "Telephone number list must be populated. Please correct and try again.")
	e20025 = coded("VOICE-ERR-20025", 400, "Telephone number is invalid or missing. Please correct and resubmit.")
	e20049 = coded("VOICE-ERR-20049", 400, "Invalid Voice Order ID.")
	e20060 = coded("VOICE-ERR-20060", 400, "The Voice Order ID provided can not be found for the given customer number. Please check both IDs and try again.")
	e20082 = coded("VOICE-ERR-20082", 400, "Invalid or missing PBX index. PBX index indicates the digit in the 10 digit Telephone number in which a specific value must be excluded.")
	e20083 = coded("VOICE-ERR-20083", 400, "Invalid or missing PBX value. PBX value that mush be excluded from the number as indicated in pbxIndex.")
	e20084 = coded("VOICE-ERR-20084", 400, "Invalid or missing sequential Telephone number. Indicates the number of sequential Telephone number’s for a single state/rate center. If you do not want sequential use NULL.")
	e20085 = coded("VOICE-ERR-20085", 400, "Rate Center cannot be NULL.")
	e20088 = coded("VOICE-ERR-20088", 400, "Rate Center or state is missing")
	e20089 = coded("VOICE-ERR-20089", 400, "Rate Center does not match with the rate center from Parent Order")
	e20090 = coded("VOICE-ERR-20090", 400, "Use only tnList or TN location attributes (tnLocNxx, tnLocNpa, tnLocCity, tnLocState, tnLocZip).")
	e20091 = coded("VOICE-ERR-20091", 400, "Invalid NPA/NXX in telephone number Location.")
	e20092 = coded("VOICE-ERR-20092", 400, "Invalid city, state, zip in telephone number location")
	e20093 = coded("VOICE-ERR-20093", 400, "Invalid telephone number location.")
	e20103 = coded("VOICE-ERR-20103", 400, "Invalid page number")
	e20104 = coded("VOICE-ERR-20104", 400, "Invalid page size")
)

// The source's coded errors of the edge. Those that only the edge answers are found by
// Coded.
var (
	e409001 = coded("VOICE-ERR-409001", 409, "Resource could not be updated due to conflicting update")
	e503001 = coded("VOICE-ERR-503001", 503, "Service unavailable")
	e504002 = coded("VOICE-ERR-504002", 504, "Provider timed out")
)

var _ = []*fault.Code{
	coded("VOICE-ERR-1403", 403, "Customer number / Master BusOrg can not be found. Only the customer number(s) that has been associated to your credentials is valid for this transaction. Contact your account manager or log a help ticket in API marketplace."),
	coded("VOICE-ERR-1429", 403, "Customer number / Master BusOrg can not be found. You must have a valid and active customer number in order to use this API. Contact your account manager or log a help ticket in API marketplace."),
	coded("VOICE-ERR-403001", 403, "User authentication failed"),
	coded("VOICE-ERR-403002", 403, "Token validation failed"),
	coded("VOICE-ERR-403003", 403, "Application key validation failed"),
	coded("VOICE-ERR-403004", 403, "Digest validation failed"),
	coded("VOICE-ERR-403005", 403, "Not authorized for method"),
	coded("VOICE-ERR-403006", 403, "Token expired"),
	coded("VOICE-ERR-404001", 404, "Requested resource not found"),
	coded("VOICE-ERR-405001", 405, "Method not allowed for resource"),
	coded("VOICE-ERR-406001", 406, "Not acceptable"),
	coded("VOICE-ERR-500001", 500, "Internal service error"),
	coded("VOICE-ERR-504001", 504, "Mediation timed out"),
}

// Ours: what the source has no code for.
var e400001 = coded("VOICE-ERR-400001", 400, "The request cannot be read, or says something that is not possible.")

// rules are the rules of the coded errors.
var rules = map[*fault.Code]string{}

// coded is a row of the source's table of errors.
func coded(rule string, status int, text string) *fault.Code {
	c := fault.New(Product, Product+"_"+codeIn(rule), status, text)
	rules[c] = rule
	return c
}

// codeIn is the source's code in a rule's name.
func codeIn(rule string) string { return rule[strings.LastIndexByte(rule, '-')+1:] }

// CodeOf is the source's code of an error's row, "" of one that it has none for.
func CodeOf(c *fault.Code) string {
	if rules[c] == "" {
		return ""
	}
	return codeIn(rules[c])
}

// CodeOfRule is the source's code that a broken rule is answered with, "" of a rule of
// our own.
func CodeOfRule(rule string) string {
	code, theirs := strings.CutPrefix(rule, "VOICE-ERR-")
	if !theirs {
		return ""
	}
	return code
}

// Coded is the row of one of the source's codes, for the edge.
func Coded(code string) *fault.Code {
	for c, rule := range rules {
		if CodeOfRule(rule) == code {
			return c
		}
	}
	panic("voice: there is no code " + code)
}

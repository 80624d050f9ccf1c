// Package voicehttp is Voice on the wire: each handler decodes, calls one use case,
// commits and encodes, in the shapes of api/voice.yaml.
//
//	family.go      errors in the source's shape and codes
//	edge.go        what every call is asked first: digest, customer, what it accepts
//	query.go       parameters of addresses
//	routes.go      the customers' calls
//	numbers.go     rate centers, coverage, utilization, the reserved pool
//	orders.go      reservations, approvals, status
//	lines.go       numbers in service: orders, ports, changes, cancels, the report
//	notices.go     what customers were told, as JSON and as XML
//	exceptions.go  requests for more numbers than an order may have
//	desk.go        the carrier desk's calls, which are in the platform's way: a sandbox's
//	               owner makes them; deskqueue.go what waits there for a decision;
//	               desklines.go losing carriers, ports away, routes
package voicehttp

import (
	"net/http"
	"strconv"

	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/identity"
	"demarc/internal/voice"
)

// Family is the API's own way at the edge: the source's codes and its shape of errors,
// and no 401.
func Family() *httpkit.Family {
	return &httpkit.Family{Prefix: "/Voice/", Translate: translate, Render: render}
}

// The source's codes of the edge.
var (
	nobody        = voice.Coded("403001")
	badToken      = voice.Coded("403002")
	badApp        = voice.Coded("403003")
	badDigest     = voice.Coded("403004")
	notYours      = voice.Coded("403005")
	expired       = voice.Coded("403006")
	noCustomer    = voice.Coded("1403")
	shutCustomer  = voice.Coded("1429")
	nothingThere  = voice.Coded("404001")
	notLikeThat   = voice.Coded("405001")
	notAcceptable = voice.Coded("406001")
	changed       = voice.Coded("409001")
	broken        = voice.Coded("500001")
	notNow        = voice.Coded("503001")
	tooLate       = voice.Coded("504001")
)

// terms are what the platform's errors are called here.
var terms = map[*fault.Code]*fault.Code{
	httpkit.Unauthorized:       nobody,
	identity.TokenInvalid:      badToken,
	identity.TokenRevoked:      badToken,
	identity.AppRevoked:        badApp,
	httpkit.ProductNotApproved: notYours,
	identity.TokenExpired:      expired,
	httpkit.CustomerRequired:   noCustomer,
	httpkit.CustomerForbidden:  noCustomer,
	httpkit.CustomerSuspended:  shutCustomer,
	httpkit.NotFound:           nothingThere,
	httpkit.MethodNotAllowed:   notLikeThat,
	httpkit.Internal:           broken,
	httpkit.Overloaded:         notNow,
	httpkit.Timeout:            tooLate,
}

// otherwise is what an error is called for whose code there is no term, by its status:
// those that a caller can do nothing about but this.
var otherwise = map[int]*fault.Code{
	http.StatusUnauthorized:        badToken,
	http.StatusForbidden:           notYours,
	http.StatusInternalServerError: broken,
	http.StatusServiceUnavailable:  notNow,
}

// about is the header that an error of the edge is about.
var about = map[*fault.Code]string{
	nobody: "Authorization", badToken: "Authorization", badApp: "Authorization", notYours: "Authorization", expired: "Authorization",
	badDigest: "Content-Digest", noCustomer: httpkit.CustomerHeader, shutCustomer: httpkit.CustomerHeader, notAcceptable: "Accept",
}

// translate says an error of the platform in the source's terms. Those that the source
// has no code for stay as they are, and are numbered by their status.
func translate(_ *http.Request, f *fault.Error) *fault.Error {
	if voice.CodeOf(f.Code) != "" {
		return f
	}
	code := terms[f.Code]
	if code == nil {
		code = otherwise[f.Code.Status]
	}
	if code == nil {
		return f
	}
	return of(code)
}

// of is an error of the edge.
func of(code *fault.Code) *fault.Error {
	return code.With(fault.Field("VOICE-ERR-"+voice.CodeOf(code), about[code], code.Text))
}

// refusal is the body of an error: the first broken rule on top, and all of them.
type refusal struct {
	Code      string    `json:"code"`
	Message   string    `json:"message"`
	Errors    []refused `json:"errors"`
	Next      []string  `json:"next,omitzero"`
	RequestID string    `json:"requestId"`
}

type refused struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field"`
}

func render(r *http.Request, f *fault.Error) any {
	list := make([]refused, len(f.Violations))
	for i, v := range f.Violations {
		list[i] = refused{voice.CodeOfRule(v.Rule), v.Message, v.Field}
		if list[i].Code == "" || list[i].Code == ours {
			list[i].Code, list[i].Message = numbered(f.Code), v.Field+" "+v.Message // only the source's texts are sentences
		}
	}
	if len(list) == 0 {
		code := voice.CodeOf(f.Code)
		if code == "" {
			code = numbered(f.Code)
		}
		list = []refused{{code, f.Message, about[f.Code]}}
	}
	return refusal{list[0].Code, list[0].Message, list, f.Next, httpkit.RequestID(r.Context())}
}

// ours is the code of what a request says wrong and the source has no code for.
const ours = "400001"

// numbered is the code of an error that the source has none for.
func numbered(code *fault.Code) string { return strconv.Itoa(code.Status) + "001" }

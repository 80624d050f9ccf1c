// Package preorderhttp is PreOrder on the wire: each handler decodes, asks the backends
// and the rules, commits and encodes, in the shapes of api/preorder.yaml.
//
//	family.go     the two ways in which errors are answered
//	routes.go     the calls, and who makes them
//	qualify.go    an address, and what can be sold there
//	configure.go  a product with a customer's credit
//	orders.go     completed configurations
package preorderhttp

import (
	"net/http"
	"regexp"
	"strings"

	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/preorder"
)

// Family is the API's own way at the edge: what the source has a code for is answered
// as its coded messages, all else in the platform's envelope. The source answers 401
// about sales codes and such; those say nothing wrong of the token. What is asked and
// answered is about a customer.
func Family() *httpkit.Family {
	return &httpkit.Family{Challenge: `Bearer realm="demarc"`, Render: render, NoStore: true}
}

// coded is the body of an error for which the source has codes.
type coded struct {
	TransactionID string    `json:"transactionId"`
	Status        string    `json:"status"`
	Messages      []message `json:"messages"`
}

type message struct {
	Code    string `json:"code"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

const statusError = "ERROR"

func render(_ *http.Request, f *fault.Error) any {
	if preorder.CodeOf(f.Code) == "" {
		return nil
	}
	return coded{transactionOf(f.Message), statusError, messagesOf(f)}
}

// messagesOf are the coded messages of an error, one for each broken rule. A rule is
// named for the code that it answers.
func messagesOf(f *fault.Error) []message {
	list := make([]message, len(f.Violations))
	for i, v := range f.Violations {
		code := v.Rule[strings.LastIndexByte(v.Rule, '-')+1:]
		list[i] = message{code, fieldOf(code, v.Field), v.Message}
	}
	return list
}

// named are the fields of the texts whose <B> is not a field's name: 1005 has a
// telephone number there and 2131 the transaction's id.
var named = map[string]string{"1005": "address", "2131": "partnerOrderId"}

func fieldOf(code, field string) string {
	if name := named[code]; name != "" {
		return name
	}
	return field
}

// atEnd is how every text ends: with the transaction's id, in quotes or not (source,
// the table at its end).
var atEnd = regexp.MustCompile(`Tx(?:ID|IX) (PX-[0-9A-Z]+)”?$`)

// transactionOf is the id at the end of a text, "" where a request named none.
func transactionOf(text string) string {
	if m := atEnd.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

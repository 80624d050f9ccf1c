package market

import (
	"net/url"
	"strings"
	"sync"

	"demarc/api"
)

// operation is one operation of the contract.
type operation struct {
	ID, Method, Path, Summary, Tag string
	Document                       string // ondemand
	Also                           bool   // the same by another name
}

// docs is the address of the operation on the page with the documents.
func (o operation) docs() string {
	return "/docs/?api=" + o.Document + "#/" + url.PathEscape(o.Tag) + "/" + o.ID
}

// contract is every operation, in the order of the documents. They are read line by line:
// to take a megabyte of YAML apart for three lines of each operation would cost the first
// visitor more than the page. A test holds this reading to a proper one.
var contract = sync.OnceValue(func() []operation {
	var list []operation
	for _, d := range api.Documents() {
		list = append(list, operationsOf(d)...)
	}
	return list
})

// methods are the keys of a path that are operations.
const methods = " get put post patch delete "

func operationsOf(d api.Document) (list []operation) {
	var path, method string
	var here *operation
	inPaths := false
	for line := range strings.Lines(string(d.Text)) {
		line = strings.TrimRight(line, "\r\n")
		text := strings.TrimLeft(line, " ")
		if text == "" || text[0] == '#' {
			continue
		}
		key, value, _ := strings.Cut(text, ":")
		value = strings.Trim(strings.TrimSpace(value), `'"`)
		switch indent := len(line) - len(text); {
		case indent == 0:
			inPaths = key == "paths"
		case !inPaths:
		case indent == 2:
			path, here = key, nil
		case indent == 4:
			method, here = key, nil
			if strings.Contains(methods, " "+method+" ") {
				list = append(list, operation{Method: strings.ToUpper(method), Path: path, Document: d.Name})
				here = &list[len(list)-1]
			}
		case indent == 6 && here != nil:
			here.take(key, value)
		}
	}
	return list
}

// take takes a line of the operation's description.
func (o *operation) take(key, value string) {
	switch key {
	case "operationId":
		o.ID = value
		for _, suffix := range []string{"NoS", "NoPrefix", "NoSlash", "Plural", "V2"} {
			o.Also = o.Also || strings.HasSuffix(value, suffix)
		}
	case "summary":
		o.Summary = value
	case "tags":
		o.Tag, _, _ = strings.Cut(strings.Trim(value, "[]"), ",")
	}
}

// operationByID finds an operation as the request log names it.
func operationByID(id string) (operation, bool) {
	for _, o := range contract() {
		if o.ID == id {
			return o, true
		}
	}
	return operation{}, false
}

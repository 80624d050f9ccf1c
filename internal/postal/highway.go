package postal

import (
	"slices"
	"strings"
)

// roadWords are how people call a numbered road, and what it is called here.
var roadWords = map[string]string{
	"HIGHWAY": "HIGHWAY", "HWY": "HIGHWAY", "HIWAY": "HIGHWAY", "HIWY": "HIGHWAY", "HIGHWY": "HIGHWAY", "HWAY": "HIGHWAY",
	"ROUTE": "ROUTE", "RTE": "ROUTE", "RT": "ROUTE", "RTES": "ROUTE",
	"ROAD": "ROAD", "RD": "ROAD", "INTERSTATE": "INTERSTATE",
}

func highwayWord(w string) bool { return roadWords[w] != "" && roadWords[w] != "ROAD" }

// systems are the names of the systems that number roads. Those with an empty
// class are followed by a road word; the others are short for both.
var systems = []struct {
	words []string
	name  string
	class string
}{
	{[]string{"COUNTY"}, "COUNTY", ""}, {[]string{"CNTY"}, "COUNTY", ""}, {[]string{"CO"}, "COUNTY", ""},
	{[]string{"CR"}, "COUNTY", "ROAD"}, {[]string{"CORD"}, "COUNTY", "ROAD"}, {[]string{"CH"}, "COUNTY", "HIGHWAY"},
	{[]string{"STATE"}, "STATE", ""}, {[]string{"ST"}, "STATE", ""}, {[]string{"SR"}, "STATE", "ROUTE"}, {[]string{"SH"}, "STATE", "HIGHWAY"},
	{[]string{"TOWNSHIP"}, "TOWNSHIP", ""}, {[]string{"TWP"}, "TOWNSHIP", ""},
	{[]string{"FARM", "TO", "MARKET"}, "FM", "-"}, {[]string{"FM"}, "FM", "-"},
	{[]string{"RANCH", "TO", "MARKET"}, "RM", "-"}, {[]string{"RANCH"}, "RANCH", ""},
	{[]string{"I"}, "INTERSTATE", "-"}, {[]string{"IH"}, "INTERSTATE", "-"},
}

// highway is the name of a numbered road by appendix F of Publication 28, when the
// words are one: US HIGHWAY 98, COUNTY ROAD 12, VERMONT 15. A US highway is one
// whatever it is called, for its number is; a state's is called as it was given.
func highway(list []string) string {
	n := len(list)
	tail := 1 // how many words are the number: 15, 5A, "5 A"
	if n > 2 && len(list[n-1]) == 1 && isLetter(list[n-1][0]) && hasDigit(list[n-2]) {
		tail = 2
	}
	if !roadNumber(list[n-tail]) {
		return ""
	}
	number := strings.Join(list[n-tail:], "")
	head := slices.DeleteFunc(slices.Clone(list[:n-tail]), func(w string) bool { return w == "NO" || w == "NUMBER" })
	if len(head) == 0 {
		return ""
	}
	class := roadWords[head[len(head)-1]]
	if class != "" {
		head = head[:len(head)-1]
	}
	name, ok := system(head, class)
	if !ok {
		return ""
	}
	return joined(name, number)
}

// unhyphenated takes I-10 and US-98 apart.
func unhyphenated(list []string) []string {
	for i, w := range list {
		head, number, found := strings.Cut(w, "-")
		if !found || !letters(head) || !roadNumber(number) {
			continue
		}
		if _, ok := system([]string{head}, ""); ok {
			return slices.Concat(list[:i], []string{head, number}, list[i+1:])
		}
	}
	return list
}

// system is the name of a road's system with its class.
func system(head []string, class string) (string, bool) {
	if len(head) == 0 {
		return class, class != ""
	}
	line := strings.Join(head, " ")
	switch line {
	case "US", "U S", "UNITED STATES":
		return "US HIGHWAY", class != "ROAD" && class != "INTERSTATE"
	}
	for _, s := range systems {
		if strings.Join(s.words, " ") != line {
			continue
		}
		switch {
		case s.class == "-":
			return s.name, true
		case class != "":
			return joined(s.name, class), true
		case s.class != "":
			return joined(s.name, s.class), true
		}
		return "", false
	}
	if code := pub28().states[line]; code != "" {
		return joined(pub28().stateNames[code], class), true
	}
	return "", false
}

// roadNumber is a road's number, with a letter at most at either end: 15, 5A, A1A.
func roadNumber(w string) bool {
	if len(w) > 6 || !hasDigit(w) {
		return false
	}
	if isLetter(w[0]) {
		w = w[1:]
	}
	return simpleNumber(w)
}

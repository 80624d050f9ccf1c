package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"demarc/internal/marketplace/marketplacetest"
)

// saas is the server of the scenario's own marketplace provider; it runs from the
// first time that it is spoken of.
func (p *play) saas() *marketplacetest.Provider {
	if p.seller == nil {
		p.seller = marketplacetest.NewProvider(p.t)
	}
	return p.seller
}

// provider is what a scenario does with its provider.
func (p *play) provider(rest string) error {
	verb, rest, _ := strings.Cut(rest, " ")
	switch verb {
	case "answers":
		acts, err := parseActs(rest)
		if err == nil {
			p.saas().Next(acts...)
		}
		return err
	case "quiet":
		if n := len(p.saas().Calls()); n != p.sold {
			return fmt.Errorf("%d calls of the provider were not expected", n-p.sold)
		}
		return nil
	}
	n, err := strconv.Atoi(rest)
	if err != nil {
		return fmt.Errorf("provider %s how many, not %q", verb, rest)
	}
	switch verb {
	case "expect":
		ctx, cancel := context.WithTimeout(p.t.Context(), patience)
		defer cancel()
		if calls, err := p.saas().Await(ctx, p.sold+n); err != nil {
			return fmt.Errorf("of %d calls of the provider only %d were made", n, len(calls)-p.sold)
		}
		p.sold += n
		return p.provider("quiet")
	case "accounts":
		if open := p.saas().Accounts(); len(open) != n {
			return fmt.Errorf("the provider has %d accounts: %+v", len(open), open)
		}
		return nil
	}
	return fmt.Errorf("provider cannot %q", verb)
}

// deeds are what a provider can be told to do beside answering a status.
var deeds = map[string]func() marketplacetest.Act{
	"keeps": marketplacetest.Keeps, "lies": marketplacetest.Lies, "repeats": marketplacetest.Repeats, "cuts": marketplacetest.Cuts,
	"halves": marketplacetest.Halves, "breaks": marketplacetest.Breaks, "floods": marketplacetest.Floods,
}

// parseActs reads "500, 429 60, 400 No such plan, gives CO-7, keeps, 201".
func parseActs(text string) (acts []marketplacetest.Act, err error) {
	for part := range strings.SplitSeq(text, ",") {
		word, rest, _ := strings.Cut(strings.TrimSpace(part), " ")
		status, notStatus := strconv.Atoi(word)
		seconds, notSeconds := strconv.Atoi(rest)
		switch {
		case deeds[word] != nil && rest == "":
			acts = append(acts, deeds[word]())
		case word == "gives" && rest != "":
			acts = append(acts, marketplacetest.Gives(rest))
		case notStatus != nil:
			return nil, fmt.Errorf("%q is nothing that a provider does", part)
		case status == 201:
			acts = append(acts, marketplacetest.Opens())
		case status == 429 && notSeconds == nil:
			acts = append(acts, marketplacetest.Throttles(seconds))
		case status == 400 && rest != "":
			acts = append(acts, marketplacetest.Refuses(rest))
		default:
			acts = append(acts, marketplacetest.Fails(status))
		}
	}
	return acts, nil
}

// told is something of the calls that the provider got.
func (p *play) told(path string) (any, bool, error) {
	list := []any{}
	for _, c := range p.saas().Calls() {
		body, err := parseJSON(c.Body)
		if err != nil {
			return nil, false, err
		}
		headers := map[string]any{}
		for name := range c.Header {
			headers[strings.ToLower(name)] = c.Header.Get(name)
		}
		list = append(list, map[string]any{"method": c.Method, "path": c.Path, "key": c.Key, "test": c.Test,
			"attempt": json.Number(strconv.Itoa(c.Attempt)), "headers": headers, "body": body})
	}
	return find(list, path)
}

var argument = regexp.MustCompile(`"([^"]*)"|(\S+)`)

// cli runs a command of the program beside the server, on its data. "< name" at its end
// is the body of that name on its standard input.
func (p *play) cli(rest string, good bool) error {
	line, name, reads := strings.Cut(rest, " < ")
	input, named := p.bodies[name]
	if reads && !named {
		return fmt.Errorf("there is no body %q", name)
	}
	var args []string
	for _, m := range argument.FindAllStringSubmatch(line, -1) {
		args = append(args, m[1]+m[2])
	}
	out, err := p.node.reads(p.t, input, append(args, p.node.database()...)...)
	p.said = out
	switch {
	case good && err != nil:
		return fmt.Errorf("demarc %s: %w\n%s", rest, err, out)
	case !good && err == nil:
		return fmt.Errorf("demarc %s goes well:\n%s", rest, out)
	}
	return nil
}

// printed is what the last command printed, or the first group of a pattern in it.
func (p *play) printed(pattern string) (any, bool, error) {
	if pattern == "" {
		return p.said, true, nil
	}
	find, err := regexp.Compile(pattern)
	if err != nil {
		return nil, false, err
	}
	m := find.FindStringSubmatch(p.said)
	if len(m) != 2 {
		return nil, false, nil
	}
	return m[1], true, nil
}

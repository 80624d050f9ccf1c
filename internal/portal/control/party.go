package control

import (
	"fmt"
	"slices"

	"demarc/internal/fault"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// area is what these pages are a part of.
const area = "Control Center"

// party is who looks, and for which customer.
func party(v *web.Visit) voice.Party {
	return voice.Party{World: v.World.ID, Sandbox: v.Sandbox(), Customer: v.Customer.Number, Name: v.Customer.Name, Channel: voice.ChannelPortal, Actor: v.Actor()}
}

// acting is who orders, and for which customer.
func (s *screens) acting(v *web.Visit) (voice.Party, error) {
	p := party(v)
	var err error
	p.App, err = v.Application(voice.Product)
	return p, err
}

// refusal is an error of Voice as a form says it: each broken rule once, with the code
// under which the API documents it.
func refusal(err error) error {
	f := fault.Of(err)
	if f == nil || voice.CodeOf(f.Code) == "" {
		return err
	}
	said := *f
	said.Violations = slices.Clone(f.Violations)
	for i, broken := range said.Violations {
		if code := voice.CodeOfRule(broken.Rule); code != "" && code != ours {
			said.Violations[i].Message = fmt.Sprintf("%s (%s)", broken.Message, code)
		}
	}
	if len(said.Violations) > 0 {
		said.Message = fault.Invalid.Text // the rules say it all
	} else {
		said.Message += " (" + voice.CodeOf(f.Code) + ")"
	}
	return &said
}

// ours is the code of what the source has none for.
const ours = "400001"

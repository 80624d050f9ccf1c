package store

import (
	"encoding/json"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/marketplace"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// worldNow is the world's moment.
func worldNow(v *web.Visit) (now time.Time, err error) {
	err = v.View(func(tx *db.Tx) error {
		now = tx.Now()
		return nil
	})
	return now, err
}

// integration says how the two servers call each other, with this provider's own
// addresses, products and ids.
func (s *screens) integration(v *web.Visit) error {
	p, _, err := s.find(v)
	if err != nil {
		return err
	}
	var offers []marketplace.Offer
	var subs []marketplace.Subscription
	err = v.View(func(tx *db.Tx) (err error) {
		if offers, _, err = s.Marketplace.Offers(tx, manager(v), p.ID, marketplace.Paging{Limit: 1}); err == nil {
			subs, _, err = s.Marketplace.ProviderSubscriptions(tx, manager(v), p.ID, marketplace.SubActive, marketplace.Paging{Limit: 1})
		}
		return err
	})
	if err != nil {
		return missing(err)
	}
	coid, sku, form := "CO-1001", "SKU-1", marketplace.ExampleForm()
	if len(offers) > 0 {
		form = offers[0].Form
		if len(offers[0].SKUs) > 0 {
			sku = offers[0].SKUs[0].ID
		}
	}
	if len(subs) > 0 && subs[0].COID != "" {
		coid = subs[0].COID
	}
	url := p.ProvisionURL()
	if url == "" {
		url = "https://provider.example.com/" + p.Name + "-provision-account/"
	}
	told, err := json.Marshal(map[string]any{"coid": coid, "expired": false, "sku": sku, "count": 12, "providerkey": "…"})
	if err != nil {
		return err
	}
	update := "curl -X POST " + v.BaseURL() + s.UpdatePath + " \\\n  -H 'Content-Type: application/json' \\\n  -H 'Idempotency-Key: 2026-11-21-" + strings.ToLower(sku) + "' \\\n  -d '" + string(told) + "'"
	text := func(rows ...[2]string) ui.Node {
		facts := make([]ui.Fact, len(rows))
		for i, r := range rows {
			facts[i] = ui.Fact{Name: r[0], Value: ui.Text(r[1])}
		}
		return ui.Facts(facts...)
	}
	return v.Show("Integration of "+p.Title, ui.Head(p.Title, "How the two servers call each other."), tabs(p, "Integration"),
		ui.Section("We open an account", ui.P("When somebody subscribes, your server is sent what the product's form asks for, under the names that you chose. One account has one Idempotency-Key, however often we have to ask."),
			ui.CodeBlock("Our call", "POST "+url+"\nContent-Type: application/json\nIdempotency-Key: …\n\n"+sample(form)),
			ui.Card("Your answers", text([2]string{"201 {\"coid\": \"…\"}", "The account is open; coid is your id of the customer. 201 without one is a failure."},
				[2]string{"400 to 409", "There will be no account. Your message is shown to the buyer; we do not ask again."},
				[2]string{"500, no answer", "We ask again, with more and more time between, for a day."}))),
		ui.Section("You tell what is used", ui.P("As often as you like. Several updates for one customer add up by SKU and month; one with an Idempotency-Key counts once, however often it is sent."),
			ui.CodeBlock("Your call", update),
			ui.Card("Elements", text([2]string{"coid", "Your id of the customer. Required."}, [2]string{"sku", "What was used. Required."}, [2]string{"count", "How much, not negative."},
				[2]string{"expired", "Whether services ended: true or false. Required."}, [2]string{"expired-date", "When they ended. Required when expired is true."}, [2]string{"providerkey", "The key that we gave you. Required."})),
			ui.Card("Our answers", text([2]string{"201", "Taken."}, [2]string{"400", "An element is missing or malformed; the answer names each."}, [2]string{"401", "The providerkey is not known."},
				[2]string{"404", "You have no customer of that coid, or no such sku."}, [2]string{"409", "The subscription has expired."}, [2]string{"500 and above", "Our mistake. Send it again."}))))
}

// sample is a form's JSON with a word for each value.
func sample(form []marketplace.Field) string {
	lines := make([]string, 0, len(form))
	for _, f := range form {
		if f.Shown || f.Field == marketplace.FieldReseller {
			lines = append(lines, `  "`+f.JSON+`": "…"`)
		}
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n}"
}

package main

import (
	"regexp"
	"strings"
	"testing"

	"demarc/internal/db"
	"demarc/internal/identity"
)

func TestAnOperatorOnboardsAProviderOfAnOrganisationThatIsThere(t *testing.T) {
	eachOperator(t, func(t *testing.T, d *db.DB, url string) {
		data := t.TempDir() // of the key file
		market := func(args ...string) (string, error) {
			return run(t, url, append(append([]string{"provider"}, args...), "--data", data)...)
		}
		_, err := market("add", "acme", "https://acme.example.com", "--org", "org_nobody")
		if err == nil || !strings.Contains(err.Error(), "There is no such organisation.") {
			t.Errorf("an organisation that is not there: %v", err)
		}
		org, err := identity.New(d, identity.Options{}).CreateOrg(t.Context(), "Acme")
		if err != nil {
			t.Fatal(err)
		}
		out, err := market("add", "acme", "https://acme.example.com", "--org", org.ID, "--update-path", "/told/")
		if err != nil || !strings.Contains(out, "to /told/\n(as this command's own --update-path or --config says") {
			t.Fatalf("%s, %v", out, err)
		}
		id := regexp.MustCompile(`PRV-\d+`).FindString(out)
		first := regexp.MustCompile(`KEY-\d+`).FindString(out)

		for text, want := range map[string]string{
			`{"name":"Mail","skus":[{"name":"Mailboxes","unit":"seat"}],"price":1}`:    `unknown field "price"`,
			`{"name":"Mail","skus":[{"name":"Mailboxes","unit":"seat","colour":"x"}]}`: `unknown field "colour"`,
			`{"name":"Mail","sku":[]}`: `unknown field "sku"`,
			`{"name":7}`:               "name must be a text, not number",
		} {
			if out, err := market("offer", id, written(t, text)); err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
				t.Errorf("%s: %s, %v, want %s", text, out, err, want)
			}
		}
		if out, err := market("offer", id, written(t, `{"name":"Mail","skus":[{"name":"Mailboxes","unit":"seat"}]}`)); err != nil || !strings.Contains(out, "is listed") {
			t.Errorf("%s, %v", out, err)
		}

		out, err = market("rotate", id, "--expire-old", "PT24H")
		if err != nil || !strings.Contains(out, "The old key "+first+" works, too, and ends at 20") {
			t.Errorf("%s, %v", out, err)
		}
		if _, err := market("revoke", id, first); err != nil {
			t.Error(err)
		}
		second := regexp.MustCompile(`KEY-\d+`).FindString(out)
		out, err = market("rotate", id)
		if err != nil || !strings.Contains(out, "The old key "+second+" works, too, until it is ended with\ndemarc provider revoke "+id+" "+second) {
			t.Errorf("%s, %v", out, err)
		}
	})
}

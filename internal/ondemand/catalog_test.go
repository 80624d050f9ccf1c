package ondemand

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/govalues/decimal"
	"pgregory.net/rapid"
)

func TestPartnersAreTheDocumentedOnesInTheirOrder(t *testing.T) {
	want := []Partner{
		{"43558", "Equinix", "https://ecxfabric.equinix.com/", "CLOUD_PARTNER"},
		{"362232", "Digital Realty", "https://www.digitalrealty.com/platform-digital/connectivity/service-fabric/connect", "CLOUD_PARTNER"},
	}
	if diff := cmp.Diff(want, Partners()); diff != "" {
		t.Error(diff)
	}
	for _, p := range want {
		if got, ok := PartnerByID(p.ID); !ok || got != p {
			t.Errorf("PartnerByID(%q) = %v, %v", p.ID, got, ok)
		}
	}
	if p, ok := PartnerByID("CenturyLink"); ok {
		t.Errorf("an unknown partner is %v", p)
	}
}

// Stored services name their site by its id: a changed id would orphan them, so
// every one of them is pinned here, in the order in which they are listed.
func TestSiteIdsAndTheirOrderNeverChange(t *testing.T) {
	want := map[string][]string{
		"43558": {
			"PL0001247634 CenturyLink HQ",
			"PL0001628562 Equinix DC11",
			"PL0001825159 Equinix SV1",
			"PL0001531575 Equinix CH1",
			"PL0001334422 Equinix NY4",
			"PL0001473479 Equinix DA1",
			"PL0001557080 Equinix LA1",
			"PL0001717822 Equinix SE2",
			"PL0001658979 Equinix DE1",
			"PL0001731422 Equinix MI1",
			"PL0001346004 Equinix AT1",
		},
		"362232": {
			"PL0001732020 Digital Realty IAD10",
			"PL0001549658 Digital Realty ORD10",
			"PL0001472029 Digital Realty JFK10",
			"PL0001396473 Digital Realty JFK12",
			"PL0001616620 Digital Realty DFW10",
			"PL0001699590 Digital Realty ATL13",
			"PL0001357845 Digital Realty MIA10",
			"PL0001817446 Digital Realty SFO10",
			"PL0001849767 Digital Realty LAX10",
			"PL0001598773 Digital Realty PHX10",
		},
	}
	got := map[string][]string{}
	for _, p := range Partners() {
		for _, s := range SitesOf(p.ID) {
			got[p.ID] = append(got[p.ID], s.ID+" "+s.Name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryListedSiteIsACompleteDataCenterOfItsPartner(t *testing.T) {
	id, zip, state := regexp.MustCompile(`^PL\d{10}$`), regexp.MustCompile(`^\d{5}$`), regexp.MustCompile(`^[A-Z]{2}$`)
	seen := map[string]bool{}
	for _, p := range Partners() {
		for _, s := range SitesOf(p.ID) {
			if !id.MatchString(s.ID) || seen[s.ID] || !zip.MatchString(s.Zip) || !state.MatchString(s.State) ||
				s.StreetAddress == "" || s.City == "" || s.Market == "" || s.Country != "US" || s.PartnerID != p.ID || !s.DataCenter {
				t.Errorf("%+v", s)
			}
			seen[s.ID] = true
			if found, ok := SiteByID(s.ID); !ok || cmp.Diff(s, found) != "" {
				t.Errorf("SiteByID(%q) = %+v, %v", s.ID, found, ok)
			}
		}
	}
	if len(seen) != 21 {
		t.Errorf("%d sites are listed, the table has 21", len(seen))
	}
}

func TestTheDocumentedSiteIsAnsweredAsDocumented(t *testing.T) {
	s, ok := SiteByID("PL0001247634")
	s.Access = nil
	want := Site{
		ID: "PL0001247634", PartnerID: "43558", Name: "CenturyLink HQ", StreetAddress: "100 CenturyLink Dr", City: "Monroe",
		State: "LA", Country: "US", Zip: "71203", ZipExt: "2041", Market: "MONROE", DataCenter: true,
	}
	if diff := cmp.Diff(want, s); diff != "" || !ok {
		t.Error(ok, diff)
	}
}

func TestCustomerPremisesAreKnownButListedUnderNoPartner(t *testing.T) {
	s, ok := SiteByID("PL0001247700")
	if !ok || s.DataCenter || s.PartnerID != "" || s.StreetAddress != "1025 Eldorado Blvd" {
		t.Errorf("%+v, %v", s, ok)
	}
	if sites := SitesOf(""); sites != nil {
		t.Errorf("no partner lists %v", sites)
	}
	if sites := SitesOf("1"); sites != nil {
		t.Errorf("an unknown partner lists %v", sites)
	}
	if s, ok := SiteByID("PL0000000000"); ok {
		t.Errorf("an unknown site is %+v", s)
	}
}

func TestADamagedSiteTableIsRefusedRatherThanServed(t *testing.T) {
	const header = "partner,site,street_address,city,state,zip,market\n"
	for name, table := range map[string]string{
		"empty":           "",
		"another header":  "partner,site,street,city,state,zip,market\n",
		"a short row":     header + "Equinix,DC11,21721 Filigree Ct\n",
		"unknown partner": header + "Nobody,X1,1 Main St,Town,CO,80000,TOWN\n",
		"a site twice":    header + strings.Repeat("Equinix,DC11,21721 Filigree Ct,Ashburn,VA,20147,WASHINGTON DC\n", 2),
	} {
		if _, err := readCatalog(table); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if credits, err := os.ReadFile("data/SOURCES.md"); err != nil || !strings.Contains(string(credits), "datacenter_sites.csv") {
		t.Errorf("the table has no credits: %v", err)
	}
}

func TestTheTariffRisesWithSpeedAndFallsPerMbps(t *testing.T) {
	center, _ := SiteByID("PL0001247634")
	premises, _ := SiteByID("PL0001247700")
	for _, c := range []struct {
		site     Site
		from, to string
	}{{center, "10 Mbps", "10 Gbps"}, {premises, "10 Mbps", "1 Gbps"}} {
		offers := Offers(c.site)
		if first, last := offers[0].Speed.Text, offers[len(offers)-1].Speed.Text; first != c.from || last != c.to {
			t.Errorf("%s is offered %s to %s", c.site.Name, first, last)
		}
		var access []Speed
		for i, o := range offers {
			access = append(access, o.Speed)
			if o.Hourly.Scale() != 2 || !o.Hourly.IsPos() {
				t.Errorf("%s costs %s, not a price in cents", o.Speed, o.Hourly)
			}
			if i == 0 {
				continue
			}
			before := offers[i-1]
			// before/its Mbps > o/its Mbps, without dividing
			perBefore, perNow := exactTimes(before.Hourly, o.Speed.Mbps), exactTimes(o.Hourly, before.Speed.Mbps)
			if o.Speed.Mbps <= before.Speed.Mbps || o.Hourly.Cmp(before.Hourly) <= 0 || perNow.Cmp(perBefore) >= 0 {
				t.Errorf("%s at %s after %s at %s", o.Speed, o.Hourly, before.Speed, before.Hourly)
			}
		}
		if diff := cmp.Diff(access, c.site.Access); diff != "" {
			t.Error(diff)
		}
	}
}

func TestTheDocumentedPriceHoldsEverywhereAndItsMonthHasNoFloatSlip(t *testing.T) {
	hundred, _ := ParseSpeed("100mbps")
	sites := []string{"PL0001247700"}
	for _, p := range Partners() {
		for _, s := range SitesOf(p.ID) {
			sites = append(sites, s.ID)
		}
	}
	for _, id := range sites {
		site, _ := SiteByID(id)
		offer, ok := OfferFor(site, hundred)
		if !ok || USD(offer.Hourly) != "$0.46" || USD(Monthly(offer.Hourly)) != "$331.20" || offer.Speed.Text != "100 Mbps" {
			t.Errorf("%s: %v, %v", site.Name, offer, ok)
		}
	}
}

func TestAnOfferIsFoundBySpeedAndOnlyWhereItIsOffered(t *testing.T) {
	center, _ := SiteByID("PL0001247634")
	premises, _ := SiteByID("PL0001247700")
	for _, c := range []struct {
		site Site
		text string
		want bool
	}{
		{center, "1000 mbps", true},
		{center, "1 Gbps", true},
		{center, "10 Gbps", true},
		{premises, "1000 mbps", true},
		{premises, "2 Gbps", false},
		{center, "101 Mbps", false},
		{center, "20 Gbps", false},
	} {
		speed, err := ParseSpeed(c.text)
		if err != nil {
			t.Fatal(err)
		}
		offer, ok := OfferFor(c.site, speed)
		if ok != c.want || (ok && offer.Speed.Mbps != speed.Mbps) {
			t.Errorf("%s at %s: %v, %v", c.text, c.site.Name, offer, ok)
		}
	}
}

func TestDollarsHaveTwoDecimals(t *testing.T) {
	for text, want := range map[string]string{
		"0": "$0.00", "0.46": "$0.46", "331.2": "$331.20", "331.20": "$331.20", "7": "$7.00", "331.200000": "$331.20",
		"1234567.89": "$1234567.89", "9999999999999999999": "$9999999999999999999.00",
		"0.005": "$0.00", "0.015": "$0.02", "0.025": "$0.02", "0.0251": "$0.03",
		"-0.46": "-$0.46", "-0.001": "$0.00", "-12": "-$12.00",
	} {
		if got := USD(decimal.MustParse(text)); got != want {
			t.Errorf("USD(%s) = %s, want %s", text, got, want)
		}
	}
}

func TestAMonthIsExactlySevenHundredAndTwentyHours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := decimal.MustNew(rapid.Int64Range(0, 1_000_000_000).Draw(t, "units"), rapid.IntRange(0, 6).Draw(t, "scale"))
		want := decimal.MustNew(0, price.Scale())
		for range 720 {
			want, _ = want.Add(price)
		}
		if got := Monthly(price); got.CmpTotal(want) != 0 {
			t.Errorf("Monthly(%s) = %s, want %s", price, got, want)
		}
	})
	defer func() {
		if recover() == nil {
			t.Error("an amount that cannot be exact was answered")
		}
	}()
	Monthly(decimal.MustParse("0.1234567890123456789"))
}

func TestTheCatalogueIsReadWithoutAllocating(t *testing.T) {
	hundred := CanonicalSpeed(100)
	if n := testing.AllocsPerRun(100, func() {
		site, _ := SiteByID("PL0001247634")
		if _, ok := OfferFor(site, hundred); !ok || len(SitesOf(site.PartnerID)) == 0 || len(Partners()) == 0 {
			t.Error("nothing is there")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCatalogOffer(b *testing.B) {
	b.ReportAllocs()
	speed := CanonicalSpeed(10_000)
	for b.Loop() {
		site, _ := SiteByID("PL0001247634")
		if _, ok := OfferFor(site, speed); !ok {
			b.Fatal("not offered")
		}
	}
}

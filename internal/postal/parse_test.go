package postal_test

import (
	"strings"
	"testing"

	"demarc/internal/postal"
)

// normal are lines as people write them and as they are stored, by what Publication
// 28 says about them.
var normal = []struct {
	rule  string
	cases map[string]string
}{
	{"case, punctuation and spaces", map[string]string{
		"12   main    st":            "12 MAIN ST",
		"12, Main St.":               "12 MAIN ST",
		"12 O'Neal Rd":               "12 ONEAL RD",
		"12 Martin-Luther King Blvd": "12 MARTIN LUTHER KING BLVD",
		"12 Piñon Canyon Rd":         "12 PINON CANYON RD",
		"8358 WB&A Road":             "8358 WB AND A RD",
		"12 U.S. Highway 5":          "12 US HIGHWAY 5",
	}},
	{"the number", map[string]string{
		"No. 5 Main St":               "5 MAIN ST",
		"#5 Main St":                  "5 MAIN ST",
		"Number 5 Main St":            "5 MAIN ST",
		"0012 Main St":                "12 MAIN ST",
		"12-A Main St":                "12A MAIN ST",
		"12a Main St":                 "12A MAIN ST",
		"12 1/2 Main St":              "12 1/2 MAIN ST",
		"12-1/2 Main St":              "12 1/2 MAIN ST",
		"12½ Main St":                 "12 1/2 MAIN ST",
		"112-10 Queens Blvd":          "112-10 QUEENS BLVD",
		"N30W1234 Lake Dr":            "N30W1234 LAKE DR",
		"30W104 Butterfield Rd":       "30W104 BUTTERFIELD RD",
		"W1234 County Road F5":        "W1234 COUNTY ROAD F5",
		"4 4 Winds Dr":                "4 4 WINDS DR",
		"421 1/2 6th St SE":           "421 1/2 6TH ST SE",
		"5 5th Ave":                   "5 5TH AVE",
		"12 500 West":                 "12 500 W",
		"3 Thousand Oaks Blvd":        "3 THOUSAND OAKS BLVD",
		"12 No Name Rd":               "12 NO NAME RD",
		"700 Number Nine Schoolhouse": "700 NUMBER NINE SCHOOLHOUSE",
	}},
	{"suffixes (appendix C1)", map[string]string{
		"12 Main Street":      "12 MAIN ST",
		"12 Main Str":         "12 MAIN ST",
		"12 Oak Avenu":        "12 OAK AVE",
		"12 Oak Avn":          "12 OAK AVE",
		"12 Sunset Boulevard": "12 SUNSET BLVD",
		"12 Hill Parkwy":      "12 HILL PKWY",
		"12 Mill Crossing":    "12 MILL XING",
		"12 Deer Trails":      "12 DEER TRL",
		"12 Broadway":         "12 BROADWAY",
		"12 Park":             "12 PARK",
		"12 The Alameda":      "12 THE ALAMEDA",
		"12 El Camino Real":   "12 EL CAMINO REAL",
	}},
	{"two suffixes: only the last is short (234)", map[string]string{
		"12 19th Ave Ct":       "12 19TH AVENUE CT",
		"12 Oak Rdg Ln":        "12 OAK RIDGE LN",
		"12 Burkitt Pl Dr":     "12 BURKITT PLACE DR",
		"12 Avenue Road":       "12 AVENUE RD",
		"12 3rd Street Circle": "12 3RD STREET CIR",
		"12 Via Verde":         "12 VIA VERDE",
	}},
	{"directionals (233)", map[string]string{
		"12 North Main St":       "12 N MAIN ST",
		"12 N. Main St":          "12 N MAIN ST",
		"12 Main St Northwest":   "12 MAIN ST NW",
		"12 Main St N.W.":        "12 MAIN ST NW",
		"12 Main St North West":  "12 MAIN ST NW",
		"12 North East Oak Ave":  "12 NE OAK AVE",
		"12 W Solano Dr S":       "12 W SOLANO DR S",
		"12 North Ave":           "12 NORTH AVE",
		"12 N North Ave":         "12 N NORTH AVE",
		"12 West St":             "12 WEST ST",
		"1200 E St NW":           "1200 E ST NW",
		"12 Avenue E":            "12 AVENUE E",
		"12 Avenue B":            "12 AVENUE B",
		"300 W 500 S":            "300 W 500 S",
		"12 Gazebo East Ct":      "12 GAZEBO EAST CT",
		"12 South East Ave":      "12 S EAST AVE",
		"12 East North Water St": "12 E NORTH WATER ST",
		"12 Eastern Pkwy":        "12 EASTERN PKWY",
		"12 Northwestern Hwy":    "12 NORTHWESTERN HWY",
		"12 Sudlersville South":  "12 SUDLERSVILLE S",
	}},
	{"numbered streets", map[string]string{
		"12 Fifth Ave":             "12 5TH AVE",
		"12 5TH AVENUE":            "12 5TH AVE",
		"12 5 Ave":                 "12 5TH AVE",
		"12 W 5 Street":            "12 W 5TH ST",
		"12 Twenty-First St":       "12 21ST ST",
		"12 Twentyfirst St":        "12 21ST ST",
		"12 Eleventh St":           "12 11TH ST",
		"12 Ninetieth St":          "12 90TH ST",
		"12 2TH St":                "12 2ND ST",
		"12 111st St":              "12 111TH ST",
		"12 22 Nd St":              "12 22ND ST",
		"715 361 Rd":               "715 361 RD",
		"12 Twenty Nine Palms Hwy": "12 TWENTY NINE PALMS HWY",
	}},
	{"saints, doctors and mountains", map[string]string{
		"12 St. John St":              "12 SAINT JOHN ST",
		"12 Saint John Street":        "12 SAINT JOHN ST",
		"12 St James":                 "12 SAINT JAMES",
		"12 Old St Andrews Rd":        "12 OLD SAINT ANDREWS RD",
		"12 Dr. MLK Jr. Blvd":         "12 DOCTOR MARTIN LUTHER KING JUNIOR BLVD",
		"12 Mt Vernon Dr":             "12 MOUNT VERNON DR",
		"12 Old Mt Vernon Rd":         "12 OLD MOUNT VERNON RD",
		"12 Ft Lincoln Dr":            "12 FORT LINCOLN DR",
		"12 Drive":                    "12 DRIVE",
		"12 William Chambers Jr Blvd": "12 WILLIAM CHAMBERS JUNIOR BLVD",
	}},
	{"highways (appendix F)", map[string]string{
		"12 Hwy 6":                 "12 HIGHWAY 6",
		"12 Hwy # 6":               "12 HIGHWAY 6",
		"12 Highway 6 North":       "12 HIGHWAY 6 N",
		"12 S Highway A1A":         "12 S HIGHWAY A1A",
		"12 US 98":                 "12 US HIGHWAY 98",
		"12 US Hwy 98":             "12 US HIGHWAY 98",
		"12 US Route 5 N":          "12 US HIGHWAY 5 N",
		"12 County Road 12":        "12 COUNTY ROAD 12",
		"12 County Rd 12 E":        "12 COUNTY ROAD 12 E",
		"12 Co Rd 12":              "12 COUNTY ROAD 12",
		"12 Cnty Rd 12":            "12 COUNTY ROAD 12",
		"12 CR 12":                 "12 COUNTY ROAD 12",
		"12 County Highway 140":    "12 COUNTY HIGHWAY 140",
		"12 State Rd 5":            "12 STATE ROAD 5",
		"12 St Rd 5":               "12 STATE ROAD 5",
		"12 SR 5":                  "12 STATE ROUTE 5",
		"12 State Rte 5A":          "12 STATE ROUTE 5A",
		"12 State Highway 5 a":     "12 STATE HIGHWAY 5A",
		"12 Farm to Market 1960":   "12 FM 1960",
		"12 FM Rd 1960":            "12 FM 1960",
		"12 I-10":                  "12 INTERSTATE 10",
		"12 US-98":                 "12 US HIGHWAY 98",
		"12 VT-15 Apt A-4":         "12 VERMONT 15 APT A-4",
		"12 Interstate 10":         "12 INTERSTATE 10",
		"12 VT Route 15":           "12 VERMONT ROUTE 15",
		"12 Vermont 15":            "12 VERMONT 15",
		"12 Rte 66":                "12 ROUTE 66",
		"12 Old Rte 103":           "12 OLD ROUTE 103",
		"12 Township Rd 20":        "12 TOWNSHIP ROAD 20",
		"12 Highway 6 Loop":        "12 HIGHWAY 6 LOOP",
		"12 US 80 Unit 403":        "12 US HIGHWAY 80 UNIT 403",
		"12 County Road 12 Apt 12": "12 COUNTY ROAD 12 APT 12",
	}},
	{"secondary units (213, appendix C2)", map[string]string{
		"12 Main St Apartment 4":           "12 MAIN ST APT 4",
		"12 Main St Apt. #4":               "12 MAIN ST APT 4",
		"12 Main St Apt No. 4":             "12 MAIN ST APT 4",
		"12 Main St #4":                    "12 MAIN ST # 4",
		"12 Main St # 4":                   "12 MAIN ST # 4",
		"12 Main St Suite 200":             "12 MAIN ST STE 200",
		"12 Main St Suite B":               "12 MAIN ST STE B",
		"12 Main St Apt 4 B":               "12 MAIN ST APT 4B",
		"12 Main St Apt 4-B":               "12 MAIN ST APT 4-B",
		"12 Main St Apt R 1":               "12 MAIN ST APT R1",
		"12 Main St Unit A-D":              "12 MAIN ST UNIT A-D",
		"12 Main St Bldg 3 Apt 4":          "12 MAIN ST BLDG 3 APT 4",
		"12 Main St Building C Suite 4":    "12 MAIN ST BLDG C STE 4",
		"12 Main St Fl 2":                  "12 MAIN ST FL 2",
		"12 Main St 2nd Floor":             "12 MAIN ST FL 2",
		"12 Main St Rear":                  "12 MAIN ST REAR",
		"12 Main St Front":                 "12 MAIN ST FRNT",
		"12 Main St Basement":              "12 MAIN ST BSMT",
		"12 Main St Penthouse":             "12 MAIN ST PH",
		"12 Main St PH 3":                  "12 MAIN ST PH 3",
		"12 Main St Lot 007":               "12 MAIN ST LOT 7",
		"12 Main St 4B":                    "12 MAIN ST # 4B",
		"12 Main St Apt":                   "12 MAIN ST",
		"12 N Main St SW Apt N":            "12 N MAIN ST SW APT N",
		"12 Rod Key Cir":                   "12 ROD KEY CIR",
		"12 Front Beach Rd":                "12 FRONT BEACH RD",
		"12 Lower Main St":                 "12 LOWER MAIN ST",
		"12 Water Front":                   "12 WATER FRONT",
		"12 Pier 39":                       "12 PIER 39",
		"12 Business Park Dr Apt 7 Bldg 2": "12 BUSINESS PARK DR APT 7 BLDG 2",
		"12 Main St # Apt 4":               "12 MAIN ST APT 4",
		"12 Main St Hangar 4":              "12 MAIN ST HNGR 4",
	}},
}

func TestLinesAreNormalised(t *testing.T) {
	t.Parallel()
	for _, rule := range normal {
		t.Run(rule.rule, func(t *testing.T) {
			t.Parallel()
			for line, want := range rule.cases {
				if got := at(t, line).Line(); got != want {
					t.Errorf("%s is %s, want %s", line, got, want)
				}
			}
		})
	}
}

func TestTheStreetComesInPartsOrInOne(t *testing.T) {
	t.Parallel()
	for _, in := range []postal.Input{
		{StreetNumber: "12", StreetName: "North Main Street", Unit: "Apt 4"},
		{StreetNumber: "12", StreetName: "North Main Street Apt 4"},
		{StreetNumber: "12", StreetName: "N MAIN ST", Unit: "apartment #4"},
		{StreetAddress: "12 North Main Street", Unit: "APT 4"},
		{StreetAddress: "12 North Main Street Apt 4"},
		{StreetAddress: "12 North Main Street #4", Unit: "Apt 4"},
		{StreetAddress: "12 North Main Street apt 4", Unit: "Apt. 4"},
		{StreetAddress: "12 North Main Street apt 4", Unit: "4"},
		{StreetNumber: "12", StreetAddress: "North Main Street", Unit: "Apt 4"},
		{StreetNumber: "12", StreetAddress: "12 North Main Street", Unit: "Apt 4"},
		{StreetName: "12 North Main Street", Unit: "Apt 4"},
	} {
		in.City, in.State, in.ZIP = "springfield", "massachusetts", " 01104-1234 "
		got, bad := postal.Parse(in)
		want := postal.Address{Number: "12", Predir: "N", Street: "MAIN", Suffix: "ST", UnitType: "APT", Unit: "4", City: "SPRINGFIELD", State: "MA", ZIP: "01104"}
		if got != want || bad != 0 {
			t.Errorf("%+v is %+v with problems %d", in, got, bad)
		}
	}
}

func TestTheUnitHasItsOwnField(t *testing.T) {
	t.Parallel()
	for unit, want := range map[string]string{
		"": "12 MAIN ST", "4": "12 MAIN ST # 4", "#4": "12 MAIN ST # 4", "4b": "12 MAIN ST # 4B", "Suite 4": "12 MAIN ST STE 4", "B": "12 MAIN ST # B",
		"rear": "12 MAIN ST REAR", "Front": "12 MAIN ST FRNT", "2nd floor": "12 MAIN ST FL 2", "APT": "12 MAIN ST", "#R 1": "12 MAIN ST # R1",
		"penthouse": "12 MAIN ST PH", "Bldg 3, Apt 4": "12 MAIN ST BLDG 3 APT 4", "main house": "12 MAIN ST # MAIN HOUSE", "5?": "12 MAIN ST # 5",
	} {
		got, bad := postal.Parse(postal.Input{StreetAddress: "12 Main St", Unit: unit, City: "Springfield", State: "MA", ZIP: "01104"})
		if got.Line() != want || bad != 0 {
			t.Errorf("unit %q makes %s with problems %d, want %s", unit, got.Line(), bad, want)
		}
	}
	got, _ := postal.Parse(postal.Input{StreetAddress: "12 Main St Bldg 3", Unit: "Apt 4"})
	if want := "12 MAIN ST BLDG 3 APT 4"; got.Line() != want {
		t.Errorf("a building on the line and a unit in its field make %s, want %s", got.Line(), want)
	}
}

func TestProblemsNameTheirPart(t *testing.T) {
	t.Parallel()
	fine := postal.Input{StreetAddress: "12 Main St", City: "Springfield", State: "MA", ZIP: "01104"}
	for _, c := range []struct {
		what   string
		change func(*postal.Input)
		want   postal.Problems
	}{
		{"nothing", func(*postal.Input) {}, 0},
		{"everything", func(in *postal.Input) { *in = postal.Input{} }, postal.BadStreet | postal.BadCity | postal.BadState | postal.BadZIP},
		{"no street", func(in *postal.Input) { in.StreetAddress = " " }, postal.BadStreet},
		{"no number", func(in *postal.Input) { in.StreetAddress = "Main St" }, postal.BadStreet},
		{"no name", func(in *postal.Input) { in.StreetAddress = "12" }, postal.BadStreet},
		{"a street that is an ordinal", func(in *postal.Input) { in.StreetAddress = "5th Ave" }, postal.BadStreet},
		{"a post office box", func(in *postal.Input) { in.StreetAddress = "P.O. Box 12" }, postal.BadStreet},
		{"signs alone", func(in *postal.Input) { in.StreetAddress = "### ..." }, postal.BadStreet},
		{"a number too long", func(in *postal.Input) { in.StreetAddress = "1234567890 Main St" }, postal.BadStreet},
		{"a number without a name", func(in *postal.Input) { in.StreetAddress, in.StreetNumber = "", "12" }, postal.BadStreet},
		{"a name without a number", func(in *postal.Input) { in.StreetAddress, in.StreetName = "", "Main St" }, postal.BadStreet},
		{"a city that is a number", func(in *postal.Input) { in.City = "12345" }, postal.BadCity},
		{"a state there is not", func(in *postal.Input) { in.State = "XX" }, postal.BadState},
		{"half a state", func(in *postal.Input) { in.State = "Massachu" }, postal.BadState},
		{"a short ZIP code", func(in *postal.Input) { in.ZIP = "1104" }, postal.BadZIP},
		{"letters in it", func(in *postal.Input) { in.ZIP = "O1104" }, postal.BadZIP},
		{"five and three", func(in *postal.Input) { in.ZIP = "01104-123" }, postal.BadZIP},
		{"five and five", func(in *postal.Input) { in.ZIP = "01104-12345" }, postal.BadZIP},
		{"five and four", func(in *postal.Input) { in.ZIP = "01104-1234" }, 0},
		{"nine digits", func(in *postal.Input) { in.ZIP = "011041234" }, 0},
	} {
		in := fine
		c.change(&in)
		if _, bad := postal.Parse(in); bad != c.want {
			t.Errorf("%s: problems %04b, want %04b", c.what, bad, c.want)
		}
	}
	if bad := postal.BadCity | postal.BadZIP; !bad.Has(postal.BadZIP) || bad.Has(postal.BadStreet) {
		t.Error("problems do not know what they have")
	}
}

func TestPlacesAreSpeltOut(t *testing.T) {
	t.Parallel()
	for city, want := range map[string]string{
		"St. Louis": "SAINT LOUIS", "E. Longmeadow": "EAST LONGMEADOW", "Ft Collins": "FORT COLLINS", "Mt. Juliet": "MOUNT JULIET",
		"Coeur d'Alene": "COEUR DALENE", "Winston-Salem": "WINSTON SALEM", "Panama City Bch": "PANAMA CITY BEACH", "Washington, D.C.": "WASHINGTON",
		"Port St Lucie": "PORT SAINT LUCIE", "N": "N", "29 Palms": "29 PALMS", "  new   york ": "NEW YORK",
	} {
		if got, _ := postal.Parse(postal.Input{City: city, State: "District of Columbia"}); got.City != want || got.State != "DC" {
			t.Errorf("%s is %s in %s, want %s", city, got.City, got.State, want)
		}
	}
	for state, want := range map[string]string{"ma": "MA", " Massachusetts ": "MA", "N.Y.": "NY", "new  york": "NY", "D.C.": "DC", "Puerto Rico": "PR", "AE": "AE"} {
		if got, _ := postal.Parse(postal.Input{State: state}); got.State != want {
			t.Errorf("%s is %s, want %s", state, got.State, want)
		}
	}
}

// settled checks that an address is its own canonical form.
func settled(t *testing.T, a postal.Address) {
	t.Helper()
	again, bad := postal.Parse(postal.Input{StreetAddress: a.Line(), City: a.City, State: a.State, ZIP: a.ZIP})
	if again != a || bad != 0 {
		t.Fatalf("%q is read again as %q with problems %d:\n%#v\n%#v", a.Line(), again.Line(), bad, a, again)
	}
}

func FuzzParse(f *testing.F) {
	for _, rule := range normal {
		for line := range rule.cases {
			f.Add(line, "", "Springfield")
		}
	}
	f.Add("12 main", "apt 4 b # 5 rear", "St. Louis, MO")
	f.Add("1/2 st rd st apt st # st", "unit lot n", "n st w")
	f.Fuzz(func(t *testing.T, line, unit, city string) {
		a, bad := postal.Parse(postal.Input{StreetAddress: line, Unit: unit, City: city, State: "MO", ZIP: "63101"})
		if s := postal.Score(a, a); s != 1 {
			t.Errorf("an address is like itself by %v", s)
		}
		if strings.Trim(a.String(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 #-/.,") != "" {
			t.Errorf("%q has a sign that no address has", a)
		}
		if bad == 0 {
			settled(t, a)
		}
	})
}

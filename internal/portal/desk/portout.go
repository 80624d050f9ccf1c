package desk

import (
	"encoding/json"
	"strings"

	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// portOut takes numbers out of service whose users took them to another carrier.
func (s *screens) portOut(v *web.Visit) error {
	f := only(v, nil, "portout")
	f.Default("numbers", v.Query().Get("numbers"))
	return s.portOutPage(v, f)
}

func (s *screens) portOutPage(v *web.Visit, f *ui.Form) error {
	v.Under("/desk/queue")
	return v.Show("Port out", ui.Head("Port out", "Users of numbers have taken them to another carrier.", ui.Quiet("/desk/queue", "The queue")),
		f.Node("Take them out of service", ui.Hidden(f, actField),
			ui.P("The numbers below leave their customer's service at once. The carrier's own stay with the other carrier; those that came from elsewhere leave the ledger."),
			ui.Textarea{Name: "numbers", Label: "Telephone numbers", Hint: "One on a line, or a range such as 3035550100-3035550119. All must be in service.", Rows: 6, Required: true}.In(f)))
}

func (s *screens) portOutAct(v *web.Visit) error {
	return perform(v, "/desk/queue", map[string]act{
		"portout": {fields: true, do: func(f *ui.Form) (said string, err error) {
			list, err := readRanges(f.Value("numbers"))
			if err == nil {
				err = v.Within(func(tx *db.Tx) error {
					n, err := s.Voice.PortOut(tx, v.Actor(), list)
					said = counted(n, "number") + " ported out."
					return err
				})
			}
			if err != nil && f.Fault(err) {
				f.Move("tnList", "numbers")
				return "", nil
			}
			return said, err
		}},
	}, s.portOutPage)
}

// readRanges reads telephone numbers as people write them, one or a range on a line.
func readRanges(text string) ([]voice.Range, error) {
	type numbers struct {
		Start string `json:"startTN"`
		End   string `json:"endTN"`
	}
	plain := strings.NewReplacer(" ", "", "(", "", ")", "", ".", "", "\t", "", "\r", "", "–", "-")
	var list []numbers
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == ',' || r == ';' }) {
		ends := joined(strings.Split(plain.Replace(line), "-"))
		switch len(ends) {
		case 0:
		case 1:
			list = append(list, numbers{ends[0], ends[0]})
		default:
			list = append(list, numbers{ends[0], strings.Join(ends[1:], "-")})
		}
	}
	document, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	var request []voice.TNRequest
	if err := json.Unmarshal(document, &request); err != nil {
		return nil, err
	}
	return voice.RangesOf(request)
}

// joined puts the groups of digits together that dashes have parted, number by number.
func joined(groups []string) (list []string) {
	whole := true
	for _, g := range groups {
		if g == "" {
			continue
		}
		if whole {
			list = append(list, "")
		}
		number := list[len(list)-1] + g
		list[len(list)-1] = number
		digits := strings.TrimPrefix(number, "+")
		whole = len(digits) >= 11 || len(digits) == 10 && digits[0] != '1'
	}
	return list
}

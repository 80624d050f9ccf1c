package control

import (
	"strconv"

	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// meanings say in a few words what notifications say in many.
var meanings = map[int]string{
	901:   "Accepted",
	902:   "In service, or changed",
	903:   "The day of the port is set",
	904:   "The order has moved on",
	906:   "Service has ended",
	1302:  "The rate center takes no orders now",
	1303:  "The product is not served there",
	1304:  "There is no such rate center",
	1403:  "Nobody may order for this customer any more",
	1429:  "The customer is not active",
	1616:  "A number is not in service any more",
	1648:  "Too few of your numbers there are in service",
	1807:  "Held until the carrier has decided about credit",
	1921:  "Rejected: nobody answered in time",
	4011:  "Another order for the rate center is open",
	10001: "Fewer numbers than you want: your answer is needed",
	10002: "Completed: the numbers are in stock",
	10004: "The backorder waited too long",
	10005: "Cancelled as you wanted",
	10006: "The backorder ended: numbers were reclaimed",
	10008: "The backorder ended: the inventory failed",
	10009: "The backorder ended: the rate center is no more",
	10010: "The backorder ended: the rate center has no numbers of its own",
	10012: "Too few numbers, and no backorders there",
	10013: "Your answer did not come within four hours",
	10015: "Too few numbers, and no backorders with a PBX restriction",
	19000: "A push URL was set up",
	19001: "Not all numbers are in the sequence that you wanted",
	20020: "The directory does not take the listing's names",
	20063: "The customer service name is not there any more",
	20066: "Too late to cancel the port",
	20107: "Nothing waits for an answer there",
	20217: "A number is not valid",
}

// tonesOf are the notifications that are good news, or bad.
var tonesOf = map[int]ui.Tone{902: ui.Good, 903: ui.Good, 906: ui.Good, 10002: ui.Good, 901: ui.Plain, 904: ui.Plain, 10005: ui.Plain, 19000: ui.Plain, 10001: ui.Waiting, 1807: ui.Waiting, 19001: ui.Waiting}

func toneOf(code int) ui.Tone {
	if t, known := tonesOf[code]; known {
		return t
	}
	return ui.Bad
}

func (s *screens) notices(v *web.Visit) error {
	f := v.Form()
	filter := voice.ToldFilter{Order: f.Value("order"), From: dayIn(f, "from", false), To: dayIn(f, "to", true)}
	filter.Code, _ = strconv.Atoi(f.Value("code"))
	var list []voice.Told
	var total int
	if !f.Wrong() {
		err := v.View(func(tx *db.Tx) (err error) {
			list, total, err = s.Voice.Notifications(tx, party(v), voice.ChannelAny, filter, paging(ui.PageOf(v.Query())))
			return err
		})
		if code := refusalCode(err); code == "20049" || code == "20060" {
			f.Add("order", "is none of this customer's")
		} else if err != nil {
			return err
		}
	}
	codes := []ui.Choice{}
	for _, code := range voice.NoticeCodes() {
		codes = append(codes, ui.Choice{Value: strconv.Itoa(code), Label: strconv.Itoa(code) + " " + meanings[code]})
	}
	return v.Show("Notifications", ui.Head("Notifications", "What was told about orders of telephone numbers, for 180 days. The same is pushed to the webhooks of the application that an order belongs to."),
		ui.Filter(f,
			ui.Select{Name: "code", Label: "Code", Blank: "All", Choices: codes}.In(f),
			ui.Input{Name: "order", Label: "Order", Placeholder: "V100000001", Autocomplete: "off"}.In(f),
			ui.Input{Name: "from", Label: "From", Type: "date"}.In(f),
			ui.Input{Name: "to", Label: "To", Type: "date"}.In(f)),
		toldTable(list, true),
		ui.Pager(v.URL(), v.Query(), total))
}

// toldTable is what was told, newest first.
func toldTable(list []voice.Told, orders bool) ui.Node {
	rows := make([][]ui.Node, len(list))
	for i, t := range list {
		about := "the order"
		if t.Part != "" {
			about = t.Part
			if t.Center != "" {
				about += ", " + t.Center + ", " + t.State
			}
		}
		row := []ui.Node{ui.Time(t.At), ui.Badge(toneOf(t.Code), strconv.Itoa(t.Code)), ui.Text(about), toldText(t)}
		if orders {
			row = append([]ui.Node{row[0], orderLink(t.Order)}, row[1:]...)
		}
		rows[i] = row
	}
	columns := []string{"When", "Code", "About", "What it says"}
	if orders {
		columns = []string{"When", "Order", "Code", "About", "What it says"}
	}
	return ui.Table("Notifications", columns, rows, ui.Empty("No notification", "What is told about orders stands here, newest first."))
}

// toldText is what a notification means, and its words.
func toldText(t voice.Told) ui.Node {
	more := []ui.Node{}
	if !t.FOC.IsZero() {
		more = append(more, ui.P("Firm order commitment: "), ui.Time(t.FOC))
	}
	if t.Reason != "" {
		more = append(more, ui.P("Reason: "+t.Reason))
	}
	return ui.All(ui.Strong(meanings[t.Code]), ui.All(more...), ui.Small(t.Message))
}

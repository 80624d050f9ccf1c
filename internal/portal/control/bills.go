package control

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"demarc/internal/db"
	"demarc/internal/ondemand"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// billMonths is how many months the plot of bills shows.
const billMonths = 6

// odBills is what the customer's accounts owe for a month, and for what.
func (s *screens) odBills(v *web.Visit) error {
	f := v.Form()
	p, ctx := odParty(v), v.Context()
	asked, account := monthAsked(v.Query()), f.Value("account")
	bills, of, _, err := s.OnDemand.Bills(ctx, p, account, asked, ondemand.Paging{Limit: billAccounts})
	if err != nil {
		return err
	}
	all, err := s.odAllAccounts(v)
	if err != nil {
		return err
	}
	offset, limit := pageOf(v.Query())
	charges, _, total, err := s.OnDemand.ServiceCharges(ctx, p, ondemand.ServiceFilter{Account: account}, of, ondemand.Paging{Offset: offset, Limit: limit})
	if err != nil {
		return err
	}
	plot, err := s.billPlot(v, account, of)
	if err != nil {
		return err
	}
	f.Values.Set("month", of.Format(monthForm))
	var rows, lines [][]ui.Node
	for _, b := range bills {
		state := ui.Badge(ui.Waiting, "open")
		if b.Closed {
			state = ui.Badge(ui.Good, "closed")
		}
		rows = append(rows, []ui.Node{ui.Link(ui.With(odBills, url.Values{"month": {of.Format(monthForm)}}, "account", b.Account.ID), b.Account.ID), ui.Text(b.Account.Name), state, ui.Text(ui.Count(b.Lines)), ui.Text(ondemand.USD(b.Due))})
	}
	for _, c := range charges {
		for _, l := range c.Lines {
			lines = append(lines, []ui.Node{ui.Link(odHome+"/"+c.Service.ID+"?month="+of.Format(monthForm), c.Service.Name), ui.Mono(c.Service.Account), ui.Text(ondemand.CanonicalSpeed(l.Mbps).String()),
				ui.Text(ondemand.USD(l.Hourly)), ui.Text(ui.Count(l.Hours)), ui.Text(ondemand.USD(l.Amount))})
		}
	}
	csv := odBills + ".csv?" + url.Values{"month": {of.Format(monthForm)}, "account": {account}}.Encode()
	month := of.Format("January 2006")
	return v.Show("Bills",
		ui.Head("Bills", "What the customer's accounts owe for on-demand internet. An hour that has begun is billed, at the highest price that it had."),
		ui.Filter(f, ui.Input{Name: "month", Label: "Month", Type: "month"}.In(f), ui.Select{Name: "account", Label: "Account", Blank: "All", Choices: all}.In(f)),
		ui.Section("Accounts in "+month, ui.Table("Bills", []string{"Account", "Name", "Bill", "Lines", "Due"}, rows,
			ui.Empty("No billing account", "Bills are made for billing accounts. The carrier opens them when it contracts with a customer."))),
		plot.Node(),
		ui.Section("Lines of "+month, ui.Table("Lines", []string{"Service", "Account", "Bandwidth", "An hour", "Hours", "Amount"}, lines,
			ui.Empty("Nothing to pay", "No service on this page has run in "+month+".")),
			ui.Pager(odBills, v.Query(), total), ui.Actions(ui.Quiet(csv, "Download as CSV"))))
}

// billAccounts bounds the accounts of a page.
const billAccounts = 200

// odAllAccounts are the customer's billing accounts, whether orders can use them or not.
func (s *screens) odAllAccounts(v *web.Visit) (list []ui.Choice, err error) {
	err = v.View(func(tx *db.Tx) error {
		accounts, _, err := s.OnDemand.Store.Accounts(tx, ondemand.AccountFilter{Customer: v.Customer.Number}, ondemand.Paging{Limit: billAccounts})
		for _, a := range accounts {
			list = append(list, ui.Choice{Value: a.ID, Label: a.ID + ", " + a.Name})
		}
		return err
	})
	return list, err
}

// billPlot is what was due in the months up to one.
func (s *screens) billPlot(v *web.Visit, account string, of time.Time) (ui.Plot, error) {
	plot := ui.Plot{Title: "Due in each month", Unit: "USD", Bars: true, Series: []ui.Series{{Name: "Due"}}}
	for back := range billMonths {
		m := of.AddDate(0, -back, 0)
		bills, _, _, err := s.OnDemand.Bills(v.Context(), odParty(v), account, m, ondemand.Paging{Limit: billAccounts})
		if err != nil {
			return plot, err
		}
		due := 0.0
		for _, b := range bills {
			amount, _ := b.Due.Float64()
			due += amount
		}
		plot.Times, plot.Series[0].Values = append(plot.Times, m), append(plot.Series[0].Values, due)
	}
	slices.Reverse(plot.Times)
	slices.Reverse(plot.Series[0].Values)
	return plot, nil
}

// odBillsCSV are all lines of a month.
func (s *screens) odBillsCSV(v *web.Visit) error {
	q := v.Query()
	at, of := int64(0), monthAsked(q)
	more := true
	if of.IsZero() {
		var err error
		if of, err = worldNow(v); err != nil {
			return err
		}
	}
	header := []string{"month", "service", "name", "account", "site", "mbps", "usd_per_hour", "hours", "usd"}
	return v.Rows("bills-"+of.Format(monthForm)+".csv", header, func(int) (rows [][]string, err error) {
		for len(rows) == 0 && more {
			var list []ondemand.ServiceCharge
			list, _, _, err = s.OnDemand.ServiceCharges(v.Context(), odParty(v), ondemand.ServiceFilter{Account: q.Get("account")}, of, ondemand.Paging{Offset: at, Limit: csvPage})
			if err != nil {
				return nil, err
			}
			at, more = at+int64(len(list)), len(list) == csvPage
			for _, c := range list {
				rows = append(rows, billLines(c, of)...)
			}
		}
		return rows, nil
	})
}

const csvPage = 500

func billLines(c ondemand.ServiceCharge, of time.Time) (rows [][]string) {
	for _, l := range c.Lines {
		rows = append(rows, []string{of.Format(monthForm), c.Service.ID, c.Service.Name, c.Service.Account, c.Service.Site,
			strconv.Itoa(l.Mbps), l.Hourly.String(), strconv.Itoa(l.Hours), l.Amount.String()})
	}
	return rows
}

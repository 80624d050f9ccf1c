package control

import (
	"net/url"

	"demarc/internal/fault"
	"demarc/internal/ondemand"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

func (s *screens) odBandwidthPage(v *web.Visit) error { return s.odBandwidthForm(v, v.Form()) }

// odBandwidthForm asks for a speed, and, once it is quoted, whether that is wanted.
func (s *screens) odBandwidthForm(v *web.Visit, f *ui.Form) error {
	o, _, err := s.odFind(v)
	if err != nil {
		return err
	}
	site, _ := ondemand.SiteByID(o.Site)
	id := f.Value("quote")
	if v.Posting() {
		id = f.Value(odQuote)
	}
	q, now, err := s.quoted(v, id)
	if err != nil {
		return err
	}
	path := odHome + "/" + o.ID
	title := "Change the bandwidth of " + o.Name
	if q == nil {
		f.Default("speed", o.Speed.String())
		return v.Show(title,
			ui.Head(title, "It runs at "+o.Speed.String()+" for "+ondemand.USD(o.Hourly)+" an hour. Choose another speed; you see the price before anything is ordered."),
			f.With([]ui.Node{ui.Submit("", "", "Get a quote"), ui.Quiet(path, "Leave it as it is")},
				ui.Choices{Name: "speed", Label: "Bandwidth", Choices: speedChoices(site, o.Speed.Mbps), Required: true}.In(f)))
	}
	if why := unusable(q, now); why != "" && !v.Posting() {
		return v.Show(title, ui.Head(title, ""), ui.Empty(why, "The service runs as before.", ui.Button(path+"/change/bandwidth", "Get another quote")))
	}
	f.Values.Set(odQuote, q.ID)
	row := func(name string, speed ondemand.Speed, hourly, monthly string) []ui.Node {
		return []ui.Node{ui.Strong(name), ui.Text(speed.String()), ui.Text(hourly), ui.Text(monthly)}
	}
	return v.Show(title,
		ui.Head(title, "Quote "+q.ID+". "+left(q.ExpiresAt, now)),
		ui.Table("Before and after", []string{"", "Bandwidth", "An hour", "A month"}, [][]ui.Node{
			row("Now", o.Speed, ondemand.USD(o.Hourly), ondemand.USD(ondemand.Monthly(o.Hourly))),
			row("After", q.Speed, ondemand.USD(q.Hourly), ondemand.USD(ondemand.Monthly(q.Hourly)))}, nil),
		ui.Small("The hour in which the speed changes is billed once, at the higher of the two prices."),
		f.With([]ui.Node{ui.Submit("", "", "Change to "+q.Speed.String()), ui.Quiet(path+"/change/bandwidth", "Another speed"), ui.Quiet(path, "Leave it as it is")}, ui.Hidden(f, odQuote)))
}

func (s *screens) odBandwidthSend(v *web.Visit) error {
	o, _, err := s.odFind(v)
	if err != nil {
		return err
	}
	f := v.Form()
	if id := f.Value(odQuote); id != "" {
		return s.odModify(v, f, o, id, "", s.odBandwidthForm)
	}
	speed, err := ondemand.ParseSpeed(f.Value("speed"))
	if err == nil && speed.Mbps == o.Speed.Mbps {
		return v.Refused(f, fault.Invalid.With(fault.Field("", "speed", "is the present one; choose another")), s.odBandwidthForm)
	}
	q, err := s.quote(v, &ondemand.PriceRequest{MasterSiteID: o.Site, Speed: f.Value("speed"), ServiceID: ondemand.Text(o.ID)})
	if err != nil {
		return v.Refused(f, err, s.odBandwidthForm)
	}
	return v.Go(odHome + "/" + o.ID + "/change/bandwidth?quote=" + url.QueryEscape(q.ID))
}

// odModify orders another speed, by its quote, or another name.
func (s *screens) odModify(v *web.Visit, f *ui.Form, o ondemand.Service, quote, name string, page func(*web.Visit, *ui.Form) error) error {
	now, err := worldNow(v)
	if err != nil {
		return err
	}
	r := odOrderOf("modify", o.ID, o.Account, o.AccountName, reference(now))
	if quote != "" {
		r.Quote = []ondemand.QuoteRef{{ID: ondemand.Text(quote)}}
	} else {
		r.Items[0].Product.Characteristics = []ondemand.Characteristic{{Name: "Customer Service Name", Value: ondemand.Text(name)}}
	}
	placed, err := s.odPlace(v, r)
	if err != nil {
		return v.Refused(f, but(err, odQuote, odItem+"product.id", "x-customer-number"), page)
	}
	return v.Done(odOrders+"/"+placed.ID, "The change was ordered.")
}

func (s *screens) odRenamePage(v *web.Visit) error { return s.odRenameForm(v, v.Form()) }

func (s *screens) odRenameForm(v *web.Visit, f *ui.Form) error {
	o, _, err := s.odFind(v)
	if err != nil {
		return err
	}
	f.Default(odName, o.Name)
	return v.Show("Rename "+o.Name,
		ui.Head("Rename "+o.Name, "A new name needs nothing of the network. It counts among the 24 changes that a customer may order in a day."),
		f.With([]ui.Node{ui.Submit("", "", "Rename"), ui.Quiet(odHome+"/"+o.ID, "Leave it as it is")},
			ui.Input{Name: odName, Label: "Service name", Required: true, Max: 100, Focus: true}.In(f)))
}

func (s *screens) odRenameSend(v *web.Visit) error {
	o, _, err := s.odFind(v)
	if err != nil {
		return err
	}
	f := v.Form()
	name := f.Value(odName)
	switch name {
	case "":
		return v.Refused(f, fault.Invalid.With(fault.Field("", odName, "must not be empty")), s.odRenameForm)
	case o.Name:
		return v.Refused(f, fault.Invalid.With(fault.Field("", odName, "is the present one; write another")), s.odRenameForm)
	}
	return s.odModify(v, f, o, "", name, s.odRenameForm)
}

// odDisconnect ends a service.
func (s *screens) odDisconnect(v *web.Visit) error {
	o, _, err := s.odFind(v)
	if err != nil {
		return err
	}
	now, err := worldNow(v)
	if err != nil {
		return err
	}
	placed, err := s.odPlace(v, odOrderOf(ondemand.ActionDelete, o.ID, o.Account, o.AccountName, reference(now)))
	if err != nil {
		return v.Failed(odHome+"/"+o.ID, but(err, odItem+"product.id", "x-customer-number"))
	}
	return v.Done(odOrders+"/"+placed.ID, "The end of "+o.Name+" was ordered.")
}

package control

import (
	"demarc/internal/db"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

func (s *screens) disconnectForm(v *web.Visit) error { return s.disconnectPage(v, v.Form()) }

func (s *screens) disconnectPage(v *web.Visit, f *ui.Form) error {
	v.Under("/control/new")
	if !v.Posting() {
		err := v.View(func(tx *db.Tx) error {
			f.Default(dateName, dayOf(voice.AddBusinessDays(tx.Now(), 2)))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return v.Show("Disconnect numbers", ui.Head("Disconnect numbers", "Numbers' service ends. The carrier's own rest for ninety days; ported ones go back to the carrier that they came from.", ui.Quiet("/control/numbers/service", "Numbers in service")),
		f.Node("Disconnect", numbersGroup(f, endTNs, "In service: one number, or the first and the last of a range; at most 1,000 in one order."),
			ui.Group("When", "",
				dateField(f, "Last day", "At nine in the morning, Central Time. One business day ahead or more (weekends and federal holidays do not count), at most 30 days.", true),
				externalField(f))),
		sandboxHint(v, "303-555-0100 to 303-555-0115 are in service for 1-ABCDE. Until the day comes, the order can be cancelled."))
}

func (s *screens) disconnect(v *web.Visit) error {
	f := v.Form()
	if refuses(f, endTNs) {
		return s.disconnectPage(v, f)
	}
	p, prepared, err := s.prepareDisconnect(v, f)
	return s.accepted(v, f, p, prepared, err, s.disconnectPage)
}

func (s *screens) prepareDisconnect(v *web.Visit, f *ui.Form) (p voice.Party, prepared *voice.Prepared, err error) {
	var r voice.DisconnectRequest
	if err := fill(f, &r); err != nil {
		return p, nil, err
	}
	if p, err = s.acting(v); err != nil {
		return p, nil, err
	}
	prepared, err = s.Voice.PrepareDisconnect(v.Context(), p, &r)
	return p, prepared, err
}

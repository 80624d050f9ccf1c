package app

import (
	"demarc/internal/db"
	"demarc/internal/ondemand"
	"demarc/internal/trouble"
	"demarc/internal/voice"
	"demarc/internal/voice/voicecarrier"
	"demarc/internal/voice/voicesql"
)

// NewVoice makes the use cases of Voice; the command line needs them without a server,
// and without backends.
func NewVoice(d *db.DB, counters *db.Counters, administration voice.Administration, credit voice.CreditDesk) *voice.Desk {
	return &voice.Desk{DB: d, Store: voicesql.Store{}, Administration: administration, Credit: credit, Counters: counters,
		Customer: ondemand.ExampleCustomer}
}

// voice makes the use cases of Voice and connects its backends.
func (a *App) voice(counters *db.Counters, maker *trouble.Maker) error {
	b, err := voicecarrier.Connect(voicecarrier.Embedded(voicesql.NewSource(a.DB)), voicecarrier.URLs{Administration: a.cfg.NumberAdminURL,
		Credit: a.cfg.VoiceCreditURL, Losing: a.cfg.LNPGatewayURL, Providers: a.cfg.VoiceProviderURL, Health: a.Backends}, a.log)
	if err != nil {
		return err
	}
	b = voicecarrier.Trouble(b, maker)
	a.Voice = NewVoice(a.DB, counters, b.Administration, b.Credit)
	a.Voice.Losing, a.Voice.Providers, a.Voice.Seal = b.Losing, b.Providers, a.keys
	a.Voice.Handle(a.Runner)
	return nil
}

package outbox

import (
	"encoding/json"
	"log/slog"
)

// How an endpoint wants to be authenticated to.
const (
	AuthNone   = "none"
	AuthBasic  = "basic"
	AuthOAuth2 = "oauth2"
)

// Auth is how an endpoint wants to be authenticated to, with its secrets. It is
// stored as this JSON.
type Auth struct {
	Type         string `json:"type"`
	Username     string `json:"username,omitempty"`
	Password     string `json:"password,omitempty"`
	TokenURL     string `json:"tokenUrl,omitempty"`
	ClientID     string `json:"clientId,omitempty"`
	ClientSecret string `json:"clientSecret,omitempty"`
	Scope        string `json:"scope,omitempty"`
}

// only keeps what belongs to the type, so that nothing is stored by accident.
func (a Auth) only() Auth {
	switch a.Type {
	case AuthBasic:
		return Auth{Type: a.Type, Username: a.Username, Password: a.Password}
	case AuthOAuth2:
		return Auth{Type: a.Type, TokenURL: a.TokenURL, ClientID: a.ClientID, ClientSecret: a.ClientSecret, Scope: a.Scope}
	default:
		return Auth{Type: a.Type}
	}
}

// stored is the text that the database holds, secrets and all: they are needed
// again for every attempt.
func (a Auth) stored() (string, error) {
	b, err := json.Marshal(a) //nolint:gosec // it is written to the endpoint's row and nowhere else
	return string(b), err
}

func readAuth(text string) (a Auth, err error) {
	err = json.Unmarshal([]byte(text), &a)
	return a, err
}

// Shown is what may be answered: everything but the secrets.
func (a Auth) Shown() Auth {
	a.Password, a.ClientSecret = "", ""
	return a
}

// String and LogValue keep the secrets out of texts and logs.
func (a Auth) String() string { return a.Type }

// LogValue is String for log/slog.
func (a Auth) LogValue() slog.Value { return slog.StringValue(a.Type) }

package outbox

import (
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"strings"

	"demarc/internal/seal"
)

// How an endpoint wants to be authenticated to.
const (
	AuthNone   = "none"
	AuthBasic  = "basic"
	AuthOAuth2 = "oauth2"
)

// Auth is how an endpoint wants to be authenticated to, with its secrets. It is
// stored as this JSON, sealed.
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

// Sealer seals the secrets of endpoints, which are needed again for every attempt and
// so cannot be hashed.
type Sealer interface {
	Seal(purpose string, text []byte) []byte
	Open(purpose string, sealed []byte) ([]byte, error)
}

// sealText is a text as an endpoint's row holds it.
func (s *Service) sealText(endpoint, text string) string {
	return base64.StdEncoding.EncodeToString(s.seal.Seal(sealedFor(endpoint), []byte(text)))
}

// openText reads what sealText wrote. What was written before there were keys is
// taken as it is, until it is written again.
func (s *Service) openText(endpoint, text string) (string, error) {
	if text == "" || strings.HasPrefix(text, "{") || strings.HasPrefix(text, secretPrefix) {
		return text, nil
	}
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", err
	}
	opened, err := s.seal.Open(sealedFor(endpoint), sealed)
	return string(opened), err
}

func sealedFor(endpoint string) string { return "webhook endpoint " + endpoint }

// stored is the text that an endpoint's row holds of its authentication.
func (s *Service) stored(endpoint string, a Auth) (string, error) {
	b, err := json.Marshal(a) //nolint:gosec // it is sealed before it goes anywhere
	return s.sealText(endpoint, string(b)), err
}

func (s *Service) readAuth(endpoint, text string) (a Auth, err error) {
	if text, err = s.openText(endpoint, text); err == nil {
		err = json.Unmarshal([]byte(text), &a)
	}
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

// SealedColumns is where endpoints keep what is sealed, for a change of keys.
func SealedColumns() []seal.Column {
	column := func(name string) seal.Column {
		return seal.Column{Table: "endpoint", ID: "id", Name: name, Text: true, Purpose: sealedFor}
	}
	return []seal.Column{column("auth"), column("secret"), column("old_secret")}
}

package outbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/guard"
)

var errSecret = errors.New("the endpoint's signing secret cannot be read; rotate it")

// Sign makes the header webhook-signature, as Standard Webhooks say: one signature for
// each secret, so that a receiver may go on with the old one while it changes over.
func Sign(secrets []string, id, timestamp string, body []byte) (string, error) {
	var signatures []string
	for _, s := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, secretPrefix))
		if err != nil || len(key) == 0 {
			return "", errSecret
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + timestamp + "."))
		mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(signatures, " "), nil
}

// Signed reports whether what a receiver got was signed for an endpoint of an
// application, with its secret or the one before.
func (s *Service) Signed(tx *db.Tx, app, endpoint, id, timestamp, signature string, body []byte) (bool, error) {
	var secrets [2]string
	var until int64
	found := false
	tx.AskOne(&found, []any{&secrets[0], &secrets[1], &until},
		`SELECT secret, old_secret, old_until FROM endpoint WHERE world = $1 AND app = $2 AND id = $3`, app, endpoint)
	now := tx.Now()
	if err := tx.Flush(); err != nil || !found {
		return false, err
	}
	if !now.Before(clock.FromMicros(until)) {
		secrets[1] = ""
	}
	for _, sealed := range secrets {
		secret, err := s.openText(endpoint, sealed)
		if err != nil || secret == "" {
			return false, err
		}
		want, err := Sign([]string{secret}, id, timestamp, body)
		if err != nil {
			return false, err
		}
		for one := range strings.FieldsSeq(signature) {
			if hmac.Equal([]byte(one), []byte(want)) {
				return true, nil
			}
		}
	}
	return false, nil
}

// Reaches reports whether an endpoint may have this address.
func (s *Service) Reaches(address string) bool {
	return len(guard.CheckURL(address, s.sender.Allowed)) == 0
}

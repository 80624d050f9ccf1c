package httpkit

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/fault"
)

// KeptFor is how long, on the world's clock, the result of a request with an
// Idempotency-Key is kept.
const KeptFor = 24 * time.Hour

const ruleKey = "EDGE-IDEM-01" // a key is 1 to 255 printable ASCII characters

// keptHeaders are the headers that a replay repeats beside the body.
var keptHeaders = []string{"Content-Type", "Location"}

// replay answers a request whose key has a result already, and holds the key for
// one that has none: a second request with it is refused while the first is under
// way here. Across nodes the unit of work itself settles it, see keep.
func (k *Kit) replay(w http.ResponseWriter, r *http.Request, x *exchange) (bool, error) {
	key := strings.Join(r.Header.Values("Idempotency-Key"), "")
	if key == "" || (r.Method != http.MethodPost && r.Method != http.MethodPut && r.Method != http.MethodPatch) {
		return false, nil
	}
	if len(key) > 255 || !plain(key) || len(r.Header.Values("Idempotency-Key")) > 1 {
		return false, Malformed.With(fault.Field(ruleKey, "Idempotency-Key", "must be one header of 1 to 255 printable ASCII characters without spaces or quotes"))
	}
	body, err := k.Body(r)
	if err != nil {
		return false, err
	}
	if _, busy := k.busyKeys.LoadOrStore(busyKey{x.caller.World, x.caller.App, key}, true); busy {
		return false, KeyBusy.With()
	}
	x.key = key
	x.name, x.seal = nameAndSeal(x.caller, key)
	h := hmac.New(sha256.New, []byte(key))                                       // a body may hold a password: its bare hash could be guessed at
	h.Write([]byte(r.Method + " " + strings.TrimSuffix(r.URL.Path, "/") + "\n")) // a path may go with and without it
	h.Write(body)
	number, mayAct := x.customer(r)
	if number != "" {
		h.Write([]byte("\n" + CustomerHeader + " " + number)) // what was done for one customer was not done for another
	}
	x.hash = h.Sum(nil)
	var kept *keptResult
	err = k.View(r, func(tx *db.Tx) (err error) {
		kept, err = findKept(tx, x)
		return err
	})
	if err != nil || kept == nil {
		return false, err
	}
	if mayAct != nil {
		return false, mayAct // what the caller did while it might is not for it any more
	}
	return true, kept.answer(w, x)
}

// customer is the number that the customer of a request goes by, whichever of its
// numbers the request names, "" when it names none; and why the caller may not act for
// it.
func (x *exchange) customer(r *http.Request) (number string, err error) {
	if number = CustomerNumber(r); number == "" || x.caller.Customers == nil {
		return number, nil
	}
	if c, ok := x.caller.Customers[number]; ok {
		number = c.Number
	}
	_, err = x.caller.Acting(CustomerNumber(r))
	return number, err
}

// nameAndSeal is what a key is kept under, and what its answer is sealed with. The
// key itself is not stored: answers hold what their caller may see and nobody else
// (the secret of a new application, say), and only who has the key can open them.
func nameAndSeal(c *Caller, key string) (name string, seal cipher.AEAD) {
	digest := func(purpose string) []byte {
		sum := sha256.Sum256([]byte("demarc " + purpose + "\x00" + c.World + "\x00" + c.App + "\x00" + key))
		return sum[:]
	}
	block, err := aes.NewCipher(digest("kept answer"))
	if err == nil {
		seal, err = cipher.NewGCMWithRandomNonce(block)
	}
	if err != nil {
		panic("httpkit: " + err.Error()) // a 32-byte key always makes a cipher
	}
	return hex.EncodeToString(digest("kept name")), seal
}

type busyKey struct{ world, app, key string }

func (k *Kit) releaseKey(x *exchange) {
	if x.key != "" {
		k.busyKeys.Delete(busyKey{x.caller.World, x.caller.App, x.key})
	}
}

type keptResult struct {
	hash   []byte
	status int
	header string
	body   []byte
}

func findKept(tx *db.Tx, x *exchange) (*keptResult, error) {
	var kept *keptResult
	err := tx.Each(func(scan func(...any) error) error {
		var at int64
		var r keptResult
		if err := scan(&r.hash, &r.status, &r.header, &r.body, &at); err != nil {
			return err
		}
		if tx.Now().Sub(clock.FromMicros(at)) < KeptFor {
			kept = &r
		}
		return nil
	}, `SELECT body_hash, status, header, body, at FROM idempotency WHERE world = $1 AND app = $2 AND key = $3`, x.caller.App, x.name)
	if err == nil && kept != nil {
		kept.body, err = x.seal.Open(nil, nil, kept.body, kept.hash)
	}
	return kept, err
}

func (kept *keptResult) answer(w http.ResponseWriter, x *exchange) error {
	if !bytes.Equal(kept.hash, x.hash) {
		return KeyReused.With()
	}
	var header map[string]string
	if err := json.Unmarshal([]byte(kept.header), &header); err != nil {
		return err
	}
	for name, value := range header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Idempotent-Replayed", "true")
	if len(kept.body) == 0 {
		w.WriteHeader(kept.status)
		return nil
	}
	return Raw(w, kept.status, kept.body)
}

// Commit runs fn as one unit of work in the caller's world and answers its result
// after the commit. With an Idempotency-Key, the answer is kept in the same unit;
// a request that fails keeps nothing.
func (k *Kit) Commit(w http.ResponseWriter, r *http.Request, status int, fn func(tx *db.Tx) (any, error)) error {
	x := exchangeOf(r.Context())
	var result any
	var body bytes.Buffer
	var kept *keptResult
	err := k.o.DB.Within(r.Context(), x.caller.World, func(tx *db.Tx) (err error) {
		if kept, err = lockKey(tx, x); err != nil || kept != nil {
			return err
		}
		if result, err = fn(tx); err != nil || x.key == "" {
			return err
		}
		body.Reset()
		if result != nil {
			if err := encode(&body, result); err != nil {
				return err
			}
		}
		return keep(tx, x, status, w.Header(), body.Bytes())
	})
	switch {
	case err != nil:
		return err
	case kept != nil:
		w.Header().Del("Location") // the first answer has its own
		return kept.answer(w, x)
	case x.key != "" && result != nil:
		return Raw(w, status, body.Bytes())
	default:
		return JSON(w, status, result)
	}
}

// lockKey refuses the unit while another node has one with the same key under way,
// and answers what one has kept since this request was looked up. SQLite has one
// process, which knows both already.
func lockKey(tx *db.Tx, x *exchange) (*keptResult, error) {
	if x.key == "" || tx.Dialect() != db.Postgres {
		return nil, nil
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte("demarc key " + tx.World() + " " + x.caller.App + " " + x.key))
	var mine bool
	err := tx.Row(`SELECT pg_try_advisory_xact_lock($2) WHERE $1 <> ''`, int64(h.Sum64())).Scan(&mine)
	if err == nil && !mine {
		err = KeyBusy.With()
	}
	if err != nil {
		return nil, err
	}
	return findKept(tx, x)
}

// keep records the answer. A result that another node has kept meanwhile makes
// this unit fail, and the caller's next try is answered from it.
func keep(tx *db.Tx, x *exchange, status int, header http.Header, body []byte) error {
	kept := map[string]string{"Content-Type": jsonType[0]}
	for _, name := range keptHeaders {
		if v := header.Get(name); v != "" {
			kept[name] = v
		}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	body = x.seal.Seal(nil, nil, body, x.hash)
	now := clock.Micros(tx.Now())
	tx.Do(`DELETE FROM idempotency WHERE world = $1 AND app = $2 AND key = $3 AND at <= $4`, x.caller.App, x.name, now-KeptFor.Microseconds())
	tx.One(KeyBusy.With(), `INSERT INTO idempotency (world, app, key, body_hash, status, header, body, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		x.caller.App, x.name, x.hash, int64(status), string(text), body, now)
	return nil
}

// SweepKept deletes a batch of results that are no longer kept.
func SweepKept(tx *db.Tx) (int64, error) {
	return tx.Exec(`DELETE FROM idempotency WHERE world = $1 AND at <= $2`, clock.Micros(tx.Now())-KeptFor.Microseconds())
}

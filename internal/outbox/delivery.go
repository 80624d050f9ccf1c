package outbox

import (
	"strconv"
	"strings"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// Delivery is a notice on its way to one endpoint, or at the end of it.
type Delivery struct {
	ID        string
	Endpoint  string
	Message   string // webhook-id
	Type      string
	Subject   string
	Form      string // of its body
	State     string
	Attempts  int
	CreatedAt time.Time
	EndedAt   time.Time // zero while it is pending
	NextAt    time.Time // the next attempt; zero when it has ended. Those before it in its lane come first
}

// Attempt is one attempt at a delivery.
type Attempt struct {
	N       int
	At      time.Time
	Status  int
	Problem string
	Answer  string
	Took    time.Duration
}

// DeliveryFilter says which deliveries of an application are wanted.
type DeliveryFilter struct {
	App      string
	Endpoint string // "" for all
	State    string // "" for all
}

func (f DeliveryFilter) where() (string, []any) {
	var sql strings.Builder
	sql.WriteString(` FROM delivery WHERE world = $1 AND app = $2`)
	args := []any{f.App}
	for _, c := range [][2]string{{"endpoint", f.Endpoint}, {"state", f.State}} {
		if c[1] != "" {
			args = append(args, c[1])
			sql.WriteString(` AND ` + c[0] + ` = $` + strconv.Itoa(len(args)+1))
		}
	}
	return sql.String(), args
}

const deliveryColumns = `id, endpoint, message, type, subject, form, state, attempts, created_at, ended_at, next_at`

func scanDelivery(scan func(...any) error, more ...any) (d Delivery, err error) {
	var created, ended, next int64
	err = scan(append([]any{&d.ID, &d.Endpoint, &d.Message, &d.Type, &d.Subject, &d.Form, &d.State, &d.Attempts, &created, &ended, &next}, more...)...)
	d.CreatedAt = clock.FromMicros(created)
	if ended != 0 {
		d.EndedAt = clock.FromMicros(ended)
	}
	if next != 0 {
		d.NextAt = clock.FromMicros(next)
	}
	return d, err
}

// Deliveries is one page of an application's deliveries, newest first, and how
// many there are on all pages.
func (s *Service) Deliveries(tx *db.Tx, f DeliveryFilter, offset int64, limit int) (list []Delivery, total int64, err error) {
	where, args := f.where()
	tx.AskOne(nil, []any{&total}, `SELECT count(*)`+where, args...)
	n := len(args)
	list = []Delivery{}
	err = tx.Each(func(scan func(...any) error) error {
		d, err := scanDelivery(scan)
		list = append(list, d)
		return err
	}, `SELECT `+deliveryColumns+where+` ORDER BY n DESC, id LIMIT $`+strconv.Itoa(n+2)+` OFFSET $`+strconv.Itoa(n+3),
		append(args, int64(limit), offset)...)
	return list, total, err
}

// shownAttempts bounds the log of a delivery that was replayed over and over.
const shownAttempts = 100

// Delivery is one delivery of an application with the body that is posted and its
// latest attempts, oldest first.
func (s *Service) Delivery(tx *db.Tx, app, id string) (d Delivery, body string, log []Attempt, err error) {
	if d, err = findDelivery(tx, app, id, &body); err != nil {
		return d, "", nil, err
	}
	log = []Attempt{}
	err = tx.Each(func(scan func(...any) error) error {
		var a Attempt
		var at, took int64
		err := scan(&a.N, &at, &a.Status, &a.Problem, &a.Answer, &took)
		a.At, a.Took = clock.FromMicros(at), time.Duration(took)*time.Microsecond
		log = append(log, a)
		return err
	}, `SELECT n, at, status, problem, answer, took_us FROM attempt WHERE world = $1 AND delivery = $2 AND n > $3 ORDER BY n`,
		id, int64(d.Attempts-shownAttempts))
	return d, body, log, err
}

// findDelivery reads one delivery of an application, and its body when that is
// asked for.
func findDelivery(tx *db.Tx, app, id string, body ...any) (d Delivery, err error) {
	columns := deliveryColumns
	if len(body) > 0 {
		columns += `, body`
	}
	found := false
	err = tx.Each(func(scan func(...any) error) error {
		found = true
		d, err = scanDelivery(scan, body...)
		return err
	}, `SELECT `+columns+` FROM delivery WHERE world = $1 AND id = $2 AND app = $3`, id, app)
	if err == nil && !found {
		err = DeliveryNotFound.Say("%s", DeliveryNotFound.Text)
	}
	return d, err
}

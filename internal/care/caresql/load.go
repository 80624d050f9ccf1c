package caresql

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"sync"

	"demarc/internal/care"
	"demarc/internal/clock"
	"demarc/internal/db"
)

// unitOfLoad is the accounts of one unit of work: the sync to disk disappears beside
// so many, and others can still write in between.
const unitOfLoad = 8_000

const lineWidth = 4

// argsAtOnce is how many arguments a statement of many rows has. PostgreSQL gains
// with every round trip that is saved; SQLite, which looks a named argument up among
// all, loses from a few rows on.
func argsAtOnce(d db.Dialect) int {
	if d == db.Postgres {
		return 14_400
	}
	return 4 * accountWidth
}

// Add queues the writing of accounts with their lines.
func (s *Store) Add(tx *db.Tx, accounts []care.Account) {
	var lines []any
	most := argsAtOnce(tx.Dialect())
	for len(accounts) > 0 {
		some := accounts[:min(len(accounts), most/accountWidth)]
		accounts = accounts[len(some):]
		args := make([]any, 0, len(some)*accountWidth)
		for i := range some {
			args = appendAccount(args, &some[i])
			lines = appendLines(lines, &some[i])
		}
		tx.Do(insertAccounts(len(some)), args...)
	}
	for len(lines) > 0 {
		some := lines[:min(len(lines), most/lineWidth*lineWidth)]
		lines = lines[len(some):]
		tx.Do(insertLines(len(some)/lineWidth), some...)
	}
}

func appendAccount(args []any, a *care.Account) []any {
	return append(args, a.Unit, a.ID, a.Kind, a.Name, a.State, a.PaymentStatus, a.Customer, a.Party,
		a.Address.Street, a.Address.City, a.Address.Region, a.Address.Postcode, a.Phone, a.PhoneType, a.Email,
		a.Currency, a.Receivable.String(), a.Delinquent.String(), a.Paid.String(), a.Credit.String(), a.Financial.ID, a.Financial.Due.String(),
		a.Plan.Type, a.Plan.Every, a.Plan.Amount.String(), a.Media, int64(a.CycleShift), a.Location, a.Dunning, int64(a.DelinquencyDays),
		clock.MicrosOrZero(a.PaidAt), clock.MicrosOrZero(a.ModifiedAt), clock.MicrosOrZero(a.OpenedAt), clock.MicrosOrZero(a.ClosedAt), clock.MicrosOrZero(a.PeriodFrom), clock.MicrosOrZero(a.PeriodTo))
}

func appendLines(args []any, a *care.Account) []any {
	for _, number := range a.Services {
		args = append(args, a.Unit, number, care.LineService, a.ID)
	}
	for _, number := range a.Contacts {
		args = append(args, a.Unit, number, care.LineContact, a.ID)
	}
	return args
}

// The statements' texts by their number of rows: few sizes occur, and the database
// keeps a text that it has met prepared.
var accountTexts, lineTexts sync.Map

func insertAccounts(rows int) string {
	if text, ok := accountTexts.Load(rows); ok {
		return text.(string)
	}
	var set []string
	for column := range strings.SplitSeq(accountColumns, ",") {
		if column = strings.TrimSpace(column); column != "unit" && column != "id" {
			set = append(set, column+" = excluded."+column)
		}
	}
	const into = `INSERT INTO care_account (world, ` + accountColumns + `) VALUES ($1`
	text := into + valueRows(rows, accountWidth) + ` ON CONFLICT (world, unit, id) DO UPDATE SET ` + strings.Join(set, ", ")
	accountTexts.Store(rows, text)
	return text
}

func insertLines(rows int) string {
	if text, ok := lineTexts.Load(rows); ok {
		return text.(string)
	}
	const into = `INSERT INTO care_line (world, unit, number, kind, account) VALUES ($1`
	text := into + valueRows(rows, lineWidth) + ` ON CONFLICT (world, unit, number, kind, account) DO NOTHING`
	lineTexts.Store(rows, text)
	return text
}

// valueRows goes on behind "($1" with the rest of so many rows of so many arguments:
// ", $2, $3), ($1, $4, $5)".
func valueRows(rows, width int) string {
	var b strings.Builder
	n := 1
	for row := range rows {
		if row > 0 {
			b.WriteString("), ($1")
		}
		for range width {
			n++
			b.WriteString(", $")
			b.WriteString(strconv.Itoa(n))
		}
	}
	b.WriteByte(')')
	return b.String()
}

// Load writes many accounts into a world, and answers how many. It may be run again:
// an account that is there is replaced, its lines stay. An account that comes twice
// close together counts as the later one.
func Load(ctx context.Context, d *db.DB, world string, accounts iter.Seq[care.Account]) (loaded int64, err error) {
	s := &Store{}
	batch := make([]care.Account, 0, unitOfLoad)
	at := make(map[[2]string]int, unitOfLoad)
	flush := func() error {
		err := d.Within(ctx, world, func(tx *db.Tx) error {
			s.Add(tx, batch)
			return nil
		})
		if err == nil {
			loaded += int64(len(batch))
		}
		batch = batch[:0]
		clear(at)
		return err
	}
	for a := range accounts {
		key := [2]string{a.Unit, a.ID}
		if i, twice := at[key]; twice {
			batch[i] = a
			continue
		}
		at[key] = len(batch)
		if batch = append(batch, a); len(batch) == unitOfLoad {
			if err := flush(); err != nil {
				return loaded, err
			}
		}
	}
	if len(batch) > 0 {
		err = flush()
	}
	if err == nil && d.Dialect() == db.Postgres {
		err = d.System(ctx, func(tx *db.Tx) error {
			// Until it has counted their rows it takes the tables for small ones, and would
			// read all of a unit's accounts to find a handful.
			tx.Do(`ANALYZE care_account, care_line`)
			return nil
		})
	}
	return loaded, err
}

// Remove takes an account and its lines out of a world; false when it was not there.
func Remove(tx *db.Tx, unit, id string) (bool, error) {
	n, err := tx.Exec(`DELETE FROM care_account WHERE world = $1 AND unit = $2 AND id = $3`, unit, id)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec(`DELETE FROM care_line WHERE world = $1 AND unit = $2 AND account = $3`, unit, id)
	return true, err
}

// Count is how many accounts each unit has in a world.
func Count(tx *db.Tx) (map[string]int64, error) {
	counts := map[string]int64{}
	err := tx.Each(func(scan func(...any) error) error {
		var unit string
		var n int64
		err := scan(&unit, &n)
		counts[unit] = n
		return err
	}, `SELECT unit, count(*) FROM care_account WHERE world = $1 GROUP BY unit`)
	return counts, err
}

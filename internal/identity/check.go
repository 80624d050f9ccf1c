package identity

import (
	"fmt"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// Check audits what identity keeps of the view's world, and answers what is wrong.
func Check(tx *db.Tx) ([]string, error) {
	now := clock.Micros(tx.Now())
	return problems(tx, []question{
		{"%s has %s live secrets", `SELECT s.app, count(*) FROM app_secret s JOIN app a ON a.id = s.app
			WHERE a.world = $1 AND s.revoked_at = 0 AND (s.expires_at = 0 OR s.expires_at > $2) GROUP BY s.app HAVING count(*) > $3`,
			[]any{now, int64(liveSecrets)}},
		{"%s may act for %s, which the world does not have", `SELECT g.app, g.customer FROM app_customer g JOIN app a ON a.id = g.app
			WHERE a.world = $1 AND g.customer <> '*' AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.world = a.world AND c.number = g.customer)`, nil},
		{"%s may act for %s, in production", `SELECT g.app, g.customer FROM app_customer g JOIN app a ON a.id = g.app JOIN world w ON w.id = a.world
			WHERE a.world = $1 AND g.customer = '*' AND w.kind = 'production'`, nil},
		{"customer %s goes by %s, which does not go by itself", `SELECT n.number, n.customer FROM customer n
			WHERE n.world = $1 AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.world = n.world AND c.number = n.customer AND c.customer = c.number)`, nil},
		{"%s belongs to %s, its sandbox does not", `SELECT a.id, a.org FROM app a JOIN world w ON w.id = a.world
			WHERE a.world = $1 AND w.kind <> 'production' AND w.org <> a.org`, nil},
	})
}

// lostFor is how long a token without an application may wait to be removed.
const lostFor = 10 * time.Minute

// CheckSystem audits, in a system view, what identity keeps across worlds.
func CheckSystem(tx *db.Tx) ([]string, error) {
	return problems(tx, []question{
		{"%s names the world %s, which does not exist", `SELECT a.id, a.world FROM app a WHERE NOT EXISTS (SELECT 1 FROM world w WHERE w.id = a.world)`, nil},
		{"secret %[2]s names the application %[1]s, which does not exist", `SELECT s.app, s.id FROM app_secret s
			WHERE NOT EXISTS (SELECT 1 FROM app a WHERE a.id = s.app)`, nil},
		{"the application %s may act for %s, and does not exist", `SELECT g.app, g.customer FROM app_customer g
			WHERE NOT EXISTS (SELECT 1 FROM app a WHERE a.id = g.app)`, nil},
		{"%[2]s tokens name the application %[1]s, which does not exist", `SELECT t.app, count(*) FROM token t
			WHERE t.id < $1 AND NOT EXISTS (SELECT 1 FROM app a WHERE a.id = t.app) GROUP BY t.app`,
			[]any{idBefore(clock.Machine().Add(-lostFor))}},
		{"the person %s belongs to %s, which does not exist", `SELECT u.email, u.org FROM account_user u
			WHERE NOT EXISTS (SELECT 1 FROM organisation o WHERE o.id = u.org)`, nil},
		{"the person %s is %s, in the wrong organisation", `SELECT u.email, u.role FROM account_user u
			WHERE (CASE WHEN u.org = $1 THEN 1 ELSE 0 END) <> (CASE WHEN u.role IN ($2, $3) THEN 1 ELSE 0 END)`,
			[]any{CarrierOrg, RoleAdministrator, RoleStaff}},
		{"the request %s names the application %s, which does not exist", `SELECT c.id, c.app FROM customer_claim c
			WHERE NOT EXISTS (SELECT 1 FROM app a WHERE a.id = c.app)`, nil},
	})
}

// question finds what is wrong: each row of its answer is a problem.
type question struct {
	text string // of a problem; takes the row's two columns
	sql  string
	args []any
}

func problems(tx *db.Tx, questions []question) ([]string, error) {
	found := []string{}
	for _, q := range questions {
		tx.Ask(func(scan func(...any) error) error {
			var what string
			var other any
			err := scan(&what, &other)
			found = append(found, "identity: "+fmt.Sprintf(q.text, what, fmt.Sprint(other)))
			return err
		}, q.sql, q.args...)
	}
	return found, tx.Flush()
}

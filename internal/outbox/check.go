package outbox

import (
	"fmt"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// invariants are what must hold in every world at every commit. Each query names
// what breaks one; those that need an argument have $2.
var invariants = []struct {
	what, sql string
	arg       func(tx *db.Tx) any
}{
	{what: "a pending delivery whose lane has no timer", sql: `SELECT d.id FROM delivery d WHERE d.world = $1 AND d.state = 'pending' AND NOT EXISTS
		(SELECT 1 FROM timer t WHERE t.world = d.world AND t.kind = 'outbox.deliver' AND t.key = d.lane)`},
	{what: "a lane that sleeps longer than any of its deliveries asks for", sql: `SELECT d.id FROM delivery d
		JOIN timer t ON t.world = d.world AND t.kind = 'outbox.deliver' AND t.key = d.lane
		WHERE d.world = $1 AND d.state = 'pending' AND t.due_at > $2 AND NOT EXISTS
		(SELECT 1 FROM delivery o WHERE o.world = d.world AND o.lane = d.lane AND o.state = 'pending' AND o.next_at >= t.due_at)`,
		arg: func(tx *db.Tx) any { return clock.Micros(tx.Now()) }},
	{what: "a pending delivery at an endpoint that is disabled or gone", sql: `SELECT d.id FROM delivery d WHERE d.world = $1 AND d.state = 'pending' AND NOT EXISTS
		(SELECT 1 FROM endpoint e WHERE e.world = d.world AND e.id = d.endpoint AND e.state = 'enabled' AND e.app = d.app)`},
	{what: "a delivery whose count of attempts is not theirs", sql: `SELECT d.id FROM delivery d WHERE d.world = $1 AND d.attempts <>
		(SELECT count(*) FROM attempt a WHERE a.world = d.world AND a.delivery = d.id)`},
	{what: "an attempt without its delivery", sql: `SELECT a.delivery FROM attempt a WHERE a.world = $1 AND NOT EXISTS
		(SELECT 1 FROM delivery d WHERE d.world = a.world AND d.id = a.delivery)`},
	{what: "a delivery in a state that does not exist", sql: `SELECT id FROM delivery WHERE world = $1 AND state NOT IN ('pending', 'delivered', 'failed')`},
	{what: "a delivery that is pending and ended, or neither", sql: `SELECT id FROM delivery WHERE world = $1 AND
		((state = 'pending') <> (ended_at = 0) OR (state = 'pending') <> (next_at <> 0))`},
	{what: "a delivery called delivered that no attempt delivered", sql: `SELECT d.id FROM delivery d WHERE d.world = $1 AND d.state = 'delivered' AND NOT EXISTS
		(SELECT 1 FROM attempt a WHERE a.world = d.world AND a.delivery = d.id AND a.n = d.attempts AND a.status >= 200 AND a.status < 300)`},
	{what: "a delivery tried more often than it was attempted or may be", sql: `SELECT id FROM delivery WHERE world = $1 AND (tries > attempts OR tries > $2)`,
		arg: func(*db.Tx) any { return int64(len(schedule)) }},
	{what: "a delivery that is not in its lane", sql: `SELECT id FROM delivery WHERE world = $1 AND lane <> endpoint || '|' || subject`},
	{what: "a message delivered twice to one endpoint", sql: `SELECT message FROM delivery WHERE world = $1 GROUP BY endpoint, message HAVING count(*) > 1`},
	{what: "an endpoint in a state that does not exist", sql: `SELECT id FROM endpoint WHERE world = $1 AND state NOT IN ('enabled', 'disabled')`},
	{what: "a disabled endpoint that does not say why", sql: `SELECT id FROM endpoint WHERE world = $1 AND (state = 'disabled') <> (why <> '')`},
}

// mostNamed is how many breaches of one invariant are named.
const mostNamed = 10

// Check audits the world's outbox and names every invariant that does not hold.
func Check(tx *db.Tx) ([]string, error) {
	var problems []string
	for _, inv := range invariants {
		var args []any
		if inv.arg != nil {
			args = append(args, inv.arg(tx))
		}
		named := 0
		err := tx.Each(func(scan func(...any) error) error {
			var id string
			if err := scan(&id); err != nil || named == mostNamed {
				return err
			}
			named++
			problems = append(problems, fmt.Sprintf("outbox: %s: %s", inv.what, id))
			return nil
		}, inv.sql, args...)
		if err != nil {
			return problems, err
		}
	}
	return problems, nil
}

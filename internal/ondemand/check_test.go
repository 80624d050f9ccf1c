package ondemand_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/ondemand"
	"demarc/internal/ondemand/ondemandtest"
)

// The audit is what the other tests end with, so it must see each kind of damage.
func TestTheAuditSeesDamage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := ondemandtest.New(t, d)
		gone := w.Active("100 Mbps", "gone")
		w.Delete(gone.ID)
		w.Settle()
		w.Modify(ondemand.ExampleService, "1 Gbps", "")
		w.Advance(20 * time.Second)
		running := w.Add("10 Gbps", "new")
		w.CheckAll()
		for what, damage := range map[string]string{
			"VLAN":               `UPDATE od_port SET vlans_used = vlans_used + 1 WHERE world = $1 AND id = 'NNI-01'`,
			"which is free":      `UPDATE od_service SET vlan = 99 WHERE world = $1 AND id = '77133831778'`,
			"Mbps":               `UPDATE od_port SET used = used - 1 WHERE world = $1 AND id = 'NNI-01'`,
			"no port":            `DELETE FROM od_port WHERE world = $1 AND id = 'NNI-01'`,
			"block 0 says":       `UPDATE od_block SET taken = taken + 1152921504606846976 WHERE world = $1`,
			"still fit":          `UPDATE od_block SET largest = 1 WHERE world = $1`,
			"no block":           `DELETE FROM od_block WHERE world = $1`,
			"overlap":            `UPDATE od_service SET prefix = '100.64.0.0/28' WHERE world = $1 AND id = '77133831779'`,
			"no prefix":          `UPDATE od_service SET prefix = '10.0.0.0/29' WHERE world = $1 AND id = '77133831779'`,
			"services and rests": `DELETE FROM timer WHERE world = $1 AND kind = 'ondemand.rest'`,
			"in its history":     `DELETE FROM audit WHERE world = $1 AND event = 'placed'`,
			"was told of":        `DELETE FROM notice WHERE world = $1 AND type = 'ondemand.order.acknowledged'`,
			"nothing is due":     `DELETE FROM timer WHERE world = $1 AND kind = 'ondemand.order'`,
			"is due for it":      `UPDATE od_order SET state = 'completed' WHERE world = $1 AND action = 'add'`,
			"and ended at":       `UPDATE od_order SET ended_at = 0 WHERE world = $1 AND action = 'delete'`,
			"which is not there": `DELETE FROM od_service WHERE world = $1 AND id = '77133831778'`,
			"in the hands of":    `UPDATE od_service SET in_flight = '' WHERE world = $1`,
			"in the hands":       `UPDATE od_service SET status = 'Active' WHERE world = $1 AND id = '77133831778'`,
			"and holds":          `UPDATE od_service SET holds = 0 WHERE world = $1 AND id = '77133831779'`,
			"with 0 open runs":   `DELETE FROM od_run WHERE world = $1 AND service = '77133831779'`,
			"with 1 open runs":   `UPDATE od_run SET to_at = 0 WHERE world = $1`,
			"metered 2 times":    `INSERT INTO od_run (world, service, from_at, to_at, mbps, hourly) VALUES ($1, '77133831779', 1, 0, 100, '0.46')`,
			"it is metered at":   `UPDATE od_run SET hourly = '0.45' WHERE world = $1`,
			"was used by":        `UPDATE od_quote SET used_by = '' WHERE world = $1`,
			"was promoted to":    `UPDATE od_order SET quote = 'NaaS-10001' WHERE world = $1`,
		} {
			if found := problemsAfter(t, w, damage); !strings.Contains(strings.Join(found, "\n"), what) {
				t.Errorf("after %s\nit finds %q, and nothing with %q", damage, found, what)
			}
		}
		w.CheckAll() // all damage was undone
		w.Settle()
		if s := w.Service(running.Service); s.Status != ondemand.StatusActive {
			t.Errorf("the service is %q", s.Status)
		}
		w.CheckAll()
	})
}

// problemsAfter audits a damaged world and undoes the damage.
func problemsAfter(t *testing.T, w *ondemandtest.World, damage string) (found []string) {
	t.Helper()
	err := w.DB.Within(t.Context(), w.ID, func(tx *db.Tx) (err error) {
		tx.Do(damage)
		if found, err = w.Desk.Check(tx); err != nil {
			return err
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatalf("%s: %v", damage, err)
	}
	return found
}

var errUndo = errors.New("undone")

package carecarrier_test

import (
	"context"
	"errors"
	"testing"

	"demarc/internal/care"
	"demarc/internal/care/carecarrier"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/trouble"
)

// named is a billing system that answers with its name.
type named string

func (n named) Account(context.Context, care.Query) (*care.Account, error) {
	return &care.Account{Name: string(n)}, nil
}

func (n named) Accounts(context.Context, care.Query) ([]care.Account, error) {
	return []care.Account{{Name: string(n)}}, nil
}

func TestOnlyASandboxsQuestionsMeetWhatItsOwnerWantsToGoWrong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world, other := dbtest.World(t, d), dbtest.World(t, d)
		b := carecarrier.Trouble(map[string]care.Billing{"PR": named("real")}, trouble.New(d))["PR"]
		ask := func(q care.Query) (errs []error) {
			q.Unit = "PR"
			one, err := b.Account(t.Context(), q)
			if (one != nil && one.Name == "real") != (err == nil) {
				t.Errorf("%+v: %v, %v", q, one, err)
			}
			list, listErr := b.Accounts(t.Context(), q)
			if (len(list) == 1 && list[0].Name == "real") != (listErr == nil) {
				t.Errorf("%+v: %v, %v", q, list, listErr)
			}
			return []error{err, listErr}
		}
		for mode, isDown := range map[trouble.Mode]bool{trouble.Unavailable: true, trouble.Timeout: true, trouble.Failure: false} {
			err := d.Within(t.Context(), world, func(tx *db.Tx) error {
				_, err := trouble.Put(tx, "test", trouble.Trouble{Target: "care.billing", Mode: mode})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range []care.Query{{World: world}, {World: other, Sandbox: true}} {
				if err := errors.Join(ask(q)...); err != nil {
					t.Errorf("%s: %+v: %v", mode, q, err)
				}
			}
			for _, err := range ask(care.Query{World: world, Sandbox: true}) {
				if down, ok := errors.AsType[*care.Unavailable](err); err == nil || ok != isDown || ok && *down != *care.Down("PR") {
					t.Errorf("%s: %v", mode, err)
				}
			}
		}
	})
}

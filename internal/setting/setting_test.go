package setting_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"demarc/internal/audit"
	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/db/dbtest"
	"demarc/internal/fault"
	"demarc/internal/setting"

	"github.com/google/go-cmp/cmp"
)

var (
	door = setting.Declare(setting.Setting{Name: "test.door", Values: []string{"open", "ajar", "closed"}, Default: "open", Text: "How the door is."})
	bell = setting.Declare(setting.Setting{Name: "test.bell", Values: []string{"off", "on"}, Default: "off", Text: "Whether the bell rings."})
)

func put(t *testing.T, d *db.DB, world, name, value string) error {
	t.Helper()
	return d.Within(t.Context(), world, func(tx *db.Tx) error { return setting.Put(tx, "somebody", name, value) })
}

func mustPut(t *testing.T, d *db.DB, world, name, value string) {
	t.Helper()
	if err := put(t, d, world, name, value); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, d *db.DB, world string, s *setting.Setting) (value string) {
	t.Helper()
	err := d.View(t.Context(), world, func(tx *db.Tx) (err error) {
		value, err = s.Get(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// trail is what happened to a setting: "somebody put open > closed".
func trail(t *testing.T, d *db.DB, world, name string) (entries []string) {
	t.Helper()
	err := d.View(t.Context(), world, func(tx *db.Tx) error {
		list, err := audit.History(tx, "setting/"+name)
		for _, e := range list {
			entries = append(entries, e.Actor+" "+e.Event+" "+e.From+" > "+e.To)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// stored is the rows of a world, which a setting at its default has none of.
func stored(t *testing.T, d *db.DB, world string) (rows []string) {
	t.Helper()
	err := d.View(t.Context(), world, func(tx *db.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var name, value string
			err := scan(&name, &value)
			rows = append(rows, name+"="+value)
			return err
		}, `SELECT name, value FROM setting WHERE world = $1 ORDER BY name`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestASettingIsItsDefaultUntilItIsPutAndEachWorldHasItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		here, there := dbtest.World(t, d), dbtest.World(t, d)
		if got := get(t, d, here, door); got != "open" {
			t.Fatalf("at first it is %q", got)
		}
		mustPut(t, d, here, "test.door", "closed")
		if got := get(t, d, here, door); got != "closed" {
			t.Errorf("after the put it is %q", got)
		}
		if got := get(t, d, there, door); got != "open" {
			t.Errorf("in the other world it is %q", got)
		}
		if got := get(t, d, here, bell); got != "off" {
			t.Errorf("the other setting is %q", got)
		}
	})
}

func TestAPutIsReadInItsOwnUnitAndUndoneWithIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		changed := errors.New("changed its mind")
		err := d.Within(t.Context(), world, func(tx *db.Tx) error {
			if err := setting.Put(tx, "somebody", "test.door", "closed"); err != nil {
				return err
			}
			if got, err := door.Get(tx); err != nil || got != "closed" {
				t.Errorf("in its unit it is %q, %v", got, err)
			}
			return changed
		})
		if !errors.Is(err, changed) {
			t.Fatal(err)
		}
		if got := get(t, d, world, door); got != "open" {
			t.Errorf("after the unit failed it is %q", got)
		}
	})
}

func TestSeveralSettingsAreAskedForAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		mustPut(t, d, world, "test.bell", "on")
		err := d.View(t.Context(), world, func(tx *db.Tx) error {
			var isDoor, isBell string
			door.Ask(tx, &isDoor)
			bell.Ask(tx, &isBell)
			if isBell != "off" {
				t.Errorf("before the flush the bell is %q, so it was not queued", isBell)
			}
			err := tx.Flush()
			if isDoor != "open" || isBell != "on" {
				t.Errorf("the door is %q and the bell %q", isDoor, isBell)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestThePutThatChangesSomethingIsInTheTrailAndNoOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		mustPut(t, d, world, "test.door", "open") // which it is
		if got := stored(t, d, world); got != nil {
			t.Errorf("putting the default stored %v", got)
		}
		for _, value := range []string{"closed", "closed", "ajar", "open", "open"} {
			mustPut(t, d, world, "test.door", value)
		}
		want := []string{"somebody put open > closed", "somebody put closed > ajar", "somebody put ajar > open"}
		if diff := cmp.Diff(want, trail(t, d, world, "test.door")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"test.door=open"}, stored(t, d, world)); diff != "" {
			t.Error(diff)
		}
	})
}

// Whoever comes second sees the first, also where there was no row yet to lock.
func TestOfManyWhoPutTheSameAtOnceOneChangesIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		var want []string
		was := "open"
		for _, value := range []string{"closed", "ajar", "open", "closed"} {
			var all sync.WaitGroup
			errs := make([]error, 8)
			for i := range errs {
				all.Go(func() { errs[i] = put(t, d, world, "test.door", value) })
			}
			all.Wait()
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			want = append(want, "somebody put "+was+" > "+value)
			was = value
		}
		if diff := cmp.Diff(want, trail(t, d, world, "test.door")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSET_VAL_01_ASettingHasOneOfItsValues(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		for _, value := range []string{"", "Closed", "closed ", "on", "nonsense"} {
			f := fault.Of(put(t, d, world, "test.door", value))
			if f == nil || f.Code != fault.Invalid || len(f.Violations) != 1 {
				t.Fatalf("%q: %v", value, f)
			}
			want := fault.Violation{Field: "value", Message: "must be one of open, ajar, closed", Rule: "SET-VAL-01"}
			if diff := cmp.Diff(want, f.Violations[0]); diff != "" {
				t.Errorf("%q: %s", value, diff)
			}
		}
		if got := get(t, d, world, door); got != "open" {
			t.Errorf("it is %q all the same", got)
		}
		for _, value := range []string{"ajar", "closed", "open"} {
			mustPut(t, d, world, "test.door", value)
			if got := get(t, d, world, door); got != value {
				t.Errorf("put to %q it is %q", value, got)
			}
		}
	})
}

func TestASettingThatNobodyDeclaredIsUnknown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		if err := put(t, d, world, "test.window", "open"); !errors.Is(err, setting.Unknown) {
			t.Errorf("put: %v", err)
		}
		err := d.View(t.Context(), world, func(tx *db.Tx) error {
			_, err := setting.Find(tx, "test.window")
			return err
		})
		if !errors.Is(err, setting.Unknown) {
			t.Errorf("find: %v", err)
		}
	})
}

func TestTheListHasEverySettingByName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		mustPut(t, d, world, "test.door", "ajar")
		want := []setting.Value{
			{Name: "test.bell", Value: "off", Default: "off", Values: []string{"off", "on"}, Text: "Whether the bell rings."},
			{Name: "test.door", Value: "ajar", Default: "open", Values: []string{"open", "ajar", "closed"}, Text: "How the door is."},
		}
		err := d.View(t.Context(), world, func(tx *db.Tx) error {
			list, err := setting.List(tx)
			if diff := cmp.Diff(want, list); diff != "" {
				t.Error(diff)
			}
			one, findErr := setting.Find(tx, "test.door")
			if diff := cmp.Diff(want[1], one); diff != "" {
				t.Error(diff)
			}
			return errors.Join(err, findErr)
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// A node of the version before, or after, may have other values and other settings.
func TestAValueOfAnotherVersionReadsAsTheDefaultAndIsLeftBehind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world := dbtest.World(t, d)
		err := d.Within(t.Context(), world, func(tx *db.Tx) error {
			tx.Do(`INSERT INTO setting (world, name, value) VALUES ($1, 'test.door', 'revolving'), ($1, 'test.roof', 'green')`)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := get(t, d, world, door); got != "open" {
			t.Errorf("it reads as %q", got)
		}
		err = d.View(t.Context(), world, func(tx *db.Tx) error {
			list, err := setting.List(tx)
			if len(list) != 2 || list[1].Name != "test.door" || list[1].Value != "open" {
				t.Errorf("the list is %v", list)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		mustPut(t, d, world, "test.door", "open") // for the other nodes it is a change
		if diff := cmp.Diff([]string{"somebody put revolving > open"}, trail(t, d, world, "test.door")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAViewPutsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.View(t.Context(), dbtest.World(t, d), func(tx *db.Tx) error { return setting.Put(tx, "somebody", "test.door", "closed") })
		if !errors.Is(err, db.ErrReadOnly) {
			t.Fatal(err)
		}
	})
}

func TestAPutIsRecordedAtTheWorldsMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		world, at := dbtest.World(t, d), clock.FromMicros(1_900_000_000_000_000)
		err := d.Within(db.AtMoment(t.Context(), at), world, func(tx *db.Tx) error { return setting.Put(tx, "somebody", "test.door", "closed") })
		if err != nil {
			t.Fatal(err)
		}
		err = d.View(t.Context(), world, func(tx *db.Tx) error {
			list, err := audit.History(tx, "setting/test.door")
			if len(list) != 1 || !list[0].At.Equal(at) {
				t.Errorf("the trail is %v", list)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestAWrongDeclarationDoesNotStart(t *testing.T) {
	t.Parallel()
	values := []string{"a", "b"}
	for why, s := range map[string]setting.Setting{
		"a name that is taken":      {Name: "test.door", Values: values, Default: "a", Text: "x"},
		"no name":                   {Values: values, Default: "a", Text: "x"},
		"a name with a slash":       {Name: "test/door", Values: values, Default: "a", Text: "x"},
		"a name that is too long":   {Name: strings.Repeat("n", 65), Values: values, Default: "a", Text: "x"},
		"a default of its own":      {Name: "test.a", Values: values, Default: "c", Text: "x"},
		"no default":                {Name: "test.b", Values: values, Text: "x"},
		"an empty value":            {Name: "test.c", Values: []string{"", "b"}, Default: "b", Text: "x"},
		"nothing said of its sense": {Name: "test.d", Values: values, Default: "a"},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("it was taken")
				}
			}()
			setting.Declare(s)
		})
	}
}

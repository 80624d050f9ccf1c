package fault

import (
	"errors"
	"fmt"
	"testing"
)

var teapot = New("test", "test_teapot", 418, "I am a teapot.")

func TestAnOccurrenceIsItsCodeThroughWrapping(t *testing.T) {
	err := fmt.Errorf("brewing: %w", teapot.With(Field("T-1", "pot", "must be a kettle")))
	if !errors.Is(err, teapot) {
		t.Fatal("errors.Is does not see the code")
	}
	var e *Error
	if !errors.As(err, &e) || e.Violations[0].Rule != "T-1" {
		t.Fatalf("errors.As gave %+v", e)
	}
}

func TestTwoRowsOfOneIdPanicAtStart(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("a second row of the same id was taken")
		}
	}()
	New("test", "test_teapot", 500, "again")
}

func TestAnEmptyListIsNoError(t *testing.T) {
	var l List
	if err := l.As(teapot); err != nil {
		t.Fatalf("err = %v", err)
	}
	l.Addf("T-2", "cups", "must be at most %d", 6)
	if err := l.As(teapot); !errors.Is(err, teapot) {
		t.Fatalf("err = %v", err)
	}
}

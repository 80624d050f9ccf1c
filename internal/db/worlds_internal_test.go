package db

import (
	"testing"
	"time"

	"demarc/internal/clock"
)

// A reader that asked before a change and answers after it must not make the node
// believe what it read.
func TestWhatWasReadBeforeAChangeIsNotKnownAfterIt(t *testing.T) {
	old := knownWorld{state: clock.State{Sandbox: true, Offset: time.Hour}}
	changes := map[string]func(w *worlds){
		"forgotten":        func(w *worlds) { w.forget("w") },
		"changed":          func(w *worlds) { w.change("w") },
		"changed and done": func(w *worlds) { w.change("w"); w.settle() },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			w := newWorlds(nil, 0)
			gen := w.gen.Load()
			w.set("w", old, gen)
			if _, ok := w.lookup("w"); !ok {
				t.Fatal("what was read is not known")
			}
			change(w)
			if _, ok := w.lookup("w"); ok {
				t.Fatal("it is known after the change")
			}
			w.set("w", old, gen)
			if s, ok := w.lookup("w"); ok {
				t.Fatalf("%+v is known after the change", s)
			}
			w.settle()
			w.set("w", old, w.gen.Load())
			if _, ok := w.lookup("w"); !ok {
				t.Fatal("what was read after the change is not known")
			}
		})
	}
}

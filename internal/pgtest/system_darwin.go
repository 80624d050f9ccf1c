package pgtest

import "os/exec"

// pinThread and dieWithParent have nothing to hold on to here: when a test
// process is killed on macOS, its server stays until it is ended by hand.
func pinThread() (unpin func()) { return func() {} }

func dieWithParent(*exec.Cmd) {}

// memoryDirectory is a directory in memory: macOS has none ready-made.
func memoryDirectory() string { return "" }

package e2e

import "os/exec"

// dieWithParent is left to the tests' own cleanup here.
func dieWithParent(*exec.Cmd) {}

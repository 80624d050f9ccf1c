//go:build !linux

package bench

import "os/exec"

// dieWithParent is Linux's; elsewhere a server outlives a bench that is killed.
func dieWithParent(*exec.Cmd) {}

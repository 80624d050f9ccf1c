package e2e

import (
	"os/exec"
	"syscall"
)

// dieWithParent ends the server when the test process ends, however it ends.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

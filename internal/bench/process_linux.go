package bench

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel end a server whose bench has gone, however it went.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }

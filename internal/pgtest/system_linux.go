package pgtest

import (
	"os/exec"
	"runtime"
	"syscall"
)

// pinThread keeps the calling goroutine on its thread until the returned
// function is called.
func pinThread() (unpin func()) {
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}

// dieWithParent has the kernel send the server SIGQUIT, which to PostgreSQL
// means an immediate end of itself and all its children, when the thread that
// starts it ends. Its own process group keeps a Ctrl-C in the terminal from
// taking the database away before the test has noticed.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	cmd.SysProcAttr.Setpgid = true
}

const (
	tmpfsMagic = 0x01021994
	// enoughMemory is what a memory file system must have free to be used: the
	// tests of all packages together take a fraction of it.
	enoughMemory = 2 << 30
)

// memoryDirectory is a directory in memory with room for test databases, or "".
func memoryDirectory() string {
	const dir = "/dev/shm"
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil || int64(fs.Type) != tmpfsMagic { //nolint:unconvert // it is an int32 on some machines
		return ""
	}
	if fs.Bavail*uint64(fs.Bsize) < enoughMemory {
		return ""
	}
	return dir
}

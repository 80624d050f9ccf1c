//go:build linux || darwin

package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is who the server runs as: PostgreSQL refuses to run as root.
type account struct {
	name     string
	uid, gid int
	switched bool // the server's account is not ours
}

// serverAccount is the current account, or for root the one that Debian's
// package made for the purpose, or nobody.
func serverAccount() (account, error) {
	if uid := os.Geteuid(); uid != 0 {
		return account{name: strconv.Itoa(uid), uid: uid, gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(u.Uid)
		if err != nil {
			return account{}, fmt.Errorf("user %s: %w", name, err)
		}
		gid, err := strconv.Atoi(u.Gid)
		if err != nil {
			return account{}, fmt.Errorf("user %s: %w", name, err)
		}
		return account{name: name, uid: uid, gid: gid, switched: true}, nil
	}
	return account{}, fmt.Errorf("PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it")
}

// as makes cmd run under the account.
func (a account) as(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	if a.switched {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
}

// own makes a private directory of the account's.
func (a account) own(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if !a.switched {
		return nil
	}
	return os.Chown(dir, a.uid, a.gid)
}

// reach makes sure that the account can walk down to dir, which another
// account may have made for itself alone, as testing.T.TempDir does. Below the
// temporary directory it opens the way (to pass, not to look); elsewhere a
// closed directory is not ours to open.
func (a account) reach(dir string) error {
	if !a.switched {
		return nil
	}
	temp, err := filepath.EvalSymlinks(os.TempDir())
	if err != nil {
		return err
	}
	for _, p := range parents(dir) {
		info, err := os.Stat(p)
		if err != nil {
			return err
		}
		if info.Mode()&0o001 != 0 || ownerOf(info) == a.uid {
			continue
		}
		if !strings.HasPrefix(p, temp+"/") {
			return fmt.Errorf("user %s, who runs the server, cannot reach %s: %s is closed to others; choose another directory, or another TMPDIR", a.name, dir, p)
		}
		if err := os.Chmod(p, info.Mode().Perm()|0o011); err != nil {
			return err
		}
	}
	return nil
}

// parents lists the directories above dir, the root first.
func parents(dir string) []string {
	var list []string
	for p := filepath.Dir(dir); ; p = filepath.Dir(p) {
		list = append([]string{p}, list...)
		if p == filepath.Dir(p) {
			return list
		}
	}
}

func ownerOf(info os.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return -1
}

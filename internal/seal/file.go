package seal

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"demarc/internal/clock"
)

const (
	maxFile = 64 << 10
	others  = 0o077 // what a key file's mode must not have
)

const preamble = `# demarc's key file: the keys with which secrets in its database are sealed.
# WHO LOSES THIS FILE LOSES THOSE SECRETS: keep a copy, but not beside the database's.
# One key a line: its id and 32 bytes in base64. The first seals, all of them open.
# Every node of one database needs the same file, readable by its own account only.
`

// Generate makes the text of a new key file, with one key.
func Generate() string { return preamble + NewLine() + "\n" }

// NewLine is the line of a new key.
func NewLine() string {
	var random [keySize + 4]byte
	_, _ = rand.Read(random[:]) // it never fails
	// The day helps people to tell keys apart, the rest tells them apart.
	id := clock.Machine().UTC().Format("2006-01-02-") + hex.EncodeToString(random[keySize:])
	return id + " " + base64.StdEncoding.EncodeToString(random[:keySize])
}

// Parse reads a key file's text. Its errors name lines, never what is in them: what
// is in the wrong place there may be a key.
func Parse(text string) (*Ring, error) {
	in := &ring{}
	ids, secrets := map[string]int{}, map[string]int{} // in which line they were
	n := 0
	for line := range strings.Lines(text) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != 2 {
			return nil, fmt.Errorf("seal: line %d of the key file must be an id and a key with a space between them", n)
		}
		id, encoded := fields[0], fields[1]
		secret, err := base64.StdEncoding.Strict().DecodeString(encoded)
		switch {
		case !validID(id):
			return nil, fmt.Errorf("seal: line %d of the key file must begin with an id of at most %d letters a to z, digits and dashes", n, maxID)
		case err != nil || len(secret) != keySize:
			return nil, fmt.Errorf("seal: the key in line %d of the key file must be %d bytes in base64 (as of: openssl rand -base64 %d)", n, keySize, keySize)
		case ids[id] > 0:
			return nil, fmt.Errorf("seal: line %d of the key file has the id of line %d", n, ids[id])
		case secrets[string(secret)] > 0:
			return nil, fmt.Errorf("seal: line %d of the key file has the key of line %d", n, secrets[string(secret)])
		}
		ids[id], secrets[string(secret)] = n, n
		k, err := newKey(id, secret)
		if err != nil {
			return nil, fmt.Errorf("seal: line %d of the key file: %w", n, err)
		}
		in.keys = append(in.keys, k)
	}
	if len(in.keys) == 0 {
		return nil, errors.New("seal: there is no key in the key file")
	}
	return &Ring{in}, nil
}

// OpenFile reads a key file, and makes it when it is not there. Of several
// processes that make it at once, one does, and all read what it made.
func OpenFile(path string) (*Ring, error) {
	text, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := create(path, Generate()); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("seal: the key file cannot be made: %w", err)
		}
		text, err = read(path)
	}
	if err != nil {
		return nil, fmt.Errorf("seal: the key file cannot be read: %w", err)
	}
	r, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func read(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is no regular file", path)
	case info.Mode().Perm()&others != 0 && runtime.GOOS != "windows": // which has no such modes
		return "", fmt.Errorf("%s is open to others than its owner (mode %04o): chmod 600 %s", path, info.Mode().Perm(), path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is longer than a key file can be (%d bytes)", path, maxFile)
	}
	return string(text), err
}

// create makes a file that nobody sees before it is whole and on the disk, and
// answers fs.ErrExist when there is one.
func create(path, text string) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".demarc-key-*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	// Unlike a rename, a link never takes the place of what is there.
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a file's name last: else a machine that fails could come back with
// secrets in its database and without the key.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // where a directory cannot be flushed
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

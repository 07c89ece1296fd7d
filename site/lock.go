package site

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrLocked: another process, or another Builder of this one, builds the tree. The error is a *LockedError.
var ErrLocked = errors.New("the tree is being built by another process")

// LockedError says who holds a tree.
type LockedError struct {
	Dir   string // the tree
	Owner string // control socket of the daemon that holds it; "" if it named none, as certgen does
}

func (e *LockedError) Error() string {
	if e.Owner == "" {
		return fmt.Sprintf("%s: %v; wait for it to end", e.Dir, ErrLocked)
	}
	return fmt.Sprintf("%s: %v; it answers at %s", e.Dir, ErrLocked, e.Owner)
}

// Unwrap returns ErrLocked.
func (e *LockedError) Unwrap() error { return ErrLocked }

// StateDir is the folder beside a public tree that holds what must never be served: lock and manifest.
func StateDir(dir string) string { return filepath.Clean(dir) + ".state" }

// lock is held by a flock on DIR.state/lock, which the kernel releases however the process ends. The file's text names
// the owner while the lock is held and is emptied when it is given back, so a text found with a free lock means a crash.
type lock struct {
	file    *os.File
	unswept bool // the tree may hold files of a write that was cut off: after a crash, or without any state
}

const noOwner = "-"

func acquire(dir, owner string) (*lock, error) {
	state := StateDir(dir)
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, err
	}
	if info, err := os.Stat(state); err != nil {
		return nil, err
	} else if info.Mode().Perm() != 0o700 {
		if err := os.Chmod(state, 0o700); err != nil {
			return nil, err
		}
	}
	path := filepath.Join(state, "lock")
	_, err := os.Lstat(path)
	unknown := errors.Is(err, os.ErrNotExist)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(f); err != nil {
		defer f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &LockedError{Dir: dir, Owner: readOwner(f)}
		}
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	l := &lock{file: f, unswept: unknown || readText(f) != ""}
	if owner == "" {
		owner = noOwner
	} else if owner, err = filepath.Abs(owner); err != nil {
		f.Close()
		return nil, err
	}
	if err := l.write(owner + "\n"); err != nil {
		f.Close()
		return nil, err
	}
	return l, nil
}

func flock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err != unix.EINTR {
			return err
		}
	}
}

func (l *lock) write(text string) error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(text), 0)
	return err
}

func (l *lock) release() error {
	return errors.Join(l.write(""), l.file.Close())
}

func readOwner(f *os.File) string {
	if owner := readText(f); owner != noOwner {
		return owner
	}
	return ""
}

func readText(f *os.File) string {
	data, _ := io.ReadAll(io.NewSectionReader(f, 0, 4096))
	return strings.TrimSpace(string(data))
}

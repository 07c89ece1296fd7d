// Package durable writes files that are either there whole or not there.
//
// Everything Laurel publishes is read by others while it is being written: by a web server, by a mirror, by a visitor.
// So a file is first written under a temporary name in its own directory and then renamed, which a reader sees as one
// step. What a crash leaves behind carries a name that [IsTemp] recognises and [Sweep] removes.
package durable

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A temporary file is called .laurel-RANDOM.tmp: hidden, so that no static host serves it, and unlike any public name.
const (
	tempPrefix = ".laurel-"
	tempSuffix = ".tmp"
)

// IsTemp reports whether a file name (without its directory) is one that a write of this package had not finished.
func IsTemp(name string) bool {
	return len(name) > len(tempPrefix)+len(tempSuffix) && strings.HasPrefix(name, tempPrefix) && strings.HasSuffix(name, tempSuffix)
}

// WriteFile writes data to path by renaming a temporary file of the same directory, and makes missing directories
// (0777 before umask). Readers see the old file or the new one, never a part. It does not wait for the disk: after a
// power failure the file may be old, new or empty. Use [SyncFS] once for many files, or [WriteFileSync] for one.
func WriteFile(path string, data []byte, perm fs.FileMode) error {
	_, err := write(path, data, perm, false)
	return err
}

// WriteFileSync is WriteFile that returns only when file and directory entry have reached the disk.
func WriteFileSync(path string, data []byte, perm fs.FileMode) error {
	dir, err := write(path, data, perm, true)
	if err != nil {
		return err
	}
	return SyncDir(dir)
}

// Same reports whether path is a regular file that holds exactly data. A file that cannot be read is not the same.
func Same(path string, data []byte) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(data)) {
		return false
	}
	old, err := os.ReadFile(path)
	return err == nil && bytes.Equal(old, data)
}

// SyncDir waits until the entries of a directory (names made, renamed, removed) have reached the disk.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync directory %s: %w", dir, err)
	}
	return nil
}

func write(path string, data []byte, perm fs.FileMode, sync bool) (dir string, err error) {
	dir = filepath.Dir(path)
	f, err := create(dir, perm)
	if os.IsNotExist(err) {
		if err = os.MkdirAll(dir, 0o777); err == nil {
			f, err = create(dir, perm)
		}
	}
	if err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	if _, err = f.Write(data); err != nil {
		return "", err
	}
	if sync {
		if err = f.Sync(); err != nil {
			return "", err
		}
	}
	if err = f.Close(); err != nil {
		return "", err
	}
	return dir, os.Rename(f.Name(), path)
}

func create(dir string, perm fs.FileMode) (*os.File, error) {
	var r [10]byte
	rand.Read(r[:])
	name := filepath.Join(dir, tempPrefix+hex.EncodeToString(r[:])+tempSuffix)
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
}

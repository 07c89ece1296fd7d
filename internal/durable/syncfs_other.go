//go:build unix && !linux

package durable

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// SyncFS waits until everything written so far to the file system that holds dir has reached the disk. Systems without
// syncfs(2) sync all of theirs.
func SyncFS(dir string) error {
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("sync the file system of %s: %w", dir, err)
	}
	unix.Sync()
	return nil
}

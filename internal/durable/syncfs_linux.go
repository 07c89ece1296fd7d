package durable

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// SyncFS waits until everything written so far to the file system that holds dir has reached the disk: one call for
// any number of files. On Linux it also reports a write-back error since dir was last synced (syncfs(2)).
func SyncFS(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := unix.Syncfs(int(d.Fd())); err != nil {
		return fmt.Errorf("sync the file system of %s: %w", dir, err)
	}
	return nil
}

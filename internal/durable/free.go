//go:build unix

package durable

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Free returns how many bytes are free, for programs without special rights, on the file system that holds dir.
func Free(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}

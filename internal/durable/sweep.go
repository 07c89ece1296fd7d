package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Sweep removes the temporary files that an interrupted write left anywhere under dir, and says how many; see, if it is
// not nil, is told the names of all others. Only the holder of the tree's lock may call it: it would take away a file that somebody else is writing. A missing dir is empty.
func Sweep(dir string, see func(name string)) (int, error) {
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if !d.Type().IsRegular() || !IsTemp(d.Name()) {
			if see != nil {
				see(d.Name())
			}
			return nil
		}
		n++
		return os.Remove(path)
	})
	return n, err
}

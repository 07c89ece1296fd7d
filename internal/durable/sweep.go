package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// portion is how many names of a folder are held at a time: a public tree has a folder with one for each certificate.
const portion = 1024

// Sweep removes the temporary files that an interrupted write left anywhere under dir, and says how many; see, if it is
// not nil, is told the names of all other files. Only the holder of the tree's lock may call it: it would take away a file
// that somebody else is writing. A missing dir is empty.
func Sweep(dir string, see func(name string)) (int, error) {
	var temps []string // removed once the folder was read, since some systems pass over names when one goes meanwhile
	n := 0
	err := eachIn(dir, func(d fs.DirEntry) error {
		name := d.Name()
		switch {
		case d.IsDir():
			below, err := Sweep(filepath.Join(dir, name), see)
			n += below
			return err
		case d.Type().IsRegular() && IsTemp(name):
			temps = append(temps, name)
		case see != nil:
			see(name)
		}
		return nil
	})
	for _, name := range temps {
		if err != nil {
			break
		}
		if err = os.Remove(filepath.Join(dir, name)); err == nil {
			n++
		}
	}
	return n, err
}

// eachIn calls do for what is in a folder, in no order, and holds a portion of it. A missing folder is empty.
func eachIn(dir string, do func(fs.DirEntry) error) error {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	for {
		entries, err := d.ReadDir(portion)
		for _, e := range entries {
			if err := do(e); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	bolt "go.etcd.io/bbolt"

	"laurel/internal/durable"
)

// ErrCopying means that a copy of the records is being taken, which Compact would change under it.
var ErrCopying = errors.New("a copy of the records is being taken; try again when it is done")

// file is the bbolt file, which Compact exchanges for another while nobody reads or writes.
type file struct {
	path string
	mu   sync.RWMutex
	db   *bolt.DB
}

// View reads. No other call of file may stand inside do.
func (f *file) View(do func(*bolt.Tx) error) error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.db.View(do)
}

// Update writes. No other call of file may stand inside do.
func (f *file) Update(do func(*bolt.Tx) error) error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.db.Update(do)
}

// Path is where the file lies.
func (f *file) Path() string { return f.path }

// Close closes it.
func (f *file) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.db.Close()
}

// compactAtOnce is how many bytes one transaction of a compaction writes.
const compactAtOnce = 16 << 20

// Compact writes the records into a new file and puts it in the place of the old one, so that nothing is left in it of
// what was erased: bbolt takes a page that it needs no more out of use, and leaves its bytes until it needs the room.
// Nobody reads or writes meanwhile. It returns the sizes before and after. The error is ErrCopying where a copy is being
// taken; after any error the records go on as they were.
func (s *Bolt) Compact() (before, after int64, err error) {
	if !s.copying.TryLock() {
		return 0, 0, ErrCopying
	}
	defer s.copying.Unlock()
	before, after, err = s.db.exchange()
	if err == nil {
		err = s.db.Update(s.noteSize)
	}
	return before, after, err
}

// besides is where a new file is written. One that is found there is what a crash has left.
func besides(path string) string { return path + ".compact" }

// exchange puts a copy without free pages in the place of the file.
func (f *file) exchange() (before, after int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if before, err = size(f.path); err != nil {
		return 0, 0, err
	}
	fresh, err := copied(f.db, besides(f.path))
	if err != nil {
		return before, 0, errors.Join(fmt.Errorf("writing the records anew: %w", err), discard(besides(f.path)))
	}
	// It is open, and so locked against other processes, before it has the name by which they would find it.
	if err := os.Rename(besides(f.path), f.path); err != nil {
		return before, 0, errors.Join(err, fresh.Close(), discard(besides(f.path)))
	}
	old := f.db
	f.db = fresh
	if err := errors.Join(durable.SyncDir(filepath.Dir(f.path)), old.Close()); err != nil {
		return before, 0, err
	}
	after, err = size(f.path)
	return before, after, err
}

// copied writes what is in use of a file to another one, which it returns open.
func copied(from *bolt.DB, path string) (*bolt.DB, error) {
	if err := discard(path); err != nil {
		return nil, err
	}
	to, err := openFile(path)
	if err != nil {
		return nil, err
	}
	to.NoSync = true // once, at the end
	err = bolt.Compact(to, from, compactAtOnce)
	to.NoSync = false
	if err = errors.Join(err, to.Sync()); err != nil {
		return nil, errors.Join(err, to.Close())
	}
	return to, nil
}

func discard(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func size(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

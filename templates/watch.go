package templates

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watch reports edits of a templates folder until ctx ends, which closes the channel. Editors save in many ways (write
// in place, write aside and rename, several files at once), so folders are watched rather than files, new sub-folders
// join, and a signal comes only after no event for the quiet time; 200 ms suits people. A signal says that something
// may have changed, and one that was not yet received covers later ones: answer it with [Open].
func Watch(ctx context.Context, dir string, quiet time.Duration) (<-chan struct{}, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", dir, err)
	}
	if err := add(w, dir, true); err != nil {
		w.Close()
		return nil, fmt.Errorf("watch %s: %w", dir, err)
	}
	out := make(chan struct{}, 1)
	go func() {
		defer close(out)
		defer w.Close()
		gather(ctx, w, quiet, out)
	}()
	return out, nil
}

// gather turns bursts of events into single signals.
func gather(ctx context.Context, w *fsnotify.Watcher, quiet time.Duration, out chan<- struct{}) {
	timer := time.NewTimer(0)
	<-timer.C
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			select {
			case out <- struct{}{}:
			default: // the one waiting covers this edit too
			}
		case e, ok := <-w.Events:
			if !ok {
				return
			}
			if e.Has(fsnotify.Create) {
				// A folder made or moved here brings files that were never announced; a plain file is left alone.
				add(w, e.Name, false)
			}
			if e.Op != fsnotify.Chmod && !hidden(filepath.Base(e.Name)) {
				timer.Reset(quiet)
			}
		case _, ok := <-w.Errors:
			if !ok {
				return
			}
			// The queue overflowed: events are lost, so look at everything.
			timer.Reset(quiet)
		}
	}
}

// add watches a folder and its sub-folders. What vanishes meanwhile is not missed; the root must be there.
func add(w *fsnotify.Watcher, dir string, root bool) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			if root && path == dir {
				return errors.Join(err, notFolder(err, dir))
			}
			return nil
		}
		if path != dir && hidden(d.Name()) {
			return fs.SkipDir
		}
		if err := w.Add(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

func notFolder(err error, dir string) error {
	if err != nil {
		return nil
	}
	return fmt.Errorf("%s is not a folder", dir)
}

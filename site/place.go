package site

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
)

// errGone says that the tree's folder is not there any more.
var errGone = errors.New("it is not the folder any more that it was at the start: was it unmounted, moved or replaced? Put it back, or have it written anew with certd export")

// TakePlace makes the tree's folder if it is not there, and works in the one that is there from now on: for a tree that
// is to be written anew.
func (b *Builder) TakePlace() error {
	if err := os.MkdirAll(b.dir, 0o777); err != nil {
		return err
	}
	place, err := os.Stat(b.dir)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.place = place
	return nil
}

// here reports whether the tree's folder is still the one that was opened. Without asking, a build would go on in the
// empty folder under a disk that was unmounted.
func (b *Builder) here() error {
	now, err := os.Stat(b.dir)
	if err != nil {
		return fmt.Errorf("%s: %w (%w)", b.dir, errGone, err)
	}
	b.mu.Lock()
	place := b.place
	b.mu.Unlock()
	if !os.SameFile(now, place) {
		return fmt.Errorf("%s: %w", b.dir, errGone)
	}
	return nil
}

// isOfThePlace reports whether an error is one of the disk or the folder, so that no other file would fare better.
func isOfThePlace(err error) bool {
	return slices.ContainsFunc([]error{errGone, syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO}, func(e error) bool { return errors.Is(err, e) })
}

package issuer

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrNoSpace says that a disk is nearly full: nothing is issued until there is room for its files.
var ErrNoSpace = errors.New("the disk is nearly full")

// spaceInterval is how long a look at the disks counts.
const spaceInterval = time.Second

// space keeps certificates from being issued whose files would find no room. A full disk ends the daemon in the middle
// of a commit, and whatever else writes there; refusing before that ends nothing.
type space struct {
	mu     sync.Mutex
	looked time.Time
	least  uint64 // of the folders, when last looked
	where  string // the folder of that
}

// look returns the least free space of records and public tree.
func (i *Issuer) look() (least uint64, where string, err error) {
	s := &i.space
	s.mu.Lock()
	defer s.mu.Unlock()
	now := i.cfg.Now()
	if since := now.Sub(s.looked); since >= 0 && since < spaceInterval {
		return s.least, s.where, nil
	}
	for n, dir := range []string{i.cfg.DataDir, i.cfg.PublicDir} {
		free, err := i.cfg.Free(dir)
		if err != nil {
			return 0, dir, err
		}
		if n == 0 || free < least {
			least, where = free, dir
		}
	}
	s.looked, s.least, s.where = now, least, where
	return least, where, nil
}

// roomLeft is ErrNoSpace where less is free than is to be kept.
func (i *Issuer) roomLeft() error {
	if i.cfg.MinFree == 0 {
		return nil
	}
	least, where, err := i.look()
	if err != nil || least >= i.cfg.MinFree {
		return nil // a disk that cannot be asked is no reason not to issue
	}
	return fmt.Errorf("%w: %s has %d MiB left, and %d are kept free", ErrNoSpace, where, least>>20, i.cfg.MinFree>>20)
}

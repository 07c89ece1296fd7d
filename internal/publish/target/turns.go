package target

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"syscall"
	"time"

	"laurel/internal/publish"
)

// turns has what is done to one file done one after the other. A call of the system to a share that hangs cannot be
// ended; who gives it up and tries again must not be overtaken by it later.
type turns struct {
	mu   sync.Mutex
	last map[string]chan struct{} // closed when the last that is to be done to a file is done
}

// take returns a wait for what is to be done to a file before, and what gives the turn to the next.
func (t *turns) take(key string) (before <-chan struct{}, done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = map[string]chan struct{}{}
	}
	mine := make(chan struct{})
	before = t.last[key]
	t.last[key] = mine
	return before, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.last[key] == mine {
			delete(t.last, key)
		}
		close(mine)
	}
}

// patience is how long the end of what is under way is waited for when nobody wants it any more: a disk that works is
// through by then, and whoever says stop is not kept waiting by one that does not.
const patience = 500 * time.Millisecond

// do does something to a file, or with key "" to the folder, and does not wait for it much longer than ctx allows.
func (f *folder) do(ctx context.Context, key string, what func(context.Context) error) error {
	ended := make(chan error, 1)
	before, done := (<-chan struct{})(nil), func() {}
	if key != "" {
		before, done = f.turns.take(key)
	}
	go func() {
		defer done()
		if before != nil {
			<-before
		}
		ended <- what(ctx)
	}()
	select {
	case err := <-ended:
		return f.explain(err)
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return f.explain(err)
	case <-time.After(patience):
		return f.explain(ctx.Err())
	}
}

// errOther: what lies at the folder's name is not the folder that was there at the start.
var errOther = errors.New("it is not the folder any more that it was at the start")

// explain names the folder, says what to do, and marks what no other file would fare better with.
func (f *folder) explain(err error) error {
	if err == nil || err == publish.ErrExists || err == publish.ErrNotFound {
		return err
	}
	is := func(errs ...error) bool {
		for _, e := range errs {
			if errors.Is(err, e) {
				return true
			}
		}
		return false
	}
	if of, ok := err.(*fs.PathError); ok { // its path is that of a file in the making
		err = fmt.Errorf("%s: %w", of.Op, of.Err)
	}
	advice := ""
	switch {
	case is(errOther, fs.ErrNotExist):
		advice = "was it unmounted, moved or removed? Put it back and publish again; to fill another, publish with --relist"
	case is(syscall.ENOSPC, syscall.EDQUOT):
		advice = "it is full; make room there and publish again, which goes on from there"
	case is(syscall.EROFS):
		advice = "it is read-only; mount it for writing and publish again, which goes on from there"
	case is(syscall.EIO, syscall.ESTALE, syscall.ENOTCONN, syscall.ENODEV, syscall.ENXIO):
		advice = "its disk or share fails; mend it and publish again, which goes on from there"
	default:
		return fmt.Errorf("target folder %s: %w", f.dir, err)
	}
	return publish.Broken(fmt.Errorf("target folder %s: %w; %s", f.dir, err, advice))
}

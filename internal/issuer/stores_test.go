package issuer

import (
	"context"
	"errors"
	"sync/atomic"

	"laurel/internal/record"
)

// Stores that stand before the real one and do what disks and machines do.

// slow holds back commits of certificates until the gate opens, so that callers meet in flight.
type slow struct {
	store
	gate <-chan struct{}
}

func (s *slow) Commit(ctx context.Context, b record.Batch) error {
	<-s.gate
	return s.store.Commit(ctx, b)
}

// counting counts the certificates committed.
type counting struct {
	store
	issued atomic.Int64
}

func (s *counting) Commit(ctx context.Context, b record.Batch) error {
	s.issued.Add(int64(len(b.Issues)))
	return s.store.Commit(ctx, b)
}

// unpublished shows the publisher nothing until a channel is closed.
type unpublished struct {
	store
	until <-chan struct{}
}

func (s *unpublished) Pending(ctx context.Context, from int64, n int) ([]*record.Record, error) {
	select {
	case <-s.until:
		return s.store.Pending(ctx, from, n)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

var errDisk = errors.New("input/output error")

// failing lets a number of commits of certificates through and then fails them, before or after they reach the disk.
type failing struct {
	store
	good      atomic.Int64 // commits still to succeed
	persisted bool         // the failing one reaches the disk all the same
}

func (s *failing) Commit(ctx context.Context, b record.Batch) error {
	if len(b.Issues) == 0 || s.good.Add(-1) >= 0 {
		return s.store.Commit(ctx, b)
	}
	if s.persisted {
		if err := s.store.Commit(ctx, b); err != nil {
			return err
		}
	}
	return errDisk
}

// undone loses the marks of what was published, as a machine does that ends between the sync and the mark.
type undone struct{ store }

func (s *undone) Done(context.Context, []*record.Record, []record.Document) error { return errDisk }

package issuer

import (
	"context"
	"math"
	"slices"
	"time"

	"laurel/certlog"
	"laurel/internal/record"
	"laurel/site"
)

// defaultCosignEvery is how often the cosignature of the published checkpoint is renewed unless the settings say so.
const defaultCosignEvery = time.Hour

// publishHead publishes the newest checkpoint, once everything that it covers is in the tree or has been tried: so
// whoever reads the log finds what it speaks of. below is the log index up to which that is so.
func (i *Issuer) publishHead(below int64) error {
	b := i.book
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.signed == nil || below < b.signed.Size {
		return nil
	}
	if b.readPublished(); b.published != nil && b.published.Size >= b.signed.Size {
		return nil
	}
	if err := i.writeHead(b.signed.Head.Checkpoint); err != nil {
		return err
	}
	return i.dropPartial()
}

// renewHead renews the cosignature of the published checkpoint, if it is time to, and keeps those of witnesses. It says
// that the log is alive, and that as of now it has nothing newer; so while it has, it waits for the checkpoint over that.
func (i *Issuer) renewHead(ctx context.Context) error {
	b := i.book
	b.mu.Lock()
	defer b.mu.Unlock()
	now := i.cfg.Now()
	if b.readPublished(); b.published == nil || now.Sub(b.published.CosignedBy(b.cosigner)) < b.every {
		return nil
	}
	head, err := i.store.Head(ctx)
	if err != nil || !head.Same(b.published.Head) {
		return err
	}
	there, err := b.tree.Checkpoint() // with what witnesses have signed meanwhile
	if err != nil || !there.Same(head) {
		there = b.published
	}
	keep, err := b.verifiers()
	if err != nil {
		return err
	}
	renewed, err := certlog.Cosign(there.Head.Checkpoint, keep, certlog.NewCosigner(b.cosigner, b.secrets.Cosigner, now))
	if err != nil {
		return err
	}
	return i.writeHead(renewed)
}

// readPublished reads the checkpoint in the tree, where that is not known. One that cannot be read counts as none.
func (b *logbook) readPublished() {
	if b.published == nil {
		b.published, _ = b.tree.Checkpoint()
	}
}

// writeHead writes a checkpoint.
func (i *Issuer) writeHead(signed []byte) (err error) {
	if err := i.builder.Write(site.Document{Path: site.CheckpointPath, Data: signed}); err != nil {
		return err
	}
	i.book.published, err = i.book.tree.Checkpoint()
	i.mirror()
	return err
}

// dropPartial removes the beginnings of tiles that are full by now: at first all that a crash may have left, then those
// of the tiles that were filled since.
func (i *Issuer) dropPartial() error {
	b := i.book
	if !b.swept {
		if err := i.builder.DropPartials(); err != nil {
			return err
		}
		b.swept, b.filled = true, nil
	}
	for ; len(b.filled) > 0; b.filled = b.filled[1:] {
		if err := i.builder.DropPartial(b.filled[0]); err != nil {
			return err
		}
	}
	return nil
}

// tried returns the log index below which every entry's certificate is published, or among what was written, or has
// been tried.
func (i *Issuer) tried(ctx context.Context, w *written) (below int64, err error) {
	from := w.next
	if w.failed == nil {
		from = 0 // what is pending before w.next has been changed since
	}
	below = math.MaxInt64
	for ; ; from++ {
		pending, err := i.store.Pending(ctx, from, 1)
		if err != nil || len(pending) == 0 {
			return below, err
		}
		r := pending[0]
		from = r.LogIndex
		switch {
		case slices.ContainsFunc(w.records, func(o *record.Record) bool { return o.LogIndex == from && o.Revision == r.Revision }):
		case r.Revision == 0 || from >= below:
			return min(below, from), nil
		default:
			below = min(below, r.Last().LogIndex)
		}
	}
}

// keepAlive renews the cosignature at its cadence until ctx ends.
func (i *Issuer) keepAlive(ctx context.Context) {
	look := max(min(i.book.every/4, time.Minute), time.Second)
	for ctx.Err() == nil {
		if err := i.renewHead(ctx); err != nil && ctx.Err() == nil {
			i.cfg.Log.Error("renewing the checkpoint's cosignature failed; trying again", "error", err)
		}
		sleep(ctx, look)
	}
}

// AsOf is when the published checkpoint was last cosigned; zero where none is known.
func (i *Issuer) AsOf() time.Time {
	b := i.book
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.published == nil {
		return time.Time{}
	}
	return b.published.CosignedBy(b.cosigner)
}

// publishedSize is the size of the published checkpoint; 0 where none is known.
func (i *Issuer) publishedSize() int64 {
	b := i.book
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.readPublished(); b.published == nil {
		return 0
	}
	return b.published.Size
}

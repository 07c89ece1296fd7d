package issuer

import (
	"context"
	"errors"

	"laurel/certlog"
	"laurel/internal/record"
	"laurel/site"
)

// Progress and Changes are those of a build of the public tree.
type (
	Progress = site.Progress
	Changes  = site.Changes
)

// Rebuild brings pages, pictures and PDFs up to date with the signed documents in the public tree, and reports as it
// goes; progress may be nil. What was recorded and is not in the tree yet is the publisher's.
func (i *Issuer) Rebuild(ctx context.Context, progress func(Progress)) (Changes, error) {
	changes, err := i.builder.BuildTree(ctx, progress)
	if changes.Built+changes.Removed > 0 {
		i.mirrorAll()
	}
	return changes, errors.Join(err, i.builder.Sync())
}

// Export writes every document anew, also where the public tree was lost, and builds it.
func (i *Issuer) Export(ctx context.Context, progress func(Progress)) (Changes, error) {
	if err := errors.Join(i.builder.TakePlace(), i.rewriteLog(ctx)); err != nil {
		return Changes{}, err
	}
	var covered int64
	changes, err := i.builder.Build(ctx, i.documents(ctx, &covered), progress)
	if err = errors.Join(err, i.builder.Sync()); err == nil {
		err = i.publishHead(covered)
	}
	i.mirrorAll()
	return changes, err
}

// treeIsOlder reports whether the public tree is not the one that the records were published into last: it was lost, or
// an older copy of it was put back.
func (i *Issuer) treeIsOlder(ctx context.Context) bool {
	if _, err := i.builder.Settings(); err != nil {
		return true
	}
	if i.store.PendingCount() > 0 { // the checkpoint comes after these
		return false
	}
	signed, err := i.store.LastCheckpoint(ctx)
	if errors.Is(err, record.ErrNotFound) {
		return false
	}
	there, errThere := i.book.tree.Checkpoint()
	last, errLast := certlog.PeekCheckpoint(signed)
	return errors.Join(err, errLast) == nil && (errThere != nil || !there.Same(last.Head))
}

// documents are all signed documents: those of the site, then the credentials with their inclusion proofs. What is
// recorded after they have begun is left to the publisher; covered is the log index where that begins.
func (i *Issuer) documents(ctx context.Context, covered *int64) func(yield func(site.Document, error) bool) {
	return func(yield func(site.Document, error) bool) {
		for d, err := range i.store.Documents(ctx) {
			if !yield(site.Document{Path: d.Path, Data: d.Data}, err) || err != nil {
				return
			}
		}
		head, err := i.store.Head(ctx)
		if err == nil {
			_, err = i.cover(ctx, head.Size-1)
		}
		if err != nil {
			yield(site.Document{}, err)
			return
		}
		*covered = head.Size
		p := &prover{Issuer: i}
		for r, err := range i.store.Certificates(ctx) {
			var files []site.Document
			if err == nil && r.LogIndex >= head.Size {
				return
			}
			if err == nil {
				files, err = p.files(ctx, r)
			}
			if err != nil {
				yield(site.Document{}, err)
				return
			}
			for _, d := range files {
				if !yield(d, nil) {
					return
				}
			}
		}
	}
}

package issuer

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"laurel/certlog"
	"laurel/internal/record"
	"laurel/site"
)

// ErrBehind says that the records are older than what was published from them: writing on would make a second log of
// the same name. The message says what to do.
var ErrBehind = errors.New("the records are behind the published log")

// logbook writes the log into the public tree. A checkpoint is signed over whatever is recorded when the publisher
// reaches a certificate that none covers yet, and kept in the records before any file of it is written. The proof of a
// certificate is against the first checkpoint that covers it. So both can be made again, byte for byte.
//
// Of the log it holds its right edge in memory, and reads everything else from the tree's own tiles; where those are
// not what they should be, from the records.
type logbook struct {
	origin   string
	secrets  certlog.Secrets
	cosigner string
	keys     site.LogKeys
	every    time.Duration // how often the cosignature is renewed

	mu        sync.Mutex
	tree      *site.Log           // in the public tree
	edge      *certlog.Edge       // as far as tiles are written; nil: not known
	signed    *certlog.Checkpoint // the newest in the records
	hashes    *certlog.Hashes     // of edge's tree
	filled    []certlog.Tile      // since the last checkpoint was published
	published *certlog.Checkpoint // nil: none yet, or not known
	swept     bool                // of what a crash may have left
}

// newLogbook derives the keys of a host's log from the log's seed.
func newLogbook(cfg Config, host string, seed []byte) (*logbook, error) {
	b := &logbook{origin: site.LogOrigin(host), cosigner: site.LogOrigin(host) + "/cosigner", every: cfg.CosignEvery}
	if b.every <= 0 {
		b.every = defaultCosignEvery
	}
	var err error
	if b.secrets, err = certlog.DeriveSecrets(seed); err != nil {
		return nil, err
	}
	b.keys = site.LogKeys{
		Key:       certlog.VerifierKey(b.origin, b.secrets.Log.Public().(ed25519.PublicKey)),
		Cosigner:  certlog.CosignerKey(b.cosigner, b.secrets.Cosigner.Public().(ed25519.PublicKey)),
		Witnesses: cfg.Witnesses,
	}
	for _, w := range cfg.Witnesses {
		if _, err := certlog.ParseKey(w); err != nil {
			return nil, fmt.Errorf("witness: %w; give its verifier key as NAME+HASH+KEY", err)
		}
	}
	b.tree, err = site.TreeLog(cfg.PublicDir, b.keys)
	return b, err
}

// sign signs a head and cosigns it as of now.
func (b *logbook) sign(h certlog.Head, now time.Time) ([]byte, error) {
	return certlog.SignCheckpoint(b.origin, h, certlog.NewSigner(b.origin, b.secrets.Log), certlog.NewCosigner(b.cosigner, b.secrets.Cosigner, now))
}

// verifiers are all those whose signatures a checkpoint keeps.
func (b *logbook) verifiers() (all []note.Verifier, err error) {
	for _, key := range append([]string{b.keys.Key, b.keys.Cosigner}, b.keys.Witnesses...) {
		v, err := certlog.ParseKey(key)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// compareHead refuses records that are behind the public tree.
func (i *Issuer) compareHead(ctx context.Context) error {
	now, err := i.book.tree.Checkpoint()
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case errors.Is(err, certlog.ErrCheckpoint):
		i.cfg.Log.Warn("the published checkpoint cannot be read and will be written anew", "error", err)
		return nil
	case err != nil:
		return err
	}
	return i.comparePublished(ctx, now, i.cfg.PublicDir)
}

// comparePublished holds the records against a checkpoint that this log has published at where, the tree or a target. The
// error is ErrBehind where the records do not know it.
func (i *Issuer) comparePublished(ctx context.Context, now *certlog.Checkpoint, where string) error {
	head, err := i.store.Head(ctx)
	if err != nil {
		return err
	}
	if now.Size > head.Size {
		return fmt.Errorf("%w: they have %d entries, and the checkpoint in %s is of %d; restore a newer backup, or take the missing certificates over from the tree with certd restore --adopt %s", ErrBehind, head.Size, where, now.Size, where)
	}
	kept, err := i.store.Checkpoint(ctx, now.Size-1)
	if err == nil {
		known, err := certlog.PeekCheckpoint(kept)
		if err == nil && known.Same(now.Head) {
			return nil
		}
	} else if !errors.Is(err, record.ErrNotFound) {
		return err
	}
	return fmt.Errorf("%w: they never signed the checkpoint of %d entries in %s, so they come from an older copy and went on without it; restore a newer backup, or take the missing certificates over from the tree with certd restore --adopt %s", ErrBehind, now.Size, where, where)
}

// cover returns the newest checkpoint, of a size beyond index. Where there is none yet, it writes the tiles of all
// that is recorded and signs that.
func (i *Issuer) cover(ctx context.Context, index int64) (*certlog.Checkpoint, error) {
	b := i.book
	b.mu.Lock()
	defer b.mu.Unlock()
	return i.coverLocked(ctx, index)
}

func (i *Issuer) coverLocked(ctx context.Context, index int64) (*certlog.Checkpoint, error) {
	b := i.book
	if err := i.openEdge(ctx); err != nil {
		return nil, err
	}
	if b.signed != nil && b.signed.Size > index {
		return b.signed, nil
	}
	now := i.cfg.Now() // before the tree is read: what is not in it is recorded later than that
	tree, err := i.store.Tree(ctx)
	if err != nil {
		return nil, err
	}
	if b.signed != nil && b.signed.Size == tree.Size() {
		return b.signed, nil
	}
	head := tree.Head()
	if err := i.extend(ctx, head.Size, nil); err != nil {
		return nil, err
	}
	if !b.edge.Tree().Head().Same(head) {
		return nil, fmt.Errorf("the %d entries in the records do not give the root of their log; run certd fsck", head.Size)
	}
	if head.Checkpoint, err = b.sign(head, now); err != nil {
		return nil, err
	}
	if err := i.store.PutCheckpoint(ctx, head.Size, head.Checkpoint); err != nil {
		return nil, err
	}
	b.signed = &certlog.Checkpoint{Origin: b.origin, Head: head}
	return b.signed, i.writePartial()
}

// rewriteLog writes every tile anew, whatever the tree has.
func (i *Issuer) rewriteLog(ctx context.Context) error {
	b := i.book
	b.mu.Lock()
	defer b.mu.Unlock()
	b.edge, b.published = nil, nil
	if err := i.openEdge(ctx); err != nil || b.signed == nil {
		return err
	}
	return i.regrow(ctx)
}

// extend grows the edge to a size, with the entries of the records. at, where it is given, is called at every size.
func (i *Issuer) extend(ctx context.Context, size int64, at func() error) error {
	b := i.book
	edge := b.edge
	b.edge, b.hashes = nil, nil // unknown again, if anything fails
	full := func(t certlog.Tile, data []byte) error {
		b.filled = append(b.filled, t)
		return i.writeTile(t, data)
	}
	for e, err := range i.store.Entries(ctx, edge.Size(), size) {
		if err != nil {
			return err
		}
		if err := edge.Append(e, full); err != nil {
			return err
		}
		if at != nil {
			if err := at(); err != nil {
				return err
			}
		}
	}
	b.edge = edge
	b.hashes = certlog.NewHashes(edge.Size(), b.tree.Tile)
	return nil
}

func (i *Issuer) writeTile(t certlog.Tile, data []byte) error {
	return i.builder.Write(site.Document{Path: site.TilePath(t), Data: data})
}

// writePartial writes the tiles of the edge that are not full.
func (i *Issuer) writePartial() error {
	for t, data := range i.book.edge.Partial() {
		if err := i.writeTile(t, data); err != nil {
			i.book.edge = nil
			return err
		}
	}
	return nil
}

// openEdge takes the edge from the tiles of the newest checkpoint, or, where these are not all there, makes every tile
// anew from the records.
func (i *Issuer) openEdge(ctx context.Context) error {
	b := i.book
	if b.edge != nil {
		return nil
	}
	signed, err := i.store.LastCheckpoint(ctx)
	if errors.Is(err, record.ErrNotFound) {
		b.edge, b.signed = new(certlog.Edge), nil
		return nil
	}
	if err != nil {
		return err
	}
	if b.signed, err = certlog.PeekCheckpoint(signed); err != nil {
		return fmt.Errorf("checkpoint in the records: %w; run certd fsck", err)
	}
	if edge, err := certlog.ReadEdge(b.signed.Head, b.tree.Tile); err == nil {
		b.edge, b.hashes = edge, certlog.NewHashes(edge.Size(), b.tree.Tile)
		return nil
	}
	return i.regrow(ctx)
}

// regrow writes all tiles anew, those of earlier checkpoints among them that a full one has not replaced.
func (i *Issuer) regrow(ctx context.Context) error {
	b := i.book
	size := b.signed.Size
	b.edge = new(certlog.Edge)
	next, err := i.nextSize(ctx, 0)
	if err != nil {
		return err
	}
	edge := b.edge
	err = i.extend(ctx, size, func() (err error) {
		if edge.Size() != next {
			return nil
		}
		for t, data := range edge.Partial() {
			if t.N == size>>(8*(max(t.Level, 0)+1)) {
				if err := i.writeTile(t, data); err != nil {
					return err
				}
			}
		}
		next, err = i.nextSize(ctx, edge.Size())
		return err
	})
	if err == nil && !b.edge.Tree().Head().Same(b.signed.Head) {
		b.edge = nil
		err = fmt.Errorf("the first %d entries in the records do not give the root that was signed; run certd fsck", size)
	}
	return err
}

// nextSize is the size of the first checkpoint that is larger than size; 0 if there is none.
func (i *Issuer) nextSize(ctx context.Context, size int64) (int64, error) {
	signed, err := i.store.Checkpoint(ctx, size)
	if errors.Is(err, record.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	c, err := certlog.PeekCheckpoint(signed)
	if err != nil {
		return 0, err
	}
	return c.Size, nil
}

package issuer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"laurel/certlog"
	"laurel/credential"
	"laurel/internal/record"
)

// Adoption is what Adopt took over.
type Adoption struct {
	From, To     int64               // entries of the log before and after
	Certificates []credential.Number // in the order of the log, those erased since among them
	Statements   int                 // on certificates
}

// Adopt takes over what a public tree has and the records of cfg, an older copy, have not: the entries of the log, and the
// certificates, statements and keys that these record. Nothing is believed that an entry does not stand for, and no entry
// that the log's own signature does not. What was private of the certificates is nowhere in a tree and stays lost: the
// recipients' ids, addresses and organisations, occasions, who asked, and request keys. Nothing is written where an
// entry cannot be explained.
func Adopt(ctx context.Context, cfg Config, dir string) (*Adoption, error) {
	cfg = cfg.withDefaults()
	secret, err := cfg.logSecret()
	if err != nil {
		return nil, err
	}
	db, err := record.OpenBolt(cfg.dbPath())
	if err != nil {
		return nil, err
	}
	i := &Issuer{cfg: cfg, store: db}
	done, err := func() (*Adoption, error) {
		if err := i.readSettings(ctx); err != nil {
			return nil, err
		}
		i.cfg.PublicDir = dir
		if i.book, err = newLogbook(i.cfg, i.settings.Host(), secret.key().Seed()); err != nil {
			return nil, err
		}
		a := &adopter{Issuer: i, dir: dir, keys: i.ring.trusted(), byDigest: map[[32]byte]int64{}, checkpoints: map[int64]*certlog.Checkpoint{}, spoken: map[credential.Number][]byte{}}
		return a.adopt(ctx)
	}()
	if err != nil {
		err = fmt.Errorf("adopting from %s: %w", dir, err)
	}
	return done, errors.Join(err, db.Close())
}

// adopter gathers one batch from a tree.
type adopter struct {
	*Issuer
	dir         string
	keys        credential.Keys // by which the tree's documents are judged
	from        int64           // the first missing entry
	entries     []certlog.Entry // from there on
	turned      bool            // they change the keys
	byDigest    map[[32]byte]int64
	taken       []bool                        // entries that something in the tree explains
	lastKept    int64                         // size of the newest checkpoint in the records
	checkpoints map[int64]*certlog.Checkpoint // newer ones, by size
	batch       record.Batch
	erased      []*credential.Statements // of certificates that the records never had
	spoken      map[credential.Number][]byte
	done        Adoption
}

func (a *adopter) adopt(ctx context.Context) (*Adoption, error) {
	now, err := a.book.tree.Checkpoint()
	if err != nil {
		return nil, err
	}
	if err := a.readLog(ctx, now); err != nil {
		return nil, err
	}
	a.done.From, a.done.To = a.from, max(a.from, now.Size)
	if len(a.entries) == 0 {
		return &a.done, nil
	}
	if err := a.readKeys(); err != nil {
		return nil, err
	}
	if err := a.readCertificates(ctx); err != nil {
		return nil, err
	}
	if err := a.explain(); err != nil {
		return nil, err
	}
	if err := a.readLists(ctx); err != nil {
		return nil, err
	}
	if err := a.store.Commit(ctx, a.batch); err != nil {
		return nil, err
	}
	return &a.done, a.keepCheckpoints(ctx, now)
}

// readLog reads the missing entries and holds them, behind those of the records, against the published root.
func (a *adopter) readLog(ctx context.Context, now *certlog.Checkpoint) error {
	tree, err := a.store.Tree(ctx)
	if err != nil {
		return err
	}
	a.from, a.batch.Prev = tree.Size(), tree.Head()
	signed, err := a.store.LastCheckpoint(ctx)
	if err == nil {
		var last *certlog.Checkpoint
		if last, err = certlog.PeekCheckpoint(signed); err == nil {
			a.lastKept = last.Size
		}
	}
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		return err
	}
	if now.Size <= a.from {
		return a.comparePublished(ctx, now, a.cfg.PublicDir)
	}
	for at := a.from; at < now.Size; {
		t := certlog.Tile{Level: certlog.Bundle, N: at / certlog.TileWidth}
		first := t.N * certlog.TileWidth
		t.Width = int(min(certlog.TileWidth, now.Size-first))
		data, err := a.book.tree.Tile(t)
		if err != nil {
			return err
		}
		all, err := certlog.SplitBundle(data)
		if err != nil || len(all) != t.Width {
			return fmt.Errorf("%s holds %d entries, not %d: %w", t.Path(), len(all), t.Width, errors.Join(certlog.ErrTile, err))
		}
		a.entries = append(a.entries, all[at-first:]...)
		at = first + int64(len(all))
	}
	for k, e := range a.entries {
		tree.Append(e)
		a.byDigest[e.Digest] = a.from + int64(k)
	}
	if !tree.Head().Same(now.Head) {
		return fmt.Errorf("%w: after the %d entries of the records, those of the tree do not give its root: the records went on without it; take the backup as it was, or a newer one", ErrBehind, a.from)
	}
	a.batch.Tree, a.taken = tree, make([]bool, len(a.entries))
	return nil
}

// explain gives every certificate that was issued and erased since an entry that nothing else explains, and refuses
// where entries are left: which of them is whose is not told, nor does it matter, since nothing of these is left.
func (a *adopter) explain() error {
	for k, e := range a.entries {
		if a.taken[k] || e.Kind != certlog.Issue || len(a.erased) == 0 {
			continue
		}
		a.takeErased(a.erased[0], a.from+int64(k))
		a.erased = a.erased[1:]
	}
	var left []int64
	for k, taken := range a.taken {
		if !taken {
			left = append(left, a.from+int64(k))
		}
	}
	if len(left) > 0 {
		return fmt.Errorf("%d of the missing entries are explained by nothing there, the first of them entry %d: a certificate or what was said of it is missing; adopt from a whole copy of the tree", len(left), left[0])
	}
	if len(a.erased) > 0 {
		return fmt.Errorf("%s: certificate %s is in no entry that is missing; remove its folder and adopt again", a.dir, a.erased[0].Number)
	}
	slices.SortFunc(a.batch.Issues, func(x, y record.Issue) int { return int(x.Record.LogIndex - y.Record.LogIndex) })
	a.tieSuccessors()
	for _, one := range a.batch.Issues {
		a.done.Certificates = append(a.done.Certificates, one.Record.Number)
	}
	return nil
}

// keepCheckpoints keeps the checkpoints that were published, so that proofs are again what they were.
func (a *adopter) keepCheckpoints(ctx context.Context, now *certlog.Checkpoint) error {
	if a.checkpoints[now.Size] == nil {
		a.checkpoints[now.Size] = now
	}
	for _, size := range slices.Sorted(maps.Keys(a.checkpoints)) {
		if err := a.store.PutCheckpoint(ctx, size, a.checkpoints[size].Head.Checkpoint); err != nil {
			return err
		}
	}
	return nil
}

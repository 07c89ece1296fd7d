package issuer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"laurel/certlog"
	"laurel/internal/record"
	"laurel/site"
)

// prover makes the proofs of certificates, one after the other in the order of the log. The checkpoint of the last one
// is kept, because neighbours share it.
type prover struct {
	*Issuer
	checkpoint *certlog.Checkpoint
	from       int64 // the first index that the checkpoint is for
}

// prove returns the inclusion proof of a certificate that a checkpoint covers.
func (p *prover) prove(ctx context.Context, r *record.Record) (site.Document, error) {
	if err := p.find(ctx, r.LogIndex); err != nil {
		return site.Document{}, err
	}
	var entry certlog.Entry
	for e, err := range p.store.Entries(ctx, r.LogIndex, r.LogIndex+1) {
		if err != nil {
			return site.Document{}, err
		}
		entry = e
	}
	proof, err := p.fromTiles(ctx, entry, r.LogIndex)
	if err != nil {
		return site.Document{}, err
	}
	return site.Document{Path: site.ProofPath(r.Number), Data: proof.Marshal()}, nil
}

// find looks up the checkpoint that an index is proven against: the first one above it.
func (p *prover) find(ctx context.Context, index int64) error {
	if p.checkpoint != nil && index >= p.from && index < p.checkpoint.Size {
		return nil
	}
	signed, err := p.store.Checkpoint(ctx, index)
	if err != nil {
		return fmt.Errorf("the checkpoint above entry %d: %w", index, err)
	}
	p.checkpoint, err = certlog.PeekCheckpoint(signed)
	p.from = index
	return err
}

// fromTiles proves an entry with the hashes in the public tree. Where those are not what they should be, it has them
// made anew first.
func (p *prover) fromTiles(ctx context.Context, entry certlog.Entry, index int64) (*certlog.Proof, error) {
	b := p.book
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := p.openEdge(ctx); err != nil {
		return nil, err
	}
	proof, err := certlog.Prove(entry, index, p.checkpoint, b.hashes)
	if err == nil || !errors.Is(err, certlog.ErrTile) && !errors.Is(err, fs.ErrNotExist) {
		return proof, err
	}
	p.cfg.Log.Warn("the log's tiles are damaged; writing them anew", "error", err)
	if err := p.regrow(ctx); err != nil {
		return nil, err
	}
	return certlog.Prove(entry, index, p.checkpoint, b.hashes)
}

// files are what a certificate consists of, in the order in which they are written: what was said of it, its document,
// its inclusion proof. Of an erased one nothing is left but what was said.
func (p *prover) files(ctx context.Context, r *record.Record) (docs []site.Document, err error) {
	if len(r.Statements) > 0 {
		docs = append(docs, site.Document{Path: site.StatusPath(r.Number), Data: r.Statements, Revision: r.Revision})
	}
	if r.Erased {
		return docs, nil
	}
	proof, err := p.prove(ctx, r)
	proof.Revision = r.Revision
	return append(docs, site.Document{Path: site.CredentialPath(r.Number), Data: r.Document, Revision: r.Revision}, proof), err
}

package issuer

import (
	"context"

	"laurel/internal/record"
)

// successors are the certificates that took the place of some of these and are not published yet. They are written
// first, so that no page leads to one that is not there.
func (i *Issuer) successors(ctx context.Context, records []*record.Record) (all []*record.Record, err error) {
	for _, r := range records {
		for _, c := range r.History {
			if c.Replacement == "" {
				continue
			}
			next, err := i.store.Get(ctx, c.Replacement)
			if err != nil {
				return nil, err
			}
			if !next.Published {
				all = append(all, next)
			}
		}
	}
	return all, nil
}

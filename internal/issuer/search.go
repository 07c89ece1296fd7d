package issuer

import (
	"context"

	"laurel/internal/record"
)

// Search returns certificates in whose recipient's or achievement's name a text stands, newest first: at most n of those
// within reach that stand before a log index (nil: of all). next is where to go on, nil at the end; there may be fewer
// than n before it, because one search looks at a bounded number of records.
func (i *Issuer) Search(ctx context.Context, text string, f Filter, before *int64, n int) (items []*Receipt, next *int64, err error) {
	found, next, err := i.store.Search(ctx, text, record.Filter{Recipient: f.Recipient, Organisation: f.Organisation}, before, n)
	for _, r := range found {
		items = append(items, i.receipt(r))
	}
	return items, next, err
}

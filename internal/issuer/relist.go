package issuer

import (
	"context"
	"time"

	"laurel/credential"
	"laurel/site"
)

// defaultListsEvery is how often status lists are signed anew unless the settings say so.
const defaultListsEvery = 24 * time.Hour

// renewLists signs status lists anew that were signed a while ago, so that whoever reads one knows as of when it is true:
// an old list and an old copy of a list look the same. Nothing is recorded in the log, for nothing has changed.
func (i *Issuer) renewLists(ctx context.Context) error {
	stale, err := i.staleLists(ctx, i.store.Document, i.cfg.Now())
	if err != nil || len(stale) == 0 {
		return err
	}
	return i.change(ctx, func(ctx context.Context, d *draft) (refused, err error) {
		stale, err := i.staleLists(ctx, d.document, d.now) // some may have been signed meanwhile
		for _, path := range stale {
			if _, err := d.list(ctx, path); err != nil {
				return nil, err
			}
		}
		return nil, err
	})
}

// staleLists names the lists that are to be signed anew. Both of a pair are, so that they stay of one age.
func (i *Issuer) staleLists(ctx context.Context, read func(context.Context, string) ([]byte, error), now time.Time) (stale []string, err error) {
	all, err := i.store.Lists(ctx)
	for _, l := range all {
		pair, old := []string{site.StatusListPath(site.Revocation, l.N), site.StatusListPath(site.Suspension, l.N)}, false
		for _, path := range pair {
			doc, err := read(ctx, path)
			if err != nil {
				return nil, err
			}
			list, err := credential.DecodeStatusList(doc)
			if err != nil {
				return nil, err
			}
			old = old || now.Sub(list.ValidFrom) >= i.cfg.ListsEvery
		}
		if old {
			stale = append(stale, pair...)
		}
	}
	return stale, err
}

// keepLists signs status lists anew at their cadence until ctx ends.
func (i *Issuer) keepLists(ctx context.Context) {
	look := max(min(i.cfg.ListsEvery/4, time.Minute), time.Second)
	for ctx.Err() == nil {
		if err := i.renewLists(ctx); err != nil && ctx.Err() == nil {
			i.cfg.Log.Error("signing the status lists anew failed; trying again", "error", err)
		}
		sleep(ctx, look)
	}
}

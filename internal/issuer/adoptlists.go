package issuer

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"laurel/certlog"
	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// readLists makes the status lists say what the missing entries do, and counts the places that were given out.
func (a *adopter) readLists(ctx context.Context) error {
	known, err := a.store.Lists(ctx)
	if err != nil {
		return err
	}
	counters := map[int]record.List{}
	for _, l := range known {
		counters[l.N] = l
	}
	given := map[int]map[uint32]bool{}
	for _, one := range a.batch.Issues {
		r := one.Record
		if given[r.StatusList] == nil {
			given[r.StatusList] = map[uint32]bool{}
		}
		given[r.StatusList][r.StatusIndex] = true
	}
	for _, n := range slices.Sorted(maps.Keys(given)) {
		l, err := a.counted(n, counters, given[n])
		if err != nil {
			return err
		}
		a.batch.Lists = append(a.batch.Lists, l)
	}
	return a.setBits(ctx, known)
}

// counted is a list whose counter is beyond all places that were given out. The order of one that the records have not
// is lost, and which of its places are free cannot be known: it counts as full, and the next certificate opens another.
func (a *adopter) counted(n int, counters map[int]record.List, given map[uint32]bool) (record.List, error) {
	l, known := counters[n]
	if !known {
		l = record.List{N: n, Next: credential.StatusListSize}
		_, err := io.ReadFull(a.cfg.Rand, l.Key[:])
		return l, err
	}
	for counter, left := uint32(0), len(given); left > 0; counter++ {
		if counter == credential.StatusListSize {
			return l, fmt.Errorf("status list %d has no place for %d of the certificates", n, left)
		}
		if given[credential.StatusIndex(l.Key, counter)] {
			left--
			l.Next = max(l.Next, counter+1)
		}
	}
	return l, nil
}

// setBits sets, in the order of the log, what the missing entries say of places, in lists of the records; others are
// taken from the tree as they are.
func (a *adopter) setBits(ctx context.Context, known []record.List) error {
	bits := map[string]*credential.StatusList{}
	for _, e := range a.entries {
		if e.List == certlog.NoList {
			continue
		}
		revoked := e.Kind == certlog.Revoke || e.Kind == certlog.Supersede || e.Kind == certlog.Erase
		for purpose, on := range map[string]bool{site.Revocation: revoked, site.Suspension: e.Kind == certlog.Suspend} {
			l, err := a.list(ctx, bits, site.StatusListPath(purpose, int(e.List)))
			if err == nil {
				err = setBit(l, e.Index, on)
			}
			if err != nil {
				return err
			}
		}
	}
	all := a.batch.Lists // those that nothing was said of have to be in the records too
	if a.turned {
		all = append(all, known...) // signed by the key in force, as on the day it came
	}
	for _, l := range all {
		for _, purpose := range []string{site.Revocation, site.Suspension} {
			if _, err := a.list(ctx, bits, site.StatusListPath(purpose, l.N)); err != nil {
				return err
			}
		}
	}
	return a.signLists(bits)
}

// list returns a status list of the records, or else of the tree.
func (a *adopter) list(ctx context.Context, bits map[string]*credential.StatusList, path string) (*credential.StatusList, error) {
	if l, ok := bits[path]; ok {
		return l, nil
	}
	doc, err := a.store.Document(ctx, path)
	if errors.Is(err, record.ErrNotFound) {
		if doc, err = site.TreeFile(a.dir)(path); err == nil {
			_, err = credential.VerifyStatusList(doc, a.keys)
		}
	}
	if err == nil {
		bits[path], err = credential.DecodeStatusList(doc)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return bits[path], nil
}

// signLists signs the lists with the key in force.
func (a *adopter) signLists(bits map[string]*credential.StatusList) error {
	for _, path := range slices.Sorted(maps.Keys(bits)) {
		err := a.sign(func(key crypto.Signer, method string, now time.Time) error {
			doc, err := signList(bits[path], key, method, now.In(a.zone))
			a.batch.Documents = append(a.batch.Documents, record.Document{Path: path, Data: doc})
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

package issuer

import (
	"context"
	"crypto"
	"fmt"
	"maps"
	"slices"
	"time"

	"laurel/credential"
	"laurel/site"
)

// setBits makes a certificate's place in both lists of its pair say what its status is.
func (d *draft) setBits(ctx context.Context, list int, index uint32, revoked, suspended bool) error {
	for purpose, on := range map[string]bool{site.Revocation: revoked, site.Suspension: suspended} {
		l, err := d.list(ctx, site.StatusListPath(purpose, list))
		if err != nil {
			return err
		}
		if err := setBit(l, index, on); err != nil {
			return fmt.Errorf("%s list %d: %w", purpose, list, err)
		}
	}
	return nil
}

// setBit sets a bit unless it is as it should be.
func setBit(l *credential.StatusList, index uint32, on bool) error {
	was, err := l.Get(index)
	if err != nil || was == on {
		return err
	}
	return l.Set(index, on)
}

// list returns a status list as it is at this place of the log. It is signed anew when the round ends: both lists of a
// pair are, so that they are of one age.
func (d *draft) list(ctx context.Context, path string) (*credential.StatusList, error) {
	if l, ok := d.bits[path]; ok {
		return l, nil
	}
	doc, err := d.document(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	l, err := credential.DecodeStatusList(doc)
	if err != nil {
		return nil, fmt.Errorf("%s in the records: %w", path, err)
	}
	d.bits[path] = l
	return l, nil
}

// signLists signs the lists that were asked for.
func (d *draft) signLists() error {
	for _, path := range slices.Sorted(maps.Keys(d.bits)) {
		err := d.sign(func(key crypto.Signer, method string) error {
			doc, err := signList(d.bits[path], key, method, d.now)
			d.putDocument(path, doc)
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// signList signs a list as of now.
func signList(l *credential.StatusList, key crypto.Signer, method string, now time.Time) ([]byte, error) {
	l.ValidFrom = now.Truncate(time.Second)
	return credential.SignStatusList(l, key, method, now)
}

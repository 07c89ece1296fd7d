package issuer

import (
	"bytes"
	"context"
	"crypto"
	"fmt"
	"slices"
	"strings"
	"time"

	"laurel/certlog"
	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// AsOf says up to where the log is from before a theft: its first Size entries, or, where Time is not zero, those that
// were recorded before it.
type AsOf struct {
	Size int64
	Time time.Time
}

// Theft is what revoking a key does, or would do.
type Theft struct {
	Key  KeyState            `json:"key"`
	Next *KeyState           `json:"next,omitempty"` // signs from now on, if the stolen one did
	Size int64               `json:"size"`           // entries of the log that are from before
	Root [32]byte            `json:"root"`           // of the log as it was then
	Good int                 `json:"good"`           // certificates that the key signed and that are from before
	Void []credential.Number `json:"void"`           // those that were recorded later
}

// RevokeKey says that a key was stolen. What it signed stays good where the log had it at a point before the theft, whose
// size and root stand in the signed key history from now on; what was recorded later, or never, is void. A fresh key signs
// at once, the status lists and the settings among the first; every good certificate is signed anew by it while the
// issuer goes on, and the stolen key leaves did.json after the last of them. which is a verification method, its fragment,
// or the beginning of a fingerprint. With dry nothing is changed. The error is an ErrKey where that cannot be.
func (i *Issuer) RevokeKey(ctx context.Context, which string, asOf AsOf, dry bool) (Theft, error) {
	i.keys.changing.Lock()
	defer i.keys.changing.Unlock()
	k, err := i.findKey(which)
	if err != nil {
		return Theft{}, err
	}
	theft, err := i.theft(ctx, k, asOf)
	if err != nil || dry {
		return theft, err
	}
	fresh := ""
	if signing, _ := i.ring.told().InForce(); signing.Method == k.Method {
		s, err := i.freshKey()
		if err != nil {
			return Theft{}, err
		}
		fresh = i.holdKey(s)
	}
	if err := i.change(ctx, func(ctx context.Context, d *draft) (refused, err error) {
		return d.revokeKey(ctx, k.Method, fresh, theft)
	}); err != nil {
		return Theft{}, err
	}
	i.keys.begin()
	i.cfg.Log.Warn("a key was revoked; what it signed is being signed anew", "key", theft.Key.Fingerprint, "entries from before", theft.Size, "certificates", theft.Good, "void", len(theft.Void))
	if theft.Key, err = i.keyState(ctx, k.Method); err != nil || fresh == "" {
		return theft, err
	}
	next, err := i.keyState(ctx, fresh)
	theft.Next = &next
	return theft, err
}

// findKey finds the key that an operator names. The error is an ErrKey.
func (i *Issuer) findKey(which string) (credential.Key, error) {
	const least = 8
	digits := strings.ToLower(strings.Join(strings.Fields(which), ""))
	var found []credential.Key
	for _, k := range i.ring.told().Keys {
		print := strings.ReplaceAll(credential.Fingerprint(k.Public()), " ", "")
		_, fragment, _ := strings.Cut(k.Method, "#")
		if which == k.Method || which == fragment || len(digits) >= least && strings.HasPrefix(print, digits) {
			found = append(found, k)
		}
	}
	switch {
	case len(found) == 0:
		return credential.Key{}, fmt.Errorf("%w: no key is %q; certd key list shows the methods and the fingerprints, of which %d digits are enough", ErrKey, cutText(which), least)
	case len(found) > 1:
		return credential.Key{}, fmt.Errorf("%w: %q is the beginning of %d fingerprints; give more of it", ErrKey, cutText(which), len(found))
	case found[0].Revoked != nil:
		return credential.Key{}, fmt.Errorf("%w: the key %s was revoked on %s, as of entry %d", ErrKey, credential.Fingerprint(found[0].Public()), found[0].Revoked.Time.Format(time.RFC3339), found[0].Revoked.Size)
	}
	return found[0], nil
}

func cutText(s string) string {
	const most = 100
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// theft finds out what revoking a key as of a point means.
func (i *Issuer) theft(ctx context.Context, k credential.Key, asOf AsOf) (t Theft, err error) {
	head, err := i.store.Head(ctx)
	if err != nil {
		return t, err
	}
	switch now := i.cfg.Now(); {
	case asOf.Time.After(now):
		return t, fmt.Errorf("%w: %s lies in the future; it is %s", ErrKey, asOf.Time.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	case asOf.Size < 0, asOf.Size > head.Size:
		return t, fmt.Errorf("%w: the log has %d entries, so its first %d cannot be those from before the theft", ErrKey, head.Size, asOf.Size)
	}
	tree := new(certlog.Tree)
	for e, err := range i.store.Entries(ctx, 0, head.Size) {
		if err != nil {
			return t, err
		}
		if asOf.Time.IsZero() && tree.Size() == asOf.Size || !asOf.Time.IsZero() && e.Time >= asOf.Time.UnixMilli() || k.Signs.IsZero() {
			break
		}
		tree.Append(e)
	}
	frozen := tree.Head()
	t.Size, t.Root = frozen.Size, frozen.Hash
	if t.Key, err = i.keyState(ctx, k.Method); err != nil {
		return t, err
	}
	for r, err := range i.store.Certificates(ctx) {
		switch {
		case err != nil:
			return t, err
		case !signedWith(r.Document, k.Method):
		case r.LogIndex < t.Size:
			t.Good++
		default:
			t.Void = append(t.Void, r.Number)
		}
	}
	return t, nil
}

// signedWith reports whether a document of this issuer's was signed with a key. In canonical JSON no text of anybody
// else's can hold the quotation marks.
func signedWith(doc []byte, method string) bool {
	return bytes.Contains(doc, []byte(`"verificationMethod":"`+method+`"`))
}

// revokeKey revokes a key and puts fresh in force, if that is not "". A key that waits is given up too: its seed lay
// beside the stolen one.
func (d *draft) revokeKey(ctx context.Context, method, fresh string, theft Theft) (refused, err error) {
	refused = d.turnKeys(func(h *credential.History, at keyTimes) {
		for n := range h.Keys {
			k := &h.Keys[n]
			gone := k.Method == method
			if !gone && (fresh == "" || !waits(*k)) {
				continue
			}
			k.Revoked = &credential.Revocation{Time: at.now}
			if k.Signs.IsZero() {
				k.Revoked.Root = new(certlog.Tree).Head().Hash
				continue
			}
			k.Revoked.Size, k.Revoked.Root = theft.Size, theft.Root
			if k.Retired.IsZero() {
				k.Retired = at.now
			}
		}
		if fresh != "" {
			h.Keys = append(h.Keys, credential.Key{Method: fresh, Listed: at.round, Signs: at.now})
		}
	}, d.nothingDropped())
	if refused != nil {
		return refused, nil
	}
	return nil, d.signSite(ctx)
}

func waits(k credential.Key) bool { return k.Signs.IsZero() && k.Revoked == nil }

// signSite signs anew, with the key in force, what all certificates depend on: the settings and every status list.
func (d *draft) signSite(ctx context.Context) error {
	err := d.sign(func(key crypto.Signer, method string) error {
		doc, err := signSettings(d.settings, key, method, d.now)
		d.putDocument(site.SettingsPath, doc)
		return err
	})
	if err != nil {
		return err
	}
	for n := range d.next {
		for _, purpose := range []string{site.Revocation, site.Suspension} {
			if _, err := d.list(ctx, site.StatusListPath(purpose, n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// stolen are the keys whose revocation is not through: did.json still gives them.
func (r *ring) stolen() []credential.Key {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.DeleteFunc(slices.Clone(r.history.Keys), func(k credential.Key) bool {
		_, listed := r.listed.Lookup(k.Method)
		return k.Revoked == nil || !listed
	})
}

// again reports what of a record is to be signed anew, because a stolen key signed it: its document, if it is from before
// the theft, and what was said of it, which the log has in any case.
func again(r *record.Record, stolen []credential.Key) (document, statements bool) {
	for _, k := range stolen {
		document = document || r.LogIndex < k.Revoked.Size && signedWith(r.Document, k.Method)
		statements = statements || signedWith(r.Statements, k.Method)
	}
	return document, statements
}

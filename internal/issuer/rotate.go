package issuer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// ErrKey says that keys cannot be changed in this way now. The message says why, and what to do.
var ErrKey = errors.New("the keys stay as they are")

// RotateKey lists a fresh key, which takes the place of the one in force after it has stood in did.json for as long as
// caches hand out an older one. What is between the two is in the records alone, so that a restart goes on with it. A
// key that has waited long enough signs at once. It returns that key. The error is an ErrKey where there is nothing to
// rotate to.
func (i *Issuer) RotateKey(ctx context.Context) (KeyState, error) {
	i.keys.changing.Lock()
	defer i.keys.changing.Unlock()
	before, _ := i.ring.told().InForce()
	if _, err := i.turnNext(ctx); err != nil {
		return KeyState{}, err
	}
	if signing, _ := i.ring.told().InForce(); signing.Method != before.Method {
		return i.keyState(ctx, signing.Method)
	}
	if next, ok := i.ring.told().Next(); ok {
		state, err := i.keyState(ctx, next.Method)
		if err == nil {
			err = fmt.Errorf("%w: the key %s waits already, and signs from %s on", ErrKey, state.Fingerprint, state.until())
		}
		return state, err
	}
	fresh, err := i.freshKey()
	if err != nil {
		return KeyState{}, err
	}
	method := i.holdKey(fresh)
	err = i.change(ctx, func(_ context.Context, d *draft) (refused, err error) {
		return d.turnKeys(func(h *credential.History, at keyTimes) {
			h.Keys = append(h.Keys, credential.Key{Method: method, Listed: at.round})
		}, d.nothingDropped()), nil
	})
	if err != nil {
		return KeyState{}, err
	}
	i.cfg.Log.Info("a new key is listed", "key", credential.Fingerprint(publicOf(fresh)), "signs after", i.cfg.KeyWait.String())
	return i.keyState(ctx, method)
}

// freshKey is a key that never signed: drawn into the data folder where the seed in force lies there, else the one
// that the configuration gives besides.
func (i *Issuer) freshKey() (atHand, error) {
	i.ring.mu.RLock()
	signing, _ := i.ring.history.InForce()
	path := i.ring.places[signing.Method]
	i.ring.mu.RUnlock()
	if path != "" {
		fresh, err := i.cfg.drawKey()
		if err != nil {
			err = fmt.Errorf("%w: no seed can be drawn into %s: %w", ErrKey, i.cfg.DataDir, err)
		}
		return fresh, err
	}
	h := i.ring.told()
	for _, s := range i.cfg.Signers {
		if _, known := h.Find(credential.Method(i.settings.Issuer, publicOf(s))); !known {
			return atHand{Signer: s}, nil
		}
	}
	return atHand{}, fmt.Errorf("%w: the seed in force does not lie in %s, so none is drawn there; give the next seed beside it, a line each, in CERTD_SEED or by seed_command, and start certd anew", ErrKey, i.cfg.DataDir)
}

func (i *Issuer) holdKey(s atHand) (method string) {
	i.ring.mu.Lock()
	defer i.ring.mu.Unlock()
	return i.ring.hold(s)
}

// turnNext puts the key that waits in force, if there is one and it has waited long enough.
func (i *Issuer) turnNext(ctx context.Context) (turned bool, err error) {
	next, waits := i.ring.told().Next()
	if !waits {
		return false, nil
	}
	due, err := i.keyDue(ctx, next)
	if err != nil || due.IsZero() || i.cfg.Now().Before(due) {
		return false, err
	}
	err = i.change(ctx, func(_ context.Context, d *draft) (refused, err error) {
		return d.turnKeys(func(h *credential.History, at keyTimes) {
			for n := range h.Keys {
				switch k := &h.Keys[n]; {
				case k.Method == next.Method:
					k.Signs = at.now
				case !k.Signs.IsZero() && k.Retired.IsZero():
					k.Retired = at.now
				}
			}
		}, d.nothingDropped()), nil
	})
	if err != nil {
		return false, fmt.Errorf("the key %s cannot take its place: %w", credential.Fingerprint(next.Public()), err)
	}
	i.cfg.Log.Info("a new key signs", "key", credential.Fingerprint(next.Public()))
	return true, nil
}

// keyDue is when a key that waits may sign: when it has stood in the published did.json and keys.json for as long as
// caches hand out older ones. Zero means that it is not there yet. A file may have come into the tree long after it was
// recorded, so the time of the file counts as well; a later one than now is that of another clock.
func (i *Issuer) keyDue(ctx context.Context, next credential.Key) (time.Time, error) {
	pending, err := i.store.PendingDocuments(ctx)
	if err != nil || slices.ContainsFunc(pending, func(d record.Document) bool { return d.Path == site.DIDPath || d.Path == site.KeysPath }) {
		return time.Time{}, err
	}
	since, now := next.Listed, i.cfg.Now()
	for _, path := range []string{site.DIDPath, site.KeysPath} {
		info, err := os.Stat(filepath.Join(i.cfg.PublicDir, filepath.FromSlash(path)))
		if err != nil {
			return time.Time{}, err
		}
		if at := info.ModTime(); at.After(since) && !at.After(now) {
			since = at
		}
	}
	return since.Add(i.cfg.KeyWait), nil
}

package issuer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"laurel/credential"
)

// The states of a signing key.
const (
	KeyWaits   = "waits" // it is listed and does not sign yet
	KeySigns   = "signs"
	KeyRetired = "retired"
	KeyRevoked = "revoked"
)

// KeyState is one signing key, for people.
type KeyState struct {
	Method      string    `json:"method"`
	Fingerprint string    `json:"fingerprint"`
	State       string    `json:"state"`
	Since       time.Time `json:"since"`         // it is in this state
	Due         time.Time `json:"due,omitzero"`  // of one that waits: when it signs at the earliest; zero: it is not published yet
	Seed        string    `json:"seed"`          // the file of its seed, "given" where that comes from elsewhere, "" where it is not at hand
	Size        int64     `json:"size,omitzero"` // of a revoked one: how many entries of the log are from before
}

// until says when a key that waits signs.
func (k KeyState) until() string {
	if k.Due.IsZero() {
		return "some minutes after it has been published"
	}
	return k.Due.UTC().Format(time.RFC3339)
}

// Keys are the signing keys, oldest first.
func (i *Issuer) Keys(ctx context.Context) ([]KeyState, error) {
	var out []KeyState
	for _, k := range i.ring.told().Keys {
		s, err := i.describeKey(ctx, k)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (i *Issuer) keyState(ctx context.Context, method string) (KeyState, error) {
	k, ok := i.ring.told().Find(method)
	if !ok {
		return KeyState{}, fmt.Errorf("%s: %w", method, ErrNotFound)
	}
	return i.describeKey(ctx, k)
}

func (i *Issuer) describeKey(ctx context.Context, k credential.Key) (s KeyState, err error) {
	s = KeyState{Method: k.Method, Fingerprint: credential.Fingerprint(k.Public())}
	switch {
	case k.Revoked != nil:
		s.State, s.Since, s.Size = KeyRevoked, k.Revoked.Time, k.Revoked.Size
	case !k.Retired.IsZero():
		s.State, s.Since = KeyRetired, k.Retired
	case !k.Signs.IsZero():
		s.State, s.Since = KeySigns, k.Signs
	default:
		s.State, s.Since = KeyWaits, k.Listed
		s.Due, err = i.keyDue(ctx, k)
	}
	i.ring.mu.RLock()
	defer i.ring.mu.RUnlock()
	if i.ring.signers[k.Method] != nil {
		if s.Seed = i.ring.places[k.Method]; s.Seed == "" {
			s.Seed = "given"
		}
	}
	return s, err
}

// keykeeper brings a change of keys to its end while the issuer runs.
type keykeeper struct {
	changing sync.Mutex // held by whoever changes keys
	anew     anew
	bell     chan struct{} // a key was revoked
}

// keepKeys turns keys when their time has come, until ctx ends.
func (i *Issuer) keepKeys(ctx context.Context) {
	for ctx.Err() == nil {
		busy, err := i.stepKeys(ctx)
		if err != nil && ctx.Err() == nil {
			i.cfg.Log.Error("changing keys; trying again", "error", err)
		}
		if busy && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-i.keys.bell:
		case <-time.After(i.untilNextLook()):
		}
	}
}

// untilNextLook is how long the keeper waits: after a theft it waits for the publisher alone.
func (i *Issuer) untilNextLook() time.Duration {
	if i.Anew().Total > 0 {
		return 100 * time.Millisecond
	}
	return min(max(i.cfg.KeyWait/20, 50*time.Millisecond), 10*time.Second)
}

// stepKeys does some of what there is to do about keys now; busy is true while there is more.
func (i *Issuer) stepKeys(ctx context.Context) (busy bool, err error) {
	i.keys.changing.Lock()
	defer i.keys.changing.Unlock()
	if _, err := i.turnNext(ctx); err != nil {
		return false, err
	}
	return i.resign(ctx)
}

package credential

import (
	"crypto/ed25519"
	"fmt"
	"time"
)

// RevokedKeyError says that a proof fits its document but was made with a key that was stolen: whether by the
// issuer or by the thief, only the log tells. It is an ErrRevokedKey.
type RevokedKeyError struct {
	Method string
	Revocation
}

func (e *RevokedKeyError) Error() string {
	return fmt.Sprintf("%v: %s was revoked on %s; only what the log held among its first %d entries is good", ErrRevokedKey, short(e.Method), instant(e.Time), e.Size)
}

func (e *RevokedKeyError) Unwrap() error { return ErrRevokedKey }

// Restrict returns the keys that both did and the history give, each within its time, and besides them those
// that the history calls revoked, which did may no longer list. did are the keys of the same issuer's did.json.
func (h *History) Restrict(did Keys) Keys {
	out := Keys{issuer: did.issuer, keys: map[string]ed25519.PublicKey{}, story: map[string]Key{}}
	for _, k := range h.Keys {
		if _, listed := did.keys[k.Method]; listed || k.Revoked != nil {
			out.keys[k.Method], out.story[k.Method] = k.Public(), k
		}
	}
	return out
}

// inForce judges the time of a proof that fits. From when a key is listed it may sign: a reader may still have
// the history of the minutes before it did.
func (k Keys) inForce(p *Proof) error {
	if k.story == nil {
		return nil
	}
	key := k.story[p.VerificationMethod]
	created, err := time.Parse(time.RFC3339, p.Created)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %s: created is %s", ErrProof, p.Cryptosuite, short(p.Created))
	case created.Before(key.Listed):
		return fmt.Errorf("%w: %s: signed on %s, but %s is listed only since %s", ErrNotInForce, p.Cryptosuite, p.Created, short(key.Method), instant(key.Listed))
	case !key.Retired.IsZero() && created.After(key.Retired):
		return fmt.Errorf("%w: %s: signed on %s, but %s was retired on %s", ErrNotInForce, p.Cryptosuite, p.Created, short(key.Method), instant(key.Retired))
	case key.Revoked != nil:
		return &RevokedKeyError{Method: key.Method, Revocation: *key.Revoked}
	}
	return nil
}

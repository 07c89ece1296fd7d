package issuer

import (
	"crypto"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"laurel/credential"
	"laurel/site"
)

// ring holds the issuer's keys: what the history of the records says of them, and what it can sign with. Whoever signs
// holds it for reading, and a change of the keys holds it for writing while it reads the clock and writes the new
// history: so no document is dated after the time at which its key was retired. The writer commits one round after the
// other, so nothing that a new key has signed reaches the disk before its history does.
type ring struct {
	mu      sync.RWMutex
	signers map[string]crypto.Signer // by method
	places  map[string]string        // files of their seeds, by method; "": it lies elsewhere
	history *credential.History
	digest  [32]byte // of its document
	listed  credential.Keys
	keys    credential.Keys // listed, each within its time
}

// newRing reads keys.json of the records, and finds the seed of the key in force among those at hand.
func newRing(cfg Config, listed credential.Keys, keysJSON []byte) (*ring, error) {
	if len(keysJSON) == 0 {
		return nil, fmt.Errorf("the records hold no %s; they were made by a version of certd from before there was one, make a new issuer with certd init", site.KeysPath)
	}
	r := &ring{signers: map[string]crypto.Signer{}, places: map[string]string{}}
	if err := r.read(keysJSON, listed); err != nil {
		return nil, fmt.Errorf("in the records: %w", err)
	}
	all, err := cfg.signers()
	if err != nil {
		return nil, err
	}
	var found []string
	for _, s := range all {
		r.hold(s)
		found = append(found, credential.Fingerprint(publicOf(s)))
	}
	signing, _ := r.history.InForce()
	if r.signers[signing.Method] == nil {
		if len(found) == 0 {
			found = []string{"none"}
		}
		return nil, fmt.Errorf("the key that signs is %s, and its seed is not at hand; there is, in %s* and by the configuration: %s; put the seed back, or is it that of another issuer?",
			credential.Fingerprint(signing.Public()), cfg.seedPath(), strings.Join(found, ", "))
	}
	return r, nil
}

// hold takes a key that can sign.
func (r *ring) hold(s atHand) (method string) {
	method = credential.Method(r.listed.Issuer(), publicOf(s))
	if r.signers[method] == nil { // what the configuration gives comes first
		r.signers[method], r.places[method] = s.Signer, s.path
	}
	return method
}

// read takes a version of the key history and the keys that did.json gives beside it.
func (r *ring) read(keysJSON []byte, listed credential.Keys) error {
	h, err := credential.ParseHistory(keysJSON, listed)
	if err != nil {
		return err
	}
	digest, err := credential.Digest(keysJSON)
	if err != nil {
		return err
	}
	r.history, r.digest, r.listed, r.keys = h, digest, listed, h.Restrict(listed)
	return nil
}

// told returns what the history says now. Nobody changes what it returns.
func (r *ring) told() *credential.History {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.history
}

// sign calls f with the key in force and the time of signing, and keeps both while f runs. f must not wait for a round.
func (i *Issuer) sign(f func(key crypto.Signer, method string, now time.Time) error) error {
	i.ring.mu.RLock()
	defer i.ring.mu.RUnlock()
	signing, ok := i.ring.history.InForce()
	if !ok {
		return errors.New("no key is in force")
	}
	return f(i.ring.signers[signing.Method], signing.Method, i.cfg.Now())
}

// trusted returns the keys by which documents of this issuer are judged now.
func (r *ring) trusted() credential.Keys {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys
}

package issuer

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"time"

	"laurel/certlog"
	"laurel/credential"
	"laurel/site"
)

// keyTimes are the times of one change of keys, in whole seconds. A document of the same round may bear the round's own
// time, and be signed by the old key or, if it was listed then, by the new one.
type keyTimes struct {
	round time.Time // not after any signature of the new key
	now   time.Time // not before any signature of the old one
}

// turnKeys makes the next version of the key history, as alter says, with its entry in the log, and a did.json that
// gives every key but those that alter's answer drops. Signers wait while it does. refused is why the version cannot be;
// then nothing was written.
func (d *draft) turnKeys(alter func(h *credential.History, at keyTimes), drop func(credential.Key) bool) (refused error) {
	d.ring.mu.Lock()
	defer d.ring.mu.Unlock()
	at := keyTimes{round: d.now.UTC().Truncate(time.Second)}
	at.now = at.round
	if now := d.cfg.Now().UTC().Truncate(time.Second); now.After(at.now) {
		at.now = now
	}
	h := *d.ring.history
	h.Keys = slices.Clone(h.Keys)
	h.Sequence, h.Previous, h.Updated = h.Sequence+1, d.ring.digest, at.now
	alter(&h, at)

	signing, _ := h.InForce()
	signer := d.ring.signers[signing.Method]
	if signer == nil {
		return fmt.Errorf("the seed of the key %s is not at hand", credential.Fingerprint(signing.Public()))
	}
	doc, err := credential.SignHistory(&h, signer, d.now)
	if err != nil {
		return err
	}
	did, listed := didOf(d.settings.Issuer, h.Keys, drop)
	if err := d.ring.read(doc, listed); err != nil {
		return err
	}
	d.append(certlog.Entry{Kind: certlog.Key, List: certlog.NoList, Index: certlog.NoList, Digest: d.ring.digest})
	d.putDocument(site.KeysPath, doc)
	d.putDocument(site.DIDPath, did)
	return nil
}

// didOf is the did.json that gives the keys which drop does not take out.
func didOf(issuer string, keys []credential.Key, drop func(credential.Key) bool) ([]byte, credential.Keys) {
	var listed []ed25519.PublicKey
	for _, k := range keys {
		if !drop(k) {
			listed = append(listed, k.Public())
		}
	}
	return credential.DIDDocument(issuer, listed...), credential.NewKeys(issuer, listed...)
}

// nothingDropped keeps in did.json what it gives now. did.json gives no key whose revocation is through, and this keeps
// it so.
func (d *draft) nothingDropped() func(credential.Key) bool {
	listed := d.ring.listed
	return func(k credential.Key) bool {
		_, there := listed.Lookup(k.Method)
		return k.Revoked != nil && !there
	}
}

package credential

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// historyType and historyVersion are the type and version of a keys.json that this package reads and writes.
const (
	historyType    = "LaurelKeys"
	historyVersion = 1
	historyFile    = "/keys.json"
)

// History is what an issuer tells of its signing keys in keys.json: which there were, when each signed, and
// which was stolen. Each version is signed by the key that is in force in it, and the Digest of its document is an
// entry of the log, under the log's own key. So whoever stole a signing key can sign another history, but the log has no
// entry of it.
type History struct {
	Base     string    // https://HOST[:PORT], no path; http for localhost
	Sequence int64     // of this version: 1, 2, …
	Previous [32]byte  // Digest of the document of the version before; zero in the first
	Updated  time.Time // when this version was made
	Keys     []Key     // in the order in which they were listed
}

// Key is one signing key in a History. Times have whole seconds.
type Key struct {
	Method  string      // verification method, did:web:HOST#MULTIKEY
	Listed  time.Time   // from when did.json gives it
	Signs   time.Time   // from when it signs; zero: it has not signed yet
	Retired time.Time   // from when it signs no more; zero: it does, or will
	Revoked *Revocation // nil: it was not
}

// Revocation says that a key was stolen. What it signed is good only where the log, as it was when it had Size
// entries and the root Root, holds it: that was before.
type Revocation struct {
	Time time.Time // when it was revoked
	Size int64
	Root [32]byte // RFC 6962
}

// Public returns the key itself, or nil where Method names none.
func (k Key) Public() ed25519.PublicKey {
	_, fragment, _ := strings.Cut(k.Method, "#")
	pub, _ := parseMultikey(fragment)
	return pub
}

// inForce reports whether the key signs.
func (k Key) inForce() bool { return !k.Signs.IsZero() && k.Retired.IsZero() && k.Revoked == nil }

// InForce returns the one key that signs.
func (h *History) InForce() (Key, bool) {
	for _, k := range h.Keys {
		if k.inForce() {
			return k, true
		}
	}
	return Key{}, false
}

// Next returns the key that is listed and does not sign yet.
func (h *History) Next() (Key, bool) {
	for _, k := range h.Keys {
		if k.Signs.IsZero() && k.Retired.IsZero() && k.Revoked == nil {
			return k, true
		}
	}
	return Key{}, false
}

// Find returns the key of a verification method.
func (h *History) Find(method string) (Key, bool) {
	for _, k := range h.Keys {
		if k.Method == method {
			return k, true
		}
	}
	return Key{}, false
}

// SignHistory signs h with key, which must be the one that is in force in it, and returns the JCS bytes that
// are published. The error is ErrFormat where h contradicts itself, else the signer's.
func SignHistory(h *History, key crypto.Signer, created time.Time) ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	did, _ := DIDWeb(h.Base)
	signing, _ := h.InForce()
	if err := checkSigner(did, key, signing.Method); err != nil {
		return nil, err
	}
	return SignDocument(h.fields(did), key, signing.Method, created)
}

// ParseHistory reads a keys.json. It must be that of the issuer of keys, contradict itself nowhere, and be
// signed by the key that is in force in it, which keys must hold. Errors: ErrFormat, ErrForeign, ErrUnknownKey,
// ErrProof. Only the log can tell whether it is the issuer's own: its newest entry of
// the kind key is the Digest of doc.
func ParseHistory(doc []byte, keys Keys) (*History, error) {
	h, err := DecodeHistory(doc)
	if err != nil {
		return nil, err
	}
	if _, err := VerifyDocument(doc, keys); err != nil {
		return nil, fmt.Errorf("keys.json: %w", err)
	}
	return h, nil
}

// DecodeHistory is ParseHistory without a look at the signature.
func DecodeHistory(doc []byte) (*History, error) {
	if err := Canonical(doc); err != nil {
		return nil, fmt.Errorf("keys.json: %w", err)
	}
	fields, err := parseObject(doc)
	if err != nil {
		return nil, fmt.Errorf("keys.json: %w", err)
	}
	h, method, err := readHistory(fields)
	if err != nil {
		return nil, err
	}
	if signing, _ := h.InForce(); method != signing.Method {
		return nil, fmt.Errorf("keys.json: %w: %s signed it, which is not the key in force in it", ErrUnknownKey, short(method))
	}
	return h, nil
}

// check refuses a history that contradicts itself.
func (h *History) check() error {
	did, err := DIDWeb(h.Base)
	if err != nil {
		return fmt.Errorf("keys.json: %w: %w", ErrFormat, err)
	}
	var s shape
	s.must(h.Sequence >= 1, "sequence", fmt.Sprint(h.Sequence), "a number from 1")
	s.must((h.Sequence == 1) == (h.Previous == [32]byte{}), "previous", hex.EncodeToString(h.Previous[:]), "the digest of the version before, from the second version on")
	signing, next, seen := 0, 0, map[string]bool{}
	for _, k := range h.Keys {
		pub := k.Public()
		s.must(pub != nil && k.Method == Method(did, pub) && !seen[k.Method], "keys.id", k.Method, "a Multikey of "+did+", once")
		seen[k.Method] = true
		s.must(k.ordered(), "keys", k.Method, "listed, then signing, then retired; revoked at the end")
		if k.inForce() {
			signing++
		}
		if k.Signs.IsZero() && k.Retired.IsZero() && k.Revoked == nil {
			next++
		}
	}
	s.must(signing == 1, "keys", fmt.Sprint(signing), "one that is in force")
	s.must(next <= 1, "keys", fmt.Sprint(next), "at most one that is to sign next")
	if err := s.err(); err != nil {
		return fmt.Errorf("keys.json: %w", err)
	}
	return nil
}

// ordered reports whether the times of a key follow each other.
func (k Key) ordered() bool {
	switch {
	case k.Listed.IsZero(), !k.Signs.IsZero() && k.Signs.Before(k.Listed), !k.Retired.IsZero() && (k.Signs.IsZero() || k.Retired.Before(k.Signs)):
		return false
	case k.Revoked == nil:
		return true
	case k.Revoked.Time.Before(k.Listed), k.Revoked.Size < 0, k.Signs.IsZero() && k.Revoked.Size > 0:
		return false
	}
	return k.Signs.IsZero() || !k.Retired.IsZero()
}

// fields are the members of the document.
func (h *History) fields(did string) map[string]any {
	keys := make([]any, len(h.Keys))
	for i, k := range h.Keys {
		keys[i] = k.fields()
	}
	f := map[string]any{
		"type": historyType, "version": historyVersion, "id": h.Base + historyFile, "issuer": did,
		"sequence": h.Sequence, "updated": instant(h.Updated), "keys": keys,
	}
	if h.Sequence > 1 {
		f["previous"] = hex.EncodeToString(h.Previous[:])
	}
	return f
}

func (k Key) fields() map[string]any {
	f := map[string]any{"id": k.Method, "listed": instant(k.Listed)}
	if !k.Signs.IsZero() {
		f["signs"] = instant(k.Signs)
	}
	if !k.Retired.IsZero() {
		f["retired"] = instant(k.Retired)
	}
	if r := k.Revoked; r != nil {
		f["revoked"] = map[string]any{"time": instant(r.Time), "size": r.Size, "root": base64.StdEncoding.EncodeToString(r.Root[:])}
	}
	return f
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

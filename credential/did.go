package credential

import "crypto/ed25519"

// DID is what Laurel reads from an issuer's did.json.
type DID struct {
	ID   string // did:web:HOST, the port written %3A8081
	Host string // HOST[:PORT]
	keys Keys
}

// Keys are the verification methods that an issuer's did.json gives for assertions.
type Keys struct {
	issuer string
	keys   map[string]ed25519.PublicKey
}

// NewKeys returns the keys of an issuer whose did.json lists pubs.
func NewKeys(did string, pubs ...ed25519.PublicKey) Keys { panic("not written yet") }

// Issuer returns the DID of the issuer, or "" for no keys at all.
func (k Keys) Issuer() string { return k.issuer }

// Lookup returns the key of a verification method.
func (k Keys) Lookup(method string) (ed25519.PublicKey, bool) {
	pub, ok := k.keys[method]
	return pub, ok
}

// ParseDID reads a did.json. The error is ErrFormat.
func ParseDID(didJSON []byte) (*DID, error) { panic("not written yet") }

// Keys returns the keys that may sign credentials.
func (d *DID) Keys() Keys { return d.keys }

// DIDDocument returns the did.json of an issuer with these keys, as JCS bytes.
func DIDDocument(did string, keys ...ed25519.PublicKey) []byte { panic("not written yet") }

// DIDWeb returns the did:web of a base address: did:web:certs.example.org. The address is https, or
// http for localhost; it has no path, and no IP address as its host.
func DIDWeb(baseURL string) (string, error) { panic("not written yet") }

// Method returns the verification method of a key: the DID, "#", and the key as a Multikey.
func Method(did string, pub ed25519.PublicKey) string { panic("not written yet") }

// Fingerprint returns the SHA-256 of the raw 32 key bytes in hexadecimal, in groups of four, for people to compare.
func Fingerprint(pub ed25519.PublicKey) string { panic("not written yet") }

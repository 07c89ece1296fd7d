package credential

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"laurel/internal/jcs"
)

const (
	contextDID      = "https://www.w3.org/ns/did/v1"
	contextMultikey = "https://w3id.org/security/multikey/v1"
	didWeb          = "did:web:"
)

// multikeyEd25519 is the multicodec prefix of an Ed25519 public key (CID 1.0 §2.2.2).
const multikeyEd25519 = "\xed\x01"

// DIDWeb returns the did:web of a base address: "did:web:certs.example.org" of "https://certs.example.org",
// "did:web:localhost%3A8081" of "http://localhost:8081". The address is https, or http for localhost; its
// host is a lower-case name in ASCII, no IP address (did:web forbids it); nothing follows host and port.
func DIDWeb(baseURL string) (string, error) {
	host, err := baseHost(baseURL)
	if err != nil {
		return "", fmt.Errorf("the base address %s %w", strconv.QuoteToGraphic(baseURL), err)
	}
	return didWeb + strings.Replace(host, ":", "%3A", 1), nil
}

// Method returns the verification method of a key: the DID, "#", and the key as a Multikey. Verifiers that
// take the key from the fragment need not fetch did.json.
func Method(did string, pub ed25519.PublicKey) string {
	return did + "#" + multikey(pub)
}

func multikey(pub ed25519.PublicKey) string {
	return string(appendBase58([]byte{'z'}, append([]byte(multikeyEd25519), pub...)))
}

func parseMultikey(s string) (ed25519.PublicKey, bool) {
	if !strings.HasPrefix(s, "z") {
		return nil, false
	}
	raw, ok := decodeBase58(s[1:])
	if !ok || len(raw) != len(multikeyEd25519)+ed25519.PublicKeySize || string(raw[:2]) != multikeyEd25519 {
		return nil, false
	}
	return ed25519.PublicKey(raw[2:]), true
}

// Fingerprint returns the SHA-256 of the raw 32 key bytes in hexadecimal, in groups of four digits, for
// people to compare.
func Fingerprint(pub ed25519.PublicKey) string {
	sum := sha256.Sum256(pub)
	digits := hex.EncodeToString(sum[:])
	groups := make([]string, 0, len(digits)/4)
	for i := 0; i < len(digits); i += 4 {
		groups = append(groups, digits[i:i+4])
	}
	return strings.Join(groups, " ")
}

// DIDDocument returns the did.json of an issuer with these keys, all of them good for assertions, as JCS
// bytes.
func DIDDocument(did string, keys ...ed25519.PublicKey) []byte {
	methods := make([]string, 0, len(keys))
	entries := make([]any, 0, len(keys))
	for _, pub := range keys {
		methods = append(methods, Method(did, pub))
		entries = append(entries, map[string]any{
			"id": Method(did, pub), "type": "Multikey", "controller": did, "publicKeyMultibase": multikey(pub),
		})
	}
	doc, err := jcs.Append(nil, map[string]any{
		"@context":           []string{contextDID, contextMultikey},
		"id":                 did,
		"verificationMethod": entries,
		"assertionMethod":    methods,
	})
	if err != nil {
		panic("credential: " + err.Error()) // a DID that is no UTF-8; DIDWeb returns none
	}
	return doc
}

// Keys are the verification methods that an issuer's did.json gives for assertions and, where History.Restrict
// has made them, when each was in force. The zero value knows no issuer and no key.
type Keys struct {
	issuer string
	keys   map[string]ed25519.PublicKey
	story  map[string]Key // what the key history says of each; nil: nothing is known
}

// NewKeys returns the keys of an issuer whose did.json lists pubs.
func NewKeys(did string, pubs ...ed25519.PublicKey) Keys {
	k := Keys{issuer: did, keys: make(map[string]ed25519.PublicKey, len(pubs))}
	for _, pub := range pubs {
		k.keys[Method(did, pub)] = pub
	}
	return k
}

// Issuer returns the DID of the issuer.
func (k Keys) Issuer() string { return k.issuer }

// Lookup returns the key of a verification method.
func (k Keys) Lookup(method string) (ed25519.PublicKey, bool) {
	pub, ok := k.keys[method]
	return pub, ok
}

// DID is what Laurel reads from an issuer's did.json.
type DID struct {
	ID   string // did:web:HOST, a port written as %3A8081
	Host string // HOST[:PORT]
	keys Keys
}

// Keys returns the keys that may sign credentials.
func (d *DID) Keys() Keys { return d.keys }

// ParseDID reads a did.json: its id, and of its verification methods the Ed25519 Multikeys that
// assertionMethod lists. Members that it does not know are passed over. The error is ErrFormat.
func ParseDID(didJSON []byte) (*DID, error) {
	v, err := jcs.Parse(didJSON)
	if err != nil {
		return nil, fmt.Errorf("did.json: %w: %w", ErrFormat, err)
	}
	doc, _ := v.(map[string]any)
	id, _ := doc["id"].(string)
	host, ok := didHost(id)
	if !ok {
		return nil, fmt.Errorf("did.json: %w: its id %s is no did:web of a host", ErrFormat, short(id))
	}
	d := &DID{ID: id, Host: host, keys: Keys{issuer: id, keys: map[string]ed25519.PublicKey{}}}
	assertions, _ := doc["assertionMethod"].([]any)
	entries, _ := doc["verificationMethod"].([]any)
	for _, entry := range entries {
		method, pub, ok := parseMethod(id, entry)
		if !ok {
			continue
		}
		for _, a := range assertions {
			if a == any(method) {
				d.keys.keys[method] = pub
			}
		}
	}
	if len(d.keys.keys) == 0 {
		return nil, fmt.Errorf("did.json: %w: it lists no Ed25519 Multikey for assertions", ErrFormat)
	}
	return d, nil
}

// parseMethod reads one verification method, whose fragment must be the key itself.
func parseMethod(did string, entry any) (method string, pub ed25519.PublicKey, ok bool) {
	m, _ := entry.(map[string]any)
	method, _ = m["id"].(string)
	key, _ := m["publicKeyMultibase"].(string)
	pub, ok = parseMultikey(key)
	ok = ok && m["type"] == "Multikey" && m["controller"] == did && method == Method(did, pub)
	return method, pub, ok
}

// didHost returns HOST[:PORT] of a did:web without a path.
func didHost(did string) (host string, ok bool) {
	rest, ok := strings.CutPrefix(did, didWeb)
	if !ok {
		return "", false
	}
	host = strings.Replace(rest, "%3A", ":", 1)
	scheme := "https://"
	if host == "localhost" || strings.HasPrefix(host, "localhost:") {
		scheme = "http://"
	}
	again, err := DIDWeb(scheme + host)
	return host, err == nil && again == did
}

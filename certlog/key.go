package certlog

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// The signature types of signed notes that the log uses.
const (
	algLog      = 1 // Ed25519
	algCosigner = 4 // timestamped Ed25519 cosignature (C2SP tlog-cosignature)
)

// ErrKey says that a text is no verifier key.
var ErrKey = errors.New("not a verifier key of a log or cosigner")

// Secrets are a log's private keys.
type Secrets struct{ Log, Cosigner ed25519.PrivateKey }

// DeriveSecrets makes both keys from one 32-byte seed: each an Ed25519 key whose own seed is HKDF-SHA-512 of the seed,
// without salt, with a label that tells the two apart.
func DeriveSecrets(seed []byte) (s Secrets, err error) {
	if len(seed) != ed25519.SeedSize {
		return s, fmt.Errorf("a seed of %d bytes; it has %d", len(seed), ed25519.SeedSize)
	}
	for label, to := range map[string]*ed25519.PrivateKey{"laurel log v1": &s.Log, "laurel log cosigner v1": &s.Cosigner} {
		key, err := hkdf.Key(sha512.New, seed, nil, label, ed25519.SeedSize)
		if err != nil {
			return s, err
		}
		*to = ed25519.NewKeyFromSeed(key)
	}
	return s, nil
}

// VerifierKey is the text form of a log's key, as note.NewVerifier reads it.
func VerifierKey(name string, public ed25519.PublicKey) string { return vkey(name, algLog, public) }

// CosignerKey is the text form of a cosigner's key.
func CosignerKey(name string, public ed25519.PublicKey) string {
	return vkey(name, algCosigner, public)
}

func vkey(name string, alg byte, public ed25519.PublicKey) string {
	key := append([]byte{alg}, public...)
	return fmt.Sprintf("%s+%08x+%s", name, keyHash(name, key), base64.StdEncoding.EncodeToString(key))
}

func keyHash(name string, key []byte) uint32 {
	h := sha256.New()
	io.WriteString(h, name+"\n")
	h.Write(key)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// ParseKey reads the text form of a key, of a log or of a cosigner. The error is ErrKey.
func ParseKey(text string) (note.Verifier, error) {
	name, rest, _ := strings.Cut(text, "+")
	hash, encoded, _ := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	n, err2 := strconv.ParseUint(hash, 16, 32)
	if err != nil || err2 != nil || len(key) != 1+ed25519.PublicKeySize || uint32(n) != keyHash(name, key) {
		return nil, fmt.Errorf("%w: %q", ErrKey, text)
	}
	if vkey(name, key[0], key[1:]) != text || name == "" || strings.ContainsFunc(name, isSpace) {
		return nil, fmt.Errorf("%w: %q", ErrKey, text)
	}
	k := verifier{name, uint32(n), ed25519.PublicKey(key[1:])}
	switch key[0] {
	case algLog:
		return k, nil
	case algCosigner:
		return cosignerVerifier{k}, nil
	}
	return nil, fmt.Errorf("%w: signature type %d", ErrKey, key[0])
}

func isSpace(r rune) bool { return r <= ' ' || r > '~' }

// verifier checks plain signatures.
type verifier struct {
	name   string
	hash   uint32
	public ed25519.PublicKey
}

func (v verifier) Name() string                { return v.name }
func (v verifier) KeyHash() uint32             { return v.hash }
func (v verifier) Verify(msg, sig []byte) bool { return ed25519.Verify(v.public, msg, sig) }

// cosignerVerifier checks signatures that begin with their time.
type cosignerVerifier struct{ verifier }

func (v cosignerVerifier) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	return at < 1<<63 && ed25519.Verify(v.public, cosigned(at, msg), sig[8:])
}

// cosigned is what a cosigner signs: a header, the time, and the checkpoint's text.
func cosigned(at uint64, text []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), text...)
}

// signer signs notes; with a time it cosigns.
type signer struct {
	name string
	hash uint32
	key  crypto.Signer
	at   *time.Time
}

// NewSigner signs checkpoints for a log, whose name is its origin.
func NewSigner(origin string, key crypto.Signer) note.Signer {
	return signer{origin, keyHash(origin, append([]byte{algLog}, key.Public().(ed25519.PublicKey)...)), key, nil}
}

// NewCosigner cosigns checkpoints as seen at a time, of which whole seconds count.
func NewCosigner(name string, key crypto.Signer, at time.Time) note.Signer {
	return signer{name, keyHash(name, append([]byte{algCosigner}, key.Public().(ed25519.PublicKey)...)), key, &at}
}

func (s signer) Name() string    { return s.name }
func (s signer) KeyHash() uint32 { return s.hash }

func (s signer) Sign(msg []byte) ([]byte, error) {
	if s.at == nil {
		return s.key.Sign(nil, msg, crypto.Hash(0))
	}
	at := uint64(s.at.Unix())
	sig, err := s.key.Sign(nil, cosigned(at, msg), crypto.Hash(0))
	return append(binary.BigEndian.AppendUint64(nil, at), sig...), err
}

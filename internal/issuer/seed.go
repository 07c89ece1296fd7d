package issuer

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"laurel/credential"
	"laurel/internal/durable"
)

// Secret is a signer made of a seed. Whatever prints it prints the fingerprint of its public key and nothing else. The
// key is behind a function, because printing a struct prints the bytes of fields without asking for their methods.
type Secret struct{ key func() ed25519.PrivateKey }

func newSecret(seed []byte) Secret {
	key := ed25519.NewKeyFromSeed(seed)
	return Secret{func() ed25519.PrivateKey { return key }}
}

// Public returns the ed25519.PublicKey.
func (s Secret) Public() crypto.PublicKey { return s.key().Public() }

// Sign makes an Ed25519 signature.
func (s Secret) Sign(rand io.Reader, message []byte, o crypto.SignerOpts) ([]byte, error) {
	return s.key().Sign(rand, message, o)
}

// Format keeps the seed out of every log and error, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// String names the key.
func (s Secret) String() string { return "the key " + credential.Fingerprint(publicOf(s)) }

func publicOf(s crypto.Signer) ed25519.PublicKey {
	pub, _ := s.Public().(ed25519.PublicKey)
	return pub
}

// ParseSeeds reads seeds of 32 bytes: one as it is, or any number as text, each of 64 hexadecimal digits or in base64,
// with white space between them. from names their source in the error, which never holds any of them.
func ParseSeeds(data []byte, from string) ([]Secret, error) {
	if len(data) == ed25519.SeedSize {
		return []Secret{newSecret(data)}, nil
	}
	var out []Secret
	for _, word := range bytes.Fields(data) {
		seed, err := decodeSeed(string(word))
		if err != nil {
			return nil, fmt.Errorf("%s holds no seed: a seed has 32 bytes, or 64 hexadecimal digits, or is their base64; a word of %d characters is neither", from, len(word))
		}
		out = append(out, newSecret(seed))
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s is empty; a seed has 32 bytes, or 64 hexadecimal digits, or is their base64", from)
	}
	return out, nil
}

func decodeSeed(word string) ([]byte, error) {
	decode := base64.RawStdEncoding.DecodeString
	if len(word) == hex.EncodedLen(ed25519.SeedSize) {
		decode = hex.DecodeString
	}
	seed, err := decode(strings.TrimRight(word, "="))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("no seed") // never with the words of a decoder, which may quote
	}
	return seed, nil
}

// readSeed reads the file of one seed, which nobody else may read.
func readSeed(path string) (Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Secret{}, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Secret{}, fmt.Errorf("%s can be read by others (mode %04o); run chmod 600 %s", path, info.Mode().Perm(), path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, err
	}
	seeds, err := ParseSeeds(data, path)
	if err != nil {
		return Secret{}, err
	}
	if len(seeds) > 1 {
		return Secret{}, fmt.Errorf("%s holds %d seeds; a file has one", path, len(seeds))
	}
	return seeds[0], nil
}

// drawSeed draws a fresh seed.
func drawSeed(rand io.Reader) ([]byte, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return nil, fmt.Errorf("drawing a seed: %w", err)
	}
	return seed, nil
}

// writeSeed draws a seed into a file that only its owner may read.
func writeSeed(path string, rand io.Reader) error {
	seed, err := drawSeed(rand)
	if err != nil {
		return err
	}
	return durable.WriteFileSync(path, seed, 0o600)
}

// seedName is the file of the first key's seed, and what the names of later ones begin with.
const seedName = "seed"

// atHand is a key that this issuer can sign with.
type atHand struct {
	crypto.Signer
	path string // of its seed; "" where that lies elsewhere
}

// signers are all that this issuer may sign with: those of the configuration, and the seeds in the data folder.
func (c Config) signers() ([]atHand, error) {
	var out []atHand
	for _, s := range c.Signers {
		out = append(out, atHand{Signer: s})
	}
	files, err := os.ReadDir(c.DataDir)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.Name() != seedName && !strings.HasPrefix(f.Name(), seedName+"-") {
			continue
		}
		path := filepath.Join(c.DataDir, f.Name())
		s, err := readSeed(path)
		if err != nil {
			return nil, err
		}
		out = append(out, atHand{s, path})
	}
	for _, s := range out {
		if publicOf(s) == nil {
			return nil, fmt.Errorf("signing needs Ed25519 keys, not a %T", s.Public())
		}
	}
	return out, nil
}

// drawKey draws the seed of a further key into a file of its own beside the first one, and reads it back from there:
// what signs later is what was kept.
func (c Config) drawKey() (atHand, error) {
	seed, err := drawSeed(c.Rand)
	if err != nil {
		return atHand{}, err
	}
	name := hex.EncodeToString(publicOf(newSecret(seed))[:8])
	path := filepath.Join(c.DataDir, seedName+"-"+name)
	if _, err := os.Lstat(path); err == nil {
		return atHand{}, fmt.Errorf("%s: %w", path, os.ErrExist)
	}
	if err := durable.WriteFileSync(path, seed, 0o600); err != nil {
		return atHand{}, err
	}
	s, err := readSeed(path)
	return atHand{s, path}, err
}

// logSecret is the seed of the log's keys.
func (c Config) logSecret() (Secret, error) {
	if c.LogSeed != nil {
		return *c.LogSeed, nil
	}
	return readSeed(c.logSeedPath())
}

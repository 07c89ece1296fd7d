package api

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// keySet holds the platform's public keys (JWK Set, RFC 7517 §5). It reads them when they are first asked for, again
// after a while, and sooner where a token names a key that is not among them: then the platform has rotated its keys.
type keySet struct {
	file   string
	url    string
	client *http.Client

	generation atomic.Int64 // counts the sets taken that were not the same as the one before

	mu      sync.Mutex
	reading chan struct{} // closed when the reading under way ends; nil: none is
	keys    []jwk
	text    string
	read    time.Time // when the keys were last read
	tried   time.Time // when that was last tried
}

type jwk struct {
	id        string
	algorithm string
	public    crypto.PublicKey
}

const (
	keysFresh   = 10 * time.Minute // after which the keys are read again
	keysRetry   = 10 * time.Second // least time between two tries
	keysStale   = 24 * time.Hour   // how long the last keys count where they cannot be read again
	keysTimeout = 5 * time.Second
	keysSize    = 1 << 20
)

func newKeySet(where string) (*keySet, error) {
	if !strings.Contains(where, "://") {
		if _, err := readKeyFile(where); err != nil {
			return nil, fmt.Errorf("jwt.jwks: %w", err)
		}
		return &keySet{file: where}, nil
	}
	if err := secureAddress(where); err != nil {
		return nil, fmt.Errorf("jwt.jwks: %w", err)
	}
	client := &http.Client{Timeout: keysTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &keySet{url: where, client: client}, nil
}

// secureAddress takes https, and http on this very machine.
func secureAddress(s string) error {
	u, err := url.Parse(s)
	if err != nil {
		return err
	}
	ip := net.ParseIP(u.Hostname())
	loopback := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback) {
		return fmt.Errorf("%s is no https address: who can change the keys on their way can sign in as anybody", s)
	}
	return nil
}

// find returns the keys with an id, or all of them for a token that names none.
func (s *keySet) find(ctx context.Context, kid string, now time.Time) ([]jwk, error) {
	for {
		found, reading, err := s.look(kid, now)
		if reading == nil || len(found) > 0 {
			return found, err
		}
		select {
		case <-reading:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// look returns the keys that are here, and begins to read them again where that is due: whoever has a key that is
// here does not wait for it.
func (s *keySet) look(kid string, now time.Time) (found []jwk, reading chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found = s.byID(kid)
	due := now.Sub(s.read) >= keysFresh || len(found) == 0
	if due && s.reading == nil && now.Sub(s.tried) >= keysRetry {
		s.tried, s.reading = now, make(chan struct{})
		go s.refresh(now)
	}
	if now.Sub(s.read) < keysStale {
		return found, s.reading, nil
	}
	if s.reading == nil {
		return nil, nil, unavailable.problem("The platform's keys cannot be read at the moment, so its tokens cannot be checked.").with("Retry-After", "10")
	}
	return nil, s.reading, nil
}

func (s *keySet) byID(kid string) (found []jwk) {
	for _, k := range s.keys {
		if kid == "" || k.id == kid {
			found = append(found, k)
		}
	}
	return found
}

// refresh reads the keys. What cannot be read changes nothing.
func (s *keySet) refresh(now time.Time) {
	var keys []jwk
	text, err := s.fetch()
	if err == nil {
		keys, err = parseKeys(text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.reading)
	s.reading = nil
	if err != nil {
		return
	}
	s.read = now
	if string(text) != s.text {
		s.keys, s.text = keys, string(text)
		s.generation.Add(1)
	}
}

func (s *keySet) fetch() ([]byte, error) {
	if s.file != "" {
		return readKeyFile(s.file)
	}
	req, err := http.NewRequest(http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/jwk-set+json, application/json")
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", s.url, res.Status)
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, keysSize+1))
	if err == nil && len(text) > keysSize {
		err = fmt.Errorf("%s: more than %d bytes", s.url, keysSize)
	}
	return text, err
}

func readKeyFile(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if _, err := parseKeys(text); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return text, nil
}

// parseKeys reads a JWK Set. Keys that are not for signatures of an algorithm that is taken are passed over (RFC 7517 §5).
func parseKeys(text []byte) (keys []jwk, err error) {
	var set struct{ Keys []jsonKey }
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("no JWK Set: %w", err)
	}
	for _, k := range set.Keys {
		public, err := k.public()
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", k.Kid, err)
		}
		algorithm := algorithmOf(public)
		if algorithm == "" || k.Use != "" && k.Use != "sig" || k.Alg != "" && k.Alg != algorithm && !(k.Alg == "Ed25519" && algorithm == "EdDSA") {
			continue
		}
		keys = append(keys, jwk{k.Kid, algorithm, public})
	}
	if len(keys) == 0 {
		return nil, errors.New("no JWK Set with a key for RS256, ES256 or EdDSA")
	}
	return keys, nil
}

// jsonKey is one key as RFC 7517, RFC 7518 §6 and RFC 8037 §2 write it.
type jsonKey struct {
	Kty, Kid, Use, Alg, Crv string
	N, E, X, Y              string
}

// public returns the key; nil for kinds that are not known here.
func (k jsonKey) public() (crypto.PublicKey, error) {
	switch {
	case k.Kty == "RSA":
		n, err := number(k.N)
		e, err2 := number(k.E)
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		if !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 || e.Bit(0) == 0 || n.BitLen() > 16384 {
			return nil, errors.New("its modulus or exponent is out of range")
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
	case k.Kty == "EC" && k.Crv == "P-256":
		x, err := octets(k.X, 32)
		y, err2 := octets(k.Y, 32)
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	case k.Kty == "OKP" && k.Crv == "Ed25519":
		x, err := octets(k.X, ed25519.PublicKeySize)
		return ed25519.PublicKey(x), err
	}
	return nil, nil
}

func octets(s string, size int) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil && size > 0 && len(b) != size {
		err = fmt.Errorf("a number of %d bytes should have %d", len(b), size)
	}
	return b, err
}

func number(s string) (*big.Int, error) {
	b, err := octets(s, 0)
	if err == nil && len(b) == 0 {
		err = errors.New("a number is missing")
	}
	return new(big.Int).SetBytes(b), err
}

package api

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"laurel/internal/issuer"
)

// TokenPrefix starts every API token, so that scanners for leaked secrets and people know one when they see it.
const TokenPrefix = "lrl_"

// TokenError says why no such token can be made.
type TokenError struct{ message string }

func (e *TokenError) Error() string { return e.message }

func badRequest(format string, args ...any) error { return &TokenError{fmt.Sprintf(format, args...)} }

// NewToken makes a token and its secret: 200 random bits in letters that survive a double click. Only the
// secret's digest is kept. The error is a *TokenError where name, scopes or expiry (zero: never) cannot be.
func NewToken(name string, scopes []string, organisation string, expires, now time.Time) (secret string, t issuer.Token, err error) {
	if err := CheckToken(name, scopes, organisation, expires, now); err != nil {
		return "", t, err
	}
	t = issuer.Token{Name: name, Scopes: slices.Compact(slices.Sorted(slices.Values(scopes))), Organisation: organisation}
	secret = FreshSecret(&t, expires, now)
	return secret, t, nil
}

// FreshSecret gives a token a secret, an id and a time of its own.
func FreshSecret(t *issuer.Token, expires, now time.Time) (secret string) {
	var random [25]byte
	var id [4]byte
	rand.Read(random[:])
	rand.Read(id[:])
	secret = TokenPrefix + strings.ToLower(base32.StdEncoding.EncodeToString(random[:]))
	t.ID, t.Hash = hex.EncodeToString(id[:]), sha256.Sum256([]byte(secret))
	t.Created, t.Expires = now.UTC().Truncate(time.Second), expires
	return secret
}

// CheckToken refuses names, scopes, organisations and expiries that a token cannot have.
func CheckToken(name string, scopes []string, organisation string, expires, now time.Time) error {
	unprintable := func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }
	switch n := utf8.RuneCountInString(name); {
	case n == 0 || n > 100 || strings.ContainsFunc(name, unprintable):
		return badRequest("token name %q: give it 1 to 100 printable characters", cut(name))
	case len(scopes) == 0:
		return badRequest("a token needs at least one scope: %s", strings.Join(Scopes(), ", "))
	case !expires.IsZero() && !expires.After(now):
		return badRequest("a token cannot expire in the past, at %s", expires.Format(time.RFC3339))
	}
	if strings.ContainsFunc(organisation, unprintable) || utf8.RuneCountInString(organisation) > 128 {
		return badRequest("organisation %q: give at most 128 printable characters", cut(organisation))
	}
	for _, s := range scopes {
		if err := checkScope(s); err != nil {
			return err
		}
	}
	return nil
}

var templateScope = regexp.MustCompile(`^issue:[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)

// checkScope refuses what is no scope.
func checkScope(s string) error {
	if slices.Contains(Scopes(), s) || templateScope.MatchString(s) {
		return nil
	}
	return badRequest("scope %q is unknown; there are %s, and issue:TEMPLATE for one template alone", cut(s), strings.Join(Scopes(), ", "))
}

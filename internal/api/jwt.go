package api

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// PeopleConfig says which JWTs (RFC 7519) of the platform are taken, and what their claims mean.
type PeopleConfig struct {
	Secret   []byte // of HS256; nil: not taken. At least 32 bytes
	JWKS     string // file or address of the platform's public keys (RFC 7517); "": RS256, ES256 and EdDSA are not taken
	Issuer   string // iss; "" asks for none, which only HS256 may
	Audience string // aud; the same

	Algorithms []string      // of the keys in JWKS; empty: RS256, ES256, EdDSA
	Leeway     time.Duration // between the clocks of the platform and this machine

	// Names of the claims, "" for the default: sub, name, role, org, scope. A name with dots is one claim of this very
	// name, or else leads into objects: realm_access.role.
	User, Name, Role, Organisation, Scope string
	Roles                                 map[string]string // the platform's names of roles → learner, enterprise_admin, admin
}

const (
	leastSecret = 32
	mostLeeway  = 5 * time.Minute
	rsaBits     = 2048
)

// People takes JWTs of the platform for the people whom it has signed in. It is safe for concurrent use.
type People struct {
	cfg    PeopleConfig
	keys   *keySet
	parser *jwt.Parser
	seen   seenTokens
}

// NewPeople checks a configuration. Errors name the setting.
func NewPeople(c PeopleConfig) (*People, error) {
	for _, name := range []struct {
		p         *string
		otherwise string
	}{{&c.User, "sub"}, {&c.Name, "name"}, {&c.Role, "role"}, {&c.Organisation, "org"}, {&c.Scope, "scope"}} {
		if *name.p == "" {
			*name.p = name.otherwise
		}
	}
	asymmetric := []string{"RS256", "ES256", "EdDSA"}
	for _, a := range c.Algorithms {
		if !slices.Contains(asymmetric, a) {
			return nil, fmt.Errorf("jwt.algorithms: %q is not one of %s; HS256 is switched on by its secret", a, strings.Join(asymmetric, ", "))
		}
	}
	if len(c.Algorithms) == 0 {
		c.Algorithms = asymmetric
	}
	for _, r := range c.Roles {
		if r := role(r); r != roleLearner && r != roleEnterpriseAdmin && r != roleAdmin {
			return nil, fmt.Errorf("jwt.roles: %q is not one of learner, enterprise_admin, admin", r)
		}
	}
	switch {
	case c.Secret == nil && c.JWKS == "":
		return nil, errors.New("jwt: give CERTD_JWT_HS256_SECRET or jwt.jwks; without keys no token can be checked")
	case c.Secret != nil && len(c.Secret) < leastSecret:
		return nil, fmt.Errorf("CERTD_JWT_HS256_SECRET has %d bytes; a secret that cannot be guessed has at least %d (RFC 7518 §3.2)", len(c.Secret), leastSecret)
	case c.JWKS != "" && (c.Issuer == "" || c.Audience == ""):
		return nil, errors.New("jwt.jwks: give jwt.issuer and jwt.audience too: whoever signs with these keys signs for others as well")
	case c.Leeway < 0 || c.Leeway > mostLeeway:
		return nil, fmt.Errorf("jwt.leeway: %v is not between 0 and %v", c.Leeway, mostLeeway)
	}
	p := &People{cfg: c}
	if c.JWKS != "" {
		var err error
		if p.keys, err = newKeySet(c.JWKS); err != nil {
			return nil, err
		}
	}
	options := []jwt.ParserOption{jwt.WithJSONNumber(), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation(), jwt.WithValidMethods(p.algorithms())}
	p.parser = jwt.NewParser(options...)
	return p, nil
}

// algorithms are those for which there is a key; "none" is never among them.
func (p *People) algorithms() (all []string) {
	if p.cfg.Secret != nil {
		all = append(all, "HS256")
	}
	if p.keys != nil {
		all = append(all, p.cfg.Algorithms...)
	}
	return all
}

// identify finds out whose JWT this is. The error is a Problem that says why it is not taken.
func (p *People) identify(ctx context.Context, token string, now time.Time) (principal, error) {
	if who, ok := p.seen.get(token, p.generation(), now); ok {
		return who, nil
	}
	generation := p.generation()
	claims := jwt.MapClaims{}
	_, err := p.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) { return p.key(ctx, t, now) })
	if err != nil {
		if unreachable, ok := errors.AsType[*Problem](err); ok {
			return principal{}, unreachable
		}
		return principal{}, badToken("This JWT is not acceptable: " + whyNot(err) + ".")
	}
	check := jwt.NewValidator(p.validation(now)...)
	if err := check.Validate(claims); err != nil {
		return principal{}, badToken("This JWT is not acceptable: " + whyNot(err) + ".")
	}
	who, err := p.read(claims)
	if err != nil {
		return principal{}, err
	}
	if exp, err := claims.GetExpirationTime(); err == nil && exp != nil {
		p.seen.put(token, who, exp.Add(p.cfg.Leeway), generation, now)
	}
	return who, nil
}

// known reports whether a token was found good before.
func (p *People) known(token string, now time.Time) bool {
	_, ok := p.seen.get(token, p.generation(), now)
	return ok
}

func (p *People) validation(now time.Time) []jwt.ParserOption {
	options := []jwt.ParserOption{
		jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithLeeway(p.cfg.Leeway), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
	}
	if p.cfg.Issuer != "" {
		options = append(options, jwt.WithIssuer(p.cfg.Issuer))
	}
	if p.cfg.Audience != "" {
		options = append(options, jwt.WithAudience(p.cfg.Audience))
	}
	return options
}

// key chooses the key by the algorithm, never the algorithm by the key: a public key is no secret of HS256
// (RFC 8725 §2.1, §3.1).
func (p *People) key(ctx context.Context, t *jwt.Token, now time.Time) (any, error) {
	alg, _ := t.Header["alg"].(string)
	if _, present := t.Header["crit"]; present { // RFC 7515 §4.1.11: what is not understood and critical is refused
		return nil, errors.New("it has a critical header")
	}
	if alg == "HS256" {
		return p.cfg.Secret, nil
	}
	kid, _ := t.Header["kid"].(string)
	keys, err := p.keys.find(ctx, kid, now)
	if err != nil {
		return nil, err
	}
	var fit jwt.VerificationKeySet
	for _, k := range keys {
		if k.algorithm == alg && slices.Contains(p.cfg.Algorithms, alg) {
			fit.Keys = append(fit.Keys, k.public)
		}
	}
	if len(fit.Keys) == 0 {
		return nil, errors.New("no key of the platform fits it")
	}
	return fit, nil
}

func (p *People) generation() int64 {
	if p.keys == nil {
		return 0
	}
	return p.keys.generation.Load()
}

// algorithmOf says which algorithm a public key is for; "" for none that is taken.
func algorithmOf(k crypto.PublicKey) string {
	switch k := k.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() >= rsaBits {
			return "RS256"
		}
	case *ecdsa.PublicKey:
		return "ES256"
	case ed25519.PublicKey:
		return "EdDSA"
	}
	return ""
}

// read turns claims into a person.
func (p *People) read(claims jwt.MapClaims) (principal, error) {
	user := textClaim(claims, p.cfg.User)
	if user == "" || len(user) > 128 {
		return principal{}, badToken("This JWT does not say whose it is: the claim " + p.cfg.User + " is missing or too long.")
	}
	who := principal{
		kind: ofPerson, id: "user:" + user, user: user, name: textClaim(claims, p.cfg.Name), organisation: textClaim(claims, p.cfg.Organisation),
		role: p.roleOf(listClaim(claims, p.cfg.Role)),
	}
	for _, s := range listClaim(claims, p.cfg.Scope) {
		if checkScope(s) == nil {
			who.scopes = append(who.scopes, s)
		}
	}
	return who, nil
}

// roleOf is the highest of somebody's roles; who has none that is known is a learner, the least.
func (p *People) roleOf(names []string) role {
	highest := roleLearner
	for _, name := range names {
		r := role(name)
		if mapped, ok := p.cfg.Roles[name]; ok {
			r = role(mapped)
		} else if len(p.cfg.Roles) > 0 {
			continue // the platform's own names are given: others mean something else
		}
		if r == roleAdmin || r == roleEnterpriseAdmin && highest == roleLearner {
			highest = r
		}
	}
	return highest
}

func claim(claims map[string]any, name string) any {
	if v, ok := claims[name]; ok {
		return v
	}
	first, rest, dotted := strings.Cut(name, ".")
	if inner, ok := claims[first].(map[string]any); ok && dotted {
		return claim(inner, rest)
	}
	return nil
}

// textClaim reads a text, or a whole number as text: platforms count their users.
func textClaim(claims map[string]any, name string) string {
	switch v := claim(claims, name).(type) {
	case string:
		return v
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			return v.String()
		}
	}
	return ""
}

// listClaim reads a list of texts, or one text of words.
func listClaim(claims map[string]any, name string) (all []string) {
	switch v := claim(claims, name).(type) {
	case string:
		return strings.Fields(v)
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok {
				all = append(all, s)
			}
		}
	}
	return all
}

// whyNot puts the library's reasons into words, without anything of the token.
func whyNot(err error) string {
	for _, reason := range []struct {
		is   error
		text string
	}{
		{jwt.ErrTokenExpired, "it has expired"},
		{jwt.ErrTokenNotValidYet, "it is not valid yet"},
		{jwt.ErrTokenUsedBeforeIssued, "it was issued in the future; are the clocks right?"},
		{jwt.ErrTokenInvalidIssuer, "its iss is not the one expected"},
		{jwt.ErrTokenInvalidAudience, "its aud is not the one expected"},
		{jwt.ErrTokenRequiredClaimMissing, "it lacks exp, or another claim that is needed"},
		{jwt.ErrTokenMalformed, "it is malformed"},
	} {
		if errors.Is(err, reason.is) {
			return reason.text
		}
	}
	return "its signature or algorithm is not one that is taken here"
}

// seenTokens remembers JWTs that were found good, so that their signatures are checked once. It keeps digests alone.
type seenTokens struct {
	mu         sync.Mutex
	generation int64
	by         map[[32]byte]seenToken
}

type seenToken struct {
	who     principal
	expires time.Time
}

const maxSeen = 8192

func (s *seenTokens) get(token string, generation int64, now time.Time) (principal, bool) {
	hash := sha256.Sum256([]byte(token))
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.by[hash]
	return t.who, ok && s.generation == generation && now.Before(t.expires)
}

// put remembers a token under the keys of a generation; newer keys forget the older generations.
func (s *seenTokens) put(token string, who principal, expires time.Time, generation int64, now time.Time) {
	hash := sha256.Sum256([]byte(token))
	s.mu.Lock()
	defer s.mu.Unlock()
	if generation < s.generation {
		return
	}
	if s.by == nil || generation > s.generation || len(s.by) >= maxSeen {
		s.by, s.generation = map[[32]byte]seenToken{}, generation
	}
	if now.Before(expires) {
		s.by[hash] = seenToken{who, expires}
	}
}

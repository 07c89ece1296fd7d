package api

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var jwtSecret = []byte("a secret of the platform, 32 bytes at least")

// now is when the tokens of these tests are looked at.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func people(t *testing.T, c PeopleConfig) *People {
	t.Helper()
	p, err := NewPeople(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// platform is what signs: one key of each kind that is taken.
type platform struct {
	rsa *rsa.PrivateKey
	ec  *ecdsa.PrivateKey
	ed  ed25519.PrivateKey
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	e, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, d, err3 := ed25519.GenerateKey(rand.Reader)
	if err != nil || err2 != nil || err3 != nil {
		t.Fatal(err, err2, err3)
	}
	return &platform{r, e, d}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func jwkOf(kid string, public crypto.PublicKey) map[string]string {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return map[string]string{"kty": "RSA", "kid": kid, "use": "sig", "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes())}
	case *ecdsa.PublicKey:
		raw, _ := k.Bytes()
		return map[string]string{"kty": "EC", "kid": kid, "crv": "P-256", "x": b64(raw[1:33]), "y": b64(raw[33:])}
	case ed25519.PublicKey:
		return map[string]string{"kty": "OKP", "kid": kid, "crv": "Ed25519", "alg": "EdDSA", "x": b64(k)}
	}
	panic("no such key")
}

func jwks(keys ...map[string]string) []byte {
	text, _ := json.Marshal(map[string]any{"keys": keys})
	return text
}

func (p *platform) jwks() []byte {
	return jwks(jwkOf("r", p.rsa.Public()), jwkOf("e", p.ec.Public()), jwkOf("d", p.ed.Public()))
}

func fileOf(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// token signs claims, the usual ones changed by more; nil takes a claim away.
func token(t *testing.T, method jwt.SigningMethod, kid string, key any, more map[string]any) string {
	t.Helper()
	claims := jwt.MapClaims{"sub": "1042", "name": "张伟", "iss": "https://platform.example.org", "aud": "laurel", "exp": now.Add(time.Hour).Unix()}
	maps.Copy(claims, more)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	j := jwt.NewWithClaims(method, claims)
	if kid != "" {
		j.Header["kid"] = kid
	}
	text, err := j.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func hs256(t *testing.T, more map[string]any) string {
	return token(t, jwt.SigningMethodHS256, "", jwtSecret, more)
}

func TestTheClaimsOfAJWTSayWhoAsks(t *testing.T) {
	for name, tt := range map[string]struct {
		config PeopleConfig
		claims map[string]any
		want   principal
	}{
		"as the contract says": {
			claims: map[string]any{"role": "enterprise_admin", "org": "acme", "scope": "issue status openid issue:course"},
			want:   principal{id: "user:1042", user: "1042", name: "张伟", organisation: "acme", role: roleEnterpriseAdmin, scopes: []string{"issue", "status", "issue:course"}},
		},
		"no role":                      {claims: map[string]any{}, want: principal{id: "user:1042", user: "1042", name: "张伟", role: roleLearner}},
		"a role of nobody":             {claims: map[string]any{"role": "root"}, want: principal{id: "user:1042", user: "1042", name: "张伟", role: roleLearner}},
		"a user that is a number":      {claims: map[string]any{"sub": 1042}, want: principal{id: "user:1042", user: "1042", name: "张伟", role: roleLearner}},
		"a large number":               {claims: map[string]any{"sub": json.Number("9007199254740993")}, want: principal{id: "user:9007199254740993", user: "9007199254740993", name: "张伟", role: roleLearner}},
		"scopes as a list":             {claims: map[string]any{"scope": []string{"issue", "x"}}, want: principal{id: "user:1042", user: "1042", name: "张伟", role: roleLearner, scopes: []string{"issue"}}},
		"the highest of several roles": {claims: map[string]any{"role": []string{"learner", "admin", "enterprise_admin"}}, want: principal{id: "user:1042", user: "1042", name: "张伟", role: roleAdmin}},
		"the platform's own names": {
			config: PeopleConfig{User: "uid", Name: "profile.nick", Role: "https://p.example/role", Organisation: "tenant", Scope: "rights", Roles: map[string]string{"boss": "enterprise_admin"}},
			claims: map[string]any{"uid": "u7", "profile": map[string]any{"nick": "小张"}, "https://p.example/role": "boss", "tenant": "acme", "rights": "issue", "role": "admin", "org": "x"},
			want:   principal{id: "user:u7", user: "u7", name: "小张", organisation: "acme", role: roleEnterpriseAdmin, scopes: []string{"issue"}},
		},
		"another meaning of admin": {
			config: PeopleConfig{Roles: map[string]string{"boss": "admin"}},
			claims: map[string]any{"role": "admin"},
			want:   principal{id: "user:1042", user: "1042", name: "张伟", role: roleLearner},
		},
	} {
		tt.config.Secret = jwtSecret
		got, err := people(t, tt.config).identify(t.Context(), hs256(t, tt.claims), now)
		tt.want.kind = ofPerson
		if err != nil || fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, tt.want)
		}
	}
}

func TestEachAlgorithmIsTakenWithItsOwnKeyAlone(t *testing.T) {
	p, stranger := newPlatform(t), newPlatform(t)
	config := PeopleConfig{JWKS: fileOf(t, p.jwks()), Issuer: "https://platform.example.org", Audience: "laurel"}
	both := config
	both.Secret = jwtSecret
	onlyRSA := config
	onlyRSA.Algorithms = []string{"RS256"}
	rsaPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(p.rsa.Public()))})
	rs := token(t, jwt.SigningMethodRS256, "r", p.rsa, nil)
	for name, tt := range map[string]struct {
		config PeopleConfig
		token  string
		good   bool
	}{
		"RS256":                                  {config, rs, true},
		"ES256":                                  {config, token(t, jwt.SigningMethodES256, "e", p.ec, nil), true},
		"EdDSA":                                  {config, token(t, jwt.SigningMethodEdDSA, "d", p.ed, nil), true},
		"HS256 beside them":                      {both, hs256(t, nil), true},
		"one that names no key":                  {config, token(t, jwt.SigningMethodES256, "", p.ec, nil), true},
		"HS256 without its secret":               {config, hs256(t, nil), false},
		"HS256 with the public key for a secret": {config, token(t, jwt.SigningMethodHS256, "r", rsaPEM, nil), false},
		"the same, where HS256 is on":            {both, token(t, jwt.SigningMethodHS256, "r", rsaPEM, nil), false},
		"HS256 with another secret":              {both, token(t, jwt.SigningMethodHS256, "", []byte("another secret of 32 bytes or so"), nil), false},
		"HS512":                                  {both, token(t, jwt.SigningMethodHS512, "", jwtSecret, nil), false},
		"PS256 with the key of RS256":            {config, token(t, jwt.SigningMethodPS256, "r", p.rsa, nil), false},
		"RS512":                                  {config, token(t, jwt.SigningMethodRS512, "r", p.rsa, nil), false},
		"none":                                   {both, token(t, jwt.SigningMethodNone, "", jwt.UnsafeAllowNoneSignatureType, nil), false},
		"none, in capitals":                      {both, unsigned(rs, `{"alg":"None","typ":"JWT"}`), false},
		"a stranger's key":                       {config, token(t, jwt.SigningMethodRS256, "r", stranger.rsa, nil), false},
		"a key in the token's header":            {config, withKey(t, stranger), false},
		"ES256 where RS256 alone is taken":       {onlyRSA, token(t, jwt.SigningMethodES256, "e", p.ec, nil), false},
		"a kid of another key":                   {config, token(t, jwt.SigningMethodRS256, "e", p.rsa, nil), false},
		"a critical header":                      {config, critical(t, p), false},
		"no signature":                           {config, rs[:strings.LastIndex(rs, ".")+1], false},
		"a signature with bits behind it":        {config, rs + "=", false},
		"another's claims":                       {config, swapClaims(rs, token(t, jwt.SigningMethodRS256, "r", stranger.rsa, map[string]any{"role": "admin"})), false},
	} {
		who, err := people(t, tt.config).identify(t.Context(), tt.token, now)
		if (err == nil) != tt.good {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
		if refused, ok := err.(*Problem); err != nil && (!ok || refused.Status != http.StatusUnauthorized) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func unsigned(token, header string) string {
	return b64([]byte(header)) + "." + strings.Split(token, ".")[1] + "."
}

func swapClaims(token, other string) string {
	parts := strings.Split(token, ".")
	return parts[0] + "." + strings.Split(other, ".")[1] + "." + parts[2]
}

func withKey(t *testing.T, p *platform) string {
	j := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{"sub": "1042", "iss": "https://platform.example.org", "aud": "laurel", "exp": now.Add(time.Hour).Unix()})
	j.Header["jwk"] = jwkOf("d", p.ed.Public())
	j.Header["kid"] = "d"
	return must(j.SignedString(p.ed))
}

func critical(t *testing.T, p *platform) string {
	j := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{"sub": "1042", "iss": "https://platform.example.org", "aud": "laurel", "exp": now.Add(time.Hour).Unix()})
	j.Header["crit"] = []string{"b64"}
	j.Header["kid"] = "d"
	return must(j.SignedString(p.ed))
}

func TestTimesIssuerAndAudienceAreHeldToTheSecond(t *testing.T) {
	strict := PeopleConfig{Secret: jwtSecret, Issuer: "https://platform.example.org", Audience: "laurel", Leeway: 30 * time.Second}
	for name, tt := range map[string]struct {
		claims map[string]any
		want   string // "" is taken
	}{
		"as it should be":            {nil, ""},
		"one of several audiences":   {map[string]any{"aud": []string{"lms", "laurel"}}, ""},
		"expired within the leeway":  {map[string]any{"exp": now.Add(-29 * time.Second).Unix()}, ""},
		"expired":                    {map[string]any{"exp": now.Add(-30 * time.Second).Unix()}, "it has expired"},
		"valid within the leeway":    {map[string]any{"nbf": now.Add(30 * time.Second).Unix()}, ""},
		"not yet valid":              {map[string]any{"nbf": now.Add(31 * time.Second).Unix()}, "not valid yet"},
		"issued in the future":       {map[string]any{"iat": now.Add(time.Minute).Unix()}, "clocks"},
		"valid for ever":             {map[string]any{"exp": nil}, "lacks exp"},
		"an exp that is no time":     {map[string]any{"exp": "tomorrow"}, "not acceptable"},
		"another issuer":             {map[string]any{"iss": "https://platform.example.org/"}, "iss"},
		"no issuer":                  {map[string]any{"iss": nil}, ""},
		"for another audience":       {map[string]any{"aud": "lms"}, "aud"},
		"for no audience":            {map[string]any{"aud": nil}, ""},
		"nobody's":                   {map[string]any{"sub": nil}, "whose it is"},
		"somebody with a long name":  {map[string]any{"sub": strings.Repeat("x", 129)}, "whose it is"},
		"somebody who is a fraction": {map[string]any{"sub": 1.5}, "whose it is"},
		"somebody who is a list":     {map[string]any{"sub": []string{"1042"}}, "whose it is"},
	} {
		_, err := people(t, strict).identify(t.Context(), hs256(t, tt.claims), now)
		switch name {
		case "no issuer", "for no audience":
			if err == nil {
				t.Errorf("%s: taken", name)
			}
			continue
		}
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestATokenSeenBeforeStillExpires(t *testing.T) {
	p := people(t, PeopleConfig{Secret: jwtSecret})
	good := hs256(t, nil)
	for _, at := range []time.Time{now, now.Add(time.Hour - time.Second)} {
		if _, err := p.identify(t.Context(), good, at); err != nil {
			t.Errorf("at %v: %v", at, err)
		}
	}
	if _, err := p.identify(t.Context(), good, now.Add(time.Hour)); err == nil {
		t.Error("taken behind its time")
	}
}

// keyHost serves keys over loopback and counts how often it is asked.
type keyHost struct {
	*httptest.Server
	body  atomic.Pointer[[]byte] // nil: it fails
	asked atomic.Int64
}

func newKeyHost(t *testing.T, body []byte) *keyHost {
	h := &keyHost{}
	h.body.Store(&body)
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.asked.Add(1)
		body := h.body.Load()
		if body == nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Write(*body)
	}))
	t.Cleanup(h.Close)
	return h
}

func TestThePlatformsKeysAreRotatedWithoutARestart(t *testing.T) {
	old, young := newPlatform(t), newPlatform(t)
	host := newKeyHost(t, jwks(jwkOf("1", old.ed.Public())))
	p := people(t, PeopleConfig{JWKS: host.URL, Issuer: "https://platform.example.org", Audience: "laurel"})
	long := map[string]any{"exp": now.Add(100 * time.Hour).Unix()}
	first, second := token(t, jwt.SigningMethodEdDSA, "1", old.ed, long), token(t, jwt.SigningMethodEdDSA, "2", young.ed, long)
	at := now
	taken := func(token string) bool {
		_, err := p.identify(t.Context(), token, at)
		return err == nil
	}
	if !taken(first) || taken(second) || !taken(first) {
		t.Fatal("before the rotation")
	}
	asked := host.asked.Load()
	both := jwks(jwkOf("1", old.ed.Public()), jwkOf("2", young.ed.Public()))
	host.body.Store(&both)
	if at = at.Add(keysRetry - 1); taken(second) || host.asked.Load() != asked {
		t.Error("a key that is not there is asked for at every token")
	}
	if at = at.Add(2); !taken(second) || !taken(first) {
		t.Error("the new key is not taken though a token names it")
	}
	only := jwks(jwkOf("2", young.ed.Public()))
	host.body.Store(&only)
	if at = at.Add(keysFresh - 1); !taken(first) {
		t.Error("the keys are read anew too soon")
	}
	if at = at.Add(2); !taken(second) {
		t.Error("the new key is lost")
	}
	// A token seen before is looked at again once the keys are others.
	forgotten := token(t, jwt.SigningMethodEdDSA, "3", young.ed, long)
	if taken(forgotten) || taken(first) {
		t.Error("the old key is taken though the platform has ended it")
	}
	host.body.Store(nil)
	if at = at.Add(keysStale - time.Minute); !taken(second) {
		t.Error("the last keys do not count while the platform cannot be asked")
	}
	at = at.Add(keysFresh)
	_, err := p.identify(t.Context(), token(t, jwt.SigningMethodEdDSA, "2", young.ed, map[string]any{"exp": now.Add(99 * time.Hour).Unix()}), at)
	if refused, ok := err.(*Problem); !ok || refused.Status != http.StatusServiceUnavailable {
		t.Errorf("with keys of yesterday: %v", err)
	}
}

func TestAKeyFileIsReadAgain(t *testing.T) {
	old, young := newPlatform(t), newPlatform(t)
	path := fileOf(t, jwks(jwkOf("1", old.ed.Public())))
	p := people(t, PeopleConfig{JWKS: path, Issuer: "https://platform.example.org", Audience: "laurel"})
	if _, err := p.identify(t.Context(), token(t, jwt.SigningMethodEdDSA, "1", old.ed, nil), now); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, jwks(jwkOf("2", young.ed.Public())), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.identify(t.Context(), token(t, jwt.SigningMethodEdDSA, "2", young.ed, nil), now.Add(keysRetry)); err != nil {
		t.Error(err)
	}
}

func TestSettingsThatWouldLetOthersInAreRefused(t *testing.T) {
	keys := fileOf(t, newPlatform(t).jwks())
	for want, c := range map[string]PeopleConfig{
		"without keys":      {},
		"at least 32":       {Secret: []byte("short")},
		"jwt.issuer and":    {JWKS: keys},
		"signs for others":  {JWKS: keys, Issuer: "x"},
		"no such file":      {JWKS: "nowhere.json", Issuer: "x", Audience: "y"},
		"no https address":  {JWKS: "http://platform.example.org/keys", Issuer: "x", Audience: "y"},
		"jwt.leeway":        {Secret: jwtSecret, Leeway: time.Hour},
		"jwt.algorithms":    {Secret: jwtSecret, Algorithms: []string{"HS256"}},
		`"none" is not one`: {Secret: jwtSecret, Algorithms: []string{"none"}},
		`"root" is not one`: {Secret: jwtSecret, Roles: map[string]string{"boss": "root"}},
		"no JWK Set":        {JWKS: fileOf(t, []byte("{}")), Issuer: "x", Audience: "y"},
	} {
		if _, err := NewPeople(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

func TestKeysThatAreNotFitForSignaturesAreNotTaken(t *testing.T) {
	p := newPlatform(t)
	weak := must(rsa.GenerateKey(rand.Reader, 1024))
	forEncryption, otherAlgorithm := jwkOf("r", p.rsa.Public()), jwkOf("r", p.rsa.Public())
	forEncryption["use"], otherAlgorithm["alg"] = "enc", "PS256"
	off := jwkOf("e", p.ec.Public())
	off["y"] = off["x"]
	for name, tt := range map[string]struct {
		set  []byte
		want []string // kids; nil: the whole set is refused
	}{
		"all":                       {p.jwks(), []string{"r", "e", "d"}},
		"a short RSA key":           {jwks(jwkOf("w", weak.Public()), jwkOf("d", p.ed.Public())), []string{"d"}},
		"one for encryption":        {jwks(forEncryption, jwkOf("d", p.ed.Public())), []string{"d"}},
		"one for another algorithm": {jwks(otherAlgorithm, jwkOf("d", p.ed.Public())), []string{"d"}},
		"one of an unknown kind":    {jwks(map[string]string{"kty": "new"}, jwkOf("d", p.ed.Public())), []string{"d"}},
		"a secret":                  {jwks(map[string]string{"kty": "oct", "k": "AAAA"}), nil},
		"a point off its curve":     {jwks(off), nil},
		"a short Ed25519 key":       {jwks(map[string]string{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}), nil},
		"an even exponent":          {jwks(map[string]string{"kty": "RSA", "n": b64(p.rsa.N.Bytes()), "e": "Ag"}), nil},
	} {
		keys, err := parseKeys(tt.set)
		var kids []string
		for _, k := range keys {
			kids = append(kids, k.id)
		}
		if (err == nil) != (tt.want != nil) || !slices.Equal(kids, tt.want) {
			t.Errorf("%s: %v, %v", name, kids, err)
		}
	}
}

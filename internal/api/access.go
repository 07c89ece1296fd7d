package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"time"

	"laurel/internal/issuer"
)

// A scope is a right that a token carries.
type scope string

const (
	scopeIssue  scope = "issue"
	scopeRead   scope = "read"
	scopeStatus scope = "status"
	scopeAdmin  scope = "admin"

	// open needs no token. Only the rows of access that say so are open: the zero scope is refused.
	open scope = "open"
	// local is held by callers of the control socket alone.
	local scope = "local"
)

// Scopes lists the scopes that a token can have.
func Scopes() []string {
	return []string{string(scopeIssue), string(scopeRead), string(scopeStatus), string(scopeAdmin)}
}

// access says which scope each operation needs. What has no row here is refused, whoever asks.
func access() map[string]scope {
	return map[string]scope{
		"POST /v1/certificates":                    scopeIssue,
		"POST /v1/certificates/bulk":               scopeIssue,
		"GET /v1/certificates":                     scopeRead,
		"GET /v1/certificates/{number}":            scopeRead,
		"GET /v1/certificates/{number}/image":      scopeRead,
		"GET /v1/certificates/{number}/pdf":        scopeRead,
		"GET /v1/certificates/{number}/credential": scopeRead,
		"GET /v1/templates":                        scopeRead,

		"GET /livez":        open,
		"GET /readyz":       open,
		"GET /openapi.json": open,
		"GET /docs":         open,

		"GET /control/health":            local,
		"GET /control/tokens":            local,
		"POST /control/tokens":           local,
		"DELETE /control/tokens/{token}": local,
		"GET /control/snapshot":          local,
		"POST /control/build":            local,
		"POST /control/export":           local,
	}
}

// principal is who asks.
type principal struct {
	id     string // stable; idempotency keys are scoped to it
	scopes []string
	local  bool
}

func (p principal) may(s scope) bool {
	if s == local || p.local {
		return p.local && s != ""
	}
	return slices.Contains(p.scopes, string(s))
}

// owner is the principal of the control socket: whoever may open it owns the data directory.
func owner(*http.Request) (principal, error) { return principal{id: "local", local: true}, nil }

// bearer finds the principal of an API token. The look-up is by digest, which a caller cannot steer, and
// the comparison takes the same time wherever they differ.
func (s *service) bearer(r *http.Request) (principal, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return principal{}, unauthorized.problem("This request carries no token. Send Authorization: Bearer TOKEN.").
			with("WWW-Authenticate", `Bearer realm="laurel"`)
	}
	scheme, secret, _ := strings.Cut(header, " ")
	secret = strings.TrimLeft(secret, " ")
	if !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(secret, TokenPrefix) {
		return principal{}, badToken("The Authorization header is not of the form Bearer " + TokenPrefix + "….")
	}
	hash := sha256.Sum256([]byte(secret))
	t, ok, err := s.issuer.FindToken(r.Context(), hash)
	switch {
	case err != nil:
		return principal{}, err
	case !ok || subtle.ConstantTimeCompare(t.Hash[:], hash[:]) != 1:
		return principal{}, badToken("This token is not known here. Tokens are made with certd token create.")
	case !t.Revoked.IsZero():
		return principal{}, badToken("This token was revoked.")
	case !t.Expires.IsZero() && !s.now().Before(t.Expires):
		return principal{}, badToken("This token has expired.")
	}
	return principal{id: t.ID, scopes: t.Scopes}, nil
}

func inForce(t issuer.Token, now time.Time) bool {
	return t.Revoked.IsZero() && (t.Expires.IsZero() || now.Before(t.Expires))
}

func badToken(detail string) *Problem {
	return unauthorized.problem("%s", detail).with("WWW-Authenticate", `Bearer realm="laurel", error="invalid_token"`)
}

// admit finds out who asks and refuses who may not.
func (s *service) admit(r *http.Request, pattern string) (principal, error) {
	need, known := s.access[pattern]
	if !known || need == "" {
		return principal{}, forbidden.problem("Nobody may do that.")
	}
	if need == open {
		return principal{}, nil
	}
	p, err := s.authenticate(r)
	if err != nil {
		return principal{}, err
	}
	if !p.may(need) {
		return principal{}, forbidden.problem("This needs a token with the scope %s; this one has %s.", need, strings.Join(p.scopes, ", ")).
			with("WWW-Authenticate", `Bearer realm="laurel", error="insufficient_scope", scope="`+string(need)+`"`)
	}
	return p, nil
}

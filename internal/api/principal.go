package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
)

// principal is who asks. The zero value is nobody.
type principal struct {
	kind         principalKind
	id           string // stable; idempotency keys are scoped to it, and records keep it
	scopes       []string
	organisation string // the only one a token touches; a person's own; "" is none

	user, name string // of a person; name is also that of a token
	role       role   // of a person
}

type principalKind int

const (
	ofNobody principalKind = iota
	ofSocket               // whoever may open the control socket
	ofToken                // a program with an API token
	ofPerson               // somebody whom the platform has signed in
)

// role is what the platform says a person is.
type role string

const (
	roleLearner         role = "learner"
	roleEnterpriseAdmin role = "enterprise_admin"
	roleAdmin           role = "admin"
)

// owner is the principal of the control socket: whoever may open it owns the data directory.
func owner(*http.Request) (principal, error) { return principal{kind: ofSocket, id: "local"}, nil }

// bearer finds out whose token a request carries. Who fails too often is not listened to for a while, unless with an
// API token that is good: a program with a good one may share its address with one that has a bad one.
func (s *service) bearer(r *http.Request) (principal, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return principal{}, unauthorized.problem("This request carries no token. Send Authorization: Bearer TOKEN.").
			with("WWW-Authenticate", `Bearer realm="laurel"`)
	}
	p, err := s.identify(r, header)
	if refused, ok := errors.AsType[*Problem](err); !ok || refused.Status != http.StatusUnauthorized {
		return p, err
	}
	if wait, tooOften := s.failures.count(s.address(r)); tooOften {
		return principal{}, tooMany.problem("Too many tokens that are not good came from this address.").with("Retry-After", wait)
	}
	return principal{}, err
}

func (s *service) identify(r *http.Request, header string) (principal, error) {
	scheme, secret, _ := strings.Cut(header, " ")
	secret = strings.TrimLeft(secret, " ")
	switch {
	case strings.EqualFold(scheme, "Bearer") && strings.HasPrefix(secret, TokenPrefix):
		return s.apiToken(r, secret)
	case strings.EqualFold(scheme, "Bearer") && s.people != nil && strings.Count(secret, ".") == 2:
		if s.failures.exhausted(s.address(r)) && !s.people.known(secret, s.now()) {
			return principal{}, badToken("This token was not looked at.")
		}
		return s.people.identify(r.Context(), secret, s.now())
	}
	return principal{}, badToken("The Authorization header is not of the form Bearer " + TokenPrefix + "….")
}

// apiToken finds the principal of an API token. The look-up is by digest, which a caller cannot steer, and the
// comparison takes the same time wherever they differ.
func (s *service) apiToken(r *http.Request, secret string) (principal, error) {
	hash := sha256.Sum256([]byte(secret))
	t, ok, err := s.issuer.FindToken(r.Context(), hash)
	switch {
	case err != nil:
		return principal{}, err
	case !ok || subtle.ConstantTimeCompare(t.Hash[:], hash[:]) != 1:
		return principal{}, badToken("This token is not known here. Tokens are made with certd token create.")
	case !t.Revoked.IsZero():
		return principal{}, badToken("This token was revoked.")
	case !t.InForce(s.now()):
		return principal{}, badToken("This token has expired.")
	}
	return principal{kind: ofToken, id: t.Principal(), scopes: t.Scopes, organisation: t.Organisation, name: t.Name}, nil
}

func badToken(detail string) *Problem {
	return unauthorized.problem("%s", detail).with("WWW-Authenticate", `Bearer realm="laurel", error="invalid_token"`)
}

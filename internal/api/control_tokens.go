package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"laurel/internal/issuer"
)

// tokenJSON is a token on the control socket.
type tokenJSON struct {
	ID      string    `json:"id,omitempty"`
	Name    string    `json:"name"`
	Scopes  []string  `json:"scopes"`
	Created time.Time `json:"created,omitzero"`
	Expires time.Time `json:"expires,omitzero"`
	Revoked time.Time `json:"revoked,omitzero"`

	Organisation string    `json:"organisation,omitempty"`
	LastUsed     time.Time `json:"last_used,omitzero"`
}

func (s *service) listTokens(w http.ResponseWriter, r *http.Request, _ principal) error {
	all, err := s.issuer.Tokens(r.Context())
	if err != nil {
		return err
	}
	list := make([]tokenJSON, len(all))
	for i, t := range all {
		list[i] = tokenJSON{t.ID, t.Name, t.Scopes, t.Created, t.Expires, t.Revoked, t.Organisation, t.LastUsed}
	}
	return reply(w, http.StatusOK, list)
}

func (s *service) createToken(w http.ResponseWriter, r *http.Request, _ principal) error {
	body, err := readBody(r, "application/json")
	if err != nil {
		return err
	}
	var in tokenJSON
	if err := json.Unmarshal(body, &in); err != nil {
		return malformed.problem("The body is no token: %v.", err)
	}
	now := s.now()
	secret, t, err := NewToken(in.Name, in.Scopes, in.Organisation, in.Expires, now)
	if err != nil {
		return invalid.problem("%v", err)
	}
	all, err := s.issuer.Tokens(r.Context())
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(all, func(o issuer.Token) bool { return o.Name == in.Name && o.InForce(now) }); i >= 0 {
		return invalid.problem("A token in force has the name %q; choose another, or end that one first: certd token revoke %s.", in.Name, all[i].ID)
	}
	if err := s.issuer.CreateToken(r.Context(), t); err != nil {
		return err
	}
	return reply(w, http.StatusCreated, map[string]string{"token": secret})
}

// rotateToken makes a token beside the one in force of a name; both count until the time given.
func (s *service) rotateToken(w http.ResponseWriter, r *http.Request, _ principal) error {
	body, err := readBody(r, "application/json")
	if err != nil {
		return err
	}
	var in struct{ Until, Expires time.Time }
	if err := json.Unmarshal(body, &in); err != nil {
		return malformed.problem("The body is no rotation: %v.", err)
	}
	now, secret := s.now(), ""
	if !in.Expires.IsZero() && !in.Expires.After(now) {
		return invalid.problem("a token cannot expire in the past, at %s", in.Expires.Format(time.RFC3339))
	}
	err = s.issuer.RotateToken(r.Context(), r.PathValue("token"), in.Until, func(t *issuer.Token) { secret = FreshSecret(t, in.Expires, now) })
	if errors.Is(err, issuer.ErrNotFound) {
		return notFound.problem("No token in force has the name %s.", cut(r.PathValue("token")))
	}
	if err != nil {
		return err
	}
	return reply(w, http.StatusCreated, map[string]string{"token": secret})
}

func (s *service) revokeToken(w http.ResponseWriter, r *http.Request, _ principal) error {
	err := s.issuer.RevokeToken(r.Context(), r.PathValue("token"))
	if errors.Is(err, issuer.ErrNotFound) {
		return notFound.problem("No token has the id %[1]s, and none in force the name %[1]s.", cut(r.PathValue("token")))
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

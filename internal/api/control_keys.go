package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"laurel/internal/issuer"
)

func (s *service) listKeys(w http.ResponseWriter, r *http.Request, _ principal) error {
	keys, err := s.issuer.Keys(r.Context())
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, map[string]any{"keys": keys, "anew": s.issuer.Anew(), "pending": s.issuer.Health().Pending})
}

func (s *service) rotateKey(w http.ResponseWriter, r *http.Request, _ principal) error {
	key, err := s.issuer.RotateKey(r.Context())
	if err != nil {
		return keyFault(err)
	}
	return reply(w, http.StatusOK, key)
}

func (s *service) revokeKey(w http.ResponseWriter, r *http.Request, _ principal) error {
	body, err := readBody(r, "application/json")
	if err != nil {
		return err
	}
	var in struct {
		Key  string    `json:"key"`
		Size int64     `json:"size"`
		Time time.Time `json:"time"`
		Dry  bool      `json:"dry"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return malformed.problem("The body is no revocation: %v.", err)
	}
	theft, err := s.issuer.RevokeKey(r.Context(), in.Key, issuer.AsOf{Size: in.Size, Time: in.Time}, in.Dry)
	if err != nil {
		return keyFault(err)
	}
	return reply(w, http.StatusOK, theft)
}

// keyFault says to the operator himself what keeps keys from being changed.
func keyFault(err error) error {
	if errors.Is(err, issuer.ErrKey) {
		return invalid.problem("%v", err)
	}
	return err
}

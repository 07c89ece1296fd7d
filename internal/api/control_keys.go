package api

import (
	"errors"
	"net/http"

	"laurel/internal/issuer"
)

func (s *service) listKeys(w http.ResponseWriter, r *http.Request, _ principal) error {
	keys, err := s.issuer.Keys(r.Context())
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, keys)
}

func (s *service) rotateKey(w http.ResponseWriter, r *http.Request, _ principal) error {
	key, err := s.issuer.RotateKey(r.Context())
	if err != nil {
		return keyFault(err)
	}
	return reply(w, http.StatusOK, key)
}

// keyFault says to the operator himself what keeps keys from being changed.
func keyFault(err error) error {
	if errors.Is(err, issuer.ErrKey) {
		return invalid.problem("%v", err)
	}
	return err
}

package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"laurel/internal/webhook"
)

func (s *service) listEndpoints(w http.ResponseWriter, r *http.Request, _ principal) error {
	all, err := s.endpoints.List(r.Context())
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, all)
}

func (s *service) addEndpoint(w http.ResponseWriter, r *http.Request, _ principal) error {
	var in webhook.New
	if err := readInto(r, &in); err != nil {
		return err
	}
	id, secret, err := s.endpoints.Add(r.Context(), in)
	if err != nil {
		return endpointProblem(err)
	}
	return reply(w, http.StatusCreated, map[string]string{"id": id, "secret": secret})
}

func (s *service) removeEndpoint(w http.ResponseWriter, r *http.Request, _ principal) error {
	if err := s.endpoints.Remove(r.Context(), r.PathValue("endpoint")); err != nil {
		return endpointProblem(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *service) rotateEndpoint(w http.ResponseWriter, r *http.Request, _ principal) error {
	var in struct{ Grace time.Duration }
	if err := readInto(r, &in); err != nil {
		return err
	}
	secret, err := s.endpoints.Rotate(r.Context(), r.PathValue("endpoint"), in.Grace)
	if err != nil {
		return endpointProblem(err)
	}
	return reply(w, http.StatusCreated, map[string]string{"secret": secret})
}

func (s *service) enableEndpoint(w http.ResponseWriter, r *http.Request, _ principal) error {
	if err := s.endpoints.Enable(r.Context(), r.PathValue("endpoint")); err != nil {
		return endpointProblem(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *service) deliveries(w http.ResponseWriter, r *http.Request, _ principal) error {
	q := params(r)
	state, limit := q.oneOf("state", "waiting", "delivered", "failed"), q.integer("limit", 20, 1, 1000)
	if err := q.refused(); err != nil {
		return err
	}
	all, err := s.endpoints.Deliveries(r.Context(), r.PathValue("endpoint"), state, limit)
	if err != nil {
		return endpointProblem(err)
	}
	return reply(w, http.StatusOK, slices.Concat([]webhook.Delivery{}, all))
}

func (s *service) replay(w http.ResponseWriter, r *http.Request, _ principal) error {
	var in struct{ What string }
	if err := readInto(r, &in); err != nil {
		return err
	}
	n, err := s.endpoints.Replay(r.Context(), r.PathValue("endpoint"), in.What)
	if err != nil {
		return endpointProblem(err)
	}
	return reply(w, http.StatusOK, map[string]int{"replayed": n})
}

// readInto reads a body of the control socket.
func readInto(r *http.Request, in any) error {
	body, err := readBody(r, "application/json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, in); err != nil {
		return malformed.problem("The body is not what is asked for here: %v.", err)
	}
	return nil
}

func endpointProblem(err error) error {
	switch {
	case errors.Is(err, webhook.ErrUnknown):
		return notFound.problem("%v.", err)
	case errors.Is(err, webhook.ErrInvalid):
		return invalid.problem("%v.", err)
	}
	return err
}

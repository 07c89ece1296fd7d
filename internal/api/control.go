package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"laurel/internal/issuer"
)

// controlOperations are the routes that only the control socket has; package control is their client.
func (s *service) controlOperations() []operation {
	at := func(method, path string, h handler) operation {
		return operation{huma.Operation{Method: method, Path: path, Hidden: true}, h}
	}
	return []operation{
		at(http.MethodGet, "/control/health", s.controlHealth),
		at(http.MethodGet, "/control/tokens", s.listTokens),
		at(http.MethodPost, "/control/tokens", s.createToken),
		at(http.MethodDelete, "/control/tokens/{token}", s.revokeToken),
		at(http.MethodGet, "/control/snapshot", s.snapshot),
		at(http.MethodPost, "/control/build", streaming(s.issuer.Rebuild)),
		at(http.MethodPost, "/control/export", streaming(s.issuer.Export)),
	}
}

func (s *service) controlHealth(w http.ResponseWriter, _ *http.Request, _ principal) error {
	h := s.issuer.Health()
	return reply(w, http.StatusOK, map[string]any{"ready": h.Ready, "pending": h.Pending, "problem": h.Problem})
}

// tokenJSON is a token on the control socket.
type tokenJSON struct {
	ID      string    `json:"id,omitempty"`
	Name    string    `json:"name"`
	Scopes  []string  `json:"scopes"`
	Created time.Time `json:"created,omitzero"`
	Expires time.Time `json:"expires,omitzero"`
	Revoked time.Time `json:"revoked,omitzero"`
}

func (s *service) listTokens(w http.ResponseWriter, r *http.Request, _ principal) error {
	all, err := s.issuer.Tokens(r.Context())
	if err != nil {
		return err
	}
	list := make([]tokenJSON, len(all))
	for i, t := range all {
		list[i] = tokenJSON{t.ID, t.Name, t.Scopes, t.Created, t.Expires, t.Revoked}
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
	secret, t, err := NewToken(in.Name, in.Scopes, in.Expires, now)
	if err != nil {
		return invalid.problem("%v", err)
	}
	all, err := s.issuer.Tokens(r.Context())
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(all, func(o issuer.Token) bool { return o.Name == in.Name && inForce(o, now) }); i >= 0 {
		return invalid.problem("A token in force has the name %q; choose another, or end that one first: certd token revoke %s.", in.Name, all[i].ID)
	}
	if err := s.issuer.CreateToken(r.Context(), t); err != nil {
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

func (s *service) snapshot(w http.ResponseWriter, r *http.Request, _ principal) error {
	unhurried(w)
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := s.issuer.Snapshot(r.Context(), w); err != nil {
		// A cut connection tells the client that what it has is not whole.
		s.log.Error("snapshot", "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// streaming answers with a line of JSON for every step of some work, and a last one that says how it ended.
// The counts are of any struct with the fields of site.Changes.
func streaming[C ~struct{ Built, Unchanged, Removed int }](work func(context.Context, func(C)) (C, error)) handler {
	type counts struct {
		Built     int    `json:"built"`
		Unchanged int    `json:"unchanged"`
		Removed   int    `json:"removed"`
		Done      bool   `json:"done,omitempty"`
		Error     string `json:"error,omitempty"`
	}
	return func(w http.ResponseWriter, r *http.Request, _ principal) error {
		unhurried(w)
		c := http.NewResponseController(w)
		w.Header().Set("Content-Type", "application/x-ndjson")
		w.WriteHeader(http.StatusOK)
		var mu sync.Mutex // progress may come from several goroutines
		write := func(n C, done bool, err error) {
			mu.Lock()
			defer mu.Unlock()
			flat := struct{ Built, Unchanged, Removed int }(n)
			line := counts{Built: flat.Built, Unchanged: flat.Unchanged, Removed: flat.Removed, Done: done}
			if err != nil {
				line.Error = err.Error()
			}
			_ = encode(w, line)
			_ = c.Flush()
		}
		var last time.Time
		n, err := work(r.Context(), func(n C) {
			mu.Lock()
			due := time.Since(last) > 100*time.Millisecond
			if due {
				last = time.Now()
			}
			mu.Unlock()
			if due {
				write(n, false, nil)
			}
		})
		write(n, err == nil, err)
		return nil
	}
}

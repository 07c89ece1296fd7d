package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"laurel/internal/issuer"
)

// controlOperations are the routes that only the control socket has; package control is their client.
func (s *service) controlOperations() []operation {
	at := func(method, path string, h handler) operation {
		return operation{Operation: huma.Operation{Method: method, Path: path, Hidden: true}, handle: h}
	}
	return []operation{
		at(http.MethodGet, "/control/health", s.controlHealth),
		at(http.MethodGet, "/control/tokens", s.listTokens),
		at(http.MethodPost, "/control/tokens", s.createToken),
		at(http.MethodDelete, "/control/tokens/{token}", s.revokeToken),
		at(http.MethodPost, "/control/tokens/{token}/rotation", s.rotateToken),
		at(http.MethodGet, "/control/keys", s.listKeys),
		at(http.MethodPost, "/control/keys/rotation", s.rotateKey),
		at(http.MethodPost, "/control/keys/revocation", s.revokeKey),
		at(http.MethodPost, "/control/certificates/{number}/erasure", s.erase),
		at(http.MethodPost, "/control/compaction", s.compact),
		at(http.MethodGet, "/control/snapshot", s.snapshot),
		at(http.MethodGet, "/metrics", s.metrics),
		at(http.MethodPost, "/control/check", s.check),
		at(http.MethodGet, "/control/webhooks", s.listEndpoints),
		at(http.MethodPost, "/control/webhooks", s.addEndpoint),
		at(http.MethodDelete, "/control/webhooks/{endpoint}", s.removeEndpoint),
		at(http.MethodPost, "/control/webhooks/{endpoint}/rotation", s.rotateEndpoint),
		at(http.MethodPost, "/control/webhooks/{endpoint}/enabling", s.enableEndpoint),
		at(http.MethodGet, "/control/webhooks/{endpoint}/deliveries", s.deliveries),
		at(http.MethodPost, "/control/webhooks/{endpoint}/replay", s.replay),
		at(http.MethodPost, "/control/build", streaming(s.issuer.Rebuild)),
		at(http.MethodPost, "/control/export", streaming(s.issuer.Export)),
	}
}

func (s *service) controlHealth(w http.ResponseWriter, r *http.Request, _ principal) error {
	h := s.issuer.Health()
	behind, err := s.issuer.Behind(r.Context())
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, map[string]any{"ready": h.Ready, "pending": h.Pending, "behind": behind, "problem": h.Problem})
}

func (s *service) snapshot(w http.ResponseWriter, r *http.Request, _ principal) error {
	unhurried(w)
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := s.issuer.Snapshot(r.Context(), w); err != nil {
		// A cut connection tells the client that what it has is not whole.
		s.log.Error("snapshot", "request", requestID(r), "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// streaming answers with a line of JSON for every step of some work, and a last one that says how it ended.
func streaming(work func(context.Context, func(issuer.Progress)) (issuer.Changes, error)) handler {
	type line struct {
		Stage     string `json:"stage,omitempty"`
		At        int    `json:"at,omitempty"` // of Total, in this stage
		Total     int    `json:"total,omitempty"`
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
		write := func(l line, n issuer.Changes) {
			l.Built, l.Unchanged, l.Removed = n.Built, n.Unchanged, n.Removed
			_ = encode(w, l)
			_ = c.Flush()
		}
		var last time.Time
		n, err := work(r.Context(), func(p issuer.Progress) { // never twice at the same time
			if time.Since(last) > 100*time.Millisecond {
				last = time.Now()
				write(line{Stage: p.Stage, At: p.Done, Total: p.Total}, p.Changes)
			}
		})
		end := line{Done: err == nil}
		if err != nil {
			end.Error = err.Error()
		}
		write(end, n)
		return nil
	}
}

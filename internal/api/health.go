package api

import "net/http"

// State is the answer of the health routes.
type State struct {
	Status string `json:"status" doc:"ok."`
}

// livez answers as long as the process does.
func (s *service) livez(w http.ResponseWriter, _ *http.Request, _ principal) error {
	return reply(w, http.StatusOK, State{Status: "ok"})
}

// readyz says whether certificates can be issued, and what is issued is published.
func (s *service) readyz(w http.ResponseWriter, _ *http.Request, _ principal) error {
	switch h := s.issuer.Health(); {
	case !h.Ready:
		return unavailable.problem("certd does not issue certificates at the moment; its log says why.").with("Retry-After", "5")
	case h.Full:
		return unavailable.problem("The disk is nearly full: certd does not issue certificates until there is room.").with("Retry-After", "60")
	case h.Stuck:
		return unavailable.problem("Certificates are recorded, but none has been published for a while; the log of certd says why.").with("Retry-After", "60")
	}
	return reply(w, http.StatusOK, State{Status: "ok"})
}

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

// readyz says whether certificates can be issued.
func (s *service) readyz(w http.ResponseWriter, _ *http.Request, _ principal) error {
	if !s.issuer.Health().Ready {
		return unavailable.problem("certd does not issue certificates at the moment; its log says why.").with("Retry-After", "5")
	}
	return reply(w, http.StatusOK, State{Status: "ok"})
}

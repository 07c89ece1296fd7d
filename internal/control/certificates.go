package control

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// Status asks for another status of a certificate.
type Status struct {
	Status string `json:"status"` // revoked, suspended, valid
	Reason string `json:"reason"` // in the caller's words
	Code   string `json:"code,omitempty"`
}

// SetStatus has a certificate's status changed and published, and returns what it counts for then, one line of JSON.
func (c *Client) SetStatus(ctx context.Context, number string, s Status) (standing json.RawMessage, err error) {
	err = c.ask(ctx, http.MethodPost, certificate(number)+"/status?wait=published", s, &standing)
	return standing, err
}

func certificate(number string) string { return "/v1/certificates/" + url.PathEscape(number) }

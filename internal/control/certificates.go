package control

import (
	"bytes"
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

// Replace has a corrected certificate issued in the place of another and published, and returns its receipt, one line
// of JSON. correction is the JSON document of the request.
func (c *Client) Replace(ctx context.Context, number string, correction json.RawMessage) (receipt json.RawMessage, err error) {
	res, err := c.do(ctx, http.MethodPost, certificate(number)+"/replacement?wait=published", "application/json", bytes.NewReader(correction))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	err = json.NewDecoder(res.Body).Decode(&receipt)
	return receipt, err
}

// Certificate returns a record, one line of JSON.
func (c *Client) Certificate(ctx context.Context, number string) (record json.RawMessage, err error) {
	err = c.ask(ctx, http.MethodGet, certificate(number), nil, &record)
	return record, err
}

// Erase has everything personal of a certificate removed from records and public tree, and returns what it counts for
// then, one line of JSON.
func (c *Client) Erase(ctx context.Context, number, reason string) (standing json.RawMessage, err error) {
	path := "/control/certificates/" + url.PathEscape(number) + "/erasure?wait=published"
	err = c.ask(ctx, http.MethodPost, path, map[string]string{"reason": reason}, &standing)
	return standing, err
}

// Sizes are those of the records before and after a compaction, in bytes.
type Sizes struct {
	Before int64 `json:"before"`
	After  int64 `json:"after"`
}

// Compact has the records written anew without anything that was erased.
func (c *Client) Compact(ctx context.Context) (s Sizes, err error) {
	err = c.ask(ctx, http.MethodPost, "/control/compaction", nil, &s)
	return s, err
}

func certificate(number string) string { return "/v1/certificates/" + url.PathEscape(number) }

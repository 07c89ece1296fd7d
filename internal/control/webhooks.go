package control

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Endpoint is an address of somebody who is told what happens to certificates.
type Endpoint struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`
	Events    []string  `json:"events,omitempty"` // none: all
	Recipient bool      `json:"recipient,omitempty"`
	Created   time.Time `json:"created"`
	Secrets   int       `json:"secrets"`
	Disabled  time.Time `json:"disabled,omitzero"` // zero: not
	Why       string    `json:"why,omitempty"`
}

// Delivery is an event on its way to an endpoint, or arrived there.
type Delivery struct {
	Event    string    `json:"event"`
	Type     string    `json:"type"`
	Number   string    `json:"number"`
	Time     time.Time `json:"time"`
	State    string    `json:"state"`
	Attempts int       `json:"attempts"`
	Next     time.Time `json:"next,omitzero"`
	Last     time.Time `json:"last,omitzero"`
	Status   int       `json:"status,omitzero"`
	Problem  string    `json:"problem,omitempty"`
}

const endpoints = "/control/webhooks"

func endpoint(which, action string) string { return endpoints + "/" + url.PathEscape(which) + action }

// Endpoints lists the endpoints of webhooks, oldest first.
func (c *Client) Endpoints(ctx context.Context) (all []Endpoint, err error) {
	err = c.ask(ctx, http.MethodGet, endpoints, nil, &all)
	return all, err
}

// AddEndpoint adds an endpoint and returns its id, and its secret, which cannot be had again. Of e, URL, events and
// recipient count.
func (c *Client) AddEndpoint(ctx context.Context, e Endpoint) (id, secret string, err error) {
	var made struct{ ID, Secret string }
	err = c.ask(ctx, http.MethodPost, endpoints, e, &made)
	return made.ID, made.Secret, err
}

// RemoveEndpoint removes the endpoint of an id or an address.
func (c *Client) RemoveEndpoint(ctx context.Context, which string) error {
	return c.ask(ctx, http.MethodDelete, endpoint(which, ""), nil, nil)
}

// RotateEndpoint gives an endpoint another secret; the one before it signs beside it for a time of grace.
func (c *Client) RotateEndpoint(ctx context.Context, which string, grace time.Duration) (secret string, err error) {
	var made struct{ Secret string }
	err = c.ask(ctx, http.MethodPost, endpoint(which, "/rotation"), map[string]time.Duration{"grace": grace}, &made)
	return made.Secret, err
}

// EnableEndpoint lets deliveries to a disabled endpoint go on.
func (c *Client) EnableEndpoint(ctx context.Context, which string) error {
	return c.ask(ctx, http.MethodPost, endpoint(which, "/enabling"), nil, nil)
}

// Deliveries lists deliveries to an endpoint, newest first; state "" is all.
func (c *Client) Deliveries(ctx context.Context, which, state string, limit int) (all []Delivery, err error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if state != "" {
		q.Set("state", state)
	}
	err = c.ask(ctx, http.MethodGet, endpoint(which, "/deliveries?"+q.Encode()), nil, &all)
	return all, err
}

// Replay has past deliveries made anew: that of an event, those of a certificate, or with "failed" those given up.
func (c *Client) Replay(ctx context.Context, which, what string) (n int, err error) {
	var made struct{ Replayed int }
	err = c.ask(ctx, http.MethodPost, endpoint(which, "/replay"), map[string]string{"what": what}, &made)
	return made.Replayed, err
}

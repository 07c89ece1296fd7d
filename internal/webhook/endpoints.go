// Package webhook tells others over HTTP what happens to certificates. It knows events, endpoints and delivery, and
// finds all three in an outbox of the records; what an event means, and when one is written, it does not know.
//
// Messages are those of Standard Webhooks 1.0; their bodies carry the attributes of CloudEvents 1.0. Each event reaches
// each endpoint at least once, and the events of one certificate in their order.
package webhook

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"laurel/internal/record"
)

// Endpoints adds endpoints and changes them.
type Endpoints struct {
	Outbox record.Outbox
	Now    func() time.Time
	Allow  []netip.Prefix // networks that are not public and may be called all the same
}

// Errors that callers branch on.
var (
	ErrUnknown = errors.New("no such endpoint")
	ErrInvalid = errors.New("no such endpoint can be")
)

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// New is what is asked of a new endpoint.
type New struct {
	URL       string   `json:"url"`
	Events    []string `json:"events,omitempty"` // none: all
	Recipient bool     `json:"recipient,omitempty"`
}

const (
	maxURL    = 2048
	secretLen = 32 // bytes; Standard Webhooks asks for 24 to 64
	keyPrefix = "whsec_"
)

// Add adds an endpoint and returns its secret, which cannot be had again. ErrInvalid.
func (e Endpoints) Add(ctx context.Context, n New) (id, secret string, err error) {
	if err := e.check(n); err != nil {
		return "", "", err
	}
	all, err := e.Outbox.Endpoints(ctx)
	if err != nil {
		return "", "", err
	}
	if i := slices.IndexFunc(all, func(o record.Endpoint) bool { return o.URL == n.URL }); i >= 0 {
		return "", "", refused("%s is there already, as %s", n.URL, all[i].ID)
	}
	var random [4]byte
	rand.Read(random[:])
	fresh := newSecret()
	id = hex.EncodeToString(random[:])
	err = e.Outbox.AddEndpoint(ctx, record.Endpoint{
		ID: id, URL: n.URL, Events: n.Events, Recipient: n.Recipient, Created: e.Now().UTC().Truncate(time.Second), Secrets: []record.Secret{{Key: fresh}},
	})
	return id, showSecret(fresh), err
}

func newSecret() []byte {
	key := make([]byte, secretLen)
	rand.Read(key)
	return key
}

func showSecret(key []byte) string { return keyPrefix + base64.StdEncoding.EncodeToString(key) }

func (e Endpoints) check(n New) error {
	u, err := url.Parse(n.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return refused("%q is no address; write https://HOST/PATH", n.URL)
	case len(n.URL) > maxURL:
		return refused("the address has %d characters, and %d are the most", len(n.URL), maxURL)
	case u.User != nil || u.Fragment != "":
		return refused("an address has no password and no fragment: messages are signed, and that is how a receiver knows them")
	case u.Scheme == "http" && len(e.Allow) == 0:
		return refused("%s: http is for networks of your own; use https, or allow the network with the setting webhooks.allow", n.URL)
	}
	if a, err := netip.ParseAddr(strings.Trim(u.Hostname(), "[]")); err == nil {
		if err := (policy{e.Allow}).permits(a, u.Scheme); err != nil {
			return refused("%v", err)
		}
	}
	for _, kind := range n.Events {
		if !slices.Contains(record.EventTypes(), kind) {
			return refused("the event %q is unknown; there are %s", kind, strings.Join(record.EventTypes(), ", "))
		}
	}
	return nil
}

// Endpoint is an endpoint without its secrets.
type Endpoint struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`
	Events    []string  `json:"events,omitempty"`
	Recipient bool      `json:"recipient,omitempty"`
	Created   time.Time `json:"created"`
	Secrets   int       `json:"secrets"` // in force
	Disabled  time.Time `json:"disabled,omitzero"`
	Why       string    `json:"why,omitempty"`
}

// List returns the endpoints, oldest first.
func (e Endpoints) List(ctx context.Context) ([]Endpoint, error) {
	all, err := e.Outbox.Endpoints(ctx)
	list := make([]Endpoint, len(all))
	for i, o := range all {
		list[i] = Endpoint{o.ID, o.URL, o.Events, o.Recipient, o.Created, len(inForce(o.Secrets, e.Now())), o.Disabled, o.Why}
	}
	return list, err
}

func inForce(all []record.Secret, now time.Time) (good []record.Secret) {
	for _, s := range all {
		if s.Expires.IsZero() || now.Before(s.Expires) {
			good = append(good, s)
		}
	}
	return good
}

// find returns the endpoint of an id or an address.
func (e Endpoints) find(ctx context.Context, which string) (record.Endpoint, error) {
	all, err := e.Outbox.Endpoints(ctx)
	for _, o := range all {
		if o.ID == which || o.URL == which {
			return o, err
		}
	}
	if err != nil {
		return record.Endpoint{}, err
	}
	return record.Endpoint{}, fmt.Errorf("%w: %q; certd webhook list shows all", ErrUnknown, which)
}

// Remove removes an endpoint and whatever waits for it. ErrUnknown.
func (e Endpoints) Remove(ctx context.Context, which string) error {
	o, err := e.find(ctx, which)
	if err != nil {
		return err
	}
	return e.Outbox.RemoveEndpoint(ctx, o.ID)
}

// Rotate gives an endpoint another secret. The one before it signs beside it for a time of grace. ErrUnknown.
func (e Endpoints) Rotate(ctx context.Context, which string, grace time.Duration) (secret string, err error) {
	o, err := e.find(ctx, which)
	if err != nil {
		return "", err
	}
	fresh, now := newSecret(), e.Now()
	err = e.Outbox.ChangeEndpoint(ctx, o.ID, func(o *record.Endpoint) {
		secrets := []record.Secret{{Key: fresh}}
		if old := inForce(o.Secrets, now); len(old) > 0 && grace > 0 {
			secrets = append(secrets, record.Secret{Key: old[0].Key, Expires: now.Add(grace).UTC()}) // two at once, never three
		}
		o.Secrets = secrets
	})
	return showSecret(fresh), err
}

// Enable lets deliveries to a disabled endpoint go on with what waits. ErrUnknown.
func (e Endpoints) Enable(ctx context.Context, which string) error {
	o, err := e.find(ctx, which)
	if err != nil {
		return err
	}
	return e.Outbox.ChangeEndpoint(ctx, o.ID, func(o *record.Endpoint) { o.Disabled, o.Why = time.Time{}, "" })
}

// Delivery is an event on its way to an endpoint, or arrived there.
type Delivery struct {
	Event    string    `json:"event"` // its id
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

// Deliveries returns deliveries to an endpoint, newest first; state "" is all. ErrUnknown.
func (e Endpoints) Deliveries(ctx context.Context, which, state string, n int) ([]Delivery, error) {
	o, err := e.find(ctx, which)
	if err != nil {
		return nil, err
	}
	all, err := e.Outbox.Deliveries(ctx, o.ID, state, n)
	list := make([]Delivery, len(all))
	for i, d := range all {
		list[i] = Delivery{d.Event.ID, d.Event.Type, string(d.Event.Number), d.Event.Time, d.State, d.Attempts, d.Next, d.Last, d.Status, d.Problem}
	}
	return list, err
}

// Replay has past deliveries tried anew: that of one event, all of a certificate, or with "failed" those that were given
// up. ErrUnknown.
func (e Endpoints) Replay(ctx context.Context, which, what string) (n int, err error) {
	o, err := e.find(ctx, which)
	if err != nil {
		return 0, err
	}
	return e.Outbox.Replay(ctx, o.ID, e.Now(), func(d record.Delivery) bool {
		return d.Event.ID == what || string(d.Event.Number) == what || what == record.Failed && d.State == record.Failed
	})
}

package control

import (
	"context"
	"net/http"
	"time"
)

// Key is one signing key.
type Key struct {
	Method      string    `json:"method"`
	Fingerprint string    `json:"fingerprint"`
	State       string    `json:"state"`        // waits, signs, retired or revoked
	Since       time.Time `json:"since"`        // it is in this state
	Due         time.Time `json:"due,omitzero"` // of one that waits: when it signs at the earliest; zero: it is not published yet
	Seed        string    `json:"seed"`         // the file of its seed, "given" where that comes from elsewhere, "" where it is not at hand
}

// Keys lists the signing keys, oldest first.
func (c *Client) Keys(ctx context.Context) ([]Key, error) {
	var keys []Key
	err := c.ask(ctx, http.MethodGet, "/control/keys", nil, &keys)
	return keys, err
}

// RotateKey lists a fresh key, which signs once it has stood in did.json for a while, and returns it; or one that has
// waited long enough and signs from now on.
func (c *Client) RotateKey(ctx context.Context) (Key, error) {
	var key Key
	err := c.ask(ctx, http.MethodPost, "/control/keys/rotation", nil, &key)
	return key, err
}

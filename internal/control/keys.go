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
	Size        int64     `json:"size"`         // of a revoked one: how many entries of the log are from before
}

// Keys are the signing keys, oldest first, and what is left to do after a theft.
type Keys struct {
	Keys []Key `json:"keys"`
	Anew struct {
		Done, Total int64 // entries of the log whose certificates are signed anew; Total 0: nothing is to be
	} `json:"anew"`
	Pending int `json:"pending"` // certificates recorded and not yet published
}

// Theft is what revoking a key does, or would do.
type Theft struct {
	Key  Key      `json:"key"`
	Next *Key     `json:"next"` // signs from now on; nil where the stolen one did not
	Size int64    `json:"size"` // entries of the log that are from before
	Good int      `json:"good"` // certificates that the key signed and that are from before
	Void []string `json:"void"` // numbers of those that were recorded later
}

// RevokeKey says that a key was stolen, as of the first size entries of the log or, where at is not zero, those recorded
// before it. With dry it only asks what that would do.
func (c *Client) RevokeKey(ctx context.Context, which string, size int64, at time.Time, dry bool) (Theft, error) {
	var theft Theft
	err := c.ask(ctx, http.MethodPost, "/control/keys/revocation", map[string]any{"key": which, "size": size, "time": at, "dry": dry}, &theft)
	return theft, err
}

// Keys asks for the signing keys.
func (c *Client) Keys(ctx context.Context) (Keys, error) {
	var keys Keys
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

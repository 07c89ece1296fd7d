package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Token is an API token, without its secret.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Hash    [32]byte  `json:"hash"` // SHA-256 of the secret
	Scopes  []string  `json:"scopes"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Revoked time.Time `json:"revoked,omitzero"` // zero: not

	Organisation string    `json:"organisation,omitempty"` // the only one whose certificates it touches; "": all
	LastUsed     time.Time `json:"last_used,omitzero"`     // to about a minute; zero: never
	Rotates      string    `json:"rotates,omitempty"`      // id of the first token in whose place this one stands; "": none
}

// Principal is who asks with the token: the same before and after a rotation.
func (t Token) Principal() string {
	if t.Rotates != "" {
		return t.Rotates
	}
	return t.ID
}

// InForce reports whether the token counts at a time.
func (t Token) InForce(now time.Time) bool {
	return t.Revoked.IsZero() && (t.Expires.IsZero() || now.Before(t.Expires))
}

// ErrTokenName says that a token in force has the name already.
var ErrTokenName = errors.New("a token in force has this name")

// PutToken adds a token. ErrTokenName.
func (s *Bolt) PutToken(_ context.Context, t Token) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		all, err := tokensIn(tx)
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.Name == t.Name && other.InForce(t.Created) {
				return fmt.Errorf("%w: %q; choose another, or revoke that one (certd token revoke %s)", ErrTokenName, t.Name, other.ID)
			}
		}
		return putToken(tx, t)
	})
}

func putToken(tx *bolt.Tx, t Token) error {
	value, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return put(tx, bucketTokens, []byte(t.ID), value)
}

// Tokens returns all tokens, oldest first.
func (s *Bolt) Tokens(context.Context) (all []Token, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		all, err = tokensIn(tx)
		return err
	})
	return all, err
}

func tokensIn(tx *bolt.Tx) (all []Token, err error) {
	all, err = jsonRows[Token](tx, bucketTokens)
	slices.SortStableFunc(all, func(a, b Token) int { return a.Created.Compare(b.Created) })
	return all, err
}

// RevokeToken ends the tokens of this id, or those in force of this name, at a time. ErrNotFound.
func (s *Bolt) RevokeToken(_ context.Context, which string, at time.Time) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		all, err := tokensIn(tx)
		if err != nil {
			return err
		}
		found := false
		for _, t := range all {
			if t.ID != which && (t.Name != which || !t.Revoked.IsZero()) {
				continue
			}
			found = true
			if !t.Revoked.IsZero() {
				continue
			}
			t.Revoked = at
			if err := putToken(tx, t); err != nil {
				return err
			}
		}
		if !found {
			return fmt.Errorf("token %q: %w", which, ErrNotFound)
		}
		return nil
	})
}

// RotateToken puts a token beside the one in force of its name, with the same rights, and lets that one end at a
// time, or sooner where it would: both count until then. change gives the new one what is its own. ErrNotFound.
func (s *Bolt) RotateToken(_ context.Context, name string, now, until time.Time, change func(*Token)) (added Token, err error) {
	err = s.db.Update(func(tx *bolt.Tx) error {
		all, err := tokensIn(tx)
		if err != nil {
			return err
		}
		found := false
		for _, old := range all {
			if old.Name != name || !old.InForce(now) {
				continue
			}
			found, added = true, old // the newest of them, as they are sorted
			if old.Expires.IsZero() || old.Expires.After(until) {
				old.Expires = until
			}
			if err := putToken(tx, old); err != nil {
				return err
			}
		}
		if !found {
			return fmt.Errorf("token %q: %w", name, ErrNotFound)
		}
		added.LastUsed, added.Rotates = time.Time{}, added.Principal()
		change(&added)
		return putToken(tx, added)
	})
	return added, err
}

// UsedTokens notes when tokens were last used, by their ids. An id that is not there is passed over.
func (s *Bolt) UsedTokens(_ context.Context, used map[string]time.Time) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		all, err := tokensIn(tx)
		if err != nil {
			return err
		}
		for _, t := range all {
			at, ok := used[t.ID]
			if !ok || !at.After(t.LastUsed) {
				continue
			}
			t.LastUsed = at
			if err := putToken(tx, t); err != nil {
				return err
			}
		}
		return nil
	})
}

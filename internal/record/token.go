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
			if other.Name == t.Name && other.Revoked.IsZero() && (other.Expires.IsZero() || other.Expires.After(t.Created)) {
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
	err = tx.Bucket(bucketTokens).ForEach(func(id, sealed []byte) error {
		value, err := open(bucketTokens, id, sealed)
		if err != nil {
			return err
		}
		var t Token
		if err := json.Unmarshal(value, &t); err != nil {
			return damaged(bucketTokens, id, err.Error())
		}
		all = append(all, t)
		return nil
	})
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

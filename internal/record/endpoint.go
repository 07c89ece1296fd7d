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

// Endpoint is an address of somebody who wants to be told what happens to certificates.
type Endpoint struct {
	ID        string    `json:"id"` // idSize characters
	URL       string    `json:"url"`
	Events    []string  `json:"events,omitempty"`    // types of events; none: all
	Recipient bool      `json:"recipient,omitempty"` // is told who the recipient is
	Secrets   []Secret  `json:"secrets"`             // newest first; each one in force signs
	Created   time.Time `json:"created"`
	Disabled  time.Time `json:"disabled,omitzero"` // zero: not
	Why       string    `json:"why,omitempty"`     // it is disabled
}

// Secret signs what an endpoint is told.
type Secret struct {
	Key     []byte    `json:"key"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
}

// idSize is the length of an endpoint's id: keys of its rows begin with it.
const idSize = 8

// Takes reports whether an endpoint wants events of a type.
func (e Endpoint) Takes(kind string) bool {
	return e.Disabled.IsZero() && (len(e.Events) == 0 || slices.Contains(e.Events, kind))
}

// Endpoints returns all endpoints, oldest first.
func (s *Bolt) Endpoints(context.Context) (all []Endpoint, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		all, err = endpointsIn(tx)
		return err
	})
	slices.SortStableFunc(all, func(a, b Endpoint) int { return a.Created.Compare(b.Created) })
	return all, err
}

func endpointsIn(tx *bolt.Tx) ([]Endpoint, error) { return jsonRows[Endpoint](tx, bucketHooks) }

// maxEndpoints bounds what a commit writes for each certificate.
const maxEndpoints = 16

// AddEndpoint adds an endpoint.
func (s *Bolt) AddEndpoint(_ context.Context, e Endpoint) error {
	return s.announcing(func(tx *bolt.Tx) error {
		all, err := endpointsIn(tx)
		if err != nil {
			return err
		}
		if len(all) >= maxEndpoints {
			return fmt.Errorf("there are %d endpoints already, which is the most; remove one first", maxEndpoints)
		}
		return putEndpoint(tx, e)
	})
}

func putEndpoint(tx *bolt.Tx, e Endpoint) error {
	if len(e.ID) != idSize {
		return fmt.Errorf("the id of an endpoint has %d characters, and %q has not", idSize, e.ID)
	}
	value, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return put(tx, bucketHooks, []byte(e.ID), value)
}

// ChangeEndpoint changes the endpoint of an id. ErrNotFound.
func (s *Bolt) ChangeEndpoint(_ context.Context, id string, change func(*Endpoint)) error {
	return s.announcing(func(tx *bolt.Tx) error {
		value, err := get(tx, bucketHooks, []byte(id))
		if err != nil {
			return err
		}
		var e Endpoint
		if err := json.Unmarshal(value, &e); err != nil {
			return damaged(bucketHooks, []byte(id), err.Error())
		}
		change(&e)
		return putEndpoint(tx, e)
	})
}

// RemoveEndpoint removes an endpoint with everything that waits for it. ErrNotFound.
func (s *Bolt) RemoveEndpoint(_ context.Context, id string) error {
	return s.announcing(func(tx *bolt.Tx) error {
		if _, err := get(tx, bucketHooks, []byte(id)); err != nil {
			return err
		}
		err := tx.Bucket(bucketHooks).Delete([]byte(id))
		for _, bucket := range outboxBuckets() {
			err = errors.Join(err, deletePrefix(tx.Bucket(bucket), []byte(id)))
		}
		return err
	})
}

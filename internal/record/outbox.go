package record

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"laurel/credential"
)

// The types of events.
const (
	EventIssued     = "certificate.issued"     // recorded
	EventPublished  = "certificate.published"  // its files, as it is now, stand in the public tree
	EventRevoked    = "certificate.revoked"    // also: erased
	EventSuspended  = "certificate.suspended"  //
	EventReinstated = "certificate.reinstated" //
	EventReplaced   = "certificate.replaced"   // revoked, and another stands in its place
)

// EventTypes lists the types of events.
func EventTypes() []string {
	return []string{EventIssued, EventPublished, EventRevoked, EventSuspended, EventReinstated, EventReplaced}
}

// Event is something that happened to a certificate, as others are told of it. Nothing in it is personal, so that
// nothing of it has to go when a certificate is erased.
type Event struct {
	ID          string            `json:"id"` // the same for all endpoints, and in every try
	Type        string            `json:"type"`
	Time        time.Time         `json:"time"`
	Number      credential.Number `json:"number"`
	Template    string            `json:"template"`
	Status      string            `json:"status"`
	Code        string            `json:"code,omitempty"` // the public reason
	Replacement credential.Number `json:"replacement,omitempty"`
	LogIndex    int64             `json:"log_index"`
}

// eventOf makes an event. Its id is made of what happened: a copy of the records that is restored and goes on gives no
// id to two things.
func eventOf(kind string, at time.Time, r *Record) Event {
	e := Event{Type: kind, Time: at.UTC(), Number: r.Number, Template: r.Template, Status: r.Status, LogIndex: r.LogIndex}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d %d", kind, r.Number, r.Revision, at.UnixNano()))
	e.ID = "evt_" + hex.EncodeToString(sum[:16])
	return e
}

// eventOfChange is what others are told of a change of the status.
func eventOfChange(r *Record, c Change) Event {
	kind := EventRevoked
	switch {
	case c.Status == Valid:
		kind = EventReinstated
	case c.Status == Suspended:
		kind = EventSuspended
	case c.Replacement != "":
		kind = EventReplaced
	}
	e := eventOf(kind, c.Time, r)
	e.Status, e.Code, e.Replacement, e.LogIndex = c.Status, c.Code, c.Replacement, c.LogIndex
	return e
}

// Delivery is an event on its way to an endpoint, or arrived there.
type Delivery struct {
	Endpoint string    `json:"-"`
	Seq      uint64    `json:"-"` // in the order in which things happened
	Event    Event     `json:"event"`
	State    string    `json:"state"`
	Attempts int       `json:"attempts"`
	Next     time.Time `json:"next,omitzero"`   // when to try; zero: behind an earlier one of the same certificate, or never again
	Last     time.Time `json:"last,omitzero"`   // try
	Status   int       `json:"status,omitzero"` // the answer to that; 0: there was none
	Problem  string    `json:"problem,omitempty"`
}

// The states of a delivery.
const (
	Waiting   = "waiting"
	Delivered = "delivered"
	Failed    = "failed" // given up
)

// Outbox is what a store keeps for endpoints. Events are written in the transaction of what they tell of, for each
// endpoint that there is at that time.
type Outbox interface {
	Endpoints(ctx context.Context) ([]Endpoint, error)
	AddEndpoint(ctx context.Context, e Endpoint) error
	ChangeEndpoint(ctx context.Context, id string, change func(*Endpoint)) error
	RemoveEndpoint(ctx context.Context, id string) error
	// Due returns deliveries to an endpoint that may be tried at a time, at most n, those due longest first. Of each
	// certificate there is one, the earliest. next is when another will be due; zero: none, as things stand.
	Due(ctx context.Context, endpoint string, now time.Time, n int) (due []Delivery, next time.Time, err error)
	// Settle writes down what became of deliveries.
	Settle(ctx context.Context, deliveries []Delivery) error
	// Deliveries returns deliveries to an endpoint, newest first, at most n; state "" is all.
	Deliveries(ctx context.Context, endpoint, state string, n int) ([]Delivery, error)
	// Replay has deliveries that arrived or were given up tried anew, behind what waits: those that which takes.
	Replay(ctx context.Context, endpoint string, now time.Time, which func(Delivery) bool) (n int, err error)
	// Backlog says how many deliveries wait, and when what the oldest of them tells of happened.
	Backlog(ctx context.Context) (waiting int, oldest time.Time, err error)
	// Announced is signalled when endpoints or what waits for them may have changed.
	Announced() <-chan struct{}
}

// announcing is an update after which whoever delivers looks again.
func (s *Bolt) announcing(update func(*bolt.Tx) error) error {
	err := s.db.Update(update)
	if err == nil {
		s.announce()
	}
	return err
}

func (s *Bolt) announce() {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

// Announced is signalled when endpoints or what waits for them may have changed.
func (s *Bolt) Announced() <-chan struct{} { return s.bell }

// outgoing writes the events of one transaction. Where there are no endpoints it costs one look.
type outgoing struct {
	tx        *bolt.Tx
	endpoints []Endpoint
	wrote     bool
}

func newOutgoing(tx *bolt.Tx) (*outgoing, error) {
	endpoints, err := endpointsIn(tx)
	return &outgoing{tx: tx, endpoints: endpoints}, err
}

// changed writes the events of the changes of a record behind the first known ones.
func (o *outgoing) changed(r *Record, known int) error {
	for _, c := range r.History[min(known, len(r.History)):] {
		if err := o.write(eventOfChange(r, c)); err != nil {
			return err
		}
	}
	return nil
}

func (o *outgoing) write(e Event) error {
	for _, to := range o.endpoints {
		if !to.Takes(e.Type) {
			continue
		}
		o.wrote = true
		if err := queue(o.tx, Delivery{Endpoint: to.ID, Event: e, State: Waiting}, e.Time); err != nil {
			return err
		}
	}
	return nil
}

// queue puts a delivery behind those that wait for the same endpoint, due at a time or, where one of the same
// certificate waits, behind that.
func queue(tx *bolt.Tx, d Delivery, due time.Time) (err error) {
	if d.Seq, err = tx.Bucket(bucketOutbox).NextSequence(); err != nil {
		return err
	}
	if firstOf(tx, d.Endpoint, d.Event.Number) == nil {
		d.Next = due
	}
	return errors.Join(put(tx, bucketChain, d.chainKey(), nil), putDelivery(tx, d))
}

// The keys of a delivery: by its place, by its certificate, by when it is due.
func (d Delivery) key() []byte {
	return binary.BigEndian.AppendUint64([]byte(d.Endpoint), d.Seq)
}

func (d Delivery) chainKey() []byte {
	return binary.BigEndian.AppendUint64([]byte(d.Endpoint+string(d.Event.Number)), d.Seq)
}

func (d Delivery) dueKey() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64([]byte(d.Endpoint), uint64(max(0, d.Next.UnixMilli()))), d.Seq)
}

// firstOf returns the key of the first delivery to an endpoint that waits for a certificate; nil for none.
func firstOf(tx *bolt.Tx, endpoint string, n credential.Number) []byte {
	prefix := []byte(endpoint + string(n))
	k, _ := tx.Bucket(bucketChain).Cursor().Seek(prefix)
	if !bytes.HasPrefix(k, prefix) {
		return nil
	}
	return append([]byte(endpoint), k[len(prefix):]...)
}

// putDelivery writes one that waits.
func putDelivery(tx *bolt.Tx, d Delivery) error {
	value, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if !d.Next.IsZero() {
		err = put(tx, bucketDue, d.dueKey(), nil)
	}
	return errors.Join(err, put(tx, bucketOutbox, d.key(), value))
}

// delivery reads a row of outbox or deliveries.
func delivery(bucket, key, sealed []byte) (d Delivery, err error) {
	value, err := open(bucket, key, sealed)
	if err != nil {
		return d, err
	}
	if len(key) != idSize+8 || json.Unmarshal(value, &d) != nil {
		return d, damaged(bucket, key, "it is no delivery")
	}
	d.Endpoint, d.Seq = string(key[:idSize]), binary.BigEndian.Uint64(key[idSize:])
	return d, nil
}

func waitingIn(tx *bolt.Tx, key []byte) (Delivery, error) {
	sealed := tx.Bucket(bucketOutbox).Get(key)
	if sealed == nil {
		return Delivery{}, ErrNotFound
	}
	return delivery(bucketOutbox, key, sealed)
}

// Due returns deliveries to an endpoint that may be tried at a time, and when another will be.
func (s *Bolt) Due(_ context.Context, endpoint string, now time.Time, n int) (due []Delivery, next time.Time, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		prefix := []byte(endpoint)
		c := tx.Bucket(bucketDue).Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix) && len(k) == idSize+16; k, _ = c.Next() {
			at := time.UnixMilli(int64(binary.BigEndian.Uint64(k[idSize:])))
			if at.After(now) {
				next = at
				return nil
			}
			if len(due) == n {
				return nil
			}
			d, err := waitingIn(tx, append(append([]byte(nil), prefix...), k[idSize+8:]...))
			if err != nil {
				return err
			}
			due = append(due, d)
		}
		return nil
	})
	return due, next, err
}

// keepDeliveries is how many places an endpoint's past deliveries may lie back before they are forgotten.
const keepDeliveries = 100_000

// Settle writes down what became of deliveries, and makes those due that waited behind them.
func (s *Bolt) Settle(_ context.Context, deliveries []Delivery) error {
	return s.announcing(func(tx *bolt.Tx) error { return settle(tx, deliveries) })
}

func settle(tx *bolt.Tx, deliveries []Delivery) error {
	for _, d := range deliveries {
		was, err := waitingIn(tx, d.key())
		if errors.Is(err, ErrNotFound) { // its endpoint was removed meanwhile
			continue
		}
		if err != nil {
			return err
		}
		err = tx.Bucket(bucketDue).Delete(was.dueKey())
		if d.State == Waiting {
			err = errors.Join(err, putDelivery(tx, d))
		} else {
			err = errors.Join(err, leave(tx, d))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leave takes a delivery out of the outbox, and makes the next one of its certificate due at once.
func leave(tx *bolt.Tx, d Delivery) error {
	d.Next = time.Time{}
	value, err := json.Marshal(d)
	if err != nil {
		return err
	}
	err = errors.Join(tx.Bucket(bucketOutbox).Delete(d.key()), tx.Bucket(bucketChain).Delete(d.chainKey()),
		put(tx, bucketDeliveries, d.key(), value), forgetDeliveries(tx, d))
	next := firstOf(tx, d.Endpoint, d.Event.Number)
	if err != nil || next == nil {
		return err
	}
	behind, err := waitingIn(tx, next)
	if err != nil || !behind.Next.IsZero() {
		return err
	}
	behind.Next = d.Last
	return putDelivery(tx, behind)
}

// forgetDeliveries removes the first of an endpoint's past deliveries where they lie too far back.
func forgetDeliveries(tx *bolt.Tx, d Delivery) error {
	b := tx.Bucket(bucketDeliveries)
	for range 2 { // as one comes in, two go: it shrinks
		k, _ := b.Cursor().Seek([]byte(d.Endpoint))
		if !bytes.HasPrefix(k, []byte(d.Endpoint)) || len(k) != idSize+8 || binary.BigEndian.Uint64(k[idSize:])+keepDeliveries > d.Seq {
			return nil
		}
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

func deletePrefix(b *bolt.Bucket, prefix []byte) error {
	c := b.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Seek(prefix) {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

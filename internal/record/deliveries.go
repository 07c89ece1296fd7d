package record

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Deliveries returns deliveries to an endpoint, newest first.
func (s *Bolt) Deliveries(_ context.Context, endpoint, state string, n int) (all []Delivery, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		for _, bucket := range [][]byte{bucketOutbox, bucketDeliveries} {
			some, err := newest(tx, bucket, endpoint, state, n)
			if err != nil {
				return err
			}
			all = append(all, some...)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b Delivery) int { return int(int64(b.Seq) - int64(a.Seq)) })
	return all[:min(n, len(all))], err
}

func newest(tx *bolt.Tx, bucket []byte, endpoint, state string, n int) (all []Delivery, err error) {
	c := tx.Bucket(bucket).Cursor()
	var sealed []byte
	k, _ := c.Seek(binary.BigEndian.AppendUint64([]byte(endpoint), ^uint64(0))) // behind its last
	if k == nil {
		k, sealed = c.Last()
	} else {
		k, sealed = c.Prev()
	}
	for ; bytes.HasPrefix(k, []byte(endpoint)) && len(all) < n; k, sealed = c.Prev() {
		d, err := delivery(bucket, k, sealed)
		if err != nil {
			return nil, err
		}
		if state == "" || state == d.State {
			all = append(all, d)
		}
	}
	return all, nil
}

// Replay has past deliveries of an endpoint tried anew, behind what waits.
func (s *Bolt) Replay(_ context.Context, endpoint string, now time.Time, which func(Delivery) bool) (n int, err error) {
	err = s.announcing(func(tx *bolt.Tx) error {
		past, err := newest(tx, bucketDeliveries, endpoint, "", keepDeliveries)
		if err != nil {
			return err
		}
		for _, d := range slices.Backward(past) {
			if !which(d) {
				continue
			}
			n++
			again := Delivery{Endpoint: endpoint, Event: d.Event, State: Waiting}
			if err := errors.Join(tx.Bucket(bucketDeliveries).Delete(d.key()), queue(tx, again, now)); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// Backlog says how many deliveries wait, and since when the oldest of them does.
func (s *Bolt) Backlog(ctx context.Context) (waiting int, oldest time.Time, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		waiting = tx.Bucket(bucketOutbox).Stats().KeyN
		endpoints, err := endpointsIn(tx)
		if err != nil || waiting == 0 {
			return err
		}
		for _, e := range endpoints {
			k, sealed := tx.Bucket(bucketOutbox).Cursor().Seek([]byte(e.ID))
			if !bytes.HasPrefix(k, []byte(e.ID)) {
				continue
			}
			d, err := delivery(bucketOutbox, k, sealed)
			if err != nil {
				return err
			}
			if oldest.IsZero() || d.Event.Time.Before(oldest) {
				oldest = d.Event.Time
			}
		}
		return nil
	})
	return waiting, oldest, err
}

// outbox holds what waits for endpoints against the indexes that it is found by.
func (r *relations) outbox() {
	due := 0
	r.each(bucketOutbox, func(k, value []byte) string {
		d, err := delivery(bucketOutbox, k, seal(bucketOutbox, k, value))
		if err != nil {
			return err.Error()
		}
		if !d.Next.IsZero() {
			due++
		}
		switch {
		case r.tx.Bucket(bucketHooks).Get([]byte(d.Endpoint)) == nil:
			return "waits for an endpoint that is not there"
		case r.tx.Bucket(bucketChain).Get(d.chainKey()) == nil:
			return "cannot be found by its certificate"
		case !d.Next.IsZero() && r.tx.Bucket(bucketDue).Get(d.dueKey()) == nil:
			return "will never be due"
		}
		return ""
	})
	n := r.tx.Bucket(bucketOutbox).Stats().KeyN
	if m := r.tx.Bucket(bucketChain).Stats().KeyN; m != n {
		r.add(string(bucketChain), "has %d rows for %d that wait", m, n)
	}
	if m := r.tx.Bucket(bucketDue).Stats().KeyN; m != due {
		r.add(string(bucketDue), "has %d rows for %d that are to be due", m, due)
	}
}

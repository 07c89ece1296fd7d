package record

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"laurel/certlog"
)

// Commit writes a batch in one transaction with one sync.
func (s *Bolt) Commit(_ context.Context, b Batch) error {
	err := s.db.Update(func(tx *bolt.Tx) error {
		if b.Tree != nil {
			if err := grow(tx, b); err != nil {
				return err
			}
		}
		for i := range b.Issues {
			if err := putIssue(tx, &b.Issues[i]); err != nil {
				return err
			}
		}
		for _, d := range b.Documents {
			if err := errors.Join(put(tx, bucketSite, []byte(d.Path), d.Data), put(tx, bucketSitePend, []byte(d.Path), nil)); err != nil {
				return err
			}
		}
		for _, l := range b.Lists {
			if err := putList(tx, l); err != nil {
				return err
			}
		}
		return forget(tx, b.Forget)
	})
	if err == nil {
		s.pending.Add(int64(len(b.Issues)))
	}
	return err
}

// grow checks that the log is where the batch thinks it is, and moves its head.
func grow(tx *bolt.Tx, b Batch) error {
	tree, err := treeIn(tx)
	if err != nil {
		return err
	}
	if !tree.Head().Same(b.Prev) {
		return fmt.Errorf("%w: it has %d entries, the batch was made for %d", ErrConflict, tree.Size(), b.Prev.Size)
	}
	if added := b.Tree.Size() - tree.Size(); added != int64(len(b.Issues)) {
		return fmt.Errorf("a batch of %d entries grows the log by %d", len(b.Issues), added)
	}
	return put(tx, bucketState, keyTree, b.Tree.Marshal())
}

func putIssue(tx *bolt.Tx, i *Issue) error {
	r := i.Record
	key := indexKey(r.LogIndex)
	value, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if tx.Bucket(bucketRecords).Get(key) != nil || tx.Bucket(bucketNumbers).Get([]byte(r.Number)) != nil {
		return fmt.Errorf("certificate %s, entry %d: already there", r.Number, r.LogIndex)
	}
	var entry [certlog.EntrySize]byte
	rows := []struct{ bucket, key, value []byte }{
		{bucketRecords, key, value},
		{bucketDocuments, key, r.Document},
		{bucketEntries, key, i.Entry.Append(entry[:0])},
		{bucketPending, key, nil},
		{bucketNumbers, []byte(r.Number), key},
		{bucketNatural, i.Natural[:], key},
		{bucketRecipient, under(r.Recipient.ID, key), nil},
		{bucketType, under(r.Type, key), nil},
		{bucketTemplate, under(r.Template, key), nil},
	}
	for _, row := range rows {
		if err := put(tx, row.bucket, row.key, row.value); err != nil {
			return err
		}
	}
	if i.Request == nil {
		return nil
	}
	return putRequest(tx, i.Request)
}

// under is a key of an index: the prefix, a zero byte, which no prefix holds, and the row's key.
func under(prefix string, key []byte) []byte {
	b := make([]byte, 0, len(prefix)+1+len(key))
	return append(append(append(b, prefix...), 0), key...)
}

func putRequest(tx *bolt.Tx, r *Request) error {
	at := binary.BigEndian.AppendUint64(nil, uint64(r.Time.UnixMilli()))
	value := append(append(append([]byte(nil), r.Body[:]...), at...), r.Number...)
	return errors.Join(
		put(tx, bucketRequests, r.Key[:], value),
		put(tx, bucketRequestAt, append(at, r.Key[:]...), nil),
	)
}

// forgetAtOnce bounds what one commit spends on old request keys.
const forgetAtOnce = 256

// forget removes request keys from before a time.
func forget(tx *bolt.Tx, before time.Time) error {
	if before.IsZero() {
		return nil
	}
	var old [][]byte
	c := tx.Bucket(bucketRequestAt).Cursor()
	for k, _ := c.First(); k != nil && len(old) < forgetAtOnce; k, _ = c.Next() {
		if len(k) < 8 || int64(binary.BigEndian.Uint64(k)) >= before.UnixMilli() {
			break
		}
		old = append(old, append([]byte(nil), k...))
	}
	for _, k := range old {
		if err := errors.Join(tx.Bucket(bucketRequestAt).Delete(k), tx.Bucket(bucketRequests).Delete(k[8:])); err != nil {
			return err
		}
	}
	return nil
}

func putList(tx *bolt.Tx, l List) error {
	key := binary.BigEndian.AppendUint32(nil, uint32(l.N))
	return put(tx, bucketLists, key, binary.BigEndian.AppendUint32(append([]byte(nil), l.Key[:]...), l.Next))
}

// Lists returns the status lists by number.
func (s *Bolt) Lists(context.Context) (lists []List, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketLists).ForEach(func(k, sealed []byte) error {
			value, err := open(bucketLists, k, sealed)
			if err != nil {
				return err
			}
			if len(k) != 4 || len(value) != 36 {
				return damaged(bucketLists, k, "the value has another length")
			}
			lists = append(lists, List{N: int(binary.BigEndian.Uint32(k)), Key: [32]byte(value), Next: binary.BigEndian.Uint32(value[32:])})
			return nil
		})
	})
	return lists, err
}

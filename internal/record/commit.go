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
	"laurel/credential"
)

// Commit writes a batch in one transaction with one sync.
func (s *Bolt) Commit(_ context.Context, b Batch) error {
	pending, tells := len(b.Issues), false
	err := s.db.Update(func(tx *bolt.Tx) error {
		if err := s.noteSize(tx); err != nil {
			return err
		}
		out, err := newOutgoing(tx)
		if err != nil {
			return err
		}
		if b.Tree != nil {
			if err := grow(tx, b); err != nil {
				return err
			}
		}
		for i := range b.Issues {
			if err := putIssue(tx, &b.Issues[i]); err != nil {
				return err
			}
			if r := b.Issues[i].Record; len(out.endpoints) > 0 {
				if err := out.write(eventOf(EventIssued, r.Recorded, r)); err != nil {
					return err
				}
			}
		}
		for _, e := range b.Entries {
			if err := putEntry(tx, e); err != nil {
				return err
			}
		}
		for _, r := range b.Changed {
			again, err := change(tx, r, out)
			if err != nil {
				return err
			}
			pending += again
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
		if err := settle(tx, b.Settled); err != nil {
			return err
		}
		tells = out.wrote || len(b.Settled) > 0
		return forget(tx, b.Forget)
	})
	if err == nil {
		s.pending.Add(int64(pending))
	}
	if err == nil && tells {
		s.announce()
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
	if added, entries := b.Tree.Size()-tree.Size(), len(b.Issues)+len(b.Entries); added != int64(entries) {
		return fmt.Errorf("a batch of %d entries grows the log by %d", entries, added)
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
	if err := putEntry(tx, Entry{r.LogIndex, i.Entry}); err != nil {
		return err
	}
	rows := []struct{ bucket, key, value []byte }{
		{bucketRecords, key, value},
		{bucketDocuments, key, r.Document},
		{bucketPending, key, nil},
		{bucketNumbers, []byte(r.Number), key},
		{bucketNatural, i.Natural[:], key},
	}
	for _, row := range rows {
		if err := put(tx, row.bucket, row.key, row.value); err != nil {
			return err
		}
	}
	for _, index := range indexesOf(r, key) {
		if err := put(tx, index.bucket, index.key, nil); err != nil {
			return err
		}
	}
	if i.Request == nil {
		return nil
	}
	return putRequest(tx, i.Request)
}

// putEntry writes an entry to its place in the log, which must be free.
func putEntry(tx *bolt.Tx, e Entry) error {
	key := indexKey(e.Index)
	if tx.Bucket(bucketEntries).Get(key) != nil {
		return fmt.Errorf("entry %d: already there", e.Index)
	}
	var entry [certlog.EntrySize]byte
	return put(tx, bucketEntries, key, e.Append(entry[:0]))
}

// indexesOf returns where a record can be found in the order of the log, by what Find filters.
func indexesOf(r *Record, key []byte) []struct{ bucket, key []byte } {
	all := [4]struct{ bucket, key []byte }{
		{bucketRecipient, under(r.Recipient.ID, key)},
		{bucketType, under(r.Type, key)},
		{bucketTemplate, under(r.Template, key)},
		{bucketOrg, under(r.Organisation, key)},
	}
	if r.Organisation == "" {
		return all[:3]
	}
	return all[:]
}

// under is a key of an index: the prefix, a zero byte, which no prefix holds, and the row's key.
func under(prefix string, key []byte) []byte {
	b := make([]byte, 0, len(prefix)+1+len(key))
	return append(append(append(b, prefix...), 0), key...)
}

// putRequest notes a request. A key that is used again after its time may not have been forgotten yet.
func putRequest(tx *bolt.Tx, r *Request) error {
	if value, err := get(tx, bucketRequests, r.Key[:]); err == nil {
		old, err := parseRequest(r.Key, value)
		if err != nil {
			return err
		}
		if err := tx.Bucket(bucketRequestAt).Delete(requestAtKey(old)); err != nil {
			return err
		}
	}
	value := append(append(append([]byte(nil), r.Body[:]...), requestAtKey(*r)[:8]...), r.Number...)
	return errors.Join(
		put(tx, bucketRequests, r.Key[:], value),
		put(tx, bucketRequestAt, requestAtKey(*r), nil),
	)
}

// requestAtKey orders requests by time: Unix milliseconds, and the key.
func requestAtKey(r Request) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(r.Key)), uint64(r.Time.UnixMilli())), r.Key[:]...)
}

func parseRequest(k RequestKey, value []byte) (Request, error) {
	if len(value) < 24 {
		return Request{}, damaged(bucketRequests, k[:], "the value is cut short")
	}
	return Request{
		Key: k, Body: [16]byte(value[:16]), Time: time.UnixMilli(int64(binary.BigEndian.Uint64(value[16:]))),
		Number: credential.Number(value[24:]),
	}, nil
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
			l, err := parseList(k, value)
			lists = append(lists, l)
			return err
		})
	})
	return lists, err
}

func parseList(k, value []byte) (List, error) {
	if len(k) != 4 || len(value) != 36 {
		return List{}, damaged(bucketLists, k, "the value has another length")
	}
	return List{N: int(binary.BigEndian.Uint32(k)), Key: [32]byte(value[:32]), Next: binary.BigEndian.Uint32(value[32:])}, nil
}

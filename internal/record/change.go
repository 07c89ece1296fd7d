package record

import (
	"encoding/json"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"laurel/credential"
)

// change writes a record over the one that is there, and returns how many records that makes pending. What the indexes
// are made of does not change, but for an erasure, which takes the record out of them.
func change(tx *bolt.Tx, r *Record, out *outgoing) (pending int, err error) {
	key := indexKey(r.LogIndex)
	old, err := row(tx, key)
	if err != nil {
		return 0, fmt.Errorf("changing certificate %s, entry %d: %w", r.Number, r.LogIndex, err)
	}
	switch {
	case old.Number != r.Number:
		return 0, fmt.Errorf("changing certificate %s: entry %d is that of %s", r.Number, r.LogIndex, old.Number)
	case r.Revision != old.Revision+1:
		return 0, fmt.Errorf("changing certificate %s: revision %d, where there is %d", r.Number, r.Revision, old.Revision)
	case old.Erased && !r.Erased:
		return 0, fmt.Errorf("changing certificate %s: it was erased", r.Number)
	case !old.Erased && r.Erased:
		if err := erase(tx, old, key); err != nil {
			return 0, err
		}
	}
	value, err := json.Marshal(r)
	if err != nil {
		return 0, err
	}
	if err := put(tx, bucketRecords, key, value); err != nil {
		return 0, err
	}
	if !r.Erased {
		if err := put(tx, bucketDocuments, key, r.Document); err != nil {
			return 0, err
		}
	}
	if len(r.Statements) > 0 {
		if err := put(tx, bucketStatement, key, r.Statements); err != nil {
			return 0, err
		}
	}
	if err := out.changed(r, len(old.History)); err != nil {
		return 0, err
	}
	if tx.Bucket(bucketPending).Get(key) == nil {
		pending = 1
	}
	return pending, put(tx, bucketPending, key, nil)
}

// erase takes a record out of everything that finds it by what is personal. Its number stays taken.
func erase(tx *bolt.Tx, old *Record, key []byte) error {
	for _, index := range indexesOf(old, key) {
		if err := tx.Bucket(index.bucket).Delete(index.key); err != nil {
			return err
		}
	}
	return errors.Join(
		forgetNatural(tx, old),
		forgetRequestsOf(tx, old.Number),
		tx.Bucket(bucketDocuments).Delete(key),
		put(tx, bucketErased, key, nil),
	)
}

// forgetNatural gives a record's natural key back to the newest other record under it, if there is one. The record is
// out of the indexes already.
func forgetNatural(tx *bolt.Tx, old *Record) error {
	natural := old.Natural()
	prefix := under(old.Recipient.ID, nil)
	c := tx.Bucket(bucketRecipient).Cursor()
	for k := last(c, prefix); k != nil && len(k) == len(prefix)+8 && string(k[:len(prefix)]) == string(prefix); k, _ = c.Prev() {
		other, err := row(tx, k[len(prefix):])
		if err != nil {
			return err
		}
		if other.Natural() == natural {
			return put(tx, bucketNatural, natural[:], indexKey(other.LogIndex))
		}
	}
	return tx.Bucket(bucketNatural).Delete(natural[:])
}

// forgetRequestsOf removes the request keys of a certificate: the digest of a request is that of personal data.
func forgetRequestsOf(tx *bolt.Tx, n credential.Number) error {
	var gone []Request
	err := tx.Bucket(bucketRequests).ForEach(func(k, sealed []byte) error {
		value, err := open(bucketRequests, k, sealed)
		if err != nil {
			return err
		}
		q, err := parseRequest(RequestKey(k), value)
		if err == nil && q.Number == n {
			gone = append(gone, q)
		}
		return err
	})
	for _, q := range gone {
		err = errors.Join(err, tx.Bucket(bucketRequests).Delete(q.Key[:]), tx.Bucket(bucketRequestAt).Delete(requestAtKey(q)))
	}
	return err
}

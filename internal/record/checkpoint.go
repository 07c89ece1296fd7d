package record

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Every checkpoint that leaves the house is kept first. So a public one that is not here is of records that are newer
// than these, and the proof of each certificate, which is against the first checkpoint above it, can be made again.

// PutCheckpoint keeps a signed checkpoint of the log at a size.
func (s *Bolt) PutCheckpoint(_ context.Context, size int64, signed []byte) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		if err := s.noteSize(tx); err != nil {
			return err
		}
		if tx.Bucket(bucketHeads).Get(indexKey(size)) != nil {
			return nil
		}
		tree, err := treeIn(tx)
		if err != nil {
			return err
		}
		if size > tree.Size() {
			return fmt.Errorf("a checkpoint of size %d for a log of %d", size, tree.Size())
		}
		if k, _ := tx.Bucket(bucketHeads).Cursor().Last(); k != nil && bytes.Compare(k, indexKey(size)) > 0 {
			return fmt.Errorf("a checkpoint of size %d after one of size %d", size, binary.BigEndian.Uint64(k))
		}
		return put(tx, bucketHeads, indexKey(size), signed)
	})
}

// Checkpoint returns the signed checkpoint of the smallest size above an index.
func (s *Bolt) Checkpoint(_ context.Context, index int64) (signed []byte, err error) {
	return s.checkpoint(func(c *bolt.Cursor) (k, v []byte) { return c.Seek(indexKey(index + 1)) })
}

// LastCheckpoint returns the signed checkpoint of the largest size.
func (s *Bolt) LastCheckpoint(context.Context) (signed []byte, err error) {
	return s.checkpoint((*bolt.Cursor).Last)
}

func (s *Bolt) checkpoint(find func(*bolt.Cursor) (k, v []byte)) (signed []byte, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		k, sealed := find(tx.Bucket(bucketHeads).Cursor())
		if k == nil {
			return ErrNotFound
		}
		value, err := open(bucketHeads, k, sealed)
		signed = bytes.Clone(value)
		return err
	})
	return signed, err
}

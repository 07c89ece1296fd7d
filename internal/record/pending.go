package record

import (
	"bytes"
	"context"
	"iter"
	"time"

	bolt "go.etcd.io/bbolt"
)

// PendingCount is how many records are not published.
func (s *Bolt) PendingCount() int { return int(s.pending.Load()) }

// Pending returns up to n records from a log index on that are not published, oldest first, with their documents.
func (s *Bolt) Pending(_ context.Context, from int64, n int) (records []*Record, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketPending).Cursor()
		for k, _ := c.Seek(indexKey(from)); k != nil && len(records) < n; k, _ = c.Next() {
			r, err := whole(tx, k)
			if err != nil {
				return err
			}
			records = append(records, r)
		}
		return nil
	})
	return records, err
}

// PendingDocuments returns the site's documents that are not published.
func (s *Bolt) PendingDocuments(context.Context) (docs []Document, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketSitePend).ForEach(func(path, _ []byte) error {
			data, err := get(tx, bucketSite, path)
			docs = append(docs, Document{Path: string(path), Data: append([]byte(nil), data...)})
			return err
		})
	})
	return docs, err
}

// Document returns the document of a path of the site.
func (s *Bolt) Document(_ context.Context, path string) (data []byte, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		value, err := get(tx, bucketSite, []byte(path))
		data = append([]byte(nil), value...)
		return err
	})
	return data, err
}

// Documents yields the documents of the whole site, sorted by path.
func (s *Bolt) Documents(context.Context) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		var docs []Document
		err := s.db.View(func(tx *bolt.Tx) error {
			return tx.Bucket(bucketSite).ForEach(func(path, sealed []byte) error {
				data, err := open(bucketSite, path, sealed)
				docs = append(docs, Document{Path: string(path), Data: append([]byte(nil), data...)})
				return err
			})
		})
		if err != nil {
			yield(Document{}, err)
			return
		}
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// Done marks records and documents as published. What was changed meanwhile is pending.
func (s *Bolt) Done(_ context.Context, records []*Record, documents []Document) error {
	added, tells := 0, false
	err := s.db.Update(func(tx *bolt.Tx) error {
		if err := s.noteSize(tx); err != nil {
			return err
		}
		out, err := newOutgoing(tx)
		if err != nil {
			return err
		}
		for _, r := range records {
			n, err := done(tx, r, out)
			if err != nil {
				return err
			}
			added += n
		}
		for _, d := range documents {
			now, err := get(tx, bucketSite, []byte(d.Path))
			if err != nil {
				return err
			}
			if string(now) != string(d.Data) {
				err = put(tx, bucketSitePend, []byte(d.Path), nil)
			} else {
				err = tx.Bucket(bucketSitePend).Delete([]byte(d.Path))
			}
			if err != nil {
				return err
			}
		}
		tells = out.wrote
		return nil
	})
	if err == nil {
		s.pending.Add(int64(added))
	}
	if err == nil && tells {
		s.announce()
	}
	return err
}

// done marks one record and returns by how many it changes the number of those that are pending.
func done(tx *bolt.Tx, r *Record, out *outgoing) (added int, err error) {
	key := indexKey(r.LogIndex)
	now, err := row(tx, key)
	if err != nil {
		return 0, err
	}
	switch changed := now.Revision != r.Revision; {
	case changed && now.Published:
		return 1, put(tx, bucketPending, key, nil)
	case !changed && !now.Published:
		if why, err := get(tx, bucketPending, key); err == nil && !bytes.Equal(why, pendingAgain) && len(out.endpoints) > 0 {
			if err := out.write(eventOf(EventPublished, time.Now(), now)); err != nil {
				return 0, err
			}
		}
		return -1, tx.Bucket(bucketPending).Delete(key)
	}
	return 0, nil
}

// pendingAgain is the value of the mark of a record that has been published as it is: nobody is told of that twice.
var pendingAgain = []byte("again")

// renewAtOnce is how many records one transaction marks, so that no commit waits long behind it.
const renewAtOnce = 4096

// Renew marks every record and document as not published.
func (s *Bolt) Renew(ctx context.Context) error {
	var after []byte
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		added := 0
		err := s.db.Update(func(tx *bolt.Tx) (err error) {
			added, after, err = renewSome(tx, after)
			return err
		})
		if err != nil {
			return err
		}
		s.pending.Add(int64(added))
		more = after != nil
	}
	return s.db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketSite).ForEach(func(path, _ []byte) error { return put(tx, bucketSitePend, path, nil) })
	})
}

// renewSome marks records behind the key after, and returns the last key it looked at, nil at the end.
func renewSome(tx *bolt.Tx, after []byte) (added int, last []byte, err error) {
	c := tx.Bucket(bucketRecords).Cursor()
	k, _ := c.First()
	if after != nil {
		c.Seek(after)
		k, _ = c.Next()
	}
	for seen := 0; k != nil; k, _ = c.Next() {
		if seen++; seen > renewAtOnce {
			return added, last, nil
		}
		last = append(last[:0:0], k...)
		if tx.Bucket(bucketPending).Get(k) != nil {
			continue
		}
		if err := put(tx, bucketPending, last, pendingAgain); err != nil {
			return added, nil, err
		}
		added++
	}
	return added, nil, nil
}

// Oldest returns since when the first record that is not published waits; zero if there is none.
func (s *Bolt) Oldest() (at time.Time, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		k, _ := tx.Bucket(bucketPending).Cursor().First()
		if k == nil {
			return nil
		}
		r, err := row(tx, k)
		if err == nil {
			at = r.Recorded
			if last := r.Last().Time; last.After(at) {
				at = last
			}
		}
		return err
	})
	return at, err
}

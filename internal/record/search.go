package record

import (
	"context"
	"strings"

	bolt "go.etcd.io/bbolt"
)

// searchAtOnce is how many records one search looks at: there is no index of names, and a search must not hold an old
// state of the file for long.
const searchAtOnce = 20_000

// Search returns records in whose recipient's or achievement's name a text stands, newest first, without their
// documents: at most n of those before a log index (nil: of all) that the filter takes. next is where to go on; nil:
// that was all.
func (s *Bolt) Search(_ context.Context, text string, f Filter, before *int64, n int) (found []*Record, next *int64, err error) {
	text = strings.ToLower(text)
	err = s.db.View(func(tx *bolt.Tx) error {
		c, erased := tx.Bucket(bucketRecords).Cursor(), tx.Bucket(bucketErased)
		seen := 0
		for k := (Filter{Before: before}).start(c, nil); k != nil; k, _ = c.Prev() {
			if erased.Get(k) != nil {
				continue
			}
			r, err := row(tx, k)
			if err != nil {
				return err
			}
			if seen++; len(found) == n || seen > searchAtOnce {
				at := r.LogIndex + 1
				next = &at
				return nil
			}
			if f.takes(r) && (strings.Contains(strings.ToLower(r.Recipient.Name), text) || strings.Contains(strings.ToLower(r.Achievement.Name), text)) {
				found = append(found, r)
			}
		}
		return nil
	})
	return found, next, err
}

package record

import (
	"bytes"
	"context"

	bolt "go.etcd.io/bbolt"
)

// Find returns a page of records, newest first, without their documents. It walks the narrowest index that
// the filter names and reads rows only where a further condition, or the page itself, asks for them.
func (s *Bolt) Find(ctx context.Context, f Filter) (page Page, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		bucket, prefix, rest := f.plan()
		c, erased := tx.Bucket(bucket).Cursor(), tx.Bucket(bucketErased)
		found := 0
		for k := f.start(c, prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Prev() {
			if found%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if erased.Get(k[len(prefix):]) != nil { // still in the walk over all rows
				continue
			}
			inPage := found >= f.Offset && len(page.Records) < f.Limit
			if !inPage && rest == (Filter{}) {
				found++
				if page.More = found > f.Offset; page.More && f.Before != nil {
					return nil
				}
				continue
			}
			r, err := row(tx, k[len(prefix):])
			if err != nil {
				return err
			}
			if !rest.takes(r) {
				continue
			}
			found++
			if inPage {
				page.Records = append(page.Records, r)
			} else if page.More = found > f.Offset; page.More && f.Before != nil {
				return nil
			}
		}
		if f.Before == nil {
			page.Total = found
		}
		return nil
	})
	return page, err
}

// start moves a cursor to the newest key of the prefix that the filter may take.
func (f Filter) start(c *bolt.Cursor, prefix []byte) []byte {
	if f.Before == nil {
		return last(c, prefix)
	}
	k, _ := c.Seek(append(append([]byte(nil), prefix...), indexKey(max(0, *f.Before))...))
	if k == nil {
		k, _ = c.Last()
		return k
	}
	k, _ = c.Prev()
	return k
}

// plan chooses the index to walk and returns what of the filter it does not answer.
func (f Filter) plan() (bucket, prefix []byte, rest Filter) {
	rest = Filter{Recipient: f.Recipient, Type: f.Type, Template: f.Template, Status: f.Status, Organisation: f.Organisation}
	if f.Status != "" {
		rest.Now = f.Now
	}
	switch {
	case f.Recipient != "":
		rest.Recipient = ""
		return bucketRecipient, under(f.Recipient, nil), rest
	case f.Organisation != "":
		rest.Organisation = ""
		return bucketOrg, under(f.Organisation, nil), rest
	case f.Template != "":
		rest.Template = ""
		return bucketTemplate, under(f.Template, nil), rest
	case f.Type != "":
		rest.Type = ""
		return bucketType, under(f.Type, nil), rest
	}
	return bucketRecords, nil, rest
}

func (f Filter) takes(r *Record) bool {
	return (f.Recipient == "" || f.Recipient == r.Recipient.ID) && (f.Template == "" || f.Template == r.Template) &&
		(f.Type == "" || f.Type == r.Type) && (f.Organisation == "" || f.Organisation == r.Organisation) && (f.Status == "" || f.Status == r.StatusAt(f.Now))
}

// last moves a cursor to the last key with the prefix.
func last(c *bolt.Cursor, prefix []byte) []byte {
	if prefix == nil {
		k, _ := c.Last()
		return k
	}
	after := append(append([]byte(nil), prefix[:len(prefix)-1]...), prefix[len(prefix)-1]+1) // prefixes end in a zero byte
	k, _ := c.Seek(after)
	if k == nil {
		k, _ = c.Last()
		return k
	}
	k, _ = c.Prev()
	return k
}

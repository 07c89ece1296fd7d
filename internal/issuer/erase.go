package issuer

import (
	"context"

	"laurel/credential"
	"laurel/internal/record"
)

// Erase removes what a certificate says of a person, from the records and from the public tree. What stays is the
// number, which is revoked for good, its page, which says that it was erased, and the entries of the log, which never
// held anything personal. changed is false where it was erased before. why stays in the record: it had better name
// nobody. When it returns without an error, the erasure is on the disk. Errors: ErrNotFound, ErrInvalid, ErrStopped; any
// other leaves open whether it was erased.
func (i *Issuer) Erase(ctx context.Context, n credential.Number, why string, call Call) (receipt *Receipt, changed bool, err error) {
	if why, err = reason(why); err != nil {
		return nil, false, err
	}
	var r *record.Record
	err = i.change(ctx, func(ctx context.Context, d *draft) (refused, err error) {
		if r, err = d.record(ctx, n); err != nil {
			return missing(err)
		}
		if changed = !r.Erased; !changed {
			return nil, nil
		}
		return nil, d.erase(ctx, r, record.Change{Status: record.Revoked, Code: credential.CodeErased, Principal: call.Principal, Reason: why})
	})
	if err != nil {
		return nil, false, err
	}
	if changed {
		i.meters.Changes.With(credential.CodeErased).Add(1)
	}
	if call.Wait && !r.Published {
		if err := i.waitPublished(ctx, r); err != nil {
			return nil, false, err
		}
	}
	return i.receipt(r), changed, nil
}

// erase takes the person out of a record, and states that.
func (d *draft) erase(ctx context.Context, r *record.Record, c record.Change) error {
	forgetPerson(r)
	return d.state(ctx, r, c)
}

// forgetPerson takes out of a record what is personal: also who asked for it, who changed its status and why, for these
// may name the person, or be that person.
func forgetPerson(r *record.Record) {
	r.Recipient, r.Achievement, r.Result, r.Occasion, r.Organisation = record.Person{}, record.Item{}, record.Result{}, "", ""
	r.Principal, r.Document, r.Erased = "", nil, true
	for k := range r.History {
		r.History[k].Principal, r.History[k].Reason = "", ""
	}
}

// Compact writes the records anew, without the bytes of what was erased that the disk holds still. Nothing is issued
// meanwhile. It returns the sizes before and after. ErrCopying.
func (i *Issuer) Compact(context.Context) (before, after int64, err error) { return i.store.Compact() }

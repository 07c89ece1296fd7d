package issuer

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"laurel/certlog"
	"laurel/credential"
	"laurel/internal/record"
)

// change is anything that alters what is there: a status, an erasure, a key, a list signed anew. It runs in the writer,
// alone, and sees the records as of its own place in the log, with what came earlier in the same round. It reads and
// writes by the draft only. refused answers whoever asked, and nothing may have been written to the draft before; err
// ends the writer, as an error of the store does.
//
// Keys are changed by draft.turnKeys: a new did.json and keys.json and the entry of kind certlog.Key are committed
// together, and the documents are pending.
type change func(ctx context.Context, d *draft) (refused, err error)

// change has a change made in the next round and returns when it is on the disk.
func (i *Issuer) change(ctx context.Context, c change) error {
	if err := i.haltReason(); err != nil {
		return err
	}
	return i.enter(ctx, &entrant{change: c, done: make(chan error, 1)})
}

// draft is a round in the making: what log and records will be once it is committed. The writer alone has it.
type draft struct {
	*writer
	grown     *certlog.Tree
	at        int64     // time of all entries of the round, Unix ms
	now       time.Time // the same, in the issuer's zone
	batch     record.Batch
	awarded   map[record.NaturalKey]bool
	counters  map[int]record.List // status lists whose counter has moved
	records   map[credential.Number]*record.Record
	documents map[string][]byte
	bits      map[string]*credential.StatusList // lists to be signed anew, by path
}

func (w *writer) newDraft() *draft {
	at := max(w.lastTime, w.cfg.Now().UnixMilli())
	return &draft{
		writer: w, grown: w.tree.Clone(), at: at, now: time.UnixMilli(at).In(w.zone),
		batch:   record.Batch{Prev: w.tree.Head(), Forget: w.cfg.Now().Add(-requestLife)},
		awarded: map[record.NaturalKey]bool{}, counters: map[int]record.List{}, records: map[credential.Number]*record.Record{},
		documents: map[string][]byte{}, bits: map[string]*credential.StatusList{},
	}
}

// take puts an entrant into the draft, or says why it cannot be in it.
func (d *draft) take(ctx context.Context, e *entrant) (refused, err error) {
	if e.change == nil {
		if refused, err := d.refuse(ctx, e, ""); refused != nil || err != nil {
			return refused, err
		}
		d.admit(e)
		return nil, nil
	}
	before := d.grown.Size()
	refused, err = e.change(ctx, d)
	if refused != nil && d.grown.Size() != before {
		err = errors.Join(err, fmt.Errorf("a change was refused after it had been entered: %w", refused))
	}
	return refused, err
}

// refuse says why a certificate cannot be in this round; nil if it can. replaces is the number of the one whose place it
// takes, if any.
func (d *draft) refuse(ctx context.Context, e *entrant, replaces credential.Number) (refused, err error) {
	if d.awarded[e.issue.Natural] {
		return errAwarded, nil
	}
	if k, _ := d.ring.history.Find(e.signer); k.Revoked != nil {
		return errKeyGone, nil
	}
	r, err := d.store.Natural(ctx, e.issue.Natural)
	if err == nil {
		if now, ok := d.records[r.Number]; ok {
			r = now
		}
		if r.Number != replaces && d.stands(r, e.plan) {
			return errAwarded, nil
		}
	}
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		return nil, err
	}
	has, err := d.store.Has(ctx, e.issue.Record.Number)
	if has {
		return errNumberTaken, err
	}
	return nil, err
}

// admit gives a certificate its place in the log.
func (d *draft) admit(e *entrant) {
	d.awarded[e.issue.Natural] = true
	e.issue.Entry.Time = d.at
	e.issue.Record.LogIndex = d.grown.Append(e.issue.Entry)
	e.issue.Record.Recorded = d.now
	if e.issue.Request != nil {
		e.issue.Request.Time = d.now
	}
	l := d.counter(e.place.list)
	if l.Next <= e.place.counter {
		l = record.List{N: e.place.list, Key: e.place.key, Next: e.place.counter + 1}
	}
	d.counters[l.N] = l
	d.batch.Issues = append(d.batch.Issues, e.issue)
}

func (d *draft) counter(list int) record.List {
	if l, ok := d.counters[list]; ok {
		return l
	}
	return d.next[list]
}

// sign calls f with the key in force. The ring is not held: it is changed within a change of the writer's only, so that
// nobody who holds it waits for a round.
func (d *draft) sign(f func(key crypto.Signer, method string) error) error {
	signing, ok := d.ring.history.InForce()
	if !ok {
		return errors.New("no key is in force")
	}
	return f(d.ring.signers[signing.Method], signing.Method)
}

// nextIndex is the log index that append gives next.
func (d *draft) nextIndex() int64 { return d.grown.Size() }

// append puts an entry that issues nothing into the log and returns its index. Its time is the round's.
func (d *draft) append(e certlog.Entry) int64 {
	e.Time = d.at
	index := d.grown.Append(e)
	d.batch.Entries = append(d.batch.Entries, record.Entry{Index: index, Entry: e})
	return index
}

// record returns a record as it is at this place of the log, to be changed and put back.
func (d *draft) record(ctx context.Context, n credential.Number) (*record.Record, error) {
	if r, ok := d.records[n]; ok {
		now := *r
		now.History = slices.Clone(r.History)
		return &now, nil
	}
	return d.store.Get(ctx, n)
}

// putRecord writes a record over the one that is there; it is published again.
func (d *draft) putRecord(r *record.Record) {
	if _, again := d.records[r.Number]; !again {
		r.Revision++
	}
	d.records[r.Number] = r
}

// document returns a document of the site as it is at this place of the log.
func (d *draft) document(ctx context.Context, path string) ([]byte, error) {
	if data, ok := d.documents[path]; ok {
		return data, nil
	}
	return d.store.Document(ctx, path)
}

// putDocument writes a document of the site, which is published again.
func (d *draft) putDocument(path string, data []byte) { d.documents[path] = data }

// finish is the batch of everything in the draft. Lists whose bits were changed are signed once for the whole round.
func (d *draft) finish() (record.Batch, error) {
	if err := d.signLists(); err != nil {
		return d.batch, err
	}
	if d.grown.Size() > d.tree.Size() {
		d.batch.Tree, d.lastTime = d.grown, d.at
	}
	for _, n := range slices.Sorted(maps.Keys(d.counters)) {
		d.batch.Lists = append(d.batch.Lists, d.counters[n])
	}
	for _, n := range slices.Sorted(maps.Keys(d.records)) {
		d.batch.Changed = append(d.batch.Changed, d.records[n])
	}
	for _, path := range slices.Sorted(maps.Keys(d.documents)) {
		d.batch.Documents = append(d.batch.Documents, record.Document{Path: path, Data: d.documents[path]})
	}
	return d.batch, nil
}

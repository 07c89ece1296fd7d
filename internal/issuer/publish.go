package issuer

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// publishSize is how many certificates one step of the publisher takes: many rounds at once.
const publishSize = 64

// While requests are in flight, a sync of the tree makes their commits wait on the same disk. So what was
// written gathers until it is quiet, or until one of these is reached.
const (
	syncAtMost = 1024            // certificates
	syncAfter  = 2 * time.Second // since the first of them
)

// urgentSize is how many certificates that callers wait for are written before one sync.
const urgentSize = 16

// publisher takes what is pending in the records into the public tree. The backlog lives there, never in memory.
type publisher struct {
	bell    chan struct{} // something was committed
	urgent  chan *waiter
	mu      sync.Mutex
	problem string

	documents sync.Mutex // held while documents of the site are written, so that the newest stays
}

// waiter waits for one certificate to be published.
type waiter struct {
	record *record.Record
	done   chan error
}

func (p *publisher) init() {
	p.bell, p.urgent = make(chan struct{}, 1), make(chan *waiter, urgentSize)
}

func (p *publisher) wake() {
	select {
	case p.bell <- struct{}{}:
	default:
	}
}

func (p *publisher) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.problem = ""; err != nil {
		p.problem = err.Error()
	}
}

func (p *publisher) noted() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.problem
}

const (
	firstRetry = 500 * time.Millisecond
	lastRetry  = time.Minute
)

// publish takes pending certificates in the order of the log until ctx ends. What cannot be written stays
// pending and is tried again, less and less often.
func (i *Issuer) publish(ctx context.Context) {
	retry := firstRetry
	var w written
	for ctx.Err() == nil {
		n, err := i.publishSome(ctx, &w)
		if err != nil || w.next == 0 { // not before what failed has been tried again
			i.pub.note(err)
		}
		switch {
		case ctx.Err() != nil:
		case err != nil:
			if n > 0 {
				retry = firstRetry
			}
			i.meters.Failures.Add(1)
			i.cfg.Log.Error("publishing failed; trying again", "error", err, "in", retry.String(), "pending", i.store.PendingCount())
			sleep(ctx, retry)
			retry, w = min(2*retry, lastRetry), written{}
		case n > 0:
			retry = firstRetry
		default:
			retry = firstRetry
			i.progressed(0)
			select {
			case <-i.pub.bell:
			case <-ctx.Done():
			}
		}
	}
}

// written are records whose files stand in the tree and have not reached the disk for certain.
type written struct {
	records []*record.Record // without their documents
	since   time.Time        // when the first of them was begun
	next    int64            // log index from which on nothing was tried
	failed  error            // what could not be written before next
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// publishSome publishes documents of the site and the oldest certificates that are not written yet, and
// returns how many of these; 0 without an error means that all is published. A certificate that cannot be written
// does not hold up the others.
func (i *Issuer) publishSome(ctx context.Context, w *written) (int, error) {
	head, err := i.store.Head(ctx)
	if err != nil {
		return 0, err
	}
	records, err := i.store.Pending(ctx, w.next, publishSize)
	if err != nil {
		return 0, err
	}
	// Read after the records, so that they are at least as new: a status list must not come later than a page that
	// says the same.
	if err := i.publishDocuments(ctx); err != nil {
		return 0, err
	}
	if len(records) == 0 && w.next == 0 {
		if _, err := i.cover(ctx, head.Size-1); err != nil { // of a key, say
			return 0, err
		}
		return 0, i.publishHead(head.Size)
	}
	if w.next == 0 {
		w.since = time.Now()
	}
	ahead, err := i.successors(ctx, records)
	if err != nil {
		return 0, err
	}
	if ahead, err = i.writeOut(ctx, ahead); err != nil {
		w.failed = err
	}
	done, err := i.writeOut(ctx, records)
	done = append(ahead, done...)
	if len(records) > 0 {
		w.next = records[len(records)-1].LogIndex + 1
	}
	for _, r := range done {
		r.Document = nil
	}
	w.records = append(w.records, done...)
	if err != nil {
		w.failed = err // the last one speaks for all
	}
	if i.pace.busy() && len(records) > 0 && len(w.records) < syncAtMost && time.Since(w.since) < syncAfter {
		return len(records), nil
	}
	n, failed := len(w.records), w.failed
	return n, errors.Join(i.settle(ctx, w), failed)
}

// settle waits until what was written is on the disk, publishes the checkpoint that covers it if nothing else is
// missing from that, and marks it as done.
func (i *Issuer) settle(ctx context.Context, w *written) error {
	if len(w.records) > 0 {
		if err := i.builder.Sync(); err != nil {
			return err
		}
		below, err := i.tried(ctx, w)
		if err == nil {
			err = i.publishHead(below)
		}
		if err != nil {
			return err
		}
		i.mirror(numbersOf(w.records)...)
		if err := i.store.Done(ctx, w.records, nil); err != nil {
			return err
		}
		now := i.cfg.Now()
		for _, r := range w.records {
			i.meters.PublishLag.Observe(now.Sub(r.Recorded).Seconds())
		}
		i.progressed(len(w.records))
	}
	*w = written{}
	return nil
}

func numbersOf(records []*record.Record) []credential.Number {
	out := make([]credential.Number, len(records))
	for k, r := range records {
		out[k] = r.Number
	}
	return out
}

// writeOut writes certificates into the tree and returns those that stand there. Where not all of them do, each is
// tried alone, to tell them apart.
func (i *Issuer) writeOut(ctx context.Context, records []*record.Record) (done []*record.Record, err error) {
	if len(records) == 0 {
		return nil, nil
	}
	files, err := i.filesOf(ctx, records)
	if err != nil {
		return nil, err
	}
	if _, err = i.builder.Add(ctx, slices.Concat(files...)); err == nil {
		return records, nil
	}
	for k, r := range records {
		if ctx.Err() != nil {
			return done, ctx.Err()
		}
		if _, alone := i.builder.Add(ctx, files[k]); alone != nil {
			err = alone
			continue
		}
		done = append(done, r)
	}
	return done, err
}

// filesOf returns what each of the records consists of, once a checkpoint covers them all and what was said of them.
func (i *Issuer) filesOf(ctx context.Context, records []*record.Record) (files [][]site.Document, err error) {
	last := int64(0)
	for _, r := range records {
		last = max(last, r.LogIndex, r.Last().LogIndex)
	}
	if _, err := i.cover(ctx, last); err != nil {
		return nil, err
	}
	p := &prover{Issuer: i}
	for _, r := range records {
		docs, err := p.files(ctx, r)
		if err != nil {
			return nil, err
		}
		files = append(files, docs)
	}
	return files, nil
}

// publishDocuments writes the documents of the site that are pending.
func (i *Issuer) publishDocuments(ctx context.Context) error {
	i.pub.documents.Lock()
	defer i.pub.documents.Unlock()
	pending, err := i.store.PendingDocuments(ctx)
	if err != nil || len(pending) == 0 {
		return err
	}
	docs := make([]site.Document, len(pending))
	for k, d := range pending {
		docs[k] = site.Document{Path: d.Path, Data: d.Data}
	}
	slices.SortStableFunc(docs, func(a, b site.Document) int { return stageOf(a) - stageOf(b) })
	if _, err := i.builder.Add(ctx, docs); err != nil {
		return err
	}
	if err := i.builder.Sync(); err != nil {
		return err
	}
	i.mirror()
	return i.store.Done(ctx, nil, pending)
}

// stageOf orders the documents of the site as those read them who do not have all yet: keys before what they sign, and
// the history that calls a key revoked after what another key has signed anew.
func stageOf(d site.Document) int {
	if d.Path == site.DIDPath {
		return -1
	}
	c, _ := site.ClassOf(d.Path)
	return int(c.Stage)
}

// waitPublished has a certificate published before all that nobody waits for.
func (i *Issuer) waitPublished(ctx context.Context, r *record.Record) error {
	w := &waiter{record: r, done: make(chan error, 1)}
	select {
	case i.pub.urgent <- w:
	case <-i.stopped:
		return i.haltReason()
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-w.done:
		if err == nil {
			r.Published = true
		}
		return err
	case <-i.stopped:
		return i.haltReason()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// publishUrgent publishes what callers wait for, several with one sync.
func (i *Issuer) publishUrgent(ctx context.Context) {
	for {
		var waiting []*waiter
		select {
		case <-ctx.Done():
			return
		case w := <-i.pub.urgent:
			waiting = append(waiting, w)
		}
		for len(waiting) < urgentSize {
			select {
			case w := <-i.pub.urgent:
				waiting = append(waiting, w)
				continue
			default:
			}
			break
		}
		done, err := i.publishWaiting(urgent(ctx), waiting)
		for _, w := range waiting {
			if done[w.record.Number] {
				w.done <- nil
			} else {
				w.done <- err
			}
		}
	}
}

// publishWaiting publishes records once each, after the documents that their pages point to. The error is why those
// that are not done are not.
func (i *Issuer) publishWaiting(ctx context.Context, waiting []*waiter) (done map[credential.Number]bool, err error) {
	records := make([]*record.Record, 0, len(waiting))
	for _, w := range waiting {
		if slices.ContainsFunc(records, func(r *record.Record) bool { return r.Number == w.record.Number }) {
			continue
		}
		r, err := i.store.Get(ctx, w.record.Number) // it may have changed again
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	if err := i.publishDocuments(ctx); err != nil { // read after the records, as in publishSome
		return nil, err
	}
	records, err = i.writeOut(ctx, records)
	if settled := i.settle(ctx, &written{records: records}); settled != nil {
		return nil, settled
	}
	done = make(map[credential.Number]bool, len(records))
	for _, r := range records {
		done[r.Number] = true
	}
	return done, err
}

package issuer

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"laurel/certlog"
	"laurel/internal/record"
)

// roundSize is the most that one commit takes.
const roundSize = 1024

// entrant is what waits for a round: a certificate, or a change.
type entrant struct {
	issue  record.Issue
	plan   *plan // what issue grants
	place  *place
	signer string     // method that signed the certificate
	change change     // nil for a certificate alone
	done   chan error // buffered; gets exactly one answer
}

var (
	errNumberTaken = errors.New("the number is taken")
	errAwarded     = errors.New("awarded meanwhile")
	errKeyGone     = errors.New("its key was revoked meanwhile")
)

// enter hands an entrant to the writer and waits until its round is on the disk. Once handed over it is
// decided by the writer alone: a caller who goes away early changes nothing.
func (i *Issuer) enter(ctx context.Context, e *entrant) error {
	select {
	case i.rounds <- e:
	case <-i.stopped:
		return i.haltReason()
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-e.done:
		return err
	case <-i.stopped:
	}
	select { // the answer may have come at the same moment
	case err := <-e.done:
		return err
	default:
		return fmt.Errorf("%w before it was known whether this request was recorded; send it again", i.haltReason())
	}
}

// writer is the one goroutine that owns the log.
type writer struct {
	*Issuer
	tree     *certlog.Tree
	lastTime int64 // of the newest entry
	next     map[int]record.List
}

// write commits rounds until ctx ends or a commit fails. While one commit runs, the next round gathers in
// the channel: the disk sets the pace, no timer does. Callers that are ready and wait for a processor only are let
// run before a round closes: they would else wait for a whole commit of their own.
func (i *Issuer) write(ctx context.Context) error {
	w, err := i.newWriter(ctx)
	if err != nil {
		return err
	}
	round := make([]*entrant, 0, roundSize)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-i.rounds:
			runtime.Gosched()
			round = gather(append(round[:0], e), i.rounds)
			if err := w.commit(ctx, round); err != nil {
				return err
			}
		}
	}
}

// gather takes what is there, without waiting.
func gather(round []*entrant, from <-chan *entrant) []*entrant {
	for len(round) < roundSize {
		select {
		case e := <-from:
			round = append(round, e)
		default:
			return round
		}
	}
	return round
}

func (i *Issuer) newWriter(ctx context.Context) (*writer, error) {
	w := &writer{Issuer: i, next: map[int]record.List{}}
	var err error
	if w.tree, err = i.store.Tree(ctx); err != nil {
		return nil, err
	}
	for e, err := range i.store.Entries(ctx, max(0, w.tree.Size()-1), w.tree.Size()) {
		if err != nil {
			return nil, err
		}
		w.lastTime = e.Time
	}
	lists, err := i.store.Lists(ctx)
	for _, l := range lists {
		w.next[l.N] = l
	}
	return w, err
}

// commit writes one round and answers its entrants. An error of the store leaves open whether the round was
// written: only loading anew can tell, so the writer ends with it.
func (w *writer) commit(ctx context.Context, round []*entrant) error {
	b, taken, err := w.batch(ctx, round)
	if err == nil && len(taken) > 0 {
		start := time.Now()
		err = w.store.Commit(context.WithoutCancel(ctx), b)
		w.meters.CommitSeconds.Observe(time.Since(start).Seconds())
		w.meters.RoundSize.Observe(float64(len(taken)))
	}
	if err != nil {
		err = fmt.Errorf("%w: writing a round of %d: %w", ErrStopped, len(round), err)
		w.halt(err)
		for _, e := range taken {
			e.done <- err
		}
		return err
	}
	if b.Tree != nil {
		w.tree = b.Tree
	}
	for _, l := range b.Lists {
		w.next[l.N] = l
	}
	for _, e := range taken {
		e.done <- nil
	}
	w.pub.wake()
	return nil
}

// batch decides who is in the round, once more and now alone: what another round or an earlier entrant of
// this one has awarded or changed meanwhile is answered at once and left out.
func (w *writer) batch(ctx context.Context, round []*entrant) (b record.Batch, taken []*entrant, err error) {
	d := w.newDraft()
	for _, e := range round {
		refused, err := d.take(ctx, e)
		if err != nil {
			return d.batch, append(taken, e), err
		}
		if refused != nil {
			e.done <- refused
			continue
		}
		taken = append(taken, e)
	}
	b, err = d.finish()
	return b, taken, err
}

package issuer

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// stepwise lets the publisher take one step after the other, each when the test says so: its steps are what it asks of
// the records and writes into them.
type stepwise struct {
	store
	arrived chan struct{} // the publisher stands before a step
	steps   chan struct{} // it may take that
}

func newStepwise(s store) *stepwise {
	return &stepwise{store: s, arrived: make(chan struct{}), steps: make(chan struct{})}
}

func (s *stepwise) step(ctx context.Context) error {
	select {
	case s.arrived <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-s.steps:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *stepwise) Pending(ctx context.Context, from int64, n int) ([]*record.Record, error) {
	if err := s.step(ctx); err != nil {
		return nil, err
	}
	return s.store.Pending(ctx, from, n)
}

func (s *stepwise) PendingDocuments(ctx context.Context) ([]record.Document, error) {
	if err := s.step(ctx); err != nil {
		return nil, err
	}
	return s.store.PendingDocuments(ctx)
}

func (s *stepwise) PutCheckpoint(ctx context.Context, size int64, signed []byte) error {
	if err := s.step(ctx); err != nil {
		return err
	}
	return s.store.PutCheckpoint(ctx, size, signed)
}

func (s *stepwise) Done(ctx context.Context, records []*record.Record, documents []record.Document) error {
	if err := s.step(ctx); err != nil {
		return err
	}
	return s.store.Done(ctx, records, documents)
}

// stepsOf are after how many steps of the publisher more stands on the disk than before: nothing, the site's documents and
// that they are done, a checkpoint in the records and the certificates' files.
func stepsOf() []int { return []int{0, 3, 5} }

// cutOff is a kind of change, and what a certificate has to be before.
type cutOff struct {
	name, before string
	change       func(r *running, n credential.Number, i int) error
	more         int // certificates that it makes
}

func cutOffs(ctx context.Context) []cutOff {
	call := Call{Principal: "lms", Reach: Reach{All: true}}
	state := func(status string) func(*running, credential.Number, int) error {
		return func(r *running, n credential.Number, _ int) error {
			_, _, err := r.SetStatus(ctx, n, Status{Status: status}, call)
			return err
		}
	}
	return []cutOff{
		{name: "issue", more: 1, change: func(r *running, _ credential.Number, i int) error {
			_, _, err := r.Issue(ctx, sample(500+i), call)
			return err
		}},
		{name: "suspend", change: state("suspended")},
		{name: "reinstate", before: "suspended", change: state("valid")},
		{name: "revoke", change: state("revoked")},
		{name: "supersede", more: 1, change: func(r *running, n credential.Number, _ int) error {
			_, _, err := r.Replace(ctx, n, renamed("样例 Corrected"), call)
			return err
		}},
		{name: "erase", change: func(r *running, n credential.Number, _ int) error {
			_, _, err := r.Erase(ctx, n, "", call)
			return err
		}},
	}
}

// A crash can come between any two steps of publishing, whatever was changed. Loading ends with what was committed, each
// time: in the records, in the log and in the tree.
func TestEveryKindOfChangeOutlivesACrashBetweenAnyTwoStepsOfItsPublishing(t *testing.T) {
	h := newHouse(t)
	kinds := cutOffs(t.Context())
	i, certificates := 0, 0
	for _, steps := range stepsOf() {
		r := h.run(nil)
		first, numbers := i, []credential.Number{}
		for _, c := range kinds {
			i++
			certificates += 1 + c.more
			numbers = append(numbers, r.issue(sample(i), by("", sample(i))).Number)
			if c.before != "" {
				r.set(numbers[len(numbers)-1], c.before, "")
			}
		}
		r.finish()
		h.crashAfter(steps, func(r *running) error {
			for k, c := range kinds {
				if err := c.change(r, numbers[k], first+k); err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
			}
			return nil
		})
		r = h.run(nil)
		r.settled()
		r.documentsPublished()
		for _, n := range numbers {
			h.shows(r, n)
		}
		r.finish()
		if t.Failed() {
			t.Fatalf("cut off after %d steps", steps)
		}
	}
	h.sound(certificates)
}

// crashAfter has a change committed, and ends the issuer before the publisher takes a further step.
func (h *house) crashAfter(steps int, change func(*running) error) {
	h.t.Helper()
	var disk *stepwise
	r := h.run(func(s store) store { disk = newStepwise(s); return disk })
	<-disk.arrived
	if err := change(r); err != nil {
		h.t.Fatal(err)
	}
	for range steps {
		disk.steps <- struct{}{}
		<-disk.arrived
	}
	r.stop()
}

// shows holds what the tree says of a certificate against its record.
func (h *house) shows(r *running, n credential.Number) {
	h.t.Helper()
	rec, err := r.store.Get(h.t.Context(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	revoked, suspended := h.bits(r, n)
	if revoked != (rec.Status == record.Revoked) || suspended != (rec.Status == record.Suspended) {
		h.t.Errorf("%s is %s, and the lists say revoked %v, suspended %v", n, rec.Status, revoked, suspended)
	}
	for path, want := range map[string]string{site.CredentialPath(n): string(rec.Document), site.StatusPath(n): string(rec.Statements)} {
		there := exists(filepath.Join(h.cfg.PublicDir, path))
		if there != (want != "") || there && string(h.published(path)) != want {
			h.t.Errorf("%s is not what the records say", path)
		}
	}
}

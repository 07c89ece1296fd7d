package issuer

import (
	"testing"
	"time"

	"laurel/credential"
	"laurel/site"
)

// listed reads a published list.
func (h *house) listed(r *running, purpose string, n int) *credential.StatusList {
	h.t.Helper()
	l, err := credential.VerifyStatusList(h.published(site.StatusListPath(purpose, n)), r.ring.trusted())
	if err != nil {
		h.t.Fatal(err)
	}
	return l
}

// documentsPublished waits until the documents of the site are published too.
func (r *running) documentsPublished() {
	r.t.Helper()
	for {
		pending, err := r.store.PendingDocuments(r.t.Context())
		if err != nil {
			r.t.Fatal(err)
		}
		if len(pending) == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestStatusListsAreSignedAnewAtTheirCadenceAndNotBefore(t *testing.T) {
	h := newHouse(t)
	h.nearlyFull(1)
	r := h.run(nil)
	got := r.issue(sample(1), by("", sample(1)))
	r.issue(sample(2), by("", sample(2))) // in the next pair
	r.set(got.Number, "suspended", "review")
	entries, err := r.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signed := h.clock.now()
	for _, step := range []struct {
		after time.Duration
		anew  bool
	}{{23*time.Hour + 59*time.Minute, false}, {time.Minute, true}, {23 * time.Hour, false}, {time.Hour, true}} {
		h.clock.forward(step.after)
		if step.anew {
			signed = h.clock.now()
		}
		if err := r.renewLists(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.documentsPublished()
		for n := range 2 {
			for _, purpose := range []string{site.Revocation, site.Suspension} {
				if l := h.listed(r, purpose, n); !l.ValidFrom.Equal(signed) {
					t.Errorf("after %v: the %s list %d is of %v, want %v", step.after, purpose, n, l.ValidFrom, signed)
				}
			}
		}
	}
	if revoked, suspended := h.bits(r, got.Number); revoked || !suspended {
		t.Errorf("the lists have come to say revoked %v, suspended %v", revoked, suspended)
	}
	if head, err := r.store.Head(t.Context()); err != nil || head.Size != entries.Size {
		t.Errorf("the log has grown from %d to %d entries", entries.Size, head.Size)
	}
	r.finish()
	h.sound(2)
}

func TestListsThatGrewOldWhileNothingRanAreSignedAnewAtTheStart(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	r.issue(sample(1), by("", sample(1)))
	r.finish()
	h.clock.forward(100 * time.Hour)
	r = h.run(nil)
	for !h.listed(r, site.Revocation, 0).ValidFrom.Equal(h.clock.now()) {
		time.Sleep(time.Millisecond)
	}
	r.documentsPublished()
	r.finish()
	h.sound(1)
}

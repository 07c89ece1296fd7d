package issuer

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func TestWithAllPlacesTakenARequestIsRefusedAPatientOneWaitsAndBothAreGrantedLater(t *testing.T) {
	h := newHouseWith(t, func(c *Config) { c.MostWaiting = 2 })
	gate := make(chan struct{})
	r := h.run(func(s store) store { return &slow{store: s, gate: gate} })
	var callers sync.WaitGroup
	grant := func(n int, patient bool) {
		call := by("", sample(n))
		call.Patient = patient
		callers.Go(func() {
			if _, first, err := r.Issue(t.Context(), sample(n), call); err != nil || !first {
				t.Errorf("request %d: first %v, %v", n, first, err)
			}
		})
	}
	grant(1, false)
	grant(2, false)
	for len(r.crowd) < 2 {
		time.Sleep(time.Millisecond)
	}
	if _, _, err := r.Issue(t.Context(), sample(3), by("", sample(3))); !errors.Is(err, ErrBusy) {
		t.Errorf("a third request: %v", err)
	}
	grant(4, true)
	close(gate)
	callers.Wait()
	if _, _, err := r.Issue(t.Context(), sample(3), by("", sample(3))); err != nil {
		t.Errorf("the third request again: %v", err)
	}
	r.finish()
	h.sound(4)
}

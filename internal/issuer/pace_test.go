package issuer

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestPaintingIsNotHeldBackWhenNoRequestIsInFlight(t *testing.T) {
	p := newPace(newClock().now)
	for range 100 {
		if _, err := p.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if !p.next.IsZero() {
		t.Error("paintings were counted in a quiet time")
	}
}

func TestPaintingTakesAFifthOfACoreWhileRequestsAreInFlight(t *testing.T) {
	c := newClock()
	p := newPace(c.now)
	leave := p.enter()
	tooEarly := func() {
		t.Helper()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.wait(ended); !errors.Is(err, context.Canceled) || p.begin() {
			t.Fatalf("a painting began too early: %v", err)
		}
	}
	for _, took := range []time.Duration{3 * time.Millisecond, 200 * time.Millisecond, time.Millisecond} {
		done, err := p.wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tooEarly() // one at a time
		c.forward(took)
		done()
		if got := p.next.Sub(c.now()); got != 4*took {
			t.Fatalf("the next painting may begin %v after one of %v", got, took)
		}
		tooEarly()
		c.forward(4 * took)
	}
	if done, err := p.wait(t.Context()); err != nil {
		t.Fatal(err)
	} else {
		c.forward(time.Hour)
		done()
	}
	if got := p.next.Sub(c.now()); got != longestRest {
		t.Errorf("the next painting may begin after %v", got)
	}
	if _, err := p.wait(urgent(t.Context())); err != nil {
		t.Fatalf("what a caller waits for was held back: %v", err)
	}
	leave()
	if !p.busy() {
		t.Error("quiet at once")
	}
	c.forward(quietAfter)
	if p.busy() {
		t.Error("busy without requests")
	}
}

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
		if err := p.wait(t.Context()); err != nil {
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
	for range 3 {
		if err := p.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := p.next.Sub(c.now()); got != 5*firstCost {
			t.Fatalf("the next painting may begin after %v, not %v", got, 5*firstCost)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.wait(ended); !errors.Is(err, context.Canceled) {
			t.Fatalf("a painting began too early: %v", err)
		}
		c.forward(5 * firstCost)
	}
	if err := p.wait(urgent(t.Context())); err != nil {
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

func TestTheCostOfAPaintingFollowsWhatIsMeasured(t *testing.T) {
	p := newPace(newClock().now)
	for range 50 {
		p.measured(2 * time.Millisecond)
	}
	if p.cost < 2*time.Millisecond || p.cost > 3*time.Millisecond {
		t.Errorf("cost %v", p.cost)
	}
	for range 50 {
		p.measured(time.Hour)
	}
	if p.cost != mostCost {
		t.Errorf("cost %v", p.cost)
	}
}

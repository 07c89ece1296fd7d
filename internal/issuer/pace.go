package issuer

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// pace lets painting yield to requests: while any is in flight, or was a moment ago, paintings start at
// intervals that leave them a fifth of one core; when requests stop, they start at once, on all cores.
type pace struct {
	now      func() time.Time
	inFlight atomic.Int64
	lastLeft atomic.Int64 // Unix ms at which the last request was answered
	mu       sync.Mutex
	next     time.Time     // when the next painting may start in busy times
	cost     time.Duration // of one painting on one core, as measured
}

const (
	busyShare    = 5                      // one part in so many of one core
	quietAfter   = 100 * time.Millisecond // without a request
	lookInterval = 5 * time.Millisecond   // how often a waiting painting looks whether it is quiet
	firstCost    = 8 * time.Millisecond
	leastCost    = time.Millisecond
	mostCost     = 25 * time.Millisecond
)

func newPace(now func() time.Time) *pace { return &pace{now: now, cost: firstCost} }

// enter counts a request until the returned function is called.
func (p *pace) enter() (leave func()) {
	p.inFlight.Add(1)
	return func() {
		p.lastLeft.Store(p.now().UnixMilli())
		p.inFlight.Add(-1)
	}
}

func (p *pace) busy() bool {
	return p.inFlight.Load() > 0 || p.now().UnixMilli()-p.lastLeft.Load() < quietAfter.Milliseconds()
}

type urgentKey struct{}

// urgent marks work that a caller waits for: it is not held back.
func urgent(ctx context.Context) context.Context { return context.WithValue(ctx, urgentKey{}, true) }

// wait returns when a painting may start.
func (p *pace) wait(ctx context.Context) error {
	if ctx.Value(urgentKey{}) != nil {
		return ctx.Err()
	}
	for p.busy() {
		p.mu.Lock()
		now := p.now()
		if !now.Before(p.next) {
			p.next = now.Add(busyShare * p.cost)
			p.mu.Unlock()
			return ctx.Err()
		}
		p.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookInterval):
		}
	}
	return ctx.Err()
}

// measured takes in what publishing n certificates cost in processor time, as far as wall time tells: only
// quiet times are asked.
func (p *pace) measured(each time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cost = min(max((3*p.cost+each)/4, leastCost), mostCost)
}

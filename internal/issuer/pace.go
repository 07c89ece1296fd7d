package issuer

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// pace lets painting yield to requests: while any is in flight, or was a moment ago, certificates are painted one at a
// time, and after each as long a rest as leaves them a fifth of one core; when requests stop, at once and on all cores.
type pace struct {
	now      func() time.Time
	inFlight atomic.Int64
	lastLeft atomic.Int64 // Unix ms at which the last request was answered
	mu       sync.Mutex
	painting bool      // one that began in busy times is not done
	next     time.Time // when the next one may begin in busy times
}

const (
	busyShare    = 5                      // one part in so many of one core
	quietAfter   = 100 * time.Millisecond // without a request
	lookInterval = 5 * time.Millisecond   // how often a waiting painting looks whether it is quiet
	longestRest  = 2 * time.Second        // after a painting: the first of a layout takes longer than all others
)

func newPace(now func() time.Time) *pace { return &pace{now: now} }

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

// wait returns when a painting may begin. done is to be called when it is done.
func (p *pace) wait(ctx context.Context) (done func(), err error) {
	if ctx.Value(urgentKey{}) != nil {
		return func() {}, ctx.Err()
	}
	for p.busy() {
		if p.begin() {
			start := p.now()
			return func() { p.end(p.now().Sub(start)) }, ctx.Err()
		}
		select {
		case <-ctx.Done():
			return func() {}, ctx.Err()
		case <-time.After(lookInterval):
		}
	}
	return func() {}, ctx.Err()
}

// begin takes the turn to paint in busy times, if there is one.
func (p *pace) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.painting || p.now().Before(p.next) {
		return false
	}
	p.painting = true
	return true
}

// end gives the turn back, after a painting that took so long.
func (p *pace) end(took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.painting = false
	p.next = p.now().Add(min((busyShare-1)*took, longestRest))
}

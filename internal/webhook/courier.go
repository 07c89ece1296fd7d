package webhook

import (
	"context"
	"sync"
	"time"

	"laurel/internal/record"
)

// atOnce is how many deliveries to one endpoint are under way together, each of another certificate.
const atOnce = 8

// A receiver that has failed so often in a row is asked by one delivery at a time, less and less often: what waits for
// one that is down is not all thrown at it.
const (
	failuresInRow = 2 * atOnce
	mostRest      = 5 * time.Minute
)

// courier delivers to one endpoint.
type courier struct {
	*Dispatcher
	bell chan struct{}
	end  context.CancelFunc

	mu sync.Mutex
	to record.Endpoint

	// The rest belongs to run.
	underWay map[uint64]bool
	results  chan result
	failures int // in a row
	rest     time.Time
}

type result struct {
	was record.Delivery
	answer
}

func newCourier(d *Dispatcher, to record.Endpoint, end context.CancelFunc) *courier {
	return &courier{Dispatcher: d, to: to, end: end, bell: make(chan struct{}, 1), underWay: map[uint64]bool{}, results: make(chan result, atOnce)}
}

// take tells the courier how its endpoint is now, and to look again.
func (c *courier) take(e record.Endpoint) {
	c.mu.Lock()
	c.to = e
	c.mu.Unlock()
	select {
	case c.bell <- struct{}{}:
	default:
	}
}

func (c *courier) endpoint() record.Endpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.to
}

// run delivers until ctx ends. What is under way then is tried again by the next who runs.
func (c *courier) run(ctx context.Context) {
	defer c.end()
	for ctx.Err() == nil {
		next, err := c.start(ctx)
		if err != nil && ctx.Err() == nil {
			c.cfg.Log.Error("what waits for an endpoint could not be read", "endpoint", c.endpoint().ID, "error", err)
			next = c.cfg.Now().Add(time.Second)
		}
		timer := time.NewTimer(c.until(next))
		select {
		case r := <-c.results:
			c.settle(ctx, r)
		case <-c.bell:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	for range c.underWay { // they end with ctx
		<-c.results
	}
}

// until is how long nothing is due.
func (c *courier) until(next time.Time) time.Duration {
	if next.IsZero() {
		return time.Hour
	}
	return max(0, next.Sub(c.cfg.Now()))
}

// start sends what is due, as far as there is room, and says when something else will be.
func (c *courier) start(ctx context.Context) (next time.Time, err error) {
	to, now, most := c.endpoint(), c.cfg.Now(), atOnce
	if c.failures >= failuresInRow {
		most = 1
	}
	if !to.Disabled.IsZero() || len(c.underWay) >= most {
		return time.Time{}, nil
	}
	if now.Before(c.rest) {
		return c.rest, nil
	}
	due, next, err := c.cfg.Outbox.Due(ctx, to.ID, now, most+len(c.underWay))
	for _, d := range due {
		if c.underWay[d.Seq] || len(c.underWay) >= most {
			continue
		}
		c.underWay[d.Seq] = true
		go func() { c.results <- result{d, c.sender.send(ctx, to, d)} }()
	}
	return next, err
}

// settle writes down a result, and those that have come meanwhile with it: the disk sets the pace.
func (c *courier) settle(ctx context.Context, first result) {
	all := []result{first}
	for len(all) < atOnce {
		select {
		case r := <-c.results:
			all = append(all, r)
			continue
		default:
		}
		break
	}
	now := c.cfg.Now()
	var settled []record.Delivery
	for _, r := range all {
		delete(c.underWay, r.was.Seq)
		if ctx.Err() != nil && r.err != nil {
			continue // cut off by us
		}
		c.count(r, now)
		settled = append(settled, c.after(r.was, r.answer, now))
		if r.gone() {
			c.disable(ctx, now)
		}
	}
	if len(settled) == 0 {
		return
	}
	if err := c.cfg.Outbox.Settle(context.WithoutCancel(ctx), settled); err != nil {
		c.cfg.Log.Error("deliveries could not be written down; they are made again", "endpoint", c.endpoint().ID, "error", err)
		c.rest = now.Add(time.Second)
	}
}

// count keeps an eye on a receiver that is down.
func (c *courier) count(r result, now time.Time) {
	if r.err == nil {
		c.failures, c.rest = 0, time.Time{}
		return
	}
	if c.failures++; c.failures >= failuresInRow {
		c.rest = now.Add(jitter(min(time.Second<<min(c.failures-failuresInRow, 20), mostRest)))
	}
	c.cfg.Log.Warn("a webhook was not delivered", "endpoint", c.endpoint().ID, "event", r.was.Event.ID, "attempt", r.was.Attempts+1, "error", r.err)
}

// disable ends deliveries to an endpoint that says it is gone.
func (c *courier) disable(ctx context.Context, now time.Time) {
	id := c.endpoint().ID
	err := c.cfg.Outbox.ChangeEndpoint(context.WithoutCancel(ctx), id, func(e *record.Endpoint) {
		e.Disabled, e.Why = now.UTC(), "the receiver answered 410 Gone"
	})
	c.cfg.Log.Warn("an endpoint of webhooks was disabled, because it answers 410 Gone; certd webhook enable takes that back", "endpoint", id, "error", err)
}

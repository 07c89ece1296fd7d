package webhook

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"laurel/internal/meter"
	"laurel/internal/record"
)

// Config is what a dispatcher needs.
type Config struct {
	Outbox    record.Outbox
	Source    string                     // of the events: the issuer's base address
	URL       func(number string) string // of a certificate's page
	Recipient func(ctx context.Context, number string) (*Recipient, error)
	Allow     []netip.Prefix  // networks that are not public and may be called all the same
	Schedule  []time.Duration // nil: Schedule()
	Patience  time.Duration   // for one try; 0: 20 s
	Now       func() time.Time
	Log       *slog.Logger
}

// Meters count deliveries since the program began.
type Meters struct {
	Lag       *meter.Histogram // seconds from what happened to its arrival
	Delivered meter.Counter
	Failures  meter.Counter // tries
	GivenUp   meter.Counter
}

// Dispatcher delivers what waits in an outbox.
type Dispatcher struct {
	cfg    Config
	sender *sender
	meters *Meters
}

// NewDispatcher makes a dispatcher.
func NewDispatcher(c Config) *Dispatcher {
	if c.Schedule == nil {
		c.Schedule = Schedule()
	}
	if c.Patience == 0 {
		c.Patience = patience
	}
	return &Dispatcher{cfg: c, sender: newSender(c), meters: &Meters{Lag: meter.NewHistogram(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400, 259200)}}
}

// Meters returns what is counted.
func (d *Dispatcher) Meters() *Meters { return d.meters }

// Backlog says how many deliveries wait, and when what the oldest of them tells of happened.
func (d *Dispatcher) Backlog(ctx context.Context) (waiting int, oldest time.Time, err error) {
	return d.cfg.Outbox.Backlog(ctx)
}

// Run delivers until ctx ends: each endpoint by a courier of its own, so that none waits for another.
func (d *Dispatcher) Run(ctx context.Context) {
	defer d.sender.close()
	couriers := map[string]*courier{}
	var all sync.WaitGroup
	defer all.Wait()
	for {
		endpoints, err := d.cfg.Outbox.Endpoints(ctx)
		if err != nil && ctx.Err() == nil {
			d.cfg.Log.Error("endpoints of webhooks could not be read", "error", err)
		}
		there := map[string]bool{}
		for _, e := range endpoints {
			there[e.ID] = e.Disabled.IsZero()
			if c := couriers[e.ID]; c != nil {
				c.take(e)
			} else if there[e.ID] {
				own, end := context.WithCancel(ctx)
				c := newCourier(d, e, end)
				couriers[e.ID] = c
				all.Go(func() { c.run(own) })
			}
		}
		for id, c := range couriers {
			if !there[id] {
				c.end()
				delete(couriers, id)
			}
		}
		select {
		case <-d.cfg.Outbox.Announced():
		case <-ctx.Done():
			return
		}
	}
}

// after is what a delivery becomes by a try. Where the schedule is over, it is given up.
func (d *Dispatcher) after(was record.Delivery, a answer, now time.Time) record.Delivery {
	was.Attempts++
	was.Last, was.Status, was.Problem = now.UTC(), a.status, ""
	if a.err == nil {
		was.State, was.Next = record.Delivered, time.Time{}
		d.meters.Delivered.Add(1)
		d.meters.Lag.Observe(now.Sub(was.Event.Time).Seconds())
		return was
	}
	d.meters.Failures.Add(1)
	was.Problem = a.err.Error()
	if was.Attempts > len(d.cfg.Schedule) {
		was.State, was.Next = record.Failed, time.Time{}
		d.meters.GivenUp.Add(1)
		return was
	}
	was.Next = now.Add(max(jitter(d.cfg.Schedule[was.Attempts-1]), a.wait)).UTC()
	return was
}

// gone reports whether a receiver says that it is there no more, for good.
func (a answer) gone() bool { return a.status == http.StatusGone }

package api

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"laurel/internal/meter"
)

// NewMetrics returns a handler that answers GET /metrics and nothing else, for a listener of its own: whoever reaches
// that may read it. c.Meter is the one that the other handlers count with.
func NewMetrics(c Config) http.Handler {
	s := newService(c)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) { _ = s.metrics(w, r, principal{}) })
	return mux
}

// metrics answers GET /metrics for Prometheus.
func (s *service) metrics(w http.ResponseWriter, r *http.Request, _ principal) error {
	var p meter.Page
	s.meter.requests.Each(func(l [3]string, n *meter.Counter) {
		p.Counter("laurel_http_requests_total", "Requests answered.", float64(n.Load()), "route", l[0], "status", l[1])
	})
	s.meter.seconds.Each(func(l [3]string, h *meter.Histogram) {
		p.Histogram("laurel_http_request_seconds", "From the first byte of a request to the last of its answer.", h, "route", l[0])
	})
	p.Gauge("laurel_http_in_flight", "Requests being answered.", float64(s.meter.inFlight.Load()))
	m, h, now := s.issuer.Meters(), s.issuer.Health(), s.now()
	p.Histogram("laurel_round_size", "Requests committed together.", m.RoundSize)
	p.Histogram("laurel_commit_seconds", "Time to commit a round to the disk.", m.CommitSeconds)
	p.Histogram("laurel_publish_lag_seconds", "From being recorded to being published.", m.PublishLag)
	p.Counter("laurel_published_total", "Certificates published.", float64(m.Published.Load()))
	m.Changes.Each(func(l [3]string, n *meter.Counter) {
		p.Counter("laurel_status_changes_total", "Certificates whose status was changed.", float64(n.Load()), "to", l[0])
	})
	p.Counter("laurel_publish_failures_total", "Tries to publish that failed.", float64(m.Failures.Load()))
	p.Gauge("laurel_pending", "Certificates recorded and not yet published.", float64(h.Pending))
	p.Gauge("laurel_oldest_pending_seconds", "Age of the oldest of these; 0 where there is none.", age(now, h.Oldest))
	p.Gauge("laurel_checkpoint_age_seconds", "Since the published checkpoint of the log was last cosigned; 0 where that is not known.", age(now, h.AsOf))
	anew := s.issuer.Anew()
	p.Gauge("laurel_signing_anew_left", "Entries of the log whose certificates are still to be signed anew after a theft; 0 where there was none.", float64(anew.Total-anew.Done))
	for _, m := range s.issuer.Mirrors() {
		p.Gauge("laurel_mirror_lag_seconds", "Age of the oldest change that the mirror does not hold; 0 where it is equal to the tree.", age(now, m.Since), "target", m.Target)
		p.Counter("laurel_mirror_uploaded_total", "Files uploaded to the mirror.", float64(m.Uploaded), "target", m.Target)
		p.Counter("laurel_mirror_failures_total", "Tries to bring the mirror up to date that failed.", float64(m.Failures), "target", m.Target)
	}
	p.Gauge("laurel_disk_free_bytes", "Free space on the fuller of the disks of records and public tree.", float64(h.Free))
	p.Gauge("laurel_ready", "1 where certificates can be issued.", truth(h.Ready && !h.Full))
	p.Gauge("laurel_publishing_stuck", "1 where something is pending and nothing has been published for a while.", truth(h.Stuck))
	if s.dispatcher != nil {
		if err := s.deliveryMetrics(r.Context(), &p); err != nil {
			return err
		}
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	p.Gauge("go_goroutines", "Goroutines.", float64(runtime.NumGoroutine()))
	p.Gauge("go_memstats_heap_inuse_bytes", "Heap in use.", float64(mem.HeapInuse))
	w.Header().Set("Content-Type", meter.ContentType)
	_, _ = w.Write(p.Bytes())
	return nil
}

// deliveryMetrics are those of webhooks.
func (s *service) deliveryMetrics(ctx context.Context, p *meter.Page) error {
	m := s.dispatcher.Meters()
	waiting, oldest, err := s.dispatcher.Backlog(ctx)
	if err != nil {
		return err
	}
	p.Histogram("laurel_webhook_lag_seconds", "From what happened to the receiver's answer.", m.Lag)
	p.Counter("laurel_webhook_delivered_total", "Webhooks delivered.", float64(m.Delivered.Load()))
	p.Counter("laurel_webhook_failures_total", "Tries to deliver a webhook that failed.", float64(m.Failures.Load()))
	p.Counter("laurel_webhook_given_up_total", "Webhooks given up after the last try.", float64(m.GivenUp.Load()))
	p.Gauge("laurel_webhook_waiting", "Webhooks to be delivered.", float64(waiting))
	p.Gauge("laurel_webhook_oldest_seconds", "Age of the oldest of these; 0 where there is none.", age(s.now(), oldest))
	return nil
}

func age(now, since time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return now.Sub(since).Seconds()
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

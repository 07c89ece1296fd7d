package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	"laurel/internal/meter"
)

// Meter counts requests since the program began. It is safe for concurrent use.
type Meter struct {
	requests *meter.Vector[meter.Counter]   // by route and status
	seconds  *meter.Vector[meter.Histogram] // by route
	inFlight atomic.Int64
}

// NewMeter makes a meter that has counted nothing.
func NewMeter() *Meter {
	return &Meter{requests: meter.NewVector(func() *meter.Counter { return new(meter.Counter) }), seconds: meter.NewVector(meter.Seconds)}
}

// observed gives each request a number of its own, counts it, and writes down what became of it. A route stands for its
// address everywhere: addresses name people and certificates, and logs and metrics go to others.
func (s *service) observed(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := s.nameRequest(r)
		w.Header().Set("X-Request-Id", id)
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
		said := &statusWriter{ResponseWriter: w}
		s.meter.inFlight.Add(1)
		defer func() {
			s.meter.inFlight.Add(-1)
			took, where := time.Since(start), route(r)
			s.meter.requests.With(where, strconv.Itoa(said.status)).Add(1)
			s.meter.seconds.With(where).Observe(took.Seconds())
			if s.logRequests {
				s.log.Info("request", "request", id, "route", where, "status", said.status, "ms", float64(took.Microseconds())/1000, "bytes", said.bytes)
			}
		}()
		next(said, r)
	})
}

type requestKey struct{}

// requestID is the number of a request; "" where it has none.
func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestKey{}).(string)
	return id
}

var plainID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// nameRequest keeps the number that a trusted proxy gave a request, so that its log and ours can be laid side by side.
func (s *service) nameRequest(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); plainID.MatchString(id) {
		if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && s.trusts(at.Addr().Unmap()) {
			return id
		}
	}
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// route is the pattern that a request was answered under.
func route(r *http.Request) string {
	if r.Pattern == "" || r.Pattern == "/" {
		return "none"
	}
	return r.Pattern
}

// statusWriter remembers what was said.
type statusWriter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

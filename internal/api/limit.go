package api

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A quota lets each key through a number of times in each window. It forgets keys at the end of the window, and keeps
// no more than maxKeys of them: behind that, all further ones share one count, so that no flood of keys grows it.
type quota struct {
	name   string
	most   int // 0: no limit
	window time.Duration
	now    func() time.Time

	mu     sync.Mutex
	until  time.Time // end of the window
	counts map[string]int
}

const maxKeys = 1 << 16

func newQuota(name string, most int, window time.Duration, now func() time.Time) *quota {
	return &quota{name: name, most: most, window: window, now: now}
}

// count counts one more of a key. It says in how many seconds the window ends, and whether this one was too many.
func (q *quota) count(key string) (wait string, tooMany bool) {
	left, end := q.take(key)
	return end, left < 0
}

// take counts one more of a key, and returns how many are left in this window, negative where this was one too many,
// and the seconds until it ends.
func (q *quota) take(key string) (left int, end string) {
	if q.most == 0 {
		return 1, "0"
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.turn()
	if _, known := q.counts[key]; !known && len(q.counts) >= maxKeys {
		key = ""
	}
	if q.counts[key] <= q.most {
		q.counts[key]++
	}
	return q.most - q.counts[key], strconv.Itoa(1 + int(q.until.Sub(now)/time.Second))
}

// exhausted reports whether nothing is left for a key.
func (q *quota) exhausted(key string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.turn()
	return q.most > 0 && q.counts[key] >= q.most
}

// turn begins the next window where this one is over.
func (q *quota) turn() time.Time {
	now := q.now()
	if !now.Before(q.until) {
		q.until, q.counts = now.Add(q.window), map[string]int{}
	}
	return now
}

// admit counts one request of a key, says in the RateLimit fields of the answer what is left (draft-ietf-httpapi-ratelimit-headers),
// and refuses it where nothing was.
func (q *quota) admit(h http.Header, key string) error {
	if q.most == 0 {
		return nil
	}
	left, end := q.take(key)
	h.Set("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", q.name, q.most, int(q.window/time.Second)))
	h.Set("RateLimit", fmt.Sprintf("%q;r=%d;t=%s", q.name, max(left, 0), end))
	if left < 0 {
		return tooMany.problem("%d requests in %v are the most.", q.most, q.window).with("Retry-After", end)
	}
	return nil
}

// address is where a request comes from, as a key for quotas. Behind a proxy that is trusted it is the last address in
// X-Forwarded-For that is no trusted proxy's own. An IPv6 network of 64 bits is one address: its owner has them all.
func (s *service) address(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	from := at.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(from); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		from = hop.Unmap()
	}
	if from.Is6() {
		if network, err := from.WithZone("").Prefix(64); err == nil {
			return network.String()
		}
	}
	return from.String()
}

func (s *service) trusts(a netip.Addr) bool {
	for _, p := range s.proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

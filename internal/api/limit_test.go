package api

import (
	"fmt"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

func TestAQuotaIsPerKeyAndBeginsAnewWithEachWindow(t *testing.T) {
	at := now
	q := newQuota("x", 2, time.Minute, func() time.Time { return at })
	for i, want := range []int{1, 0, -1, -1} {
		if left, end := q.take("a"); left != want || end != "61" {
			t.Errorf("%d: %d left, until %s", i, left, end)
		}
	}
	if left, _ := q.take("b"); left != 1 {
		t.Errorf("another key: %d left", left)
	}
	if !q.exhausted("a") || q.exhausted("b") {
		t.Error("exhausted")
	}
	at = at.Add(time.Minute)
	if left, _ := q.take("a"); left != 1 || q.exhausted("a") {
		t.Errorf("the next window: %d left", left)
	}
}

func TestAFloodOfKeysGrowsNothing(t *testing.T) {
	q := newQuota("x", 2, time.Minute, func() time.Time { return now })
	for i := range maxKeys + 100 {
		q.take(fmt.Sprint(i))
	}
	if len(q.counts) > maxKeys+1 {
		t.Errorf("%d keys", len(q.counts))
	}
	if left, _ := q.take("one more"); left >= 0 {
		t.Error("keys behind the last have no limit")
	}
	if left, _ := q.take("0"); left != 0 {
		t.Errorf("a key from before: %d left", left)
	}
}

func TestTheAddressBehindTrustedProxiesIsTheCallers(t *testing.T) {
	s := &service{proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}}
	for _, tt := range []struct{ remote, forwarded, want string }{
		{"192.0.2.1:5", "", "192.0.2.1"},
		{"192.0.2.1:5", "203.0.113.9", "192.0.2.1"}, // anybody can say anything
		{"127.0.0.1:5", "203.0.113.9", "203.0.113.9"},
		{"127.0.0.1:5", "198.51.100.7, 203.0.113.9", "203.0.113.9"},
		{"127.0.0.1:5", "198.51.100.7, 203.0.113.9, 10.1.1.1", "203.0.113.9"},
		{"127.0.0.1:5", "", "127.0.0.1"},
		{"127.0.0.1:5", "nonsense", "127.0.0.1"},
		{"[::ffff:127.0.0.1]:5", "203.0.113.9", "203.0.113.9"},
		{"[2001:db8::1]:5", "", "2001:db8::/64"},
		{"[2001:db8::2%eth0]:5", "", "2001:db8::/64"},
		{"@", "203.0.113.9", "@"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.remote
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := s.address(r); got != tt.want {
			t.Errorf("%s, %q: %s, want %s", tt.remote, tt.forwarded, got, tt.want)
		}
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// TestKillNineLosesNoEvent kills the daemon while a receiver loses every third answer and refuses every fifth message.
// What the daemon acknowledged before it was killed is told by the next one.
func TestKillNineLosesNoEvent(t *testing.T) {
	s := newSiege(t, 11)
	settings := "public: ../public\nwebhooks:\n  allow: [127.0.0.0/8]\n  retries: [" + strings.TrimSuffix(strings.Repeat("1ms, ", 200), ", ") + "]\n"
	if err := os.WriteFile(filepath.Join(s.dir, "data", "certd.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &forgetful{t: t, kinds: map[string][]string{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.secret = strings.TrimSpace(s.must(certd(s.dir, "webhook", "add", server.URL)))
	for s.cycle = range 4 {
		s.killUnderLoad()
	}
	p := s.ready()
	defer p.end(syscall.SIGTERM)
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		lost := r.missing(s.acked)
		if len(lost) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d of %d certificates were told of wrongly or not at all: %v", len(lost), len(s.acked), lost[:min(5, len(lost))])
		}
	}
	t.Logf("%d certificates, %d messages", len(s.acked), r.messages)
}

// forgetful is a receiver that loses answers, and notes what it was told of each certificate.
type forgetful struct {
	t      *testing.T
	secret string

	mu       sync.Mutex
	messages int
	kinds    map[string][]string // by number
}

func (f *forgetful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the daemon was killed
	}
	wh, err := standardwebhooks.NewWebhook(f.secret)
	if err == nil {
		err = wh.Verify(body, r.Header)
	}
	var m struct{ Type, Subject string }
	if err := json.Unmarshal(body, &m); err != nil {
		f.t.Error(err)
	}
	if err != nil {
		f.t.Errorf("%v: %s", err, body)
	}
	f.mu.Lock()
	f.messages++
	n, before := f.messages, f.kinds[m.Subject]
	if n%5 != 0 && (len(before) == 0 || before[len(before)-1] != m.Type) {
		f.kinds[m.Subject] = append(before, m.Type)
	}
	f.mu.Unlock()
	switch {
	case n%5 == 0:
		w.WriteHeader(http.StatusServiceUnavailable)
	case n%3 == 0: // taken, and the answer is lost
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_ = c.Close()
		}
	}
}

// missing lists the acknowledged certificates that were not told of as issued and then as published.
func (f *forgetful) missing(acked map[string]string) (lost []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, number := range acked {
		if got := f.kinds[number]; !slices.Equal(got, []string{"certificate.issued", "certificate.published"}) {
			lost = append(lost, fmt.Sprint(number, got))
		}
	}
	return lost
}

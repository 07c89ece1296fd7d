package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"laurel/internal/control"
)

// killSubjects is how many certificates are changed at the moment of a crash.
const killSubjects = 3

// alteration is one kind of change of what there is.
type alteration struct {
	kind   string
	before string // the status that the certificate must have first; "" for valid
	status string // the status that it has afterwards
	body   string
}

func alterations() []alteration {
	return []alteration{
		{kind: "issue", status: "valid"},
		{kind: "suspend", status: "suspended", body: `{"status":"suspended","reason":"siege","code":"review"}`},
		{kind: "reinstate", before: "suspended", status: "valid", body: `{"status":"valid","reason":"siege","code":"cleared"}`},
		{kind: "revoke", status: "revoked", body: `{"status":"revoked","reason":"siege","code":"error"}`},
		{kind: "supersede", status: "revoked", body: `{"recipient":{"name":"张玮"}}`},
		{kind: "erase", status: "revoked"},
	}
}

// subject is a certificate that is changed under fire.
type subject struct {
	recipient, number string
	successor         string // of one that was replaced, once it is known
	acked             bool
}

// TestKillNineInTheMiddleOfAChangeLosesNothing kills certd while certificates are issued, suspended, reinstated, revoked,
// replaced or erased, and while it recovers from that: what a caller was told holds, and what no caller was told holds
// once it is asked for again. In the end records, log and public tree agree to the last byte.
func TestKillNineInTheMiddleOfAChangeLosesNothing(t *testing.T) {
	s := newSiege(t, randomSeed(t))
	kinds, certificates, erased := alterations(), 0, 0
	for s.cycle = range cycles(t, len(kinds)) {
		a := kinds[s.cycle%len(kinds)]
		subjects := s.killDuring(a)
		for range s.rand.IntN(3) {
			s.killWhileItRecovers()
		}
		s.holds(a, subjects)
		certificates += len(subjects)
		switch a.kind {
		case "supersede":
			certificates += len(subjects)
		case "erase":
			erased += len(subjects)
		}
	}
	t.Logf("%d certificates, of which %d erased", certificates, erased)
	s.settle(s.ready(), certificates, erased)
}

// killDuring prepares certificates, has all of them changed at a time, and kills the daemon at a random moment from then on.
func (s *siege) killDuring(a alteration) (subjects []*subject) {
	s.t.Helper()
	p := s.ready()
	for i := range killSubjects {
		c := &subject{recipient: fmt.Sprintf("cycle %d %s %d", s.cycle, a.kind, i)}
		subjects = append(subjects, c)
		if a.kind == "issue" {
			continue
		}
		if !s.alter(p, alteration{kind: "issue"}, c) {
			s.t.Fatalf("%s was not issued", c.recipient)
		}
		if before := (alteration{kind: "suspend", body: `{"status":"suspended","reason":"siege"}`}); a.before != "" && !s.alter(p, before, c) {
			s.t.Fatalf("%s was not suspended", c.recipient)
		}
	}
	s.published()
	var callers sync.WaitGroup
	for _, c := range subjects {
		callers.Go(func() { c.acked = s.alter(p, a, c) })
	}
	time.Sleep(s.moment())
	_ = p.end(syscall.SIGKILL)
	callers.Wait()
	return subjects
}

// alter makes a change and reports whether its caller was told so.
func (s *siege) alter(p *process, a alteration, c *subject) bool {
	s.t.Helper()
	base := "http://" + p.addr + "/v1/certificates"
	var status int
	var answer []byte
	switch a.kind {
	case "issue":
		told := s.post(p.addr, c.recipient)
		s.mu.Lock()
		defer s.mu.Unlock()
		if told {
			c.number = s.acked[c.recipient]
		}
		return told
	case "erase":
		client := control.Dial(filepath.Join(s.dir, "data", "certd.sock"))
		defer client.Close()
		_, err := client.Erase(s.t.Context(), c.number, "siege")
		return err == nil // a refusal shows when it is asked for again
	case "supersede":
		status, answer = s.call("POST", base+"/"+c.number+"/replacement", a.body)
	default:
		status, answer = s.call("POST", base+"/"+c.number+"/status", a.body)
	}
	if status == 0 {
		return false
	}
	var got struct{ Number string }
	if err := json.Unmarshal(answer, &got); err != nil || status != http.StatusOK && status != http.StatusCreated {
		s.t.Errorf("%s: status %d: %s", c.recipient, status, answer)
		return false
	}
	if a.kind == "supersede" {
		if c.successor != "" && c.successor != got.Number {
			s.t.Errorf("%s was replaced by %s, and again by %s", c.number, c.successor, got.Number)
		}
		c.successor = got.Number
	}
	return true
}

// holds asks a restarted daemon for what callers were told, makes every change again, and kills it once more.
func (s *siege) holds(a alteration, subjects []*subject) {
	s.t.Helper()
	p := s.ready()
	for _, c := range subjects {
		if c.acked {
			s.altered(p, a, c)
		}
		if !s.alter(p, a, c) {
			s.t.Errorf("%s, %s: not done when asked for again", c.recipient, a.kind)
			continue
		}
		s.altered(p, a, c)
	}
	_ = p.end(syscall.SIGKILL)
}

// altered holds a certificate against what it must be after a change.
func (s *siege) altered(p *process, a alteration, c *subject) {
	s.t.Helper()
	status, answer := s.call("GET", "http://"+p.addr+"/v1/certificates/"+c.number, "")
	var r struct {
		Status     string
		Erased     bool
		ReplacedBy string `json:"replaced_by"`
	}
	if err := json.Unmarshal(answer, &r); err != nil || status != http.StatusOK {
		s.t.Errorf("%s: status %d: %s", c.recipient, status, answer)
		return
	}
	if r.Status != a.status || r.Erased != (a.kind == "erase") || r.ReplacedBy != c.successor {
		s.t.Errorf("%s after %s: %s", c.recipient, a.kind, answer)
	}
}

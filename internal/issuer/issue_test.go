package issuer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"laurel/credential"
	"laurel/site"
)

func TestACertificateIsRecordedPublishedAndVerified(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	call := by("", sample(1))
	call.Wait = true
	got := r.issue(sample(1), call)
	if got.State != "published" || got.Status != "valid" || got.LogIndex != 0 || got.Title != "结业证书" || !strings.HasSuffix(got.PDFURL, "/certificate.pdf") {
		t.Errorf("receipt %+v", got)
	}
	if want := sampleBase + "/c/" + string(got.Number) + "/"; got.URL != want || got.CredentialURL != want+"credential.json" || got.ImageURL != want+"certificate.png" {
		t.Errorf("addresses %s, %s, %s", got.URL, got.CredentialURL, got.ImageURL)
	}
	doc, err := r.Credential(t.Context(), got.Number)
	if err != nil {
		t.Fatal(err)
	}
	c, err := credential.VerifyPublished(doc, r.ring.trusted())
	if err != nil {
		t.Fatal(err)
	}
	if c.Recipient() != "样例 Sample" || c.ValidFrom != "2026-03-01T10:03:04+08:00" || c.Number() != got.Number {
		t.Errorf("%s, %s, %s", c.Recipient(), c.ValidFrom, c.Number())
	}
	again, err := r.Get(t.Context(), got.Number)
	if err != nil || again.State != "published" || again.URL != got.URL {
		t.Errorf("read back: %+v, %v", again, err)
	}
	r.finish()
	h.sound(1)
}

func TestCreateRefusesWhatExists(t *testing.T) {
	h := newHouse(t)
	for _, file := range []string{"certd.db", "seed", "log-seed"} {
		path := filepath.Join(h.cfg.DataDir, file)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", file, info.Mode(), err)
		}
		if err := Create(t.Context(), h.cfg); !errors.Is(err, os.ErrExist) {
			t.Errorf("made a second time: %v", err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
			t.Errorf("%s was changed: %v", file, err)
		}
	}
	for _, name := range []string{"certd.db", "seed", "log-seed"} {
		cfg := h.cfg
		cfg.DataDir, cfg.PublicDir = t.TempDir(), filepath.Join(t.TempDir(), "public")
		if err := os.WriteFile(filepath.Join(cfg.DataDir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Create(t.Context(), cfg); !errors.Is(err, os.ErrExist) {
			t.Errorf("with %s there: %v", name, err)
		}
	}
}

func TestCreateThatFailsLeavesNothingThatRefusesTheNext(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{DataDir: filepath.Join(dir, "data"), PublicDir: filepath.Join(dir, "file", "public"), BaseURL: sampleBase, IssuerName: "Sample", Timezone: "UTC"}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Create(t.Context(), cfg); err == nil {
		t.Fatal("a tree was made below a file")
	}
	cfg.PublicDir = filepath.Join(dir, "public")
	if err := Create(t.Context(), cfg); err != nil {
		t.Error(err)
	}
}

func TestCreateTakesOnlyAddressesThatDidWebCanName(t *testing.T) {
	for _, base := range []string{"", "certs.example.org", "http://certs.example.org", "https://192.0.2.1", "https://certs.example.org/path", "https://certs.example.org/", "https://[2001:db8::1]"} {
		cfg := Config{DataDir: filepath.Join(t.TempDir(), "data"), PublicDir: filepath.Join(t.TempDir(), "public"), BaseURL: base, IssuerName: "Sample", Timezone: "UTC"}
		if err := Create(t.Context(), cfg); err == nil {
			t.Errorf("%q was taken", base)
		}
		if _, err := os.Stat(cfg.DataDir); err == nil {
			t.Errorf("%q: something was made", base)
		}
	}
}

func TestLoadRefusesAForeignSeed(t *testing.T) {
	h, other := newHouse(t), newHouse(t)
	seed, err := os.ReadFile(other.cfg.seedPath())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.cfg.seedPath(), seed, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(t.Context(), h.cfg); err == nil || !strings.Contains(err.Error(), "another issuer") {
		t.Errorf("loaded: %v", err)
	}
}

func TestLoadRefusesASeedThatOthersCanRead(t *testing.T) {
	h := newHouse(t)
	if err := os.Chmod(h.cfg.seedPath(), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(t.Context(), h.cfg); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("loaded: %v", err)
	}
}

func TestTheSameRequestGivesTheFirstReceipt(t *testing.T) {
	r := newHouse(t).run(nil)
	first := r.issue(sample(1), by("", sample(1)))
	for name, c := range map[string]struct {
		change func(*Request)
		call   func(*Call)
	}{
		"as it was":                 {},
		"its date named":            {change: func(q *Request) { q.IssuedAt = &first.IssuedAt }},
		"the name in another form":  {change: func(q *Request) { q.Recipient.Name = "  样例 Sample " }},
		"from another who may read": {call: func(c *Call) { c.Principal = "hr" }},
		"the number written 100.00": {change: func(q *Request) { q.Result.CompletionRate = text("100.00") }},
		"from one who may not read,\nbut asked for it at first": {call: func(c *Call) { c.Reach = Reach{} }},
	} {
		req, call := sample(1), by("", sample(1))
		if c.change != nil {
			c.change(&req)
		}
		if c.call != nil {
			c.call(&call)
		}
		got, again, err := r.Issue(t.Context(), req, call)
		if err != nil || again || got.Number != first.Number {
			t.Errorf("%s: %+v, first %v, %v", name, got, again, err)
		}
	}
}

func TestOtherFactsForTheSameAwardAreAConflict(t *testing.T) {
	r := newHouse(t).run(nil)
	first := r.issue(sample(1), by("", sample(1)))
	yesterday := first.IssuedAt.AddDate(0, 0, -1)
	for name, change := range map[string]func(*Request){
		"another name":             func(q *Request) { q.Recipient.Name = "别人 Other" },
		"another achievement name": func(q *Request) { q.Achievement.Name = "安全生产进阶" },
		"another result":           func(q *Request) { q.Result = &Result{CompletionRate: text("99")} },
		"another date":             func(q *Request) { q.IssuedAt = &yesterday },
		"an end":                   func(q *Request) { end := first.IssuedAt.AddDate(1, 0, 0); q.ExpiresAt = &end },
	} {
		req := sample(1)
		change(&req)
		_, _, err := r.Issue(t.Context(), req, by("", req))
		var conflict *ConflictError
		if !errors.As(err, &conflict) || conflict.Number != first.Number || !errors.Is(err, ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stranger := by("", sample(1))
	stranger.Principal, stranger.Reach = "hr", Reach{}
	_, _, err := r.Issue(t.Context(), sample(1), stranger)
	var conflict *ConflictError
	if !errors.As(err, &conflict) || conflict.Number != "" {
		t.Errorf("from one who may not read: %v", err)
	}
	if page, err := r.List(t.Context(), Filter{Limit: 10}); err != nil || page.Total != 1 {
		t.Errorf("%d recorded, %v", page.Total, err)
	}
}

func TestAnotherOccasionIsAnotherAward(t *testing.T) {
	r := newHouse(t).run(nil)
	r.issue(sample(1), by("", sample(1)))
	for n, change := range []func(*Request){
		func(q *Request) { q.Occasion = "2026-spring" },
		func(q *Request) { q.Achievement.ID = "C-302" },
		func(q *Request) { q.Recipient.ID = "sample-002" },
	} {
		req := sample(1)
		change(&req)
		if got := r.issue(req, by("", req)); got.LogIndex != int64(n+1) {
			t.Errorf("log index %d", got.LogIndex)
		}
	}
}

func TestAfterItsEndACertificateCanBeIssuedAnew(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	end := h.clock.now().Add(time.Hour)
	req := sample(1)
	req.ExpiresAt = &end
	first := r.issue(req, by("", req))
	h.clock.forward(2 * time.Hour)

	repeated := req
	repeated.IssuedAt = &first.IssuedAt
	if got, again, err := r.Issue(t.Context(), repeated, by("", repeated)); err != nil || again || got.Number != first.Number || got.Status != "expired" {
		t.Errorf("the same request with its date: %+v, first %v, %v", got, again, err)
	}
	next := sample(1)
	if got := r.issue(next, by("", next)); got.Number == first.Number || got.Status != "valid" {
		t.Errorf("a renewal: %+v", got)
	}
	for status, want := range map[string]int{"expired": 1, "valid": 1, "revoked": 0, "": 2} {
		if page, err := r.List(t.Context(), Filter{Status: status, Limit: 10}); err != nil || page.Total != want || len(page.Items) != want {
			t.Errorf("status %q: %d, %v", status, page.Total, err)
		}
	}
}

func TestAnIdempotencyKeyBelongsToOneRequestOfOnePrincipal(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	first := r.issue(sample(1), by("key", sample(1)))
	if got, again, err := r.Issue(t.Context(), sample(1), by("key", sample(1))); err != nil || again || got.Number != first.Number {
		t.Errorf("again: %+v, first %v, %v", got, again, err)
	}
	if _, _, err := r.Issue(t.Context(), sample(2), by("key", sample(2))); !errors.Is(err, ErrKeyReused) {
		t.Errorf("another request: %v", err)
	}
	other := by("key", sample(2))
	other.Principal = "hr"
	if got := r.issue(sample(2), other); got.Number == first.Number {
		t.Error("two principals share a key")
	}
	h.clock.forward(7*24*time.Hour + time.Second)
	if got := r.issue(sample(3), by("key", sample(3))); got.Number == first.Number {
		t.Error("the key was kept for more than seven days")
	}
	r.finish()
	h.sound(3)
}

func TestRequestsInFlightWithOneKeyIssueOnce(t *testing.T) {
	h := newHouse(t)
	gate := make(chan struct{})
	r := h.run(func(s store) store { return &slow{store: s, gate: gate} })
	const callers = 8
	var wg sync.WaitGroup
	numbers := make([]string, callers)
	firsts := make([]bool, callers)
	errs := make([]error, callers)
	for n := range callers {
		wg.Go(func() {
			got, first, err := r.Issue(t.Context(), sample(1), by("key", sample(1)))
			if errs[n], firsts[n] = err, first; err == nil {
				numbers[n] = string(got.Number)
			}
		})
	}
	close(gate)
	wg.Wait()
	count := 0
	for n := range callers {
		if errs[n] != nil || numbers[n] != numbers[0] {
			t.Errorf("caller %d: %s, %v", n, numbers[n], errs[n])
		}
		if firsts[n] {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d callers were the first", count)
	}
	r.finish()
	h.sound(1)
}

func TestAnotherRequestInFlightWithTheKeyIsRefused(t *testing.T) {
	h := newHouse(t)
	gate := make(chan struct{})
	r := h.run(func(s store) store { return &slow{store: s, gate: gate} })
	errs := make(chan error, 2)
	for n := range 2 {
		go func() {
			_, _, err := r.Issue(t.Context(), sample(n), by("key", sample(n)))
			errs <- err
		}()
	}
	close(gate)
	a, b := <-errs, <-errs
	if (a == nil) == (b == nil) || !errors.Is(errors.Join(a, b), ErrKeyReused) {
		t.Errorf("%v; %v", a, b)
	}
}

func TestRequestsInFlightForOneAwardIssueOnce(t *testing.T) {
	h := newHouse(t)
	gate := make(chan struct{})
	r := h.run(func(s store) store { return &slow{store: s, gate: gate} })
	const callers = 16
	var wg sync.WaitGroup
	var mu sync.Mutex
	count, numbers := 0, map[credential.Number]bool{}
	for n := range callers {
		wg.Go(func() {
			got, first, err := r.Issue(t.Context(), sample(1), by(fmt.Sprint(n), sample(1)))
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			numbers[got.Number] = true
			if first {
				count++
			}
		})
	}
	close(gate)
	wg.Wait()
	if count != 1 || len(numbers) != 1 {
		t.Errorf("%d were the first, %d numbers", count, len(numbers))
	}
	r.finish()
	h.sound(1)
}

func TestManyCallersAtOnceShareRounds(t *testing.T) {
	h := newHouse(t)
	counted := &counting{}
	r := h.run(func(s store) store { counted.store = s; return counted })
	const callers, each = 16, 4
	var wg sync.WaitGroup
	seen := make([]int64, callers*each)
	for c := range callers {
		wg.Go(func() {
			for k := range each {
				req := sample(c*each + k)
				got, first, err := r.Issue(t.Context(), req, by("", req))
				if err != nil || !first {
					t.Error(first, err)
					return
				}
				seen[got.LogIndex]++
			}
		})
	}
	wg.Wait()
	for at, n := range seen {
		if n != 1 {
			t.Errorf("log index %d was given out %d times", at, n)
		}
	}
	if n := counted.issued.Load(); n != callers*each {
		t.Errorf("%d certificates in the batches", n)
	}
	r.finish()
	h.sound(callers * each)
}

func TestAPictureIsThereBeforeItIsPublished(t *testing.T) {
	h := newHouse(t)
	stuck := make(chan struct{})
	r := h.run(func(s store) store { return &unpublished{store: s, until: stuck} })
	got := r.issue(sample(1), by("", sample(1)))
	if got.State != "recorded" {
		t.Errorf("state %s", got.State)
	}
	before, err := r.Image(t.Context(), got.Number)
	if err != nil {
		t.Fatal(err)
	}
	close(stuck)
	r.settled()
	after, err := r.Image(t.Context(), got.Number)
	if err != nil || string(after) != string(before) {
		t.Errorf("the picture changed by being published; %v", err)
	}
	file, err := os.ReadFile(filepath.Join(h.cfg.PublicDir, site.PicturePath(got.Number)))
	if err != nil || string(file) != string(after) {
		t.Errorf("the file is another; %v", err)
	}
	if _, err := r.Image(t.Context(), "7F3K-9QXM-2T8W-RB5H"); !errors.Is(err, ErrNotFound) {
		t.Errorf("of no certificate: %v", err)
	}
}

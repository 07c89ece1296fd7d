package webhook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"laurel/credential"
	"laurel/internal/issuer"
	"laurel/internal/record"
	"laurel/internal/webhook"
)

type event struct {
	SpecVersion, ID, Source, Type, Subject, Time, Timestamp, DataContentType string

	Data map[string]any
}

func message(t *testing.T, body []byte) (m event) {
	t.Helper()
	if err := json.Unmarshal(body, &m); err != nil {
		t.Errorf("%v: %s", err, body)
	}
	return m
}

func TestEveryEventArrivesInTheOrderOfItsCertificateWhateverTheReceiverDoes(t *testing.T) {
	h := newHouse(t)
	h.config.Patience = 50 * time.Millisecond
	h.config.Schedule = slices.Repeat([]time.Duration{time.Millisecond}, 1000)
	r := newReceiver(t)
	r.misbehave = troublesome(7)
	id, secret := h.add(webhook.New{URL: r.url})
	_, end := h.deliver()
	var numbers []credential.Number
	for i := range 24 {
		numbers = append(numbers, h.issue(fmt.Sprint("sample-", i)))
	}
	for i, n := range numbers {
		h.state(n, record.Suspended)
		if i%8 == 0 { // whoever delivers ends in the middle, and another goes on
			end()
			_, end = h.deliver()
		}
		h.state(n, record.Valid)
		h.state(n, record.Revoked)
	}
	h.drained()
	inOrder(t, h, id, r.got(), secret)
}

// inOrder holds what arrived against what the outbox says has happened.
func inOrder(t *testing.T, h *house, endpoint string, arrived []told, secret string) {
	t.Helper()
	past, err := h.endpoints.Outbox.Deliveries(t.Context(), endpoint, "", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for _, d := range slices.Backward(past) {
		want[string(d.Event.Number)] = append(want[string(d.Event.Number)], d.Event.ID)
	}
	got := map[string][]string{}
	for _, m := range arrived {
		if !verifies(t, m, secret) {
			t.Errorf("%s of %s does not verify", m.kind, m.number)
		}
		if before := got[m.number]; len(before) == 0 || before[len(before)-1] != m.id {
			got[m.number] = append(before, m.id) // the same again is the same again
		}
	}
	events := 0
	for n, ids := range want {
		if events += len(ids); !slices.Equal(got[n], ids) {
			t.Errorf("of %s arrived %v, want %v", n, got[n], ids)
		}
	}
	t.Logf("%d events, %d messages", events, len(arrived))
}

func TestAMessageHoldsWhatIsPublicAndTheAttributesOfCloudEvents(t *testing.T) {
	h := newHouse(t)
	r, knows := newReceiver(t), newReceiver(t)
	h.add(webhook.New{URL: r.url, Events: []string{record.EventIssued, record.EventRevoked}})
	h.add(webhook.New{URL: knows.url, Events: []string{record.EventIssued}, Recipient: true})
	h.deliver()
	n := h.issue("lms-1042")
	if _, _, err := h.issuer.SetStatus(t.Context(), n, issuer.Status{Status: "revoked", Code: "error", Reason: "a private word"}, issuer.Call{Principal: "test"}); err != nil {
		t.Fatal(err)
	}
	h.drained()
	got := r.got()
	if len(got) != 2 {
		t.Fatalf("%d messages", len(got))
	}
	for i, kind := range []string{record.EventIssued, record.EventRevoked} {
		m := message(t, got[i].body)
		if m.SpecVersion != "1.0" || m.ID != got[i].id || m.Source != base || m.Type != kind || m.Subject != string(n) || m.Time != m.Timestamp || m.DataContentType != "application/json" {
			t.Errorf("%+v", m)
		}
		if _, err := time.Parse(time.RFC3339, m.Time); err != nil {
			t.Error(err)
		}
		if m.Data["url"] != base+"/c/"+string(n)+"/" || m.Data["number"] != string(n) || m.Data["template"] != "course" {
			t.Errorf("%v", m.Data)
		}
		for _, private := range []string{"lms-1042", "样例", "安全", "private", "test"} {
			if bytes.Contains(got[i].body, []byte(private)) {
				t.Errorf("%s says %q", got[i].body, private)
			}
		}
	}
	if m := message(t, got[1].body); m.Data["status"] != "revoked" || m.Data["code"] != "error" {
		t.Errorf("%v", m.Data)
	}
	told := message(t, knows.got()[0].body).Data["recipient"]
	if who, ok := told.(map[string]any); !ok || who["id"] != "lms-1042" || who["name"] != "样例 Sample" {
		t.Errorf("who asked for the recipient is told %v", told)
	}
}

func TestAReceiverThatIsGoneIsToldNothingMoreUntilItIsEnabled(t *testing.T) {
	h := newHouse(t)
	h.config.Schedule = []time.Duration{time.Millisecond, time.Millisecond}
	r := newReceiver(t)
	gone := true
	r.misbehave = func(_ int, w http.ResponseWriter, _ *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if gone {
			w.WriteHeader(http.StatusGone)
		}
	}
	id, _ := h.add(webhook.New{URL: r.url, Events: []string{record.EventIssued}})
	h.deliver()
	h.issue("sample-1")
	h.until("it is disabled", func() bool {
		all, err := h.endpoints.List(t.Context())
		return err == nil && !all[0].Disabled.IsZero()
	})
	h.issue("sample-2")
	h.until("it is written down, and nothing further is", func() bool {
		all, err := h.endpoints.Deliveries(t.Context(), id, "", 10)
		return err == nil && len(all) == 1 && all[0].Status == http.StatusGone
	})
	r.mu.Lock()
	gone = false
	r.mu.Unlock()
	if err := h.endpoints.Enable(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	h.until("what waited has arrived", func() bool {
		all, err := h.endpoints.Deliveries(t.Context(), id, record.Delivered, 10)
		return err == nil && len(all) == 1
	})
}

func TestWhatWasGivenUpCanBeDeliveredAnew(t *testing.T) {
	h := newHouse(t)
	h.config.Schedule = []time.Duration{time.Millisecond, time.Millisecond}
	r := newReceiver(t)
	r.misbehave = func(n int, w http.ResponseWriter, _ *http.Request) {
		if n <= 3 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}
	id, secret := h.add(webhook.New{URL: r.url, Events: []string{record.EventIssued}})
	d, _ := h.deliver()
	h.issue("sample-1")
	h.until("it is given up", func() bool { return d.Meters().GivenUp.Load() == 1 })
	h.drained()
	all, err := h.endpoints.Deliveries(t.Context(), id, record.Failed, 10)
	if err != nil || len(all) != 1 || all[0].Attempts != 3 || all[0].Problem != "the receiver answered 502 Bad Gateway" {
		t.Fatalf("%+v, %v", all, err)
	}
	if n, err := h.endpoints.Replay(t.Context(), id, "failed"); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	h.drained()
	got := r.got()
	if last := got[len(got)-1]; len(got) != 4 || last.id != got[0].id || !verifies(t, last, secret) {
		t.Errorf("%d messages, the last is %s", len(got), last.id)
	}
}

func TestTwoSecretsSignWhileOneTakesThePlaceOfTheOther(t *testing.T) {
	h := newHouse(t)
	r := newReceiver(t)
	id, old := h.add(webhook.New{URL: r.url, Events: []string{record.EventIssued}})
	fresh, err := h.endpoints.Rotate(t.Context(), id, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	h.deliver()
	h.issue("sample-1")
	h.drained()
	if m := r.got()[0]; !verifies(t, m, old) || !verifies(t, m, fresh) {
		t.Error("a secret in force does not verify")
	}
	if fresh, err = h.endpoints.Rotate(t.Context(), id, 0); err != nil {
		t.Fatal(err)
	}
	h.issue("sample-2")
	h.drained()
	if m := r.got()[1]; verifies(t, m, old) || !verifies(t, m, fresh) || strings.Contains(m.header.Get("webhook-signature"), " ") {
		t.Error("a secret without grace signs still")
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	h := newHouse(t)
	elsewhere, r := newReceiver(t), newReceiver(t)
	r.misbehave = func(_ int, w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, elsewhere.url, http.StatusTemporaryRedirect)
	}
	id, _ := h.add(webhook.New{URL: r.url, Events: []string{record.EventIssued}})
	d, _ := h.deliver()
	h.issue("sample-1")
	h.until("it has failed", func() bool { return d.Meters().Failures.Load() == 1 })
	if n := len(elsewhere.got()); n != 0 {
		t.Errorf("%d messages went elsewhere", n)
	}
	var all []webhook.Delivery
	h.until("that is written down", func() (is bool) {
		var err error
		all, err = h.endpoints.Deliveries(t.Context(), id, "", 1)
		return err == nil && all[0].Attempts == 1
	})
	if all[0].State != record.Waiting || all[0].Next.Sub(all[0].Last) < 4*time.Second {
		t.Errorf("%+v", all)
	}
}

func TestNothingButPublicAddressesOverTLSIsCalledUnlessAllowed(t *testing.T) {
	h := newHouse(t)
	for address, good := range map[string]bool{
		"https://lms.example.org/hook": true, "https://8.8.8.8/hook": true, "https://[2606:4700::1]/": true, "http://127.0.0.1:9/": true,
		"http://8.8.8.8/": false, "https://10.0.0.1/": false, "https://192.168.1.1/": false, "https://169.254.169.254/": false, "https://[::1]/": false,
		"https://[fd00::1]/": false, "https://[fe80::1]/": false, "https://[::ffff:10.0.0.1]/": false, "https://[64:ff9b::a00:1]/": false, "https://[2002:a00:1::]/": false,
		"https://100.64.0.1/": false, "https://0.0.0.0/": false, "https://224.0.0.1/": false, "https://192.0.2.1/": false, "https://user:word@lms.example.org/": false,
		"https://lms.example.org/#x": false, "ftp://lms.example.org/": false, "lms.example.org": false,
	} {
		_, _, err := h.endpoints.Add(t.Context(), webhook.New{URL: address})
		if good != (err == nil) || !good && !errors.Is(err, webhook.ErrInvalid) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestANameThatLeadsToThisMachineIsNotCalled(t *testing.T) {
	h := newHouse(t)
	h.config.Allow = nil
	r := newReceiver(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(r.url, "http://"), ":")
	id, _ := h.add(webhook.New{URL: "https://localhost:" + port, Events: []string{record.EventIssued}})
	h.config.Allow = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	d, _ := h.deliver()
	h.issue("sample-1")
	h.until("it has failed", func() bool { return d.Meters().Failures.Load() == 1 })
	h.until("that is written down", func() bool {
		all, err := h.endpoints.Deliveries(t.Context(), id, "", 1)
		return err == nil && strings.Contains(all[0].Problem, "is not public")
	})
}

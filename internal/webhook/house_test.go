package webhook_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"laurel/credential"
	"laurel/internal/issuer"
	"laurel/internal/webhook"
)

const base = "https://certs.example.org"

// house is a running issuer with its outbox, and what delivers from it.
type house struct {
	t         *testing.T
	issuer    *issuer.Issuer
	endpoints webhook.Endpoints
	config    webhook.Config
}

func newHouse(t *testing.T) *house {
	t.Helper()
	dir := t.TempDir()
	cfg := issuer.Config{
		DataDir: filepath.Join(dir, "data"), PublicDir: filepath.Join(dir, "public"), BaseURL: base, IssuerName: "示例学院 Example Academy", Timezone: "Asia/Shanghai",
	}
	if err := issuer.Create(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	iss, err := issuer.Load(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- iss.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ran; !errors.Is(err, context.Canceled) {
			t.Errorf("the issuer ended with %v", err)
		}
		if err := iss.Close(); err != nil {
			t.Error(err)
		}
	})
	here := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	h := &house{t: t, issuer: iss, endpoints: webhook.Endpoints{Outbox: iss.Outbox(), Now: time.Now, Allow: here}}
	h.config = webhook.Config{
		Outbox: iss.Outbox(), Source: base, Allow: here, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		URL: func(n string) string { return iss.CertificateURL(credential.Number(n)) },
		Recipient: func(ctx context.Context, n string) (*webhook.Recipient, error) {
			r, err := iss.Get(ctx, credential.Number(n))
			if err != nil {
				return nil, err
			}
			return &webhook.Recipient{ID: r.Recipient.ID, Name: r.Recipient.Name, Achievement: r.Achievement.Name}, nil
		},
	}
	return h
}

// deliver runs a dispatcher until end is called, which waits for it.
func (h *house) deliver() (d *webhook.Dispatcher, end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	d = webhook.NewDispatcher(h.config)
	var running sync.WaitGroup
	running.Go(func() { d.Run(ctx) })
	end = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	h.t.Cleanup(end)
	return d, end
}

func (h *house) add(n webhook.New) (id, secret string) {
	h.t.Helper()
	id, secret, err := h.endpoints.Add(h.t.Context(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	return id, secret
}

func (h *house) issue(who string) credential.Number {
	h.t.Helper()
	rate := "100"
	r, _, err := h.issuer.Issue(h.t.Context(), issuer.Request{
		Template: "course", Recipient: issuer.Person{ID: who, Name: "样例 Sample"}, Achievement: issuer.Item{ID: "C-301", Name: "安全生产基础"},
		Result: &issuer.Result{CompletionRate: &rate},
	}, issuer.Call{Principal: "test", Reach: issuer.Reach{All: true}})
	if err != nil {
		h.t.Fatal(err)
	}
	return r.Number
}

func (h *house) state(n credential.Number, status string) {
	h.t.Helper()
	if _, _, err := h.issuer.SetStatus(h.t.Context(), n, issuer.Status{Status: status}, issuer.Call{Principal: "test"}); err != nil {
		h.t.Fatal(err)
	}
}

// until waits until something is so; the test's own deadline ends it otherwise.
func (h *house) until(what string, is func() bool) {
	h.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("still not so after two minutes: %s", what)
		}
	}
}

// drained waits until everything is published and told.
func (h *house) drained() {
	h.t.Helper()
	h.until("all is delivered", func() bool {
		waiting, _, err := h.endpoints.Outbox.Backlog(h.t.Context())
		return err == nil && waiting == 0 && h.issuer.Health().Pending == 0
	})
}

// told is a message that a receiver got.
type told struct {
	id, kind, number string
	body             []byte
	header           http.Header
}

// receiver gets messages, and does what misbehave says.
type receiver struct {
	t         *testing.T
	url       string
	misbehave func(n int, w http.ResponseWriter, r *http.Request) // n counts requests; nil: answers 204

	mu  sync.Mutex
	all []told
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL + "/hook"
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	m := message(r.t, body)
	r.all = append(r.all, told{id: req.Header.Get("webhook-id"), kind: m.Type, number: m.Subject, body: body, header: req.Header.Clone()})
	n := len(r.all)
	r.mu.Unlock()
	if r.misbehave != nil {
		r.misbehave(n, w, req)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (r *receiver) got() []told {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]told(nil), r.all...)
}

// verifies reports whether the verifier of the standard takes a message with a secret.
func verifies(t *testing.T, m told, secret string) bool {
	t.Helper()
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return wh.Verify(m.body, m.header) == nil
}

// troublesome fails, answers late, hangs until its caller has gone, loses its answers and redirects.
func troublesome(seed uint64) func(int, http.ResponseWriter, *http.Request) {
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(seed, 1))
	return func(_ int, w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		throw, late := dice.IntN(8), time.Duration(dice.IntN(20))*time.Millisecond
		mu.Unlock()
		switch throw {
		case 0:
			w.WriteHeader(http.StatusInternalServerError)
		case 1:
			<-r.Context().Done()
		case 2: // it has taken the message, and nobody hears of it
			if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_ = c.Close()
			}
		case 3:
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		case 4:
			time.Sleep(late) // what was sent later arrives sooner
			w.WriteHeader(http.StatusOK)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}
}

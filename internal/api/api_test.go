package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"laurel/internal/api"
	"laurel/internal/issuer"
	"laurel/internal/webhook"
	"laurel/site"
	"laurel/templates"
)

// secret signs the test platform's JWTs.
const secret = "a secret of the platform, 32 bytes at least"

// signIn returns a JWT of the test platform; claims come in pairs.
func signIn(t testing.TB, user string, claims ...string) string {
	t.Helper()
	all := jwt.MapClaims{"sub": user, "name": "张伟", "exp": time.Now().Add(time.Hour).Unix()}
	for i := 0; i < len(claims); i += 2 {
		all[claims[i]] = claims[i+1]
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, all).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// painter is a renderer that all houses of these tests take fonts and layouts from: reading them takes longer than most
// tests do.
var painter = sync.OnceValue(func() *site.Renderer {
	set, err := templates.Open("")
	if err != nil {
		panic(err)
	}
	r, err := site.NewRenderer(set, nil)
	if err != nil {
		panic(err)
	}
	return r
})

// house is a real issuer behind a real listener.
type house struct {
	t      testing.TB
	issuer *issuer.Issuer
	url    string
	config api.Config
	log    *logBuffer
	tokens map[string]string // by the scopes joined with +
}

func newHouse(t testing.TB, changes ...func(*api.Config)) *house {
	t.Helper()
	return newHouseWith(t, nil, changes...)
}

// newHouseWith is newHouse with another issuer.
func newHouseWith(t testing.TB, issues func(*issuer.Config), changes ...func(*api.Config)) *house {
	t.Helper()
	dir := t.TempDir()
	cfg := issuer.Config{
		DataDir: filepath.Join(dir, "data"), PublicDir: filepath.Join(dir, "public"),
		BaseURL: "https://certs.example.org", IssuerName: "示例学院 Example Academy", Timezone: "Asia/Shanghai", Like: painter(),
	}
	if issues != nil {
		issues(&cfg)
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
	h := &house{t: t, issuer: iss, log: &logBuffer{}, tokens: map[string]string{}}
	for _, scopes := range []string{"issue", "read", "issue+read", "status", "issue+status"} {
		secret, token, err := api.NewToken("test "+scopes, strings.Split(scopes, "+"), "", time.Time{}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := iss.CreateToken(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		h.tokens[scopes] = secret
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(h.log, nil))
	h.config = api.Config{Issuer: iss, Log: log, Webhooks: webhook.Endpoints{Outbox: iss.Outbox(), Now: time.Now}}
	if h.config.People, err = api.NewPeople(api.PeopleConfig{Secret: []byte(secret)}); err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		change(&h.config)
	}
	server := api.NewServer(api.New(h.config), log)
	go server.Serve(l)
	h.url = "http://" + l.Addr().String()
	t.Cleanup(func() {
		server.Close()
		cancel()
		if err := <-ran; !errors.Is(err, context.Canceled) {
			t.Errorf("the issuer ended with %v", err)
		}
		if err := iss.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// logBuffer is a log that several goroutines write and the test reads.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends one request; headers come in pairs, and "token" names one of the house's tokens.
func (h *house) do(method, path, body string, headers ...string) answer {
	h.t.Helper()
	req, err := http.NewRequest(method, h.url+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "token" {
			req.Header.Set("Authorization", "Bearer "+h.tokens[headers[i+1]])
			continue
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	if body != "" && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := api.CheckReply(method, path, res.StatusCode, res.Header, data); err != nil {
		h.t.Error(err)
	}
	return answer{res.StatusCode, res.Header, data}
}

func (h *house) post(body string, headers ...string) answer {
	h.t.Helper()
	return h.do("POST", "/v1/certificates", body, append([]string{"token", "issue+read"}, headers...)...)
}

// total asks how many certificates there are.
func (h *house) total() int {
	h.t.Helper()
	page, err := h.issuer.List(h.t.Context(), issuer.Filter{Limit: 1})
	if err != nil {
		h.t.Fatal(err)
	}
	return page.Total
}

func (a answer) problem(t *testing.T) api.Problem {
	t.Helper()
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("status %d is of type %q: %s", a.status, got, a.body)
	}
	var p api.Problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != a.status {
		t.Errorf("the problem says status %d, the answer %d", p.Status, a.status)
	}
	return p
}

func (a answer) receipt(t *testing.T) issuer.Receipt {
	t.Helper()
	var r issuer.Receipt
	if err := json.Unmarshal(a.body, &r); err != nil || r.Number == "" {
		t.Fatalf("status %d is no receipt (%v): %s", a.status, err, a.body)
	}
	return r
}

// request is a good request for a course, by a recipient of one's own.
func request(recipient string) string {
	return `{"template":"course","recipient":{"id":"` + recipient + `","name":"张伟"},"achievement":{"id":"C-301","name":"安全生产基础"},"result":{"completion_rate":100}}`
}

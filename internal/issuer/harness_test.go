package issuer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
	"laurel/templates"
)

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

const sampleBase = "https://certs.example.org"

// clock is a clock that the tests move.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.ms.Store(time.Date(2026, 3, 1, 2, 3, 4, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) forward(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// house is an issuer's place on disk, made once and opened as often as a test likes.
type house struct {
	t     testing.TB
	cfg   Config
	clock *clock
	log   *lines
}

// lines gathers what is logged.
type lines struct {
	mu   sync.Mutex
	text []byte
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	return len(b), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

func newHouse(t testing.TB) *house {
	t.Helper()
	return newHouseWith(t, func(*Config) {})
}

// newHouseWith is newHouse with another configuration.
func newHouseWith(t testing.TB, change func(*Config)) *house {
	t.Helper()
	dir := t.TempDir()
	h := &house{t: t, clock: newClock(), log: &lines{}}
	h.cfg = Config{
		DataDir: filepath.Join(dir, "data"), PublicDir: filepath.Join(dir, "public"), BaseURL: sampleBase,
		IssuerName: "示例学院 Example Academy", Timezone: "Asia/Shanghai", Now: h.clock.now, Log: slog.New(slog.NewTextHandler(h.log, nil)), Like: painter(),
	}
	change(&h.cfg)
	if err := Create(context.Background(), h.cfg); err != nil {
		t.Fatal(err)
	}
	return h
}

// running is a loaded issuer whose Run runs.
type running struct {
	*Issuer
	t     testing.TB
	end   context.CancelFunc
	ended chan struct{}
	err   error
	once  sync.Once
}

// load opens the issuer; wrap, if it is not nil, stands between it and its records.
func (h *house) load(wrap func(store) store) *Issuer {
	h.t.Helper()
	cfg := h.cfg.withDefaults()
	db, err := record.OpenBolt(cfg.dbPath())
	if err != nil {
		h.t.Fatal(err)
	}
	var s store = db
	if wrap != nil {
		s = wrap(db)
	}
	i, err := load(context.Background(), cfg, s)
	if err != nil {
		h.t.Fatal(errors.Join(err, db.Close()))
	}
	return i
}

func (h *house) run(wrap func(store) store) *running {
	h.t.Helper()
	r := &running{Issuer: h.load(wrap), t: h.t, ended: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	r.end = cancel
	go func() {
		defer close(r.ended)
		r.err = r.Run(ctx)
	}()
	h.t.Cleanup(func() { r.stop() })
	return r
}

// stop ends the issuer and gives back what it holds; it returns what Run returned.
func (r *running) stop() error {
	r.once.Do(func() {
		r.end()
		<-r.ended
		if err := r.Close(); err != nil {
			r.t.Errorf("closing: %v", err)
		}
	})
	return r.err
}

// settled waits until nothing is pending.
func (r *running) settled() {
	r.t.Helper()
	for r.Health().Pending > 0 || !r.headPublished() {
		select {
		case <-r.ended:
			r.t.Fatalf("ended with %d pending: %v", r.Health().Pending, r.err)
		case <-r.t.Context().Done():
			r.t.Fatal(r.Health())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// headPublished reports whether the published checkpoint covers the whole log.
func (r *running) headPublished() bool {
	head, err := r.store.Head(r.t.Context())
	now, err2 := r.book.tree.Checkpoint()
	return err == nil && err2 == nil && now.Same(head)
}

// finish ends the issuer when everything is published.
func (r *running) finish() {
	r.t.Helper()
	r.settled()
	if err := r.stop(); !errors.Is(err, context.Canceled) {
		r.t.Errorf("Run ended with %v", err)
	}
}

func text(s string) *string { return &s }

// sample is a good request of recipient n.
func sample(n int) Request {
	return Request{
		Template: "course", Recipient: Person{ID: fmt.Sprintf("sample-%03d", n), Name: "样例 Sample"},
		Achievement: Item{ID: "C-301", Name: "安全生产基础"}, Result: &Result{CompletionRate: text("100")},
	}
}

// by is a call of the principal lms, its body told apart by the key and the request.
func by(key string, req Request) Call {
	return Call{Principal: "lms", Key: key, Reach: Reach{All: true}, Body: sha256.Sum256(fmt.Append(nil, req.Recipient, req.Achievement))}
}

func (r *running) issue(req Request, call Call) *Receipt {
	r.t.Helper()
	receipt, first, err := r.Issue(r.t.Context(), req, call)
	if err != nil || !first {
		r.t.Fatalf("issuing: first %v, %v", first, err)
	}
	return receipt
}

// tree reads a folder: every file by its path.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// isCleanBuild holds the public tree against a build, from nothing, of the documents in it, byte for byte.
func (h *house) isCleanBuild() {
	h.t.Helper()
	dir := filepath.Join(h.t.TempDir(), "clean")
	set, err := templates.Open(h.cfg.TemplatesDir)
	if err != nil {
		h.t.Fatal(err)
	}
	b, err := site.Open(dir, set, site.Options{Like: painter()})
	if err != nil {
		h.t.Fatal(err)
	}
	_, err = b.Build(context.Background(), site.Walk(h.cfg.PublicDir), nil)
	if err = errors.Join(err, b.Close()); err != nil {
		h.t.Fatal(err)
	}
	got, want := tree(h.t, h.cfg.PublicDir), tree(h.t, dir)
	for path := range want {
		if got[path] != want[path] {
			h.t.Errorf("%s: differs from a clean build", path)
		}
	}
	for path := range got {
		if _, ok := want[path]; !ok {
			h.t.Errorf("%s: a clean build has none", path)
		}
	}
}

// sound holds the records against themselves and the tree against the records: every certificate recorded is
// published, and no other.
func (h *house) sound(want int) {
	h.t.Helper()
	report, err := record.Fsck(h.cfg.dbPath())
	if err != nil || len(report.Problems) > 0 {
		h.t.Fatalf("fsck: %v, %v", report.Problems, err)
	}
	if report.Records != want {
		h.t.Errorf("%d records, want %d", report.Records, want)
	}
	published, err := site.Numbers(h.cfg.PublicDir)
	if err != nil || len(published) != want {
		h.t.Errorf("%d published, want %d; %v", len(published), want, err)
	}
	h.isCleanBuild()
	set, err := templates.Open(h.cfg.TemplatesDir)
	if err != nil {
		h.t.Fatal(err)
	}
	checked, err := site.CheckTree(context.Background(), h.cfg.PublicDir, credential.Keys{}, site.CheckOptions{Templates: set, NoPicture: true})
	if err != nil || len(checked.Problems) > 0 || checked.Certificates != want {
		h.t.Errorf("check of %d certificates: %v, %v", checked.Certificates, checked.Problems, err)
	}
	audited, _, err := site.Audit(context.Background(), site.AuditSource{File: site.TreeFile(h.cfg.PublicDir), Numbers: published, Whole: true}, nil)
	if err != nil || len(audited.Findings) > 0 {
		h.t.Errorf("audit: %v, %v", audited.Findings, err)
	}
}

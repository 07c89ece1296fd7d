package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"laurel/certlog"
	"laurel/internal/publish"
	"laurel/internal/publish/target"
)

// mirrored says how many certificates the tests of mirrors issue; LAUREL_MIRROR says another number.
func mirrored(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("LAUREL_MIRROR"))
	if err != nil {
		return 100
	}
	return n
}

// issuing is an issuer with a public tree.
type issuing struct{ data, public string }

func newIssuing(t *testing.T) issuing {
	dir := t.TempDir()
	i := issuing{filepath.Join(dir, "data"), filepath.Join(dir, "public")}
	run(t, 0, "certd", "init", "--data", i.data, "--public", i.public, "--base-url", base, "--issuer-name", "示例学院 Example Academy")
	return i
}

// issue issues certificates from number first on.
func (i issuing) issue(t *testing.T, first, n int) {
	t.Helper()
	var b strings.Builder
	for k := first; k < first+n; k++ {
		fmt.Fprintf(&b, `{"template":"course","recipient":{"id":"r%d","name":"张伟"},"achievement":{"id":"C-301","name":"安全生产基础"},"result":{"completion_rate":100}}`+"\n", k)
	}
	file := filepath.Join(t.TempDir(), "requests.ndjson")
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t, "certd"), "issue", "--data", i.data, file)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
}

func (i issuing) numbers(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(i.public, "c"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// reader looks at a mirror again and again while it is being filled.
type reader struct {
	t     *testing.T
	b     publish.Backend
	looks int
	pages int
	heads int
}

func (r *reader) get(ctx context.Context, path string) []byte {
	data, err := r.b.Get(ctx, path)
	if err != nil && !errors.Is(err, publish.ErrNotFound) && ctx.Err() == nil {
		r.t.Errorf("read %s: %v", path, err)
	}
	return data
}

var inPage = regexp.MustCompile(`(?:src|href)="/(assets/[^"]+)"`)

// certificate complains of a page whose credential, status lists or assets are not there.
func (r *reader) certificate(ctx context.Context, number string) {
	page := r.get(ctx, "c/"+number+"/index.html")
	if page == nil {
		return
	}
	r.pages++
	needed := []string{"c/" + number + "/credential.json", "status/revocation/0.json", "status/suspension/0.json", ".well-known/did.json", "site.json"}
	for _, m := range inPage.FindAllSubmatch(page, -1) {
		needed = append(needed, string(m[1]))
	}
	for _, path := range needed {
		if r.get(ctx, path) == nil && ctx.Err() == nil {
			r.t.Errorf("the page of %s is there without %s", number, path)
		}
	}
}

// head complains of a checkpoint whose tiles are not there or give another root.
func (r *reader) head(ctx context.Context) {
	signed := r.get(ctx, "log/checkpoint")
	if signed == nil {
		return
	}
	c, err := certlog.PeekCheckpoint(signed)
	if err == nil {
		_, err = certlog.ReadEdge(c.Head, certlog.Tiles(func(path string) ([]byte, error) {
			data, err := r.b.Get(ctx, "log/"+path)
			if errors.Is(err, publish.ErrNotFound) {
				err = fmt.Errorf("size %d, %s: %w", c.Size, path, fs.ErrNotExist)
			}
			return data, err
		}))
	}
	if err != nil && bytes.Equal(signed, r.get(ctx, "log/checkpoint")) && ctx.Err() == nil { // else another took its place meanwhile
		r.t.Errorf("the checkpoint: %v", err)
	}
	r.heads++
}

// watch looks until ctx ends.
func (r *reader) watch(ctx context.Context, numbers []string) {
	for ctx.Err() == nil {
		r.certificate(ctx, numbers[rand.IntN(len(numbers))])
		if r.looks++; r.looks%5 == 0 {
			r.head(ctx)
		}
	}
}

// whileRead does something while a reader looks at the store by a good line.
func whileRead(t *testing.T, s store, numbers []string, do func()) *reader {
	t.Helper()
	b, err := target.Open(to(s.address))
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t: t, b: b}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.watch(ctx, numbers)
	}()
	do()
	cancel()
	<-ended
	return r
}

func TestAnObjectStoreBehindABadLineEndsEqualAndIsNeverInconsistent(t *testing.T) {
	s, i := startStore(t), newIssuing(t)
	n := mirrored(t)
	i.issue(t, 0, n)
	line := to(badLine(t, s, 1))
	publish := func() string {
		return run(t, 0, "certgen", "publish", "--public", i.public, "--to", line, "--timeout", "300ms")
	}
	r := whileRead(t, s, i.numbers(t), func() { publish() })
	sameFolder(t, i.public, s.bucket)
	t.Logf("first fill: %d looks, %d pages, %d checkpoints", r.looks, r.pages, r.heads)

	i.issue(t, n, n/4)
	r = whileRead(t, s, i.numbers(t), func() { publish() })
	sameFolder(t, i.public, s.bucket)
	if r.pages == 0 || r.heads == 0 {
		t.Error("the reader saw nothing")
	}
	t.Logf("a quarter more: %d looks, %d pages, %d checkpoints", r.looks, r.pages, r.heads)
	if out := publish(); !strings.HasPrefix(out, "uploaded 0, ") {
		t.Errorf("after that: %s", out)
	}
}

func TestAMirrorKilledAtAnyMomentEndsInTheSameBytes(t *testing.T) {
	s, i := startStore(t), newIssuing(t)
	i.issue(t, 0, 100)
	kills, left, most := 0, 20, 400 // milliseconds before a kill
	if os.Getenv("LAUREL_MIRROR") != "" {
		left = 200
	}
	r := whileRead(t, s, i.numbers(t), func() {
		for ; left > 0; left-- {
			cmd := exec.Command(program(t, "certgen"), "publish", "--public", i.public, "--to", to(s.address), "--parallel", "2")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(5+rand.IntN(most)) * time.Millisecond)
			cmd.Process.Kill()
			if err := cmd.Wait(); err != nil {
				kills++
				if pages, _ := filepath.Glob(filepath.Join(s.bucket, "c", "*", "index.html")); len(pages) == 0 {
					most += most / 4 // a slow machine: let it come further
				}
				continue
			}
			i.issue(t, 1000+20*left, 20) // it was done: give it something to do
		}
		run(t, 0, "certgen", "publish", "--public", i.public, "--to", to(s.address))
	})
	sameFolder(t, i.public, s.bucket)
	if kills == 0 || r.pages == 0 {
		t.Error("nothing was killed, or the reader saw nothing")
	}
	t.Logf("killed %d times; %d looks, %d pages, %d checkpoints", kills, r.looks, r.pages, r.heads)
}

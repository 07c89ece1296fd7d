package issuer

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"laurel/internal/publish"
	"laurel/internal/publish/target"
	"laurel/site"
)

// mirrored is a house with a mirror in a folder.
func mirrored(t *testing.T) (h *house, www string) {
	t.Helper()
	www = filepath.Join(t.TempDir(), "www")
	b, err := target.Open(www)
	if err != nil {
		t.Fatal(err)
	}
	h = newHouseWith(t, func(c *Config) { c.Mirrors = []publish.Backend{b} })
	return h, www
}

// publicFiles reads the public files of a tree.
func publicFiles(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for path, data := range tree(t, dir) {
		if _, ok := site.ClassOf(path); ok {
			all[path] = data
		}
	}
	return all
}

// mirrorsSay waits until the one mirror is as good says.
func (r *running) mirrorsSay(good func(Mirrored) bool) {
	r.t.Helper()
	for {
		m := r.Mirrors()[0]
		if good(m) {
			return
		}
		select {
		case <-r.ended:
			r.t.Fatalf("ended: %v", r.err)
		case <-r.t.Context().Done():
			r.t.Fatalf("%+v", m)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func isEqual(m Mirrored) bool { return m.Since.IsZero() && m.Uploaded > 0 }

func (h *house) sameAs(www string) {
	h.t.Helper()
	if tree, mirror := publicFiles(h.t, h.cfg.PublicDir), publicFiles(h.t, www); !maps.Equal(tree, mirror) {
		h.t.Errorf("the tree has %d files and the mirror %d, or they differ", len(tree), len(mirror))
	}
}

func TestAMirrorFollowsWhatIsIssued(t *testing.T) {
	h, www := mirrored(t)
	r := h.run(nil)
	for n := range 3 {
		r.issue(sample(n), Call{Principal: "tester"})
		r.settled()
		r.mirrorsSay(isEqual)
		h.sameAs(www)
	}
	r.finish()
}

func TestNothingWaitsForAMirrorThatCannotBeWrittenTo(t *testing.T) {
	h, www := mirrored(t)
	if err := os.WriteFile(www, []byte("no folder"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := h.run(nil)
	r.issue(sample(1), Call{Principal: "tester"})
	r.settled()
	r.mirrorsSay(func(m Mirrored) bool { return m.Problem != "" && !m.Since.IsZero() && m.Failures > 0 })
	if err := os.Remove(www); err != nil {
		t.Fatal(err)
	}
	r.mirrorsSay(func(m Mirrored) bool { return isEqual(m) && m.Problem == "" })
	h.sameAs(www)
	r.finish()
}

func TestWhatAMirrorMissedIsFoundAfterTheNextStart(t *testing.T) {
	h, www := mirrored(t)
	mirrors := h.cfg.Mirrors
	h.cfg.Mirrors = nil
	r := h.run(nil)
	r.issue(sample(1), Call{Principal: "tester"})
	r.finish()
	h.cfg.Mirrors = mirrors
	r = h.run(nil)
	r.mirrorsSay(isEqual)
	r.finish()
	h.sameAs(www)
}

func TestRecordsThatAreBehindAMirrorAreNotWrittenTo(t *testing.T) {
	h, _ := mirrored(t)
	r := h.run(nil)
	r.issue(sample(1), Call{Principal: "tester"})
	r.settled()
	r.mirrorsSay(isEqual)
	older, err := os.ReadFile(h.cfg.dbPath())
	if err != nil {
		t.Fatal(err)
	}
	r.issue(sample(2), Call{Principal: "tester"})
	r.settled()
	r.mirrorsSay(isEqual)
	r.finish()
	// The machine is lost; what comes back from the backup is older than the mirror.
	if err := errors.Join(os.WriteFile(h.cfg.dbPath(), older, 0o600), os.RemoveAll(h.cfg.PublicDir), os.RemoveAll(site.StateDir(h.cfg.PublicDir))); err != nil {
		t.Fatal(err)
	}
	i, err := Load(context.Background(), h.cfg)
	if err == nil {
		i.Close()
	}
	if !errors.Is(err, ErrBehind) || !strings.Contains(err.Error(), h.cfg.Mirrors[0].Name()) {
		t.Errorf("got %v", err)
	}
}

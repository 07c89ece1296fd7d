package issuer

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"laurel/credential"
	"laurel/site"
)

func TestACommitThatFailedAndWroteNothingIsIssuedByTheRetry(t *testing.T) {
	h := newHouse(t)
	brokenCommit(t, h, false)
	r := h.run(nil)
	if page, err := r.List(t.Context(), Filter{Limit: 10}); err != nil || page.Total != 2 {
		t.Errorf("%d recorded, %v", page.Total, err)
	}
	if got := r.issue(sample(3), by("key-3", sample(3))); got.LogIndex != 2 {
		t.Errorf("log index %d", got.LogIndex)
	}
	r.finish()
	h.sound(3)
}

func TestACommitThatFailedAndWroteAllTheSameIsFoundByTheRetry(t *testing.T) {
	h := newHouse(t)
	brokenCommit(t, h, true)
	r := h.run(nil)
	got, first, err := r.Issue(t.Context(), sample(3), by("key-3", sample(3)))
	if err != nil || first || got.LogIndex != 2 {
		t.Errorf("the retry: %+v, first %v, %v", got, first, err)
	}
	if got, first, err = r.Issue(t.Context(), sample(3), by("", sample(3))); err != nil || first || got.LogIndex != 2 {
		t.Errorf("the retry without a key: %+v, first %v, %v", got, first, err)
	}
	r.finish()
	h.sound(3)
}

// brokenCommit issues two certificates, and a third one in a commit that fails.
func brokenCommit(t *testing.T, h *house, persisted bool) {
	t.Helper()
	disk := &failing{persisted: persisted}
	disk.good.Store(2)
	r := h.run(func(s store) store { disk.store = s; return disk })
	for n := range 2 {
		r.issue(sample(n), by("", sample(n)))
	}
	if _, _, err := r.Issue(t.Context(), sample(3), by("key-3", sample(3))); !errors.Is(err, ErrStopped) || !errors.Is(err, errDisk) {
		t.Errorf("a failed commit: %v", err)
	}
	if _, _, err := r.Issue(t.Context(), sample(4), by("", sample(4))); !errors.Is(err, ErrStopped) {
		t.Errorf("after a failed commit: %v", err)
	}
	if health := r.Health(); health.Ready || health.Problem == "" {
		t.Errorf("health %+v", health)
	}
	<-r.ended
	if !errors.Is(r.err, errDisk) {
		t.Errorf("Run ended with %v", r.err)
	}
	r.stop()
}

func TestWhatWasRecordedAndNotPublishedIsPublishedAfterLoading(t *testing.T) {
	h := newHouse(t)
	r := h.run(func(s store) store { return &unpublished{store: s, until: make(chan struct{})} })
	for n := range 5 {
		r.issue(sample(n), by("", sample(n)))
	}
	r.stop()
	r = h.run(nil)
	r.finish()
	h.sound(5)
}

// Publishing can be cut off between any two of its steps. The marks of what is done are written last, so
// whatever of a certificate's files is there or not, loading ends with all of them.
func TestPublishingThatWasCutOffIsMendedByLoading(t *testing.T) {
	h := newHouse(t)
	remove := func(path func(credential.Number) string) func(string, credential.Number) error {
		return func(dir string, n credential.Number) error { return os.Remove(filepath.Join(dir, path(n))) }
	}
	n := 0
	for _, c := range []struct {
		name string
		lose func(dir string, n credential.Number) error
	}{
		{"before the mark", func(string, credential.Number) error { return nil }},
		{"before the page", remove(site.PagePath)},
		{"before the picture", func(dir string, n credential.Number) error {
			return errors.Join(remove(site.PagePath)(dir, n), remove(site.PicturePath)(dir, n))
		}},
		{"before the document", func(dir string, n credential.Number) error {
			return os.RemoveAll(filepath.Join(dir, "c", string(n)))
		}},
		{"before the data reached the disk", func(dir string, n credential.Number) error {
			return errors.Join(os.Truncate(filepath.Join(dir, site.PicturePath(n)), 0), os.Truncate(filepath.Join(dir, site.CredentialPath(n)), 0))
		}},
		{"in the middle of a write", func(dir string, n credential.Number) error {
			name := filepath.Join(dir, "c", string(n), ".laurel-0123456789.tmp")
			return errors.Join(remove(site.PagePath)(dir, n), os.WriteFile(name, []byte("half"), 0o600), crashed(dir))
		}},
	} {
		n++
		r := h.run(func(s store) store { return &undone{s} })
		got := r.issue(sample(n), by("", sample(n)))
		for !exists(filepath.Join(h.cfg.PublicDir, site.PagePath(got.Number))) {
			time.Sleep(time.Millisecond)
		}
		r.stop()
		if err := c.lose(h.cfg.PublicDir, got.Number); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		r = h.run(nil)
		r.finish()
		h.sound(n)
		if t.Failed() {
			t.Fatalf("cut off %s", c.name)
		}
	}
}

// crashed leaves the tree's lock as the end of a process without warning does.
func crashed(dir string) error {
	return os.WriteFile(filepath.Join(site.StateDir(dir), "lock"), []byte("-\n"), 0o600)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestAPublicTreeThatWasLostComesBack(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	for n := range 3 {
		r.issue(sample(n), by("", sample(n)))
	}
	r.finish()
	if err := errors.Join(os.RemoveAll(h.cfg.PublicDir), os.RemoveAll(site.StateDir(h.cfg.PublicDir))); err != nil {
		t.Fatal(err)
	}
	i := h.load(nil)
	changes, err := i.Export(t.Context(), nil)
	if err != nil || changes.Built == 0 {
		t.Errorf("export: %+v, %v", changes, err)
	}
	if again, err := i.Rebuild(t.Context(), nil); err != nil || again.Built != 0 || again.Removed != 0 {
		t.Errorf("a second build: %+v, %v", again, err)
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	h.sound(3)
}

func TestWhatTheTreeCannotTakeIsTriedAgainAndHoldsUpNoOther(t *testing.T) {
	h := newHouse(t)
	h.cfg.Rand = numbers(1)
	bad, err := credential.NewNumber(numbers(1))
	if err != nil {
		t.Fatal(err)
	}
	inTheWay := filepath.Join(h.cfg.PublicDir, site.PagePath(bad), "in the way")
	if err := os.MkdirAll(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	r := h.run(nil)
	for n := range 4 {
		got := r.issue(sample(n), by("", sample(n)))
		if (n == 0) != (got.Number == bad) {
			t.Fatalf("certificate %d is %s", n, got.Number)
		}
	}
	for r.Health().Pending > 1 {
		time.Sleep(time.Millisecond)
	}
	if got, err := r.Get(t.Context(), bad); err != nil || got.State != "recorded" {
		t.Errorf("what could not be written: %+v, %v", got, err)
	}
	call := by("", sample(0))
	call.Wait = true
	if _, _, err := r.Issue(t.Context(), sample(0), call); err == nil {
		t.Error("a caller was told that it is published")
	}
	for r.Health().Problem == "" {
		time.Sleep(time.Millisecond)
	}
	if err := os.RemoveAll(filepath.Dir(inTheWay)); err != nil {
		t.Fatal(err)
	}
	r.settled()
	for r.Health().Problem != "" {
		time.Sleep(time.Millisecond)
	}
	r.finish()
	h.sound(4)
}

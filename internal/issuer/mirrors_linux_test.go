package issuer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"laurel/internal/durable/disktest"
	"laurel/internal/publish"
	"laurel/internal/publish/target"
	"laurel/site"
)

func TestAMirrorWhoseDiskIsFullReadOnlyOrTakenAwayIsNamedAndFollowsAgainOnceItIsMended(t *testing.T) {
	disk := disktest.Own(t, "64m")
	if disk == nil {
		return
	}
	www := filepath.Join(disk.Dir, "www")
	b, err := target.Open(www)
	if err != nil {
		t.Fatal(err)
	}
	h := newHouseWith(t, func(c *Config) { c.Mirrors = []publish.Backend{b} })
	r := h.run(nil)
	r.settled()
	r.mirrorsSay(isEqual) // so that what is issued next is more than there is room for
	issued := 0
	for _, step := range []struct {
		name   string
		spoil  func() (mend func())
		advice string
	}{
		{"full", func() func() { disk.Fill(); return func() { disk.Grow("64m") } }, "it is full"},
		{"read-only", func() func() { disk.ReadOnly(www); return func() { disk.Writable(www) } }, "it is read-only"},
		{"taken away", func() func() { return disk.Away() }, "Is it mounted"},
	} {
		mend := step.spoil()
		issued++
		r.issue(sample(issued), Call{Principal: "tester"})
		r.settled() // which nobody waits with for the mirror
		r.mirrorsSay(func(m Mirrored) bool {
			return strings.Contains(m.Problem, step.advice) && strings.Contains(m.Problem, www) && !m.Since.IsZero() && m.Failures > 0
		})
		if step.name == "taken away" {
			if left, err := os.ReadDir(disk.Dir); err != nil || len(left) > 0 {
				t.Errorf("what lies under the disk was written to: %v, %v", left, err)
			}
		}
		mend()
		r.mirrorsSay(func(m Mirrored) bool { return isEqual(m) && m.Problem == "" })
		h.sameAs(www)
	}
	// What was removed is not made anew behind anybody's back, but when somebody says so.
	if err := os.RemoveAll(www); err != nil {
		t.Fatal(err)
	}
	r.issue(sample(issued+1), Call{Principal: "tester"})
	r.mirrorsSay(func(m Mirrored) bool { return strings.Contains(m.Problem, "--relist") })
	r.finish()
	m, err := publish.Open(site.MirrorTree(h.cfg.PublicDir), b, publish.StateDir(site.MirrorStates(h.cfg.PublicDir), b), publish.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	err = m.Relist(t.Context())
	if err == nil {
		_, err = m.Run(t.Context())
	}
	if err := errors.Join(err, m.Close()); err != nil {
		t.Fatal(err)
	}
	h.sameAs(www)
}

package issuer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestNothingIsIssuedOntoADiskThatIsNearlyFull(t *testing.T) {
	var free atomic.Uint64
	h := newHouseWith(t, func(c *Config) {
		c.MinFree, c.Free = 100<<20, func(string) (uint64, error) { return free.Load(), nil }
	})
	free.Store(101 << 20)
	r := h.run(nil)
	if _, _, err := r.Issue(t.Context(), sample(1), by("", sample(1))); err != nil {
		t.Fatal(err)
	}
	free.Store(99 << 20)
	h.clock.forward(spaceInterval)
	_, _, err := r.Issue(t.Context(), sample(2), by("", sample(2)))
	if !errors.Is(err, ErrNoSpace) || !strings.Contains(err.Error(), "99 MiB left, and 100 are kept free") {
		t.Errorf("with too little left: %v", err)
	}
	if health := r.Health(); !health.Full || !strings.Contains(health.Problem, "nearly full") || health.Free != 99<<20 {
		t.Errorf("%+v", health)
	}
	free.Store(100 << 20)
	h.clock.forward(spaceInterval)
	if _, first, err := r.Issue(t.Context(), sample(2), by("", sample(2))); err != nil || !first {
		t.Errorf("with room again: %v", err)
	}
}

func TestADiskThatCannotBeAskedIsNoReasonNotToIssue(t *testing.T) {
	h := newHouseWith(t, func(c *Config) {
		c.MinFree, c.Free = 1, func(string) (uint64, error) { return 0, errors.New("no such call") }
	})
	r := h.run(nil)
	if _, _, err := r.Issue(t.Context(), sample(1), by("", sample(1))); err != nil {
		t.Error(err)
	}
}

func TestPublishingIsStuckWhereNothingIsPublishedForAWhileThoughSomethingIsPending(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	h.clock.forward(time.Hour)
	if r.Health().Stuck {
		t.Error("stuck with nothing pending")
	}
	wall := filepath.Join(h.cfg.PublicDir, "c")
	if err := os.RemoveAll(wall); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(wall, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Issue(t.Context(), sample(1), by("", sample(1))); err != nil {
		t.Fatal(err)
	}
	if r.Health().Stuck {
		t.Error("stuck at once")
	}
	h.clock.forward(stuckAfter + time.Second)
	if health := r.Health(); !health.Stuck || !health.Ready {
		t.Errorf("%+v", health)
	}
	for deadline := time.Now().Add(time.Minute); r.Meters().Failures.Load() == 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if err := os.Remove(wall); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); r.Meters().Published.Load() == 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if health := r.Health(); health.Stuck || health.Pending > 0 {
		t.Errorf("%+v", health)
	}
	if r.Meters().Published.Load() == 0 || r.Meters().Failures.Load() == 0 {
		t.Error("nothing was counted")
	}
}

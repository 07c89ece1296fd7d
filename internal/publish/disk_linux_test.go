package publish_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"laurel/internal/durable"
	"laurel/internal/durable/disktest"
	"laurel/internal/publish"
)

// heavy is a tree of more than half a megabyte.
func heavy(t *testing.T) *world {
	w := newWorld(t, 20)
	for i := range 20 {
		w.write(unitName(i)+"/doc", strings.Repeat("document ", 4000)+"\nneeds list\nneeds keys:key1\n")
	}
	return w
}

func unitName(i int) string { return "u/00" + string(rune('0'+i/10)) + string(rune('0'+i%10)) }

// part complains of a file on the target that is not that of the tree, or that is none of it.
func (w *witness) part(tree *world) {
	w.t.Helper()
	want := tree.public()
	for path, text := range files(w.t, w.Name()) {
		if durable.IsTemp(filepath.Base(path)) {
			w.t.Errorf("%s is left", path)
		} else if want[path] != text {
			w.t.Errorf("%s: %d bytes of %d", path, len(text), len(want[path]))
		}
	}
}

func TestATargetThatIsFullOrReadOnlyIsNamedTearsNothingAndEndsEqualOnceItIsMended(t *testing.T) {
	disk := disktest.Own(t, "512k")
	if disk == nil {
		return
	}
	w := heavy(t)
	b := newWitness(t, filepath.Join(disk.Dir, "www"))
	for _, step := range []struct {
		name   string
		do     func()
		want   error
		advice string
	}{
		{"full", func() {}, syscall.ENOSPC, "it is full; make room"},
		{"full still", func() {}, syscall.ENOSPC, "it is full; make room"},
		{"larger", func() { disk.Grow("64m") }, nil, ""},
		{"read-only", func() { w.unit(20, "base/style1", "key1"); disk.ReadOnly(b.Name()) }, syscall.EROFS, "it is read-only; mount it for writing"},
		{"writable again", func() { disk.Writable(b.Name()) }, nil, ""},
	} {
		step.do()
		begun := b.calls
		_, err := once(t, w, b, quick)
		if !errors.Is(err, step.want) || err != nil && (strings.Count(err.Error(), b.Name()) != 1 || !strings.Contains(err.Error(), step.advice)) {
			t.Errorf("%s: %v", step.name, err)
		}
		if err != nil && b.calls-begun > 40 {
			t.Errorf("%s: it was not given up before %d calls", step.name, b.calls-begun)
		}
		b.part(w)
	}
	b.equal(w)
}

// TestATargetThatIsTakenAwayUncoversNothingThatIsWrittenTo takes the disk away before each call of a run in turn.
func TestATargetThatIsTakenAwayUncoversNothingThatIsWrittenTo(t *testing.T) {
	disk := disktest.Own(t, "64m")
	if disk == nil {
		return
	}
	under := filepath.Join(disk.Dir, "www")
	for cut, more := 1, true; more; cut++ {
		w := newWorld(t, 4)
		if err := errors.Join(os.RemoveAll(under), os.Mkdir(under, 0o755)); err != nil {
			t.Fatal(err)
		}
		b := newWitness(t, under)
		more = false
		var back func()
		b.fault = func(n int, _, _ string) fault {
			if n == cut {
				back, more = disk.Away(), true
				if err := os.Mkdir(under, 0o755); err != nil { // as a disk is mounted elsewhere than where its files are
					t.Error(err)
				}
			}
			return none
		}
		o := quick
		o.Parallel = 1
		_, err := once(t, w, b, o)
		b.fault = nil
		if more {
			if err == nil || strings.Count(err.Error(), under) != 1 || !strings.Contains(err.Error(), "unmounted") {
				t.Errorf("cut %d: %v", cut, err)
			}
			if len(b.holds) > 0 { // something was there, by which it is missed
				if _, err := once(t, w, b, o); !errors.Is(err, publish.ErrWiped) || !strings.Contains(err.Error(), under) {
					t.Errorf("cut %d, and again: %v", cut, err)
				}
			}
			if left := files(t, under); len(left) > 0 {
				t.Fatalf("cut %d: what lies under the disk was written to: %v", cut, left)
			}
			if err := os.RemoveAll(under); err != nil {
				t.Fatal(err)
			}
			back()
		}
		mustRun(t, w, b)
		b.equal(w)
	}
}

func TestATargetThatIsRemovedUnderARunIsMissedAndFilledAnewWhenThatIsAsked(t *testing.T) {
	w := newWorld(t, 20)
	b := newWitness(t, filepath.Join(t.TempDir(), "www"))
	b.fault = func(n int, _, _ string) fault {
		if n == 20 {
			if err := os.RemoveAll(b.Name()); err != nil {
				t.Error(err)
			}
		}
		return none
	}
	o := quick
	o.Parallel = 1
	if _, err := once(t, w, b, o); err == nil || !strings.Contains(err.Error(), b.Name()) || !strings.Contains(err.Error(), "removed") || !strings.Contains(err.Error(), "--relist") {
		t.Errorf("got %v", err)
	}
	b.fault = nil
	if _, err := once(t, w, b, quick); !errors.Is(err, publish.ErrWiped) || !strings.Contains(err.Error(), "--relist") {
		t.Errorf("again: %v", err)
	}
	if _, err := os.Stat(b.Name()); err == nil {
		t.Error("it was made anew behind anybody's back")
	}
	clear(b.holds)
	m := open(t, w, b, quick)
	err := m.Relist(t.Context())
	if err == nil {
		_, err = m.Run(t.Context())
	}
	if err := errors.Join(err, m.Close()); err != nil {
		t.Fatal(err)
	}
	b.equal(w)
}

// TestATargetThatHangsHoldsUpNobody has a pipe where a file is read, so that the call never ends.
func TestATargetThatHangsHoldsUpNobody(t *testing.T) {
	w := newWorld(t, 2)
	b := newWitness(t, t.TempDir())
	pipe := filepath.Join(b.Name(), "id")
	if err := unix.Mkfifo(pipe, 0o644); err != nil {
		t.Fatal(err)
	}
	o := impatient
	o.Attempts = 2
	if _, err := once(t, w, b, o); err == nil || !strings.Contains(err.Error(), "no answer within 50ms") || !strings.Contains(err.Error(), b.Name()) {
		t.Errorf("a time that is over: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := open(t, w, b, publish.RunOptions{})
	if _, err := m.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that is told to end: %v", err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	writer, err := os.OpenFile(pipe, os.O_RDWR, 0) // whoever waits there goes on
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(pipe), writer.Close()); err != nil {
		t.Fatal(err)
	}
	mustRun(t, w, b)
	b.equal(w)
}

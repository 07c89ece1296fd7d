package publish_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"laurel/internal/publish"
)

func TestATargetBecomesTheTreeAndThenNothingIsToBeDone(t *testing.T) {
	w := newWorld(t, 30)
	w.write("notes.txt", "stays at home")
	w.write("u/0001/.laurel-1.tmp", "half a file")
	b := newWitness(t, filepath.Join(t.TempDir(), "target"))
	r := mustRun(t, w, b)
	b.equal(w)
	if r.Uploaded != len(w.public()) || r.Unchanged != 0 || !slices.Equal(r.Others, []string{"notes.txt"}) {
		t.Errorf("%+v; %d files are public", r, len(w.public()))
	}
	calls := b.calls
	if r := mustRun(t, w, b); r.Uploaded != 0 || r.Unchanged != len(w.public()) || b.calls != calls+1 {
		t.Errorf("the second run: %+v with %d calls; one look at the target is enough", r, b.calls-calls)
	}
}

func TestWhatIsNeededTravelsFirst(t *testing.T) {
	w := newWorld(t, 20)
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b) // the witness complains
	if first, last := b.log[0], b.log[len(b.log)-1]; !strings.HasPrefix(first, "put base/") || last != "put head" {
		t.Errorf("it began with %s and ended with %s", first, last)
	}
}

func TestWhatIsNeededIsTakenAwayLast(t *testing.T) {
	w := newWorld(t, 20)
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b)
	w.write("base/style2", "new style")
	for i := range 20 {
		w.unit(i, "base/style2", "key1")
	}
	w.write("index", "needs base/style2\n")
	w.remove("base/style1")
	r := mustRun(t, w, b)
	b.equal(w)
	if r.Deleted != 1 || b.log[len(b.log)-1] != "delete base/style1" {
		t.Errorf("%+v, at last %s", r, b.log[len(b.log)-1])
	}
}

func TestAdditionsToTheKeysTravelFirstAndRemovalsLast(t *testing.T) {
	w := newWorld(t, 10)
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b)
	w.write("keys", "key2\n")
	for i := range 10 {
		w.unit(i, "base/style1", "key2")
	}
	mustRun(t, w, b)
	b.equal(w)
	if b.log[len(b.log)-1] != "put keys" {
		t.Errorf("at last %s", b.log[len(b.log)-1])
	}
	mustRun(t, w, b)
	b.equal(w)
}

func TestRequestsThatFailHangOrLoseTheirAnswerAreRepeatedUntilTheMirrorIsEqual(t *testing.T) {
	w := newWorld(t, 60)
	b := newWitness(t, t.TempDir())
	dice := rand.New(rand.NewPCG(1, 2))
	b.fault = func(int, string, string) fault {
		switch dice.IntN(15) {
		case 0:
			return fails
		case 1:
			return loses
		case 2:
			return hangs
		}
		return none
	}
	run := func() {
		t.Helper()
		if _, err := once(t, w, b, impatient); err != nil {
			t.Fatal(err)
		}
	}
	run()
	for i := range 60 {
		w.unit(i, "base/style1", "key1")
	}
	w.write("u/0001/page", "needs u/0001/doc\n")
	run()
	b.equal(w)
}

func TestOtherBytesWhereBytesNeverChangeAreAConflictThatHoldsUpTheHeadAlone(t *testing.T) {
	w := newWorld(t, 3)
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b)
	w.write("base/tile1", "forged")
	w.write("head", "needs base/tile1\nlater\n")
	_, err := once(t, w, b, quick)
	if !errors.Is(err, publish.ErrConflict) || !strings.Contains(err.Error(), "base/tile1") {
		t.Errorf("got %v", err)
	}
	if b.holds["base/tile1"] != "tile" || b.holds["head"] != "needs base/tile1\n" {
		t.Error("the target was changed")
	}
}

func TestOneUnitThatCannotBeUploadedHoldsUpNoOther(t *testing.T) {
	w := newWorld(t, 10)
	b := newWitness(t, t.TempDir())
	b.fault = func(_ int, op, key string) fault {
		if key == "u/0003/doc" {
			return fails
		}
		return none
	}
	_, err := once(t, w, b, quick)
	if err == nil || !strings.Contains(err.Error(), "u/0003/doc: the line is bad") {
		t.Errorf("got %v", err)
	}
	if _, ok := b.holds["u/0003/page"]; ok {
		t.Error("its page is there")
	}
	if _, ok := b.holds["u/0009/page"]; !ok {
		t.Error("others are not")
	}
	if _, ok := b.holds["head"]; ok {
		t.Error("the head is there although the target is not complete")
	}
	b.fault = nil
	mustRun(t, w, b)
	b.equal(w)
}

func TestATargetThatIsDownIsGivenUpSoon(t *testing.T) {
	w := newWorld(t, 300)
	b := newWitness(t, t.TempDir())
	b.fault = func(_ int, op, key string) fault {
		if strings.HasPrefix(key, "u/") {
			return fails
		}
		return none
	}
	o := quick
	o.Attempts, o.Parallel = 2, 4
	_, err := once(t, w, b, o)
	if err == nil || !strings.Contains(err.Error(), "giving up") || b.calls > 100 {
		t.Errorf("after %d calls: %v", b.calls, err)
	}
}

// TestWhereverARunIsCutOffTheNextOneEndsInTheSameTree cuts at every call: before it, and after it with the answer lost.
func TestWhereverARunIsCutOffTheNextOneEndsInTheSameTree(t *testing.T) {
	cutEverywhere(t, func() *world { return newWorld(t, 4) }, func(w *world) {
		w.write("base/style2", "new style")
		w.write("keys", "key2\n")
		for i := range 6 {
			w.unit(i, "base/style2", "key2")
		}
		w.write("index", "needs base/style2\n")
		w.write("base/tile2", "tile")
		w.write("head", "needs base/tile2\n")
		w.remove("base/style1")
		w.remove("base/tile1")
	})
}

func TestATreeThatIsWrittenToIsMirroredConsistently(t *testing.T) {
	w := newWorld(t, 20)
	b := newWitness(t, t.TempDir())
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			style := fmt.Sprintf("base/style%d", 10+n)
			w.write(style, "style")
			for i := range 20 + min(n, 20) {
				w.unit(i, style, "key1")
			}
			w.write("index", "needs "+style+"\n")
			if n > 0 {
				w.remove(fmt.Sprintf("base/style%d", 9+n))
			}
			tile := fmt.Sprintf("base/tile%d", 10+n)
			w.write(tile, "tile")
			w.write("head", "needs "+tile+"\n")
		}
	})
	for range 15 {
		if _, err := once(t, w, b, quick); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	wg.Wait()
	mustRun(t, w, b)
	b.equal(w)
}

func TestUnitsAloneAreMirroredWithoutLookingAtOthers(t *testing.T) {
	w := newWorld(t, 10)
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b)
	w.unit(10, "base/style1", "key1")
	w.write("u/0003/page", "a change that nobody told of")
	w.write("base/tile2", "tile")
	w.write("head", "needs base/tile2\n")
	m := open(t, w, b, quick)
	r, err := m.RunUnits(t.Context(), []string{"0010"})
	if err != nil || r.Uploaded != 4 {
		t.Errorf("%+v, %v", r, err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if b.holds["u/0003/page"] == "a change that nobody told of" || b.holds["head"] != "needs base/tile2\n" {
		t.Error("another unit was looked at, or the head was not")
	}
	mustRun(t, w, b)
	b.equal(w)
}

func TestTwoProcessesDoNotPublishToOneTarget(t *testing.T) {
	w := newWorld(t, 1)
	b := newWitness(t, t.TempDir())
	m := open(t, w, b, quick)
	defer m.Close()
	if _, err := publish.Open(w.tree, b, publish.StateDir(w.dir+".state", b), quick); !errors.Is(err, publish.ErrBusy) {
		t.Errorf("got %v", err)
	}
}

func TestARunEndsWhenItIsTold(t *testing.T) {
	w := newWorld(t, 50)
	b := newWitness(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	b.fault = func(n int, _, _ string) fault {
		if n == 40 {
			cancel()
		}
		return none
	}
	m := open(t, w, b, quick)
	if _, err := m.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	b.fault = nil
	if r := mustRun(t, w, b); r.Unchanged == 0 {
		t.Error("what had been uploaded was uploaded again")
	}
	b.equal(w)
}

func TestAFileThatWasTouchedIsNotUploaded(t *testing.T) {
	w := newWorld(t, 3)
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b)
	w.write("u/0001/doc", w.public()["u/0001/doc"])
	if r := mustRun(t, w, b); r.Uploaded != 0 {
		t.Errorf("%+v", r)
	}
	os.RemoveAll(filepath.Join(w.dir, "u", "0002"))
	if r := mustRun(t, w, b); r.Kept != 2 || r.Deleted != 0 {
		t.Errorf("%+v", r)
	}
}

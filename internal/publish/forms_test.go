package publish_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"laurel/internal/publish"
)

// formedWorld is a tree whose pages have another form.
func formedWorld(t *testing.T, units int) *world {
	w := newWorld(t, units)
	for i := range units {
		w.writeFormed(unitName(i)+"/page", "first\n")
	}
	w.writeFormed("index", "first\n")
	return w
}

func TestNoFormStandsOnTheTargetBesideAnotherContentThanItsOwn(t *testing.T) {
	w := formedWorld(t, 4)
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b)
	b.equal(w)
	w.writeFormed("u/0000/page", "second\n")
	w.writeFormed("index", "second\n")
	os.Remove(filepath.Join(w.dir, "u/0001/page.form"))
	w.write("u/0001/page", "it has no other form any more\n")
	mustRun(t, w, b)
	b.equal(w)
	w.write("u/0002/erased", "")
	w.write("u/0002/page", "erased\n")
	w.remove("u/0002/page.form")
	w.remove("u/0002/doc")
	mustRun(t, w, b)
	b.equal(w)
}

func TestFormsThatNobodyMakesAnyMoreLeaveTheTargetHoweverManyTheyAre(t *testing.T) {
	w := formedWorld(t, 9)
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b)
	for i := range 9 {
		w.remove(unitName(i) + "/page.form")
	}
	w.remove("index.form")
	o := quick
	o.MaxDeletes = -1
	if r, err := once(t, w, b, o); err != nil || r.Deleted != 10 || r.Uploaded != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	b.equal(w)
}

func TestFormsThatNothingIsKnownOfDoNotOutliveTheirFile(t *testing.T) {
	w := formedWorld(t, 4)
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b)
	if err := os.RemoveAll(w.dir + ".state"); err != nil {
		t.Fatal(err)
	}
	w.remove("u/0000/page.form")
	w.write("u/0000/page", "second\n")
	w.writeFormed("index", "second\n")
	mustRun(t, w, b)
	b.equal(w)
}

func TestATargetThatDoesNotChooseAmongFormsGetsNoneAndThatIsSaid(t *testing.T) {
	w := formedWorld(t, 2)
	b := newWitness(t, t.TempDir())
	b.plain = true
	for _, step := range plan(t, w, b) {
		if strings.Contains(step, ".form") {
			t.Error(step)
		}
	}
	if r := mustRun(t, w, b); !r.Withheld || len(r.Others) > 0 {
		t.Errorf("%+v", r)
	}
	for path := range b.holds {
		if strings.HasSuffix(path, ".form") {
			t.Errorf("%s was uploaded", path)
		}
	}
	none := newWitness(t, t.TempDir())
	none.plain = true
	if r := mustRun(t, newWorld(t, 2), none); r.Withheld {
		t.Errorf("a tree without forms: %+v", r)
	}
}

func TestATreeWhoseFormsAreWrittenMeanwhileIsMirroredWithThoseThatFit(t *testing.T) {
	w := formedWorld(t, 12)
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
			for i := range 12 {
				w.writeFormed(unitName(i)+"/page", fmt.Sprintf("version %d\n", n))
			}
			w.writeFormed("index", fmt.Sprintf("version %d\n", n))
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

func TestARunThatIsCutOffWithFormsIsFollowedByOneThatEndsInTheSameTree(t *testing.T) {
	cutEverywhere(t, func() *world { return formedWorld(t, 2) }, func(w *world) {
		w.writeFormed("u/0000/page", "second\n")
		w.remove("u/0001/page.form")
		w.write("u/0001/page", "second\n")
		w.writeFormed("index", "second\n")
	})
}

// The scan sees a file, and its other form after both were written anew.
func TestAFormOfWhatIsNotOnTheTargetYetWaits(t *testing.T) {
	w := formedWorld(t, 1)
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b)
	w.writeFormed("index", "second\n")
	once := sync.OnceFunc(func() { w.writeFormed("index", "third\n") })
	w.tree.Classify = func(path string) (publish.Class, bool) {
		if path == "index.form" {
			once()
		}
		return classify(path)
	}
	mustRun(t, w, b)
	mustRun(t, w, b)
	b.equal(w)
}

package publish_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"laurel/internal/publish"
	"laurel/internal/publish/target"
)

func TestAPlanTellsWhatARunThenDoes(t *testing.T) {
	w := newWorld(t, 2)
	b := newWitness(t, t.TempDir())
	if got := plan(t, w, b); len(got) != len(w.public()) || got[0] != "upload base/style1, 5 bytes: new" || !strings.HasPrefix(got[len(got)-1], "upload head, ") {
		t.Errorf("%q", got)
	}
	if b.log != nil {
		t.Errorf("the plan did %q", b.log)
	}
	mustRun(t, w, b)
	w.write("base/style2", "new style")
	w.write("u/0001/page", "needs base/style2\n")
	w.write("u/0000/erased", "")
	w.write("u/0000/page", "erased\n")
	w.remove("u/0000/doc")
	w.remove("base/style1")
	w.write("index", "needs base/style2\n")
	b.log = nil
	want := []string{
		"upload base/style2, 9 bytes: new",
		"upload u/0000/page, 7 bytes: content changed",
		"upload u/0001/page, 18 bytes: content changed",
		"upload index, 18 bytes: content changed",
		"delete u/0000/doc: gone from the tree",
		"delete base/style1: gone from the tree",
	}
	if got := plan(t, w, b); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	mustRun(t, w, b)
	b.equal(w)
	if len(b.log) != len(want) {
		t.Errorf("the run did %q", b.log)
	}
}

func TestAFileThatIsServedOtherwiseIsUploadedAgain(t *testing.T) {
	w := newWorld(t, 1)
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b)
	w.tree.Classify = func(path string) (publish.Class, bool) {
		c, ok := classify(path)
		if path == "index" {
			c.CacheControl = "max-age=5"
		}
		return c, ok
	}
	if got := plan(t, w, b); !slices.Equal(got, []string{"upload index, 18 bytes: served otherwise now"}) {
		t.Errorf("%q", got)
	}
}

func TestMoreDeletionsThanAllowedAreNotBegun(t *testing.T) {
	w := newWorld(t, 2)
	for i := range 5 {
		w.write("base/old"+string(rune('a'+i)), "old")
	}
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b)
	for i := range 5 {
		w.remove("base/old" + string(rune('a'+i)))
	}
	w.unit(2, "base/style1", "key1")
	o := quick
	o.MaxDeletes = 4
	r, err := once(t, w, b, o)
	if !errors.Is(err, publish.ErrTooManyDeletes) || !strings.Contains(err.Error(), "5 files") || r.Deleted != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, ok := b.holds["u/0002/page"]; !ok {
		t.Error("nothing was uploaded either")
	}
	o.MaxDeletes = 5
	if r, err := once(t, w, b, o); err != nil || r.Deleted != 5 {
		t.Errorf("%+v, %v", r, err)
	}
	b.equal(w)
}

func TestATargetThatVanishedIsNotMadeAnew(t *testing.T) {
	w := newWorld(t, 2)
	dir := filepath.Join(t.TempDir(), "mount")
	b := newWitness(t, dir)
	mustRun(t, w, b)
	away := dir + ".away"
	os.Rename(dir, away)
	w.unit(2, "base/style1", "key1")
	if _, err := once(t, w, b, quick); !errors.Is(err, publish.ErrWiped) || !strings.Contains(err.Error(), "--relist") {
		t.Errorf("a folder that is gone: %v", err)
	}
	os.Mkdir(dir, 0o755)
	if _, err := once(t, w, b, quick); !errors.Is(err, publish.ErrWiped) {
		t.Errorf("an empty folder: %v", err)
	}
	if len(files(t, dir)) != 0 {
		t.Error("something was written where nothing is mounted")
	}
	os.Remove(dir)
	os.Rename(away, dir)
	mustRun(t, w, b)
	b.equal(w)
}

func TestATargetOfAnotherTreeIsRefused(t *testing.T) {
	one, other := newWorld(t, 2), newWorld(t, 2)
	other.write("id", "another tree")
	b := newWitness(t, t.TempDir())
	mustRun(t, one, b)
	if _, err := once(t, other, b, quick); !errors.Is(err, publish.ErrForeign) {
		t.Errorf("got %v", err)
	}
}

func TestAListingTakesThePlaceOfAStateThatWasLost(t *testing.T) {
	w := newWorld(t, 5)
	b := newWitness(t, t.TempDir())
	mustRun(t, w, b)
	os.RemoveAll(w.dir + ".state")
	w.remove("base/tile1")
	w.write("base/tile2", "tile")
	w.write("head", "needs base/tile2\n")
	delete(b.holds, "u/0001/page")
	os.Remove(filepath.Join(b.Name(), "u", "0001", "page"))
	m := open(t, w, b, quick)
	if err := m.Relist(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if r := mustRun(t, w, b); r.Deleted != 1 {
		t.Errorf("%+v", r)
	}
	b.equal(w)
}

func TestAFileIsPutWhereTheLastOfItsFolderIsDeletedMeanwhile(t *testing.T) {
	b, err := target.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Ready(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			key := fmt.Sprintf("of/all/%d", worker)
			for range 500 {
				err := b.Put(t.Context(), key, []byte("content"), publish.Options{})
				if err := errors.Join(err, b.Delete(t.Context(), key)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestAReadOnlyTargetIsNamedAndFilledOnceItIsMended(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("root writes everywhere: a file in the place of a folder stands in for a folder without the right to write")
	}
	w := newWorld(t, 2)
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "u"), nil, 0o644)
	b := newWitness(t, dir)
	_, err := once(t, w, b, quick)
	if err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v", err)
	}
	os.Remove(filepath.Join(dir, "u"))
	mustRun(t, w, b)
	b.equal(w)
}

func TestNoTargetHoldsAFileOutsideOfIt(t *testing.T) {
	b, err := target.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"../x", "a/../../x", "/x"} {
		if err := b.Put(t.Context(), key, []byte("x"), publish.Options{}); err == nil {
			t.Errorf("%s was written", key)
		}
	}
}

func TestAddressesOfTargetsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")
	for _, to := range []string{"", "s3://", "s3://b?endpoint=host", "s3://b?endpoint=ftp://host", "s3://b?endpont=https://host", "s3://user:hidden@b/", "https://host/", "s3://b?style=new"} {
		_, err := target.Open(to)
		if err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q: %v", to, err)
		}
	}
	b, err := target.Open("s3://bucket/a/b/?endpoint=https://store.example")
	if err != nil || b.Name() != "s3://bucket/a/b?endpoint=https://store.example" {
		t.Errorf("%v, %v", b, err)
	}
}

func TestWhatAHostDoesNotTakeIsSaidWithNumbersAndAWayOut(t *testing.T) {
	for _, c := range []struct {
		host string
		u    publish.Usage
		want string
	}{
		{"cloudflare-pages", publish.Usage{Files: 20_001}, "takes 20000 files and the tree has 20001"},
		{"cloudflare-pages", publish.Usage{Files: 20_000, Largest: publish.File{Path: "x.pdf", Size: 26 << 20}}, "x.pdf"},
		{"netlify", publish.Usage{Files: 1e6, Folder: 54_001, FolderName: "c/"}, "c/ has 54001"},
		{"github-pages", publish.Usage{Bytes: 1<<30 + 1}, "1024 MB"},
		{"cloudflare-pages", publish.Usage{Files: 20_000}, ""},
		{"s3", publish.Usage{Files: 5e6, Folder: 1e6, Bytes: 1 << 40}, ""},
		{"none", publish.Usage{Files: 5e6, Folder: 1e6, Bytes: 1 << 40}, ""},
	} {
		h, err := publish.HostByName(c.host)
		if err != nil {
			t.Fatal(err)
		}
		err = h.Check(c.u)
		if c.want == "" && err != nil {
			t.Errorf("%s refuses %+v: %v", c.host, c.u, err)
		}
		if c.want != "" && (!errors.Is(err, publish.ErrLimit) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "object store")) {
			t.Errorf("%s: %v", c.host, err)
		}
	}
	if _, err := publish.HostByName("geocities"); err == nil || !strings.Contains(err.Error(), "cloudflare-pages") {
		t.Errorf("got %v", err)
	}
	w := newWorld(t, 9)
	u, err := publish.Measure(t.Context(), w.tree)
	if err != nil || u.Files != len(w.public()) || u.Folder != 9 || u.FolderName != "u/" {
		t.Errorf("%+v, %v", u, err)
	}
}

package site

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func encodings(names ...string) *Encodings {
	e := Encodings(strings.Join(names, ","))
	return &e
}

// withoutSiblings takes siblings out of a snapshot, and returns them.
func withoutSiblings(tree map[string]string) (siblings map[string]string) {
	siblings = map[string]string{}
	for path, data := range tree {
		if _, _, ok := SiblingOf(path); ok {
			siblings[path] = data
			delete(tree, path)
		}
	}
	return siblings
}

func TestTextFilesLieCompressedBesideThemselvesWhereThatIsSmallerAndTheRestIsAsItWas(t *testing.T) {
	docs := newIssuer(t, testBase).whole(t)
	plain, dir, twin := filepath.Join(t.TempDir(), "public"), filepath.Join(t.TempDir(), "public"), filepath.Join(t.TempDir(), "public")
	build(t, plain, nil, each(docs), Options{})
	build(t, dir, nil, each(docs), Options{Precompress: encodings("gz", "br")})
	build(t, twin, nil, each(docs), Options{Precompress: encodings("gz", "br"), Jobs: 1})
	sameTrees(t, snapshotOf(t, twin), snapshotOf(t, dir))

	tree := snapshotOf(t, dir)
	made := withoutSiblings(tree)
	sameTrees(t, tree, snapshotOf(t, plain))
	for path, data := range tree {
		for _, sibling := range siblings(path) {
			form, there := made[sibling]
			if !there {
				if compressible(path) && len(data) > 1000 {
					t.Errorf("%s is not there", sibling)
				}
				continue
			}
			_, encoding, _ := SiblingOf(sibling)
			if got, err := expand(encoding, []byte(form)); err != nil || string(got) != data || len(form) >= len(data) {
				t.Errorf("%s: %d bytes, %v", sibling, len(form), err)
			}
		}
	}
	if len(made) < 30 || made[DIDPath+".gz"] != "" || made["c/"+string(numberOf(docs[5]))+"/certificate.pdf.gz"] != "" {
		t.Errorf("there are %d: %q", len(made), slices.Sorted(maps.Keys(made)))
	}
	if r := check(t, dir, newIssuer(t, testBase).keys(), true); len(r.Problems) > 0 {
		t.Error(problems(r))
	}
}

func TestSiblingsAreMadeAnewWhenTheirFileChangesAndNotOtherwise(t *testing.T) {
	i := newIssuer(t, testBase)
	docs := i.whole(t)
	dir := filepath.Join(t.TempDir(), "public")
	o := Options{Precompress: encodings("gz", "br")}
	build(t, dir, nil, each(docs), o)
	before, n := files(t, dir), len(withoutSiblings(snapshotOf(t, dir)))
	for _, again := range []func() Changes{func() Changes { return build(t, dir, nil, each(docs), o) }, func() Changes { return rebuild(t, dir, o) }} {
		if c := again(); c.Built > 0 || c.Removed > 0 || c.Unchanged < n || len(touched(t, dir, before)) > 0 {
			t.Errorf("nothing has changed: %+v, %q", c, touched(t, dir, before))
		}
	}
	page := PagePath(numberOf(docs[5]))
	putFile(t, dir, page, "spoilt")
	rebuild(t, dir, o)
	if got := touched(t, dir, before); !slices.Equal(got, []string{page, page + ".br", page + ".gz"}) {
		t.Errorf("a page: %q", got)
	}
	before = files(t, dir)
	for _, spoil := range []func(string) error{os.Remove, func(name string) error { return os.WriteFile(name, []byte("spoilt"), 0o644) }} {
		for _, path := range []string{page + ".gz", CredentialPath(numberOf(docs[5])) + ".br", IndexPath + ".gz"} {
			if err := spoil(filepath.Join(dir, path)); err != nil {
				t.Fatal(err)
			}
			if r := check(t, dir, i.keys(), true); path != page+".gz" && len(r.Problems) > 1 {
				t.Error(problems(r))
			}
			rebuild(t, dir, o)
			if got := touched(t, dir, before); !slices.Equal(got, []string{path}) {
				t.Errorf("%s alone was spoilt: %q", path, got)
			}
			before = files(t, dir)
		}
	}
}

// rebuild opens, builds from the tree and closes.
func rebuild(t testing.TB, dir string, o Options) Changes {
	t.Helper()
	b := open(t, dir, nil, o)
	c, err := b.BuildTree(context.Background(), nil)
	if err := errors.Join(err, b.Close()); err != nil {
		t.Error(err)
	}
	return c
}

func TestSiblingsGoWhenNobodyWantsThemAnyMore(t *testing.T) {
	docs := newIssuer(t, testBase).whole(t)
	plain := filepath.Join(t.TempDir(), "public")
	build(t, plain, nil, each(docs), Options{})
	want := snapshotOf(t, plain)
	for name, c := range map[string]struct {
		first func(dir string)
		then  Options
		left  string
	}{
		"off":                      {func(string) {}, Options{}, ""},
		"off by name":              {func(string) {}, Options{Precompress: encodings()}, ""},
		"off, what is known lost":  {func(dir string) { os.RemoveAll(StateDir(dir)) }, Options{}, ""},
		"one of two":               {func(string) {}, Options{Precompress: encodings("br")}, "br"},
		"one of two, without lock": {func(dir string) { os.RemoveAll(filepath.Join(StateDir(dir), "manifest")) }, Options{Precompress: encodings("gz")}, "gz"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "public")
			build(t, dir, nil, each(docs), Options{Precompress: encodings("gz", "br")})
			c.first(dir)
			if done := rebuild(t, dir, c.then); done.Removed == 0 {
				t.Errorf("%+v", done)
			}
			got := snapshotOf(t, dir)
			for path := range withoutSiblings(got) {
				if _, encoding, _ := SiblingOf(path); encoding != c.left {
					t.Errorf("%s is left", path)
				}
			}
			sameTrees(t, got, want)
			if _, err := os.Stat(filepath.Join(StateDir(dir), "siblings")); (err == nil) != (c.left != "") {
				t.Errorf("it is remembered that there may be some: %v", err)
			}
			if done := rebuild(t, dir, c.then); done.Built+done.Removed > 0 {
				t.Errorf("and again: %+v", done)
			}
		})
	}
}

func TestTheTreeSaysItselfWhatLiesBeside(t *testing.T) {
	i := newIssuer(t, testBase)
	i.precompress = []any{"gz"}
	docs := i.whole(t)
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(docs), Options{})
	page := PagePath(numberOf(docs[5]))
	if made := withoutSiblings(snapshotOf(t, dir)); made[page+".gz"] == "" || made[page+".br"] != "" {
		t.Errorf("%q", slices.Sorted(maps.Keys(made)))
	}
	// A daemon adds one: its files, and those of the whole tree, alone.
	b := open(t, dir, nil, Options{})
	more := i.certificate(t, asExam)
	before := files(t, dir)
	if _, err := b.Add(t.Context(), []Document{more, i.list(t, Revocation, 7)}); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	list := StatusListPath(Revocation, 0)
	for _, path := range touched(t, dir, before) {
		if !strings.HasPrefix(path, "c/"+string(numberOf(more))) && path != list && path != list+".gz" {
			t.Errorf("%s was touched", path)
		}
	}
	for _, path := range []string{page, list} {
		if err := os.Remove(filepath.Join(dir, path+".gz")); err != nil {
			t.Fatal(err)
		}
	}
	found := problems(check(t, dir, i.keys(), true))
	for _, want := range []string{page + ".gz: missing", list + ".gz: missing"} {
		if !strings.Contains(found, want) {
			t.Errorf("no %q in\n%s", want, found)
		}
	}
	putFile(t, dir, page+".gz", "something else")
	if found := problems(check(t, dir, i.keys(), true)); !strings.Contains(found, page+".gz: not "+page+" compressed") {
		t.Errorf("got %s", found)
	}
	if _, err := ChooseEncodings([]string{"zst"}); err == nil || !strings.Contains(err.Error(), "known are gz, br") {
		t.Errorf("got %v", err)
	}
}

func TestWhatWasErasedLeavesNoSibling(t *testing.T) {
	o := Options{Precompress: encodings("gz", "br")}
	clean, dir := filepath.Join(t.TempDir(), "public"), filepath.Join(t.TempDir(), "public")
	erased := newIssuer(t, testBase).erased(t)
	build(t, clean, nil, each(erased), o)
	build(t, dir, nil, each(newIssuer(t, testBase).all(t)), o)
	b := open(t, dir, nil, o)
	if _, err := b.Add(t.Context(), erased); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	n := numberOf(erased[5])
	for path := range snapshotOf(t, dir) {
		if strings.HasPrefix(path, "c/"+string(n)+"/credential") {
			t.Errorf("%s is left", path)
		}
	}
	if got, want := snapshotOf(t, dir), snapshotOf(t, clean); got[PagePath(n)+".gz"] != want[PagePath(n)+".gz"] {
		t.Error("the page's sibling is of what was there before")
	}
}

func TestNoSiblingStandsBesideAnotherContentThanItsOwn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "public")
	o := Options{Precompress: encodings("gz", "br")}
	b := open(t, dir, nil, o)
	defer b.Close()
	var docs [][]Document
	for n := range 6 {
		i := newIssuer(t, testBase)
		i.suffix = fmt.Sprintf(" %d", n)
		docs = append(docs, i.all(t))
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	seen, paths := 0, []string{PagePath(numberOf(docs[0][5])), IndexPath, NotFoundPath, SettingsPath}
	go func() {
		defer close(ended)
		for n := 0; ctx.Err() == nil; n++ {
			path := filepath.Join(dir, paths[n%len(paths)])
			encoding := AllEncodings()[n/len(paths)%2]
			first, err1 := os.ReadFile(path)
			form, err2 := os.ReadFile(path + "." + encoding)
			again, err3 := os.ReadFile(path)
			if err := errors.Join(err1, err2, err3); errors.Is(err, fs.ErrNotExist) || string(first) != string(again) {
				continue
			}
			seen++
			if got, err := expand(encoding, form); err != nil || string(got) != string(first) {
				t.Errorf("%s.%s is not of the file beside it: %v", path, encoding, err)
				return
			}
		}
	}()
	for _, d := range docs {
		if _, err := b.Build(t.Context(), each(d), nil); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	<-ended
	if seen == 0 {
		t.Error("nothing was seen")
	}
}

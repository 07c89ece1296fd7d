package site

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"laurel/templates"
)

func TestTheSameDocumentsGiveTheSameTreeHoweverItIsBuilt(t *testing.T) {
	docs := newIssuer(t, testBase).whole(t)
	clean := filepath.Join(t.TempDir(), "public")
	first := build(t, clean, nil, each(docs), Options{Jobs: 1})
	want := snapshotOf(t, clean)
	if first.Built != len(want)-len(docs) || first.Removed != 0 {
		t.Errorf("the first build says %+v for %d files, %d of them documents", first, len(want), len(docs))
	}
	t.Run("in another order, on many cores", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "public")
		backwards := slices.Clone(docs)
		slices.Reverse(backwards)
		build(t, dir, nil, each(backwards), Options{Jobs: 8})
		sameTrees(t, snapshotOf(t, dir), want)
	})
	t.Run("from its own files", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "copy")
		for _, d := range docs {
			putFile(t, dir, d.Path, string(d.Data))
		}
		build(t, dir, nil, Walk(dir), Options{})
		sameTrees(t, snapshotOf(t, dir), want)
	})
	t.Run("one certificate after the other", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "public")
		b := open(t, dir, nil, Options{})
		defer b.Close()
		if _, err := b.Add(t.Context(), docs[:5]); err != nil {
			t.Fatal(err)
		}
		for _, d := range docs[5:] {
			if _, err := b.Add(t.Context(), []Document{d}); err != nil {
				t.Fatal(err)
			}
		}
		sameTrees(t, snapshotOf(t, dir), want)
	})
	report, err := Check(t.Context(), clean, newIssuer(t, testBase).keys())
	if err != nil || report.Certificates != 3 || len(report.Problems) != 0 {
		t.Errorf("check: %+v, %v", report, err)
	}
}

func TestWhatIsFreshIsNotTouched(t *testing.T) {
	docs := newIssuer(t, testBase).all(t)
	dir := filepath.Join(t.TempDir(), "public")
	first := build(t, dir, nil, each(docs), Options{})
	before := files(t, dir)
	again := func(name string, o Options, docs iter.Seq2[Document, error]) {
		c := build(t, dir, nil, docs, o)
		if c.Built != 0 || c.Removed != 0 || c.Unchanged != first.Built {
			t.Errorf("%s: %+v; want %d unchanged", name, c, first.Built)
		}
		if got := touched(t, dir, before); len(got) > 0 {
			t.Errorf("%s touched %q", name, got)
		}
	}
	again("a second build", Options{}, each(docs))
	again("a build from the tree", Options{}, Walk(dir))
	again("a forced build", Options{Force: true}, Walk(dir))
	if err := os.RemoveAll(StateDir(dir)); err != nil {
		t.Fatal(err)
	}
	again("a build without its manifest", Options{}, Walk(dir))
	b := open(t, dir, nil, Options{})
	if c, err := b.Add(t.Context(), docs); err != nil || c.Built != 0 {
		t.Errorf("adding what is there: %+v, %v", c, err)
	}
	b.Close()
	if got := touched(t, dir, before); len(got) > 0 {
		t.Errorf("adding what is there touched %q", got)
	}
}

func TestAnUnchangedTreeIsNotPaintedAgain(t *testing.T) {
	docs := newIssuer(t, testBase).all(t)
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(docs), Options{})
	painted := 0
	o := Options{Jobs: 1, Pace: func(context.Context) (func(), error) { painted++; return func() {}, nil }}
	build(t, dir, nil, Walk(dir), o)
	if painted != 0 {
		t.Errorf("%d pictures were painted for nothing", painted)
	}
	os.Remove(filepath.Join(dir, PicturePath(numberOf(docs[5]))))
	if c := build(t, dir, nil, Walk(dir), o); painted != 1 || c.Built != 1 {
		t.Errorf("one picture was missing: painted %d, %+v", painted, c)
	}
	putFile(t, dir, PicturePath(numberOf(docs[6])), "damaged")
	if c := build(t, dir, nil, Walk(dir), o); painted != 2 || c.Built != 1 {
		t.Errorf("one picture was damaged: painted %d, %+v", painted, c)
	}
}

func TestAnEditRendersWhatItTouchesAndNothingElse(t *testing.T) {
	i := newIssuer(t, testBase)
	docs := i.all(t)
	course := numberOf(docs[5])
	embedded := embeddedSet(t)
	text := func(name string) string {
		data, _, err := embedded.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	var allPages []string
	for _, d := range docs[5:] {
		allPages = append(allPages, PagePath(numberOf(d)))
	}
	for _, c := range []struct {
		name, file, old, new string
		want                 []string
	}{
		{"the language of one template's pictures", "certificates/course.md", "language: auto", "language: en", []string{CardPath(course), PDFPath(course), PicturePath(course)}},
		{"the criteria of one template", "certificates/exam.md", "\n\nThe holder", "\n\n**The** holder", []string{CriteriaPath("exam")}},
		{"the language that a picture has anyway", "certificates/exam.md", "language: auto", "language: en", nil},
		{"the verification page", "pages/certificate.html", "</body>", "<p>edited</p></body>", allPages},
		{"the page for what is not there", "pages/notfound.html", "</body>", "<p>edited</p></body>", []string{NotFoundPath}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			dir, overlay := filepath.Join(root, "public"), filepath.Join(root, "templates")
			build(t, dir, nil, each(docs), Options{})
			before := files(t, dir)
			edited := strings.Replace(text(c.file), c.old, c.new, 1)
			if edited == text(c.file) {
				t.Fatalf("%s holds no %q to edit", c.file, c.old)
			}
			putFile(t, overlay, c.file, edited)
			set, err := templates.Open(overlay)
			if err != nil {
				t.Fatal(err)
			}
			changes := build(t, dir, set, Walk(dir), Options{})
			slices.Sort(c.want)
			if got := touched(t, dir, before); !slices.Equal(got, c.want) || changes.Built != len(c.want) {
				t.Errorf("%+v: rewrote %q, want %q", changes, got, c.want)
			}
		})
	}

}

func TestABrokenEditLeavesTheOldTemplatesInForce(t *testing.T) {
	docs := newIssuer(t, testBase).all(t)
	dir := filepath.Join(t.TempDir(), "public")
	b := open(t, dir, nil, Options{})
	defer b.Close()
	if _, err := b.Build(t.Context(), each(docs), nil); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	for _, c := range []struct{ name, file, text, want string }{
		{"a page that cannot be parsed", "pages/lookup.html", "<p>\n{{if}}", "pages/lookup.html:2:1: "},
		{"a page with an unknown field", "pages/certificate.html", "<p>\n  {{.C.Nmae}}", "pages/certificate.html:2:"},
		{"a page that cannot be escaped", "pages/notfound.html", "<a href='{{if .Lang}}x' {{end}}>", "pages/notfound.html:1:15: "},
		{"a layout that is none", "layouts/classical.yaml", "canvas: [", "layouts/classical.yaml:1:"},
	} {
		overlay := t.TempDir()
		putFile(t, overlay, c.file, c.text)
		set, err := templates.Open(overlay)
		if err != nil {
			t.Fatal(err)
		}
		err = b.SetTemplates(set)
		if err == nil || !strings.Contains(err.Error(), filepath.Join(overlay, "")+"/"+c.want) {
			t.Errorf("%s: %v\nwant …%s", c.name, err, c.want)
		}
		if changes, err := b.Build(t.Context(), each(docs), nil); err != nil || changes.Built != 0 || len(touched(t, dir, before)) != 0 {
			t.Errorf("%s changed the tree: %+v, %v", c.name, changes, err)
		}
	}
}

func TestWhatNoDocumentCallsForIsRemovedWhereThatIsAskedFor(t *testing.T) {
	i := newIssuer(t, testBase)
	docs := i.all(t)
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(docs[:6]), Options{})
	want := snapshotOf(t, dir)
	build(t, dir, nil, each(docs), Options{})
	putFile(t, dir, "assets/old.0123456789abcdef.css", "an older set's")
	putFile(t, dir, "a/gone/index.html", "a template's that is gone")
	putFile(t, dir, "notes.txt", "the owner's")
	putFile(t, dir, "assets/mine.css", "the owner's")
	want["notes.txt"], want["assets/mine.css"] = "the owner's", "the owner's"
	if c := build(t, dir, nil, each(docs[:6]), Options{}); c.Removed != 0 {
		t.Errorf("%+v, though nobody asked for it", c)
	}
	c := build(t, dir, nil, each(docs[:6]), Options{Prune: true})
	if c.Removed != 2*outputCount+2 || c.Built != 0 {
		t.Errorf("%+v, want %d removed", c, 2*outputCount+2)
	}
	sameTrees(t, snapshotOf(t, dir), want)
	for _, d := range docs[6:] {
		if _, err := os.Stat(filepath.Join(dir, "c", string(numberOf(d)))); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("an empty folder is left: %v", err)
		}
	}
}

func TestABuildThatIsCutOffRemovesNothing(t *testing.T) {
	docs := newIssuer(t, testBase).all(t)
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(docs), Options{})
	want := snapshotOf(t, dir)
	b := open(t, dir, nil, Options{})
	defer b.Close()
	broken := errors.New("the store failed")
	_, err := b.Build(t.Context(), func(yield func(Document, error) bool) {
		for _, d := range docs[:6] {
			yield(d, nil)
		}
		yield(Document{}, broken)
	}, nil)
	if !errors.Is(err, broken) {
		t.Errorf("the error is lost: %v", err)
	}
	sameTrees(t, snapshotOf(t, dir), want)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = b.Build(ctx, func(yield func(Document, error) bool) {
		for n, d := range docs {
			if n == 5 {
				cancel()
			}
			if !yield(d, nil) {
				return
			}
		}
	}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the context is not reported: %v", err)
	}
	sameTrees(t, snapshotOf(t, dir), want)
}

func TestADocumentThatCannotBeUsedIsNamedAndTheRestIsBuilt(t *testing.T) {
	i, other := newIssuer(t, testBase), newIssuer(t, "https://elsewhere.example.org")
	docs := i.all(t)
	foreign, moved := other.certificate(t, nil), i.certificate(t, nil)
	moved.Path = CredentialPath("0000-0000-0000-0000")
	broken := i.certificate(t, nil)
	broken.Data = broken.Data[:len(broken.Data)-1]
	dir := filepath.Join(t.TempDir(), "public")
	b := open(t, dir, nil, Options{})
	defer b.Close()
	c, err := b.Build(t.Context(), each(append(slices.Clone(docs), foreign, moved, broken)), nil)
	for _, d := range []Document{foreign, moved, broken} {
		if err == nil || !strings.Contains(err.Error(), d.Path+": ") {
			t.Errorf("%s is not named in: %v", d.Path, err)
		}
		if n, ok := NumberIn(d.Path); ok {
			if _, err := os.Stat(filepath.Join(dir, PagePath(n))); err == nil {
				t.Errorf("%s has a page", d.Path)
			}
		}
	}
	for _, d := range docs[5:] {
		if _, err := os.Stat(filepath.Join(dir, PagePath(numberOf(d)))); err != nil {
			t.Errorf("a good certificate has no page: %v", err)
		}
	}
	if c.Built == 0 {
		t.Error("nothing was counted")
	}
}

func TestATemplateThatIsGoneFallsBackToTheEmbeddedOneOfItsType(t *testing.T) {
	i := newIssuer(t, testBase)
	plain := i.certificate(t, nil)
	own := i.certificate(t, asExam)
	gone := i.certificate(t, func(f *factsOf) { asExam(f); f.Template = "welding" })
	docs := i.logged(t, append(i.site(t), plain, own, gone))
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(docs), Options{})
	if _, err := os.Stat(filepath.Join(dir, PicturePath(numberOf(gone)))); err != nil {
		t.Error(err)
	}
	report := check(t, dir, i.keys(), false)
	if len(report.Problems) != 1 || !strings.Contains(report.Problems[0].Message, `template "welding" is gone`) {
		t.Errorf("check: %s", problems(report))
	}
}

func TestAddDuringABuildIsLeftAlone(t *testing.T) {
	i := newIssuer(t, testBase)
	docs := i.all(t)
	late := i.certificate(t, nil)
	list := i.list(t, Revocation, 5)
	dir := filepath.Join(t.TempDir(), "public")
	b := open(t, dir, nil, Options{Jobs: 2})
	defer b.Close()
	_, err := b.Build(t.Context(), func(yield func(Document, error) bool) {
		for n, d := range docs {
			if n == 2 {
				// Both come while the build runs, which then sees neither, or an older one, in its documents.
				if _, err := b.Add(t.Context(), []Document{list, late}); err != nil {
					t.Error(err)
				}
			}
			if !yield(d, nil) {
				return
			}
		}
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := snapshotOf(t, dir)
	for _, path := range []string{late.Path, PagePath(numberOf(late)), PicturePath(numberOf(late))} {
		if _, ok := got[path]; !ok {
			t.Errorf("%s was removed", path)
		}
	}
	if got[list.Path] != string(list.Data) {
		t.Error("the build put an older status list over the new one")
	}
}

func TestOnlyTheOutputsAskedForAreRendered(t *testing.T) {
	docs := newIssuer(t, testBase).all(t)
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(docs), Options{Only: []string{OnlyHTML}})
	got := snapshotOf(t, dir)
	for _, d := range docs[5:] {
		n := numberOf(d)
		if _, ok := got[PagePath(n)]; !ok {
			t.Errorf("%s was not rendered", PagePath(n))
		}
		if _, ok := got[PicturePath(n)]; ok {
			t.Errorf("%s was rendered", PicturePath(n))
		}
	}
	if _, err := Open(dir, embeddedSet(t), Options{Only: []string{"gif"}}); err == nil {
		t.Error("an unknown output was accepted")
	}
}

func TestATreeWithoutSettingsIsNotBuilt(t *testing.T) {
	i := newIssuer(t, testBase)
	b := open(t, filepath.Join(t.TempDir(), "public"), nil, Options{})
	defer b.Close()
	if _, err := b.Build(t.Context(), each([]Document{i.certificate(t, nil)}), nil); err == nil || !strings.Contains(err.Error(), SettingsPath) {
		t.Errorf("a build: %v", err)
	}
	if _, err := b.Add(t.Context(), []Document{i.certificate(t, nil)}); err == nil || !strings.Contains(err.Error(), SettingsPath) {
		t.Errorf("an addition: %v", err)
	}
	if _, err := b.Add(t.Context(), []Document{{Path: "../evil", Data: []byte("x")}}); err == nil {
		t.Error("a document outside the tree was accepted")
	}
}

func TestPaceIsAskedBeforeEachPaintingAndItsErrorStopsIt(t *testing.T) {
	docs := newIssuer(t, testBase).all(t)
	dir := filepath.Join(t.TempDir(), "public")
	tired := errors.New("not now")
	b := open(t, dir, nil, Options{Jobs: 1, Pace: func(context.Context) (func(), error) { return func() {}, tired }})
	defer b.Close()
	if _, err := b.Add(t.Context(), docs); !errors.Is(err, tired) {
		t.Errorf("got %v", err)
	}
	got := snapshotOf(t, dir)
	for _, d := range docs {
		if got[d.Path] != string(d.Data) {
			t.Errorf("%s was not written before the paintings", d.Path)
		}
	}
	for path := range got {
		if strings.HasSuffix(path, ".png") {
			t.Errorf("%s was painted", path)
		}
	}
}

func BenchmarkPage(b *testing.B) {
	i := newIssuer(b, testBase)
	s, c := benchmarkState(b, i)
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		if err := s.page(&out, s.site, Papers{Credential: c}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBuildUnchanged(b *testing.B) {
	i := newIssuer(b, testBase)
	docs := i.site(b)
	for range 200 {
		docs = append(docs, i.certificate(b, nil))
	}
	dir := filepath.Join(b.TempDir(), "public")
	builder := open(b, dir, nil, Options{})
	defer builder.Close()
	if _, err := builder.Build(context.Background(), each(docs), nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c, err := builder.BuildTree(context.Background(), nil)
		if err != nil || c.Built > 0 {
			b.Fatal(fmt.Sprint(c, err))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/200, "µs/certificate")
}

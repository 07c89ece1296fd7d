package site

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"laurel/templates"
)

// filesOf are the names of the files of a certificate.
func filesOf(t *testing.T, dir string, d Document) []string {
	t.Helper()
	names, err := list(filepath.Join(dir, filepath.Dir(d.Path)))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestACertificateHasTheFilesThatItsTemplateOrElseTheSiteAsksFor(t *testing.T) {
	overlay := t.TempDir()
	embedded := embeddedSet(t)
	exam, _, err := embedded.Read("certificates/exam.md")
	if err != nil {
		t.Fatal(err)
	}
	putFile(t, overlay, "certificates/exam.md", strings.Replace(string(exam), "language: auto", "language: auto\nfiles: [pdf]", 1))
	set, err := templates.Open(overlay)
	if err != nil {
		t.Fatal(err)
	}
	i := newIssuer(t, testBase)
	i.files = []any{"html", "json"}
	docs := i.whole(t)
	course, asked := docs[5], docs[6]
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, set, each(docs), Options{})
	bare := []string{"certificate.tlog-proof", "credential.json", "index.html"}
	if got := filesOf(t, dir, course); !slices.Equal(got, bare) {
		t.Errorf("a course has %q", got)
	}
	if got, want := filesOf(t, dir, asked), []string{"certificate.pdf", "certificate.tlog-proof", "credential.json", "index.html"}; !slices.Equal(got, want) {
		t.Errorf("an exam has %q", got)
	}
	for _, c := range []struct {
		of   Document
		name string
		want bool
	}{{course, "certificate.png", false}, {course, "card.png", false}, {course, "certificate.pdf", false}, {asked, "certificate.pdf", true}, {asked, "certificate.png", false}} {
		page, err := os.ReadFile(filepath.Join(dir, PagePath(numberOf(c.of))))
		if err != nil || strings.Contains(string(page), c.name) != c.want {
			t.Errorf("the page of %s speaks of %s: %t, %v", c.of.Path, c.name, !c.want, err)
		}
	}
	r, err := NewRenderer(set, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report, err := checkWith(t.Context(), dir, i.keys(), CheckOptions{}, r); err != nil || len(report.Problems) > 0 {
		t.Errorf("check: %s, %v", problems(report), err)
	}
}

func TestFilesThatAreNoLongerAskedForStayUntilThatIsSaidAndThePageForgetsThemAtOnce(t *testing.T) {
	i := newIssuer(t, testBase)
	docs := i.whole(t)
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(docs), Options{})
	all := snapshotOf(t, dir)
	i.files = []any{"html", "json"}
	less := i.site(t)
	want := filepath.Join(t.TempDir(), "public")
	build(t, want, nil, each(append(slices.Clone(less), docs[5:]...)), Options{})

	c := build(t, dir, nil, each(less), Options{})
	if got := snapshotOf(t, dir); c.Removed != 0 || len(got) != len(all) || strings.Contains(got[PagePath(numberOf(docs[5]))], "certificate.png") {
		t.Errorf("%+v, %d files of %d", c, len(got), len(all))
	}
	b := open(t, dir, nil, Options{Prune: true})
	defer b.Close()
	if c, err := b.BuildTree(t.Context(), nil); err != nil || c.Removed != 3*3 || c.Built != 0 {
		t.Errorf("%+v, %v", c, err)
	}
	sameTrees(t, snapshotOf(t, dir), snapshotOf(t, want))
	if c, err := b.BuildTree(t.Context(), nil); err != nil || c.Removed != 0 || c.Built != 0 {
		t.Errorf("once more: %+v, %v", c, err)
	}
}

package issuer

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"laurel/site"
)

func TestFilesThatAreNotPublishedAreMadeWhenSomebodyAsks(t *testing.T) {
	h := newHouse(t)
	h.cfg.Files = "html,json"
	r := h.run(nil)
	r.settled() // until site.json says so
	got := r.issue(sample(1), by("", sample(1)))
	if got.ImageURL != "" || got.PDFURL != "" {
		t.Errorf("the receipt names %q and %q", got.ImageURL, got.PDFURL)
	}
	r.settled()
	names, err := filepath.Glob(filepath.Join(h.cfg.PublicDir, "c", string(got.Number), "*"))
	if err != nil || len(names) != 3 {
		t.Errorf("published are %q, %v", names, err)
	}
	// What is left of other days is not what the API answers with.
	if err := os.WriteFile(filepath.Join(h.cfg.PublicDir, filepath.FromSlash(site.PicturePath(got.Number))), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if png, err := r.Image(t.Context(), got.Number); err != nil || !bytes.HasPrefix(png, []byte("\x89PNG")) {
		t.Errorf("the picture: %v", err)
	}
	if pdf, err := r.PDF(t.Context(), got.Number); err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Errorf("the PDF: %v", err)
	}
	r.finish()
	if _, now, err := site.TreeTrust(h.cfg.PublicDir); err != nil || now.Files != "html,json" {
		t.Errorf("site.json says %q, %v", now.Files, err)
	}
}

func TestWhatIsPublishedLiesCompressedBesideItselfWhereTheSettingsSaySo(t *testing.T) {
	h, www := mirrored(t)
	h.cfg.Precompress = []string{"gz", "br"}
	r := h.run(nil)
	got := r.issue(sample(1), by("", sample(1)))
	r.settled()
	r.mirrorsSay(isEqual)
	r.finish()
	tree, mirror := tree(t, h.cfg.PublicDir), tree(t, www)
	for _, path := range []string{site.PagePath(got.Number) + ".gz", site.CredentialPath(got.Number) + ".br", site.IndexPath + ".br"} {
		if tree[path] == "" || mirror[path] != tree[path] {
			t.Errorf("%s: %d bytes, on the mirror %d", path, len(tree[path]), len(mirror[path]))
		}
	}
	if _, now, err := site.TreeTrust(h.cfg.PublicDir); err != nil || now.Precompress != "gz,br" {
		t.Errorf("site.json says %q, %v", now.Precompress, err)
	}
	h.cfg.Precompress = []string{"zip"}
	if i, err := Load(t.Context(), h.cfg); err == nil || !strings.Contains(err.Error(), `precompress: unknown encoding "zip"; known are gz, br`) {
		t.Errorf("%v, %v", i, err)
	}
}

package issuer

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"laurel/site"
)

func TestFilesThatAreNotPublishedAreMadeWhenSomebodyAsks(t *testing.T) {
	h := newHouse(t)
	h.cfg.Files = "html,json"
	r := h.run(nil)
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

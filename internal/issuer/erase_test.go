package issuer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"laurel/credential"
	"laurel/site"
)

// known is a request of somebody who is told apart from everybody else.
func known() Request {
	req := sample(4711)
	req.Recipient = Person{ID: "id-4711", Name: "尉迟恭", Email: "yuchi@example.org"}
	req.Occasion, req.Organisation = "occasion-4711", "org-4711"
	return req
}

// traces lists the files of both folders that say something of the known person.
func (h *house) traces() (all []string) {
	h.t.Helper()
	for _, root := range []string{h.cfg.DataDir, h.cfg.PublicDir, site.StateDir(h.cfg.PublicDir)} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			for _, trace := range []string{"尉迟恭", "id-4711", "yuchi@example.org", "occasion-4711", "org-4711", "why-4711", "by-4711"} {
				if strings.Contains(string(data), trace) {
					all = append(all, filepath.Base(path)+": "+trace)
				}
			}
			return err
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	return all
}

func TestOfAnErasedCertificateNothingPersonalIsLeftAnywhere(t *testing.T) {
	for _, before := range []string{"", "revoked"} {
		h := newHouse(t)
		r := h.run(nil)
		r.issue(sample(1), by("", sample(1)))
		call := by("key", known())
		call.Principal, call.Wait = "by-4711", true
		got := r.issue(known(), call)
		if before != "" {
			if _, _, err := r.SetStatus(t.Context(), got.Number, Status{Status: before, Reason: "why-4711"}, Call{Principal: "by-4711", Wait: true}); err != nil {
				t.Fatal(err)
			}
		}
		if len(h.traces()) < 5 {
			t.Errorf("%s: there was nothing to erase: %v", before, h.traces())
		}
		erased, changed, err := r.Erase(t.Context(), got.Number, "Request 17", Call{Principal: "local", Wait: true})
		if err != nil || !changed || !erased.Erased || erased.Status != "revoked" || erased.State != "published" || erased.Recipient != (Person{}) {
			t.Fatalf("%s: %+v, changed %v, %v", before, erased, changed, err)
		}
		if _, _, err := r.Compact(t.Context()); err != nil {
			t.Error(err)
		}
		if left := h.traces(); left != nil {
			t.Errorf("%s: left of it: %v", before, left)
		}
		s, err := credential.VerifyStatements(h.published(site.StatusPath(got.Number)), r.ring.trusted())
		if err != nil || !s.Erased() {
			t.Errorf("%s: %+v, %v", before, s, err)
		}
		if revoked, suspended := h.bits(r, got.Number); !revoked || suspended {
			t.Errorf("%s: the lists say revoked %v, suspended %v", before, revoked, suspended)
		}
		files, err := os.ReadDir(filepath.Join(h.cfg.PublicDir, "c", string(got.Number)))
		if err != nil || len(files) != 2 || files[0].Name() != "index.html" || files[1].Name() != "status.json" {
			t.Errorf("%s: its folder holds %v, %v", before, files, err)
		}
		r.finish()
		h.sound(2)
	}
}

func TestWhatWasErasedStaysErasedAndCanBeIssuedAnew(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	got := r.issue(known(), by("key", known()))
	if _, changed, err := r.Erase(t.Context(), got.Number, "", Call{}); err != nil || !changed {
		t.Fatal(err)
	}
	if again, changed, err := r.Erase(t.Context(), got.Number, "", Call{Wait: true}); err != nil || changed || again.State != "published" || len(again.History) != 1 {
		t.Errorf("a second time: %+v, changed %v, %v", again, changed, err)
	}
	if _, _, err := r.SetStatus(t.Context(), got.Number, Status{Status: "valid"}, Call{}); !errors.Is(err, ErrFinal) {
		t.Errorf("a status: %v", err)
	}
	if _, _, err := r.Replace(t.Context(), got.Number, renamed("样例"), Call{}); !errors.Is(err, ErrFinal) {
		t.Errorf("a correction: %v", err)
	}
	for what, read := range map[string]func() ([]byte, error){
		"the credential": func() ([]byte, error) { return r.Credential(t.Context(), got.Number) },
		"the picture":    func() ([]byte, error) { return r.Image(t.Context(), got.Number) },
		"the PDF":        func() ([]byte, error) { return r.PDF(t.Context(), got.Number) },
	} {
		if _, err := read(); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, _, err := r.Erase(t.Context(), "7F3K-9QXM-2T8W-RB5H", "", Call{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a number of nobody: %v", err)
	}
	if _, _, err := r.Erase(t.Context(), got.Number, "a\nb", Call{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a reason with a line break: %v", err)
	}
	if second := r.issue(known(), by("key", known())); second.Number == got.Number { // by the very same request
		t.Error("the erased number was given out again")
	}
	r.finish()
	h.sound(2)
}

// Whoever was replaced and then erased leads on to nobody's surprise: both numbers say what they are.
func TestOneThatWasReplacedCanBeErasedAndSoCanItsSuccessor(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	old := r.issue(known(), by("", known()))
	next, _, err := r.Replace(t.Context(), old.Number, renamed("尉迟恭"), Call{Principal: "by-4711", Reach: Reach{All: true}})
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range []credential.Number{old.Number, next.Number} {
		if _, changed, err := r.Erase(t.Context(), n, "", Call{Wait: true}); err != nil || !changed {
			t.Fatalf("%d: %v", i, err)
		}
	}
	if _, _, err := r.Compact(t.Context()); err != nil {
		t.Error(err)
	}
	if left := h.traces(); left != nil {
		t.Errorf("left: %v", left)
	}
	r.finish()
	h.sound(2)
}

func TestAnErasureWhosePublishingWasCutOffIsMendedByLoading(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	call := by("", known())
	call.Wait = true
	got := r.issue(known(), call)
	r.finish()
	r = h.run(func(s store) store { return &unpublished{store: s, until: make(chan struct{})} })
	if _, _, err := r.Erase(t.Context(), got.Number, "", Call{}); err != nil {
		t.Fatal(err)
	}
	r.stop()
	if !exists(filepath.Join(h.cfg.PublicDir, site.CredentialPath(got.Number))) {
		t.Error("nothing was cut off")
	}
	r = h.run(nil)
	r.settled()
	if exists(filepath.Join(h.cfg.PublicDir, site.CredentialPath(got.Number))) {
		t.Error("the credential is there still")
	}
	r.finish()
	h.sound(1)
}

package issuer

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// outlived is a house whose records are an older copy than its public tree.
type outlived struct {
	*house
	early, late, revoked, exam credential.Number
	tree                       map[string]string // as it was published
}

// outlive issues and changes before a copy of the records is taken and after it, and puts that in their place.
func outlive(t *testing.T) *outlived {
	o := &outlived{house: newHouse(t)}
	r := o.run(nil)
	o.early = r.issue(sample(1), by("", sample(1))).Number
	o.revoked = r.issue(sample(2), by("", sample(2))).Number
	r.set(o.early, "suspended", "review")
	r.finish()
	copied, err := os.ReadFile(o.cfg.dbPath())
	if err != nil {
		t.Fatal(err)
	}
	r = o.run(nil)
	o.clock.forward(time.Hour)
	o.late = r.issue(sample(3), by("", sample(3))).Number
	r.set(o.early, "valid", "cleared")
	r.set(o.revoked, "revoked", "misconduct")
	exam := Request{
		Template: "exam", Recipient: Person{ID: "sample-004", Name: "Sample Learner"}, Achievement: Item{ID: "E/501 ü", Name: "Safety"},
		Result: &Result{Score: text("92.5"), MaxScore: text("100")},
	}
	o.exam = r.issue(exam, by("", exam)).Number
	r.set(o.late, "suspended", "")
	r.finish()
	o.tree = tree(t, o.cfg.PublicDir)
	if err := os.WriteFile(o.cfg.dbPath(), copied, 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestAnOlderCopyOfTheRecordsTakesOverWhatWasPublishedSince(t *testing.T) {
	o := outlive(t)
	if _, err := Load(context.Background(), o.cfg); !errors.Is(err, ErrBehind) {
		t.Fatalf("before: %v", err)
	}
	got, err := Adopt(context.Background(), o.cfg, o.cfg.PublicDir)
	if err != nil {
		t.Fatal(err)
	}
	if got.From != 3 || got.To != 8 || len(got.Certificates) != 2 || got.Certificates[0] != o.late || got.Statements != 3 {
		t.Errorf("%+v", got)
	}
	r := o.run(nil)
	for n, want := range map[credential.Number]string{o.early: "valid", o.revoked: "revoked", o.late: "suspended"} {
		if rec, err := r.store.Get(t.Context(), n); err != nil || rec.Status != want {
			t.Errorf("%s: %+v, %v; want %s", n, rec, err, want)
		}
	}
	rec, err := r.store.Get(t.Context(), got.Certificates[1])
	if err != nil || rec.Result != (record.Result{Score: "92.5", MaxScore: "100"}) || rec.Achievement != (Item{ID: "E/501 ü", Name: "Safety"}) || rec.Recipient != (Person{Name: "Sample Learner"}) {
		t.Errorf("%+v, %v", rec, err)
	}
	r.settled()
	after := tree(t, o.cfg.PublicDir)
	for _, path := range slices.Sorted(maps.Keys(o.tree)) {
		if !strings.HasPrefix(path, "status/") && after[path] != o.tree[path] {
			t.Errorf("%s is not what was published", path)
		}
	}
	r.issue(sample(5), by("", sample(5)))
	r.set(o.early, "revoked", "error")
	r.finish()
	o.sound(5)
}

// What was signed anew after a theft is old again in an older copy, and is signed anew once more.
func TestAnOlderCopyFromBeforeATheftTakesThatOver(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	early := r.issue(sample(1), by("", sample(1))).Number
	stolen := r.inForce()
	r.set(early, "suspended", "review")
	r.finish()
	copied, err := os.ReadFile(h.cfg.dbPath())
	if err != nil {
		t.Fatal(err)
	}
	r = h.run(nil)
	h.clock.forward(time.Hour)
	r.revoke(stolen, AsOf{Size: 2})
	h.clock.forward(time.Hour)
	r.through()
	late := r.issue(sample(2), by("", sample(2))).Number
	r.upToDate()
	fresh := r.inForce()
	r.finish()
	if err := os.WriteFile(h.cfg.dbPath(), copied, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Adopt(context.Background(), h.cfg, h.cfg.PublicDir); err != nil {
		t.Fatal(err)
	}
	r = h.run(nil)
	r.through()
	for _, n := range []credential.Number{early, late} {
		if r.inForce() != fresh || r.signer(n) != fresh {
			t.Errorf("%s is signed by another key than the one in force", n)
		}
	}
	if strings.Contains(string(h.published(site.DIDPath)), stolen) {
		t.Error("did.json gives the stolen key again")
	}
	r.finish()
	h.sound(2)
}

func TestAdoptingAgainTakesNothing(t *testing.T) {
	o := outlive(t)
	for _, want := range []int{2, 0} {
		got, err := Adopt(context.Background(), o.cfg, o.cfg.PublicDir)
		if err != nil || len(got.Certificates) != want || got.To != 8 {
			t.Errorf("%+v, %v; want %d certificates", got, err, want)
		}
	}
}

func TestNothingIsAdoptedThatTheLogDoesNotExplain(t *testing.T) {
	whole := outlive(t)
	for name, spoil := range map[string]func(o *outlived) (want string){
		"a certificate is missing": func(o *outlived) string {
			o.remove(site.CredentialPath(o.exam))
			return "1 of the missing entries are explained by nothing there, the first of them entry 6"
		},
		"what was said is missing": func(o *outlived) string {
			o.remove(site.StatusPath(o.revoked))
			return "1 of the missing entries are explained by nothing there, the first of them entry 5"
		},
		"a certificate is another": func(o *outlived) string {
			o.edit(site.CredentialPath(o.late), "样例 Sample", "样例 Simple")
			return "is another than the one recorded"
		},
		"what was said is another": func(o *outlived) string {
			o.edit(site.StatusPath(o.revoked), "misconduct", "unspecified")
			return "is not what the issuer said of it"
		},
		"a tile is changed": func(o *outlived) string {
			path := "log/tile/entries/000.p/8"
			data := o.published(path)
			data[len(data)-1] ^= 1
			o.write(path, data)
			return "do not give its root"
		},
		"the records went on": func(o *outlived) string {
			o.remove(site.CheckpointPath)
			r := o.run(nil)
			r.issue(sample(9), by("", sample(9)))
			r.finish()
			for path, data := range o.tree {
				if strings.HasPrefix(path, "log/") {
					o.write(path, []byte(data))
				}
			}
			return "the records went on without it"
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := whole.copy(t)
			want := spoil(o)
			before, err := record.Fsck(o.cfg.dbPath())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Adopt(context.Background(), o.cfg, o.cfg.PublicDir); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v; want %q", err, want)
			}
			if after, err := record.Fsck(o.cfg.dbPath()); err != nil || after.Records != before.Records || len(after.Problems) > 0 {
				t.Errorf("the records have changed: %+v, %v", after, err)
			}
		})
	}
}

// copy is the same in another place.
func (o *outlived) copy(t *testing.T) *outlived {
	t.Helper()
	dir, house, other := t.TempDir(), *o.house, *o
	house.t, other.house = t, &house
	for from, to := range map[string]*string{o.cfg.DataDir: &house.cfg.DataDir, o.cfg.PublicDir: &house.cfg.PublicDir} {
		*to = filepath.Join(dir, filepath.Base(from))
		if err := os.CopyFS(*to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	for _, seed := range []string{house.cfg.seedPath(), house.cfg.logSeedPath()} { // which os.CopyFS lets others read
		if err := os.Chmod(seed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &other
}

func (h *house) write(path string, data []byte) {
	h.t.Helper()
	file := filepath.Join(h.cfg.PublicDir, filepath.FromSlash(path))
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o644)); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) remove(path string) {
	h.t.Helper()
	if err := os.Remove(filepath.Join(h.cfg.PublicDir, filepath.FromSlash(path))); err != nil {
		h.t.Fatal(err)
	}
}

// edit replaces a text in a published file.
func (h *house) edit(path, old, new string) {
	h.t.Helper()
	was := string(h.published(path))
	now := strings.Replace(was, old, new, 1)
	if now == was {
		h.t.Fatalf("%s does not hold %q", path, old)
	}
	h.write(path, []byte(now))
}

package issuer

import (
	"errors"
	"os"
	"testing"

	"laurel/credential"
)

// What was replaced and what was erased after the copy was taken, of certificates that it has and of others, is what it
// was again.
func TestCorrectionsAndErasuresSinceAnOlderCopyAreTakenOver(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	old, gone := r.issue(sample(1), by("", sample(1))).Number, r.issue(known(), by("", known())).Number
	r.finish()
	copied, err := os.ReadFile(h.cfg.dbPath())
	if err != nil {
		t.Fatal(err)
	}
	r = h.run(nil)
	replace := func(n credential.Number, name string) credential.Number {
		got, _, err := r.Replace(t.Context(), n, renamed(name), Call{Principal: "lms", Reach: Reach{All: true}})
		if err != nil {
			t.Fatal(err)
		}
		return got.Number
	}
	next := replace(old, "样例 Second")
	last := replace(next, "样例 Third")
	lost := replace(r.issue(sample(3), by("", sample(3))).Number, "样例 Fourth")
	for _, n := range []credential.Number{gone, lost} {
		if _, _, err := r.Erase(t.Context(), n, "", Call{}); err != nil {
			t.Fatal(err)
		}
	}
	r.finish()
	if err := os.WriteFile(h.cfg.dbPath(), copied, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Adopt(t.Context(), h.cfg, h.cfg.PublicDir); err != nil {
		t.Fatal(err)
	}
	r = h.run(nil)
	if got, err := r.Get(t.Context(), next); err != nil || got.Replaces != old || got.ReplacedBy != last {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := r.Get(t.Context(), gone); err != nil || !got.Erased || got.Recipient != (Person{}) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := r.Credential(t.Context(), lost); !errors.Is(err, ErrNotFound) {
		t.Errorf("of the erased one: %v", err)
	}
	r.finish()
	h.sound(6)
}

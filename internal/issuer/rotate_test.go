package issuer

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"laurel/certlog"
	"laurel/credential"
	"laurel/site"
)

// rotated lists a fresh key and returns its state.
func (r *running) rotated() KeyState {
	r.t.Helper()
	k, err := r.RotateKey(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return k
}

// upToDate waits until everything that is recorded is published.
func (r *running) upToDate() {
	r.t.Helper()
	for {
		behind, err := r.Behind(r.t.Context())
		if err != nil {
			r.t.Fatal(err)
		}
		if !behind {
			return
		}
		select {
		case <-r.ended:
			r.t.Fatal(r.err)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// step has the keeper do what there is to do about keys.
func (r *running) step() {
	r.t.Helper()
	for busy := true; busy; {
		var err error
		if busy, err = r.stepKeys(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
	}
}

// signer is the method that signed a certificate.
func (r *running) signer(n credential.Number) string {
	r.t.Helper()
	doc, err := r.Credential(r.t.Context(), n)
	if err != nil {
		r.t.Fatal(err)
	}
	methods, err := credential.SignedBy(doc)
	if err != nil || len(methods) != 2 || methods[0] != methods[1] {
		r.t.Fatal(methods, err)
	}
	return methods[0]
}

// history reads the published key history, as anybody does.
func (h *house) history() *credential.History {
	h.t.Helper()
	did, err := credential.ParseDID(h.published(site.DIDPath))
	if err != nil {
		h.t.Fatal(err)
	}
	told, err := credential.ParseHistory(h.published(site.KeysPath), did.Keys())
	if err != nil {
		h.t.Fatal(err)
	}
	return told
}

func TestANewKeySignsOnceItHasStoodInThePublishedDIDForACacheLife(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	first := r.issue(sample(1), by("", sample(1)))
	old := r.signer(first.Number)
	fresh := r.rotated()
	if fresh.State != KeyWaits || fresh.Method == old {
		t.Fatalf("%+v", fresh)
	}
	r.upToDate()
	r.step()
	if waiting := r.issue(sample(2), by("", sample(2))); r.signer(waiting.Number) != old {
		t.Error("the new key signs at once")
	}
	h.clock.forward(site.CacheLife(site.DIDPath) - time.Second)
	r.step()
	if waiting := r.issue(sample(3), by("", sample(3))); r.signer(waiting.Number) != old {
		t.Error("the new key signs while caches may hold a did.json without it")
	}
	h.clock.forward(time.Second)
	r.step()
	if after := r.issue(sample(4), by("", sample(4))); r.signer(after.Number) != fresh.Method {
		t.Error("the new key does not sign")
	}
	r.upToDate()
	told := h.history()
	retired, _ := told.Find(old)
	if signing, _ := told.InForce(); told.Sequence != 3 || signing.Method != fresh.Method || !retired.Retired.Equal(signing.Signs) || !retired.Retired.Equal(h.clock.now().Truncate(time.Second)) {
		t.Errorf("%+v", told)
	}
	r.finish()
	h.sound(4)
}

func TestEachVersionOfTheKeyHistoryIsAnEntryOfTheLog(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	r.rotated()
	r.upToDate()
	for version, what := range []string{"listed", "in force"} {
		digest, err := credential.Digest(h.published(site.KeysPath))
		if err != nil {
			t.Fatal(err)
		}
		for e, err := range r.store.Entries(t.Context(), int64(version), int64(version)+1) {
			if err != nil || e.Kind != certlog.Key || e.Digest != digest || e.List != certlog.NoList || e.Index != certlog.NoList {
				t.Errorf("%s: %+v, %v", what, e, err)
			}
		}
		h.clock.forward(time.Hour)
		r.step()
		r.upToDate()
	}
	r.finish()
	h.sound(0)
}

func TestARotationGoesOnAfterARestart(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	fresh := r.rotated()
	r.upToDate()
	r.stop()
	h.clock.forward(time.Hour)
	r = h.run(nil)
	r.step()
	if got := r.issue(sample(1), by("", sample(1))); r.signer(got.Number) != fresh.Method {
		t.Error("the key that was listed does not sign")
	}
	r.stop()
	r = h.run(nil)
	if got := r.issue(sample(2), by("", sample(2))); r.signer(got.Number) != fresh.Method {
		t.Error("the old key signs again")
	}
	r.upToDate()
	r.finish()
	h.sound(2)
}

func TestAKeyThatWasPublishedLateWaitsFromThen(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	r.rotated()
	r.upToDate()
	h.clock.forward(time.Hour)
	late := h.clock.now().Add(-time.Minute)
	if err := os.Chtimes(h.cfg.PublicDir+"/"+site.DIDPath, late, late); err != nil {
		t.Fatal(err)
	}
	r.step()
	if _, waits := r.ring.told().Next(); !waits {
		t.Error("it signs although it stood in the published did.json for a minute only")
	}
	h.clock.forward(4 * time.Minute)
	r.step()
	if _, waits := r.ring.told().Next(); waits {
		t.Error("it does not sign")
	}
	r.finish()
}

func TestTheSeedOfANewKeyIsAFileOfItsOwnThatNobodyElseMayRead(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	k := r.rotated()
	info, err := os.Stat(k.Seed)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != 32 || k.Seed == h.cfg.seedPath() {
		t.Errorf("%s: %v, %v", k.Seed, info, err)
	}
	seed, err := os.ReadFile(k.Seed)
	if err != nil {
		t.Fatal(err)
	}
	r.finish()
	for _, form := range seedForms(seed) {
		if strings.Contains(h.log.String(), form) {
			t.Errorf("the log holds the seed, as %q", form)
		}
	}
}

func TestNoSecondKeyIsListedWhileOneWaits(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	k := r.rotated()
	r.upToDate()
	if _, err := r.RotateKey(t.Context()); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), "signs from 2026-03-01T02:08:04Z on") {
		t.Errorf("%v", err)
	}
	h.clock.forward(time.Hour)
	if now := r.rotated(); now.Method != k.Method || now.State != KeySigns {
		t.Errorf("rotating again, when it has waited long enough: %+v", now)
	}
	r.upToDate()
	r.finish()
	h.sound(0)
}

func TestAnIssuerWhoseSeedIsGivenRotatesToTheNextOneThatIsGiven(t *testing.T) {
	seeds, err := ParseSeeds([]byte(strings.Repeat("11", 32)+"\n"+strings.Repeat("22", 32)), "test")
	if err != nil {
		t.Fatal(err)
	}
	h := newHouseWith(t, func(c *Config) { c.Signers = append(c.Signers, seeds[0]) })
	r := h.run(nil)
	if _, err := r.RotateKey(t.Context()); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), "CERTD_SEED") {
		t.Errorf("with one seed: %v", err)
	}
	r.stop()
	h.cfg.Signers = append(h.cfg.Signers, seeds[1])
	r = h.run(nil)
	if k := r.rotated(); k.Seed != "given" || k.Method != credential.Method(r.settings.Issuer, publicOf(seeds[1])) {
		t.Errorf("%+v", k)
	}
	r.upToDate()
	h.clock.forward(time.Hour)
	r.step()
	r.upToDate()
	r.finish()
	h.sound(0)
}

func TestCertificatesIssuedWhileKeysTurnAreAllGood(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	const callers = 4
	done := make(chan error, callers)
	for c := range callers {
		go func() {
			for n := range 10 {
				if _, _, err := r.Issue(t.Context(), sample(c*100+n), by("", sample(c*100+n))); err != nil {
					done <- err
					return
				}
				h.clock.forward(300 * time.Millisecond)
			}
			done <- nil
		}()
	}
	for range 3 {
		r.rotated()
		r.upToDate()
		h.clock.forward(time.Hour)
		r.step()
	}
	for range callers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	r.upToDate()
	r.finish()
	h.sound(10 * callers)
}

func TestAFurtherKeyMakesNoPageAnew(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	r.issue(sample(1), by("", sample(1)))
	r.settled()
	if _, err := r.Rebuild(t.Context(), nil); err != nil { // so that the manifest knows all
		t.Fatal(err)
	}
	r.rotated()
	r.upToDate()
	changes, err := r.Rebuild(t.Context(), nil)
	if err != nil || changes.Built != 0 {
		t.Errorf("%+v, %v", changes, err)
	}
	r.finish()
}

package issuer

import (
	"crypto"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"laurel/credential"
	"laurel/site"
)

// forge makes a certificate, as a thief does who has the seed of the first key, that nobody issued.
func (r *running) forge(h *house, created time.Time) []byte {
	r.t.Helper()
	seed, err := readSeed(h.cfg.seedPath())
	if err != nil {
		r.t.Fatal(err)
	}
	p, err := r.plan(sample(99), created)
	if err != nil {
		r.t.Fatal(err)
	}
	n, err := credential.NewNumber(rand.Reader)
	if err != nil {
		r.t.Fatal(err)
	}
	doc, err := credential.Sign(credential.New(p.facts(r.Issuer, n, 0, 7)), seed, credential.Method(r.settings.Issuer, publicOf(seed)), created)
	if err != nil {
		r.t.Fatal(err)
	}
	return doc
}

// logHoldsNoSeed looks for every seed in everything that was logged.
func (h *house) logHoldsNoSeed() {
	h.t.Helper()
	files, err := filepath.Glob(filepath.Join(h.cfg.DataDir, "*seed*"))
	if err != nil || len(files) < 3 {
		h.t.Fatal(files, err)
	}
	for _, file := range files {
		seed, err := os.ReadFile(file)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, form := range seedForms(seed) {
			if strings.Contains(h.log.String(), form) {
				h.t.Errorf("the log holds the seed of %s, as %q", file, form)
			}
		}
	}
}

// verdict is what anybody finds who has the tree.
func (h *house) verdict(doc []byte) (verdict, why string) {
	h.t.Helper()
	trust, _, err := site.TreeTrust(h.cfg.PublicDir)
	if err != nil {
		h.t.Fatal(err)
	}
	v := site.Verify(doc, "", false, trust, h.clock.now())
	for _, f := range v.Checks {
		if f.Result == site.Fail {
			why += f.Check + " "
		}
	}
	return v.Verdict, strings.TrimSpace(why)
}

// revoke revokes a key and fails the test where that is refused.
func (r *running) revoke(which string, asOf AsOf) Theft {
	r.t.Helper()
	theft, err := r.RevokeKey(r.t.Context(), which, asOf, false)
	if err != nil {
		r.t.Fatal(err)
	}
	return theft
}

// through waits until everything is signed anew and published.
func (r *running) through() {
	r.t.Helper()
	r.settled()
	r.step()
	r.upToDate()
}

// inForce is the method of the key that signs.
func (r *running) inForce() string {
	signing, _ := r.ring.told().InForce()
	return signing.Method
}

func TestWhatWasLoggedBeforeATheftStaysGoodAndIsSignedAnew(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	var good []*Receipt
	for n := range 20 {
		good = append(good, r.issue(sample(n), by("", sample(n))))
	}
	r.set(good[3].Number, "suspended", "review")
	stolen := r.inForce()
	copies := map[credential.Number][]byte{}
	for _, g := range good {
		doc, err := r.Credential(t.Context(), g.Number)
		if err != nil {
			t.Fatal(err)
		}
		copies[g.Number] = doc
	}
	r.settled()
	h.clock.forward(time.Hour)
	head, err := r.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	void := r.issue(sample(50), by("", sample(50)))
	forged := r.forge(h, h.clock.now())
	backdated := r.forge(h, h.clock.now().Add(-time.Hour))

	theft := r.revoke(stolen, AsOf{Size: head.Size})
	if theft.Good != 20 || !slices.Equal(theft.Void, []credential.Number{void.Number}) || theft.Size != head.Size || theft.Root != head.Hash || theft.Next == nil {
		t.Errorf("%+v", theft)
	}
	h.clock.forward(time.Minute)
	r.through()
	fresh := r.inForce()
	if fresh == stolen {
		t.Fatal("the stolen key signs still")
	}
	for _, g := range good {
		if r.signer(g.Number) != fresh {
			t.Errorf("%s is not signed anew", g.Number)
		}
		want := site.Valid
		if g == good[3] {
			want = site.Suspended
		}
		for what, doc := range map[string][]byte{"as published": h.published(site.CredentialPath(g.Number)), "the copy in somebody's drawer": copies[g.Number]} {
			if got, why := h.verdict(doc); got != want {
				t.Errorf("%s, %s: %s, for %s", g.Number, what, got, why)
			}
		}
	}
	late, err := r.Credential(t.Context(), void.Number)
	if err != nil {
		t.Fatal(err)
	}
	for what, doc := range map[string][]byte{"recorded later": late, "forged": forged, "forged and backdated": backdated} {
		if got, why := h.verdict(doc); got != site.Invalid || why != "key" {
			t.Errorf("%s: %s, for %s", what, got, why)
		}
	}
	if did := string(h.published(site.DIDPath)); strings.Contains(did, stolen) || !strings.Contains(did, fresh) {
		t.Errorf("did.json: %s", did)
	}
	if again := r.issue(sample(51), by("", sample(51))); r.signer(again.Number) != fresh {
		t.Error("a new certificate is not signed by the new key")
	}
	r.set(void.Number, "revoked", "error")
	r.upToDate()
	r.finish()
	h.sound(22)
	h.logHoldsNoSeed()
	for path, data := range tree(t, h.cfg.PublicDir) {
		if strings.Contains(data, stolen) && path != site.KeysPath && path != site.CredentialPath(void.Number) && !strings.HasPrefix(path, "c/"+string(void.Number)) {
			t.Errorf("%s: signed by the stolen key", path)
		}
	}
}

func TestATreeAfterATheftIsSoundIfNothingIsVoid(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	for n := range 5 {
		r.issue(sample(n), by("", sample(n)))
	}
	r.settled()
	h.clock.forward(time.Hour)
	r.revoke(r.inForce(), AsOf{Time: h.clock.now()})
	h.clock.forward(time.Minute)
	r.through()
	r.finish()
	h.sound(5)
	if told := h.history(); told.Sequence != 2 || told.Keys[0].Revoked == nil || told.Keys[0].Revoked.Size != 5 {
		t.Errorf("%+v", told)
	}
}

// While certificates are being signed anew, every state of the tree is one in which the good are good and the forged are
// not.
func TestWhileGoodCertificatesAreSignedAnewTheyAreGood(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	var good []*Receipt
	for n := range 3 {
		good = append(good, r.issue(sample(n), by("", sample(n))))
	}
	r.settled()
	forged := r.forge(h, h.clock.now())
	h.clock.forward(time.Hour)
	r.keys.changing.Lock() // so that the keeper waits
	look := func(moment string) {
		t.Helper()
		r.publishedAll()
		for _, g := range good {
			if got, why := h.verdict(h.published(site.CredentialPath(g.Number))); got != site.Valid {
				t.Errorf("%s: %s, for %s", moment, got, why)
			}
		}
		if got, why := h.verdict(forged); got != site.Invalid {
			t.Errorf("%s: a forged one is %s %s", moment, got, why)
		}
	}
	look("before")
	r.keys.changing.Unlock()
	r.revoke(r.inForce(), AsOf{Size: 3})
	r.keys.changing.Lock()
	look("revoked, and nothing signed anew")
	if !strings.Contains(string(h.published(site.DIDPath)), h.history().Keys[0].Method) && r.Anew().Done < r.Anew().Total {
		t.Error("did.json has lost the stolen key before what it signed is signed anew")
	}
	r.keys.changing.Unlock()
	r.through()
	look("signed anew")
	r.finish()
	h.sound(3)
}

// publishedAll waits until what is recorded now is published.
func (r *running) publishedAll() {
	r.t.Helper()
	r.settled()
	for {
		docs, err := r.store.PendingDocuments(r.t.Context())
		if err != nil {
			r.t.Fatal(err)
		}
		head, err := r.store.Head(r.t.Context())
		if err != nil {
			r.t.Fatal(err)
		}
		if len(docs) == 0 && r.publishedSize() == head.Size {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func TestSigningAnewGoesOnAfterARestart(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	for n := range 70 {
		r.issue(sample(n), by("", sample(n)))
	}
	stolen := r.inForce()
	r.revoke(stolen, AsOf{Size: 70})
	if _, err := r.stepKeys(t.Context()); err != nil { // one round, if the keeper was not faster
		t.Fatal(err)
	}
	r.stop()
	r = h.run(nil)
	r.through()
	if r.Anew().Total != 0 {
		t.Errorf("%+v", r.Anew())
	}
	for e := range int64(70) {
		got, err := r.At(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if r.signer(got.Number) == stolen {
			t.Errorf("entry %d is signed by the stolen key", e)
		}
	}
	r.finish()
	h.sound(70)
}

func TestAKeyThatWasRetiredBeforeItWasStolenIsRevokedWithoutAnother(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	old := r.issue(sample(1), by("", sample(1)))
	retired := r.inForce()
	r.rotated()
	r.upToDate()
	h.clock.forward(time.Hour)
	r.step()
	signing := r.inForce()
	r.issue(sample(2), by("", sample(2)))
	theft := r.revoke(retired, AsOf{Time: h.clock.now()})
	if theft.Next != nil || r.inForce() != signing || theft.Good != 1 {
		t.Errorf("%+v", theft)
	}
	r.through()
	if r.signer(old.Number) != signing {
		t.Error("what the retired key signed is not signed anew")
	}
	r.finish()
	h.sound(2)
}

func TestAKeyThatWaitsIsGivenUpWithTheStolenOne(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	waits := r.rotated()
	r.upToDate()
	theft := r.revoke(r.inForce(), AsOf{Size: 1})
	if theft.Next.Method == waits.Method {
		t.Error("the key whose seed lay beside the stolen one signs")
	}
	r.through()
	k, _ := h.history().Find(waits.Method)
	if k.Revoked == nil || k.Revoked.Size != 0 || strings.Contains(string(h.published(site.DIDPath)), waits.Method) {
		t.Errorf("%+v", k)
	}
	r.finish()
	h.sound(0)
}

func TestAKeyThatWaitsCanBeGivenUpAlone(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	signing, waits := r.inForce(), r.rotated()
	r.upToDate()
	r.revoke(waits.Fingerprint[:14], AsOf{Size: 1})
	r.through()
	if r.inForce() != signing || strings.Contains(string(h.published(site.DIDPath)), waits.Method) {
		t.Error("the key in force has changed, or the other is listed still")
	}
	r.finish()
	h.sound(0)
}

func TestARevocationThatCannotBeIsRefusedAndNothingIsWritten(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	r.issue(sample(1), by("", sample(1)))
	signing := r.inForce()
	for name, c := range map[string]struct {
		which string
		asOf  AsOf
		says  string
	}{
		"an index beyond the head": {signing, AsOf{Size: 2}, "the log has 1 entries"},
		"a time to come":           {signing, AsOf{Time: h.clock.now().Add(time.Second)}, "lies in the future"},
		"a key of nobody":          {"0123 4567", AsOf{}, "no key is"},
		"too little of a key":      {"01", AsOf{}, "no key is"},
		"no key":                   {"", AsOf{}, "no key is"},
	} {
		if _, err := r.RevokeKey(t.Context(), c.which, c.asOf, false); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if theft, err := r.RevokeKey(t.Context(), signing, AsOf{Size: 1}, true); err != nil || theft.Good != 1 || theft.Key.State != KeySigns {
		t.Errorf("a dry run: %+v, %v", theft, err)
	}
	if head, err := r.store.Head(t.Context()); err != nil || head.Size != 1 || r.inForce() != signing {
		t.Errorf("the log has %d entries, %v", head.Size, err)
	}
	r.finish()
	h.sound(1)
}

func TestAKeyIsRevokedOnce(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	stolen := r.inForce()
	r.revoke(stolen, AsOf{})
	if _, err := r.RevokeKey(t.Context(), stolen, AsOf{}, false); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), "was revoked on") {
		t.Errorf("%v", err)
	}
	r.through()
	r.finish()
	h.sound(0)
}

func TestTheOnlyKeyIsNotRevokedWhereNoOtherCanTakeItsPlace(t *testing.T) {
	seeds, err := ParseSeeds([]byte(strings.Repeat("11", 32)), "test")
	if err != nil {
		t.Fatal(err)
	}
	given := newHouseWith(t, func(c *Config) { c.Signers = []crypto.Signer{seeds[0]} })
	r := given.run(nil)
	if _, err := r.RevokeKey(t.Context(), r.inForce(), AsOf{}, false); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), "CERTD_SEED") {
		t.Errorf("%v", err)
	}
	r.stop()

	full := newHouse(t)
	full.cfg.Rand = noDisk{}
	r = full.run(nil)
	if _, err := r.RevokeKey(t.Context(), r.inForce(), AsOf{}, false); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), "no seed can be drawn into") {
		t.Errorf("%v", err)
	}
	if k, err := filepath.Glob(filepath.Join(full.cfg.DataDir, "seed-*")); err != nil || len(k) > 0 {
		t.Errorf("%v, %v", k, err)
	}
	r.finish()
	full.sound(0)
}

// noDisk is a source that fails.
type noDisk struct{}

func (noDisk) Read([]byte) (int, error) { return 0, os.ErrPermission }

func TestCertificatesInPreparationWhenAKeyIsRevokedAreSignedByTheNextOne(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	const callers, each = 4, 10
	done := make(chan error, callers)
	for c := range callers {
		go func() {
			for n := range each {
				if _, _, err := r.Issue(t.Context(), sample(c*100+n), by("", sample(c*100+n))); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 3 {
		head, err := r.store.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r.revoke(r.inForce(), AsOf{Size: head.Size})
	}
	for range callers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	r.through()
	told := r.ring.told()
	for r, err := range r.store.Certificates(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range told.Keys {
			if k.Revoked != nil && signedWith(r.Document, k.Method) && r.LogIndex < k.Revoked.Size {
				t.Errorf("entry %d is signed by a stolen key still", r.LogIndex)
			}
		}
	}
	r.finish()
}

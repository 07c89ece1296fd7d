package credential

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// The keys of the sample history, by what became of them.
var historySeeds = map[string]byte{"retired": 0x41, "stolen": 0x42, "signing": 0x43, "next": 0x44, "unlisted": 0x45}

func historyKey(name string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{historySeeds[name]}, ed25519.SeedSize))
}

func historyMethod(name string) string {
	return Method(testDID, historyKey(name).Public().(ed25519.PublicKey))
}

func day(n int) time.Time { return time.Date(2026, 3, n, 12, 0, 0, 0, time.UTC) }

func sampleHistory() *History {
	h := &History{Base: testBase, Sequence: 5, Updated: day(20), Keys: []Key{
		{Method: historyMethod("retired"), Listed: day(1), Signs: day(1), Retired: day(5)},
		{Method: historyMethod("stolen"), Listed: day(4), Signs: day(5), Retired: day(15), Revoked: &Revocation{Time: day(15), Size: 4711}},
		{Method: historyMethod("signing"), Listed: day(14), Signs: day(15)},
		{Method: historyMethod("next"), Listed: day(20)},
	}}
	for i := range h.Previous {
		h.Previous[i], h.Keys[1].Revoked.Root[i] = byte(i), byte(255-i)
	}
	return h
}

func historyDID(names ...string) []byte {
	var keys []ed25519.PublicKey
	for _, name := range names {
		keys = append(keys, historyKey(name).Public().(ed25519.PublicKey))
	}
	return DIDDocument(testDID, keys...)
}

func keysOf(t *testing.T, did []byte) Keys {
	t.Helper()
	d, err := ParseDID(did)
	if err != nil {
		t.Fatal(err)
	}
	return d.Keys()
}

// historyVectors are read by the tests of the browser script as well.
type historyVectors struct {
	DID     json.RawMessage `json:"did"`
	History json.RawMessage `json:"history"`
	Proofs  []struct {
		Why     string `json:"why"`
		Method  string `json:"method"`
		Created string `json:"created"`
		Judged  string `json:"judged"` // good, fail or revoked
	} `json:"proofs"`
	Refused []struct {
		Why     string          `json:"why"`
		History json.RawMessage `json:"history"`
	} `json:"refused"`
}

// made is what the vectors hold today; testdata has what they held when they were published.
func madeVectors(t *testing.T) []byte {
	t.Helper()
	var v historyVectors
	v.DID = historyDID("retired", "signing", "next")
	signed := func(name string, change func(*History)) []byte {
		h := sampleHistory()
		change(h)
		signing, _ := h.InForce()
		fields := h.fields(testDID)
		doc, err := SignDocument(fields, historyKey(name), historyMethod(name), day(20))
		if err != nil || signing.Method == "" {
			t.Fatal(err)
		}
		return doc
	}
	v.History = signed("signing", func(*History) {})
	for _, p := range []struct{ why, key, created, judged string }{
		{"a key, retired since, at its time", "retired", "2026-03-03T00:00:00Z", "good"},
		{"in the second in which it was retired", "retired", "2026-03-05T12:00:00Z", "good"},
		{"a second after it was retired", "retired", "2026-03-05T12:00:01Z", "fail"},
		{"before it was listed", "retired", "2026-03-01T11:59:59Z", "fail"},
		{"the key that signs", "signing", "2026-03-18T00:00:00Z", "good"},
		{"the next key, which a newer history may have put in force", "next", "2026-03-20T12:00:00Z", "good"},
		{"the next key before it was listed", "next", "2026-03-20T11:59:59Z", "fail"},
		{"a stolen key", "stolen", "2026-03-10T00:00:00Z", "revoked"},
		{"a stolen key after it was retired", "stolen", "2026-03-16T00:00:00Z", "fail"},
		{"a key of somebody else", "unlisted", "2026-03-10T00:00:00Z", "fail"},
	} {
		v.Proofs = append(v.Proofs, struct {
			Why     string `json:"why"`
			Method  string `json:"method"`
			Created string `json:"created"`
			Judged  string `json:"judged"`
		}{p.why, historyMethod(p.key), p.created, p.judged})
	}
	for _, r := range []struct {
		why string
		doc []byte
	}{
		{"the thief signs one in which nothing happened", signed("stolen", func(h *History) {
			h.Keys = h.Keys[:2]
			h.Keys[1].Retired, h.Keys[1].Revoked = time.Time{}, nil
		})},
		{"the thief signs the issuer's own words", signed("stolen", func(*History) {})},
		{"a retired key signs it", signed("retired", func(*History) {})},
		{"its content was changed", bytes.Replace(v.History, []byte("4711"), []byte("4712"), 1)},
		{"it is another issuer's", bytes.ReplaceAll(v.History, []byte("certs.example.org"), []byte("certs.example.com"))},
	} {
		v.Refused = append(v.Refused, struct {
			Why     string          `json:"why"`
			History json.RawMessage `json:"history"`
		}{r.why, r.doc})
	}
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

func TestTheVectorsOfTheKeyHistoryAreJudgedAsEver(t *testing.T) {
	var v historyVectors
	if err := json.Unmarshal(golden(t, "history.json", madeVectors(t)), &v); err != nil {
		t.Fatal(err)
	}
	did := keysOf(t, compact(t, v.DID))
	h, err := ParseHistory(compact(t, v.History), did)
	if err != nil {
		t.Fatal(err)
	}
	keys := h.Restrict(did)
	for _, p := range v.Proofs {
		err := ErrUnknownKey
		if _, known := keys.Lookup(p.Method); known {
			err = keys.inForce(&Proof{VerificationMethod: p.Method, Created: p.Created})
		}
		want := map[string]error{"good": nil, "revoked": ErrRevokedKey, "fail": ErrNotInForce}[p.Judged]
		if !errors.Is(err, want) && !(p.Judged == "fail" && errors.Is(err, ErrUnknownKey)) {
			t.Errorf("%s: %v, want %s", p.Why, err, p.Judged)
		}
	}
	for _, r := range v.Refused {
		if _, err := ParseHistory(compact(t, r.History), did); err == nil {
			t.Errorf("%s: accepted", r.Why)
		}
	}
}

func compact(t *testing.T, raw json.RawMessage) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAHistoryIsReadBack(t *testing.T) {
	want := sampleHistory()
	doc, err := SignHistory(want, historyKey("signing"), day(20))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseHistory(doc, keysOf(t, historyDID("signing")))
	if err != nil {
		t.Fatal(err)
	}
	again, err := SignHistory(got, historyKey("signing"), day(20))
	if err != nil || !bytes.Equal(doc, again) {
		t.Errorf("%v\n%s\n%s", err, doc, again)
	}
	if next, ok := got.Next(); !ok || next.Method != historyMethod("next") {
		t.Errorf("next is %+v", next)
	}
	if k, ok := got.Find(historyMethod("stolen")); !ok || k.Revoked.Size != 4711 || k.Revoked.Root != want.Keys[1].Revoked.Root {
		t.Errorf("the stolen key is %+v", k)
	}
}

func TestAHistoryThatContradictsItselfIsNotSigned(t *testing.T) {
	for why, change := range map[string]func(*History){
		"sequence 0":                        func(h *History) { h.Sequence = 0 },
		"a first version with a previous":   func(h *History) { h.Sequence = 1 },
		"a later version without one":       func(h *History) { h.Previous = [32]byte{} },
		"no key in force":                   func(h *History) { h.Keys[2].Retired = day(19) },
		"two keys in force":                 func(h *History) { h.Keys[3].Signs = day(20) },
		"two next keys":                     func(h *History) { h.Keys[2].Signs = time.Time{}; h.Keys[0].Retired = time.Time{} },
		"a key twice":                       func(h *History) { h.Keys[3].Method = h.Keys[0].Method },
		"a key of another issuer":           func(h *History) { h.Keys[0].Method = strings.Replace(h.Keys[0].Method, "certs.", "cert5.", 1) },
		"a key that signs before listed":    func(h *History) { h.Keys[2].Signs = day(13) },
		"a key retired before it signs":     func(h *History) { h.Keys[0].Retired = day(1).Add(-time.Hour) },
		"a revoked key that is not retired": func(h *History) { h.Keys[1].Retired = time.Time{} },
		"a revocation of the future":        func(h *History) { h.Keys[1].Revoked.Size = -1 },
		"a base address with a path":        func(h *History) { h.Base += "/x" },
	} {
		h := sampleHistory()
		h.Keys = slices.Clone(h.Keys)
		change(h)
		if _, err := SignHistory(h, historyKey("signing"), day(20)); err == nil {
			t.Errorf("%s: signed", why)
		}
	}
	if _, err := SignHistory(sampleHistory(), historyKey("stolen"), day(20)); err == nil {
		t.Error("signed by a key that is not in force")
	}
}

func TestAHistoryWithMembersThatNobodyKnowsIsRefused(t *testing.T) {
	doc, err := SignHistory(sampleHistory(), historyKey("signing"), day(20))
	if err != nil {
		t.Fatal(err)
	}
	for old, to := range map[string]string{
		`"sequence":5`: `"sequence":5,"sort":1`, `"signs":`: `"s":1,"signs":`, `"size":4711`: `"size":4711,"tb":1`,
		`:4711`: `:4711.5`, `"listed":"2026`: `"listed":"x2026`, `"version":1`: `"version":2`, `"revoked":{`: `"revoked":{"a":1,`,
	} {
		changed := strings.Replace(string(doc), old, to, 1)
		if _, err := DecodeHistory([]byte(changed)); changed == string(doc) || !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", to, err)
		}
	}
}

func TestWhatAStolenKeySignedIsHandedOutWithTheWarning(t *testing.T) {
	f := sampleFacts()["course"]
	key := historyKey("stolen")
	doc, err := Sign(New(f), key, historyMethod("stolen"), day(10))
	if err != nil {
		t.Fatal(err)
	}
	keys := sampleHistory().Restrict(keysOf(t, historyDID("retired", "signing")))
	c, err := Verify(doc, keys)
	var revoked *RevokedKeyError
	if c == nil || !errors.As(err, &revoked) || revoked.Size != 4711 || revoked.Method != historyMethod("stolen") {
		t.Fatalf("%v, %v", c, err)
	}
	if _, err := VerifyPublished(append(doc, ' '), keys); !errors.Is(err, ErrFormat) {
		t.Errorf("other bytes: %v", err)
	}
	changed := bytes.Replace(doc, []byte("安全"), []byte("平安"), 1)
	if c, err := Verify(changed, keys); c != nil || !errors.Is(err, ErrProof) {
		t.Errorf("a changed one: %v", err)
	}
	late, err := Sign(New(f), key, historyMethod("stolen"), day(16))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := Verify(late, keys); c != nil || !errors.Is(err, ErrNotInForce) {
		t.Errorf("signed after the key was retired: %v", err)
	}
	if _, err := Verify(doc, sampleHistory().Restrict(keysOf(t, historyDID("retired", "signing", "stolen")))); !errors.Is(err, ErrRevokedKey) {
		t.Errorf("while did.json lists it still: %v", err)
	}
}

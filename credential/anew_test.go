package credential

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

func TestWhatIsSignedAnewSaysTheSameUnderTheNewKey(t *testing.T) {
	list, err := SignStatusList(testList("revocation"), testKey, testMethod, testCreated)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := SignDocument(siteFields(), testKey, testMethod, testCreated)
	if err != nil {
		t.Fatal(err)
	}
	key, method := historyKey("signing"), historyMethod("signing")
	keys := keysOf(t, historyDID("signing"))
	for name, doc := range map[string][]byte{
		"course": signed(t, sampleFacts()["course"]), "exam": signed(t, sampleFacts()["exam"]), "status list": list, "settings": settings,
	} {
		anew, err := SignAnew(doc, key, method, day(18))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		before, err1 := Digest(doc)
		after, err2 := Digest(anew)
		if err := errors.Join(err1, err2); err != nil || before != after || bytes.Equal(doc, anew) {
			t.Errorf("%s: the digest changed, or nothing did: %v", name, err)
		}
		verify := map[string]func([]byte) error{
			"status list": func(b []byte) error { _, err := VerifyStatusList(b, keys); return err },
			"settings":    func(b []byte) error { _, err := VerifyDocument(b, keys); return err },
		}[name]
		if verify == nil {
			verify = func(b []byte) error { _, err := VerifyPublished(b, keys); return err }
		}
		if err := verify(anew); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := verify(doc); err == nil {
			t.Errorf("%s: the old one verifies under the new key alone", name)
		}
		by, err := SignedBy(anew)
		if err != nil || slices.ContainsFunc(by, func(m string) bool { return m != method }) || len(by) == 0 {
			t.Errorf("%s: signed by %s, %v", name, by, err)
		}
	}
}

func TestNothingElseIsSignedAnew(t *testing.T) {
	for _, doc := range []string{"", "[]", `{"issuer":"did:web:example.com"}`, `{"credentialStatus":1}`, `{"credentialSubject":{"encodedList":"u"}}`} {
		if _, err := SignAnew([]byte(doc), testKey, testMethod, testCreated); err == nil {
			t.Errorf("%s: signed", doc)
		}
	}
}

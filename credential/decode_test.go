package credential

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"laurel/internal/jcs"
)

func TestOtherFormattingIsReadButNotPublished(t *testing.T) {
	for name, f := range sampleFacts() {
		doc := signed(t, f)
		var spaced bytes.Buffer
		if err := json.Indent(&spaced, doc, "", "\t"); err != nil {
			t.Fatal(err)
		}
		var escaped any
		if err := json.Unmarshal(doc, &escaped); err != nil {
			t.Fatal(err)
		}
		html, err := json.Marshal(escaped) // sorted alike, but <, > and & escaped
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range [][]byte{spaced.Bytes(), append([]byte(" "), html...), append(bytes.Clone(doc), '\n')} {
			if _, err := Verify(other, testKeys); err != nil {
				t.Errorf("%s: %v\n%s", name, err, other)
			}
			if _, err := VerifyPublished(other, testKeys); !errors.Is(err, ErrFormat) {
				t.Errorf("%s: other bytes than the published ones: %v", name, err)
			}
			if err := Canonical(other); !errors.Is(err, ErrFormat) {
				t.Errorf("%s: other bytes are canonical: %v", name, err)
			}
		}
		if _, err := VerifyPublished(doc, testKeys); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := Canonical(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// edit changes the text of a document once; what is not found is a mistake in the test.
func edit(t *testing.T, doc []byte, old, to string) []byte {
	t.Helper()
	if !bytes.Contains(doc, []byte(old)) {
		t.Fatalf("the sample has no %s", old)
	}
	return bytes.Replace(doc, []byte(old), []byte(to), 1)
}

func TestDecodeRefusesOtherShapes(t *testing.T) {
	doc := signed(t, examFacts())
	for _, test := range []struct{ name, old, to, says string }{
		{"an unknown member", `"awardedDate"`, `"evidence":[],"awardedDate"`, "evidence"},
		{"an unknown member deep inside", `"hashed":false`, `"hashed":false,"salt":"x"`, "salt"},
		{"another letter case", `"licenseNumber"`, `"LicenseNumber"`, "LicenseNumber"},
		{"a duplicate member", `"name":"考试`, `"name":"x","name":"考试`, "twice"},
		{"a duplicate member by an escape", `"hashed":false`, `"hashed":false,"h\u0061shed":false`, "twice"},
		{"half a surrogate pair", "张", `\ud83d`, "surrogate"},
		{"invalid UTF-8", "安", "\xe5\xae", "UTF-8"},
		{"null", `"awardedDate":"2026-03-01T10:03:05+08:00"`, `"awardedDate":null`, "null"},
		{"a number for a text", `"statusListIndex":"4711"`, `"statusListIndex":4711`, "number"},
		{"a text for a list", `"type":["Result"]`, `"type":"Result"`, "array"},
		{"a list for a text", `"type":"IdentityObject"`, `"type":["IdentityObject"]`, "string"},
		{"an empty list", `"type":["Result"]`, `"type":[]`, "empty"},
		{"a third context", `context-3.0.3.json"]`, `context-3.0.3.json","https://example.org/x"]`, "@context"},
		{"an inline context", `context-3.0.3.json"]`, `context-3.0.3.json",{}]`, "/@context/2"},
		{"contexts in another order", `"https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"`,
			`"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json","https://www.w3.org/ns/credentials/v2"`, "@context"},
		{"another type", `"OpenBadgeCredential"`, `"AchievementCredential"`, "type"},
		{"a hashed name", `"hashed":false`, `"hashed":true`, "hashed"},
		{"no word on hashing", `"hashed":false,`, ``, "hashed"},
		{"no description", `"description":"完成课程学习。Completed the course.",`, ``, "description"},
		{"no criteria", `"criteria":{"narrative":"完成率不低于 **100 %**。\n\n> \"all\" of it\\"},`, ``, "criteria"},
		{"an empty end", `"validUntil":"2028-03-01T10:03:05+08:00"`, `"validUntil":""`, "empty"},
		{"an empty required value", `"requiredValue":"60"`, `"requiredValue":""`, "empty"},
		{"two identities", `"identifier":[`, `"identifier":[{"hashed":false,"identityHash":"x","identityType":"name","type":"IdentityObject"},`, "identifier"},
		{"three identities", `"identifier":[`, `"identifier":[{"hashed":false},{"hashed":false},`, "third"},
		{"a result of something else", `"resultDescription":"https://certs.example.org/a/exam/#E-501:score"`,
			`"resultDescription":"https://certs.example.org/a/exam/#E-502:score"`, "resultDescription"},
		{"a course with a score", `"achievementType":"Assessment"`, `"achievementType":"Course"`, "resultDescription"},
		{"an achievement with a score", `"achievementType":"Assessment"`, `"achievementType":"Achievement"`, "result"},
		{"a fragment that is not in its one form", `exam/#E-501"`, `exam/#%45-501"`, "achievement.id"},
		{"a fragment in lower-case hexadecimal", `exam/#E-501"`, `exam/#%e5%ae%89"`, "achievement.id"},
		{"another number inside", `"licenseNumber":"7F3K-9QXM-2T8W-RB7Q"`, `"licenseNumber":"64R3-0C1G-60R2-0WMG"`, "id"},
		{"a list of another site", `"statusListCredential":"https://certs.example.org`, `"statusListCredential":"https://example.org`, "statusListCredential"},
		{"the suspension list", `"statusPurpose":"revocation"`, `"statusPurpose":"suspension"`, "statusPurpose"},
		{"an index with a zero in front", `"statusListIndex":"4711"`, `"statusListIndex":"04711"`, "statusListIndex"},
		{"a date without zone", `"validFrom":"2026-03-01T10:03:05+08:00"`, `"validFrom":"2026-03-01T10:03:05"`, "validFrom"},
		{"a date with fractions", `"validFrom":"2026-03-01T10:03:05+08:00"`, `"validFrom":"2026-03-01T10:03:05.5Z"`, "validFrom"},
		{"a date with fractions as long as an offset", `"validFrom":"2026-03-01T10:03:05+08:00"`, `"validFrom":"2026-03-01T10:03:05.1234Z"`, "validFrom"},
		{"a date with a space", `"validFrom":"2026-03-01T10`, `"validFrom":"2026-03-01 10`, "validFrom"},
		{"a day that is not in the calendar", `"validFrom":"2026-03-01`, `"validFrom":"2026-02-29`, "validFrom"},
		{"a proof without value", `"proofValue":"`, `"proofvalue":"`, "proofvalue"},
		{"an empty proof", `"proof":[{`, `"proof":[{},{`, "lacks"},
		{"text behind the document", `"validUntil":"2028-03-01T10:03:05+08:00"}`, `"validUntil":"2028-03-01T10:03:05+08:00"} x`, "after the end"},
	} {
		sample := doc
		if test.old == "张" {
			sample = signed(t, courseFacts())
		}
		_, err := Decode(edit(t, sample, test.old, test.to))
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.name, err)
		}
		if _, again := Verify(edit(t, sample, test.old, test.to), testKeys); !errors.Is(again, ErrFormat) {
			t.Errorf("%s: Verify: %v", test.name, again)
		}
	}
}

func TestDecodeRefusesWhatIsNoCredential(t *testing.T) {
	for name, doc := range map[string]string{
		"nothing":                "",
		"a word":                 "hello",
		"an array":               "[]",
		"an empty object":        "{}",
		"null":                   "null",
		"a picture":              "\x89PNG\r\n\x1a\n",
		"an issuer of no kind":   `{"issuer":7}`,
		"more than a megabyte":   `{"issuer":"did:example:1","name":"` + strings.Repeat("x", mostDocument) + `"}`,
		"deep nesting":           strings.Repeat(`{"issuer":`, 100),
		"a did:web document":     string(DIDDocument(testDID, testPublic)),
		"a JSON string":          `"` + testBase + `"`,
		"our issuer alone":       `{"id":"https://certs.example.org/c/x","issuer":"did:web:certs.example.org"}`,
		"a list, not a document": string(statusListDoc(t, "revocation")),
	} {
		if _, err := Decode([]byte(doc)); !errors.Is(err, ErrFormat) || errors.Is(err, ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACredentialOfSomebodyElseIsForeign(t *testing.T) {
	foreign := map[string]string{
		"a badge by a did:key": `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","OpenBadgeCredential"],
			"id":"urn:uuid:1","issuer":{"id":"did:key:z6Mk","type":["Profile"],"name":"x"},"credentialSubject":{},"score":1.5}`,
		"a badge by an address":         `{"type":["VerifiableCredential"],"issuer":"https://vc.example/issuers/5678"}`,
		"another did:web with its path": `{"id":"https://example.org/badges/1","issuer":{"id":"did:web:example.org"}}`,
		"our address, another issuer":   strings.ReplaceAll(string(signed(t, courseFacts())), `"id":"did:web:certs.example.org"`, `"id":"did:web:example.com"`),
		"a did:web with a path":         `{"id":"https://example.org/c/1","issuer":{"id":"did:web:example.org:certs"}}`,
		"the example of W3C":            w3cDocument,
	}
	for name, doc := range foreign {
		for _, err := range []error{errOf(Decode([]byte(doc))), errOf(Verify([]byte(doc), testKeys))} {
			if !errors.Is(err, ErrForeign) || errors.Is(err, ErrFormat) || !strings.HasPrefix(err.Error(), "not issued by Laurel") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	// Another Laurel's credential is well-formed, but not of the accepted issuer.
	f := courseFacts()
	f.BaseURL = "https://other.example.org"
	const did = "did:web:other.example.org"
	doc, err := Sign(New(f), testKey, Method(did, testPublic), testCreated)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(doc, testKeys); !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), did) {
		t.Error(err)
	}
	if _, err := Verify(doc, NewKeys(did, testPublic)); err != nil {
		t.Error(err)
	}
	if _, err := Verify(doc, Keys{}); !errors.Is(err, ErrForeign) {
		t.Error(err)
	}
}

func errOf[T any](_ T, err error) error { return err }

// Whatever is accepted is written back as the same JSON value, so that no two documents mean one
// credential.
func checkNotMalleable(t *testing.T, doc []byte) {
	t.Helper()
	c, err := Decode(doc)
	if err != nil {
		if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrForeign) {
			t.Fatalf("an error of no kind: %v", err)
		}
		return
	}
	want, err := jcs.Transform(doc)
	if err != nil {
		t.Fatalf("accepted, but not by jcs: %v", err)
	}
	unsigned, at := appendCredential(nil, c)
	if got := join(unsigned, at, c.Proof); !bytes.Equal(got, want) {
		t.Fatalf("read as\n%s, is\n%s", got, want)
	}
	digest, err := Digest(doc)
	if err != nil {
		t.Fatal(err)
	}
	c.Number()
	c.AchievementID()
	c.StatusPlace()
	if slow, err := slowDigest(doc); err != nil || slow != digest {
		t.Fatalf("digest %x, want %x, %v", digest, slow, err)
	}
	quads, err := NQuads(doc)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(quads), "\n"), "\n")
	if !slices.IsSorted(lines) || len(slices.Compact(lines)) != bytes.Count(quads, []byte("\n")) {
		t.Fatalf("statements out of order or twice:\n%s", quads)
	}
}

func TestWhatIsAcceptedIsNotMalleable(t *testing.T) {
	for _, f := range sampleFacts() {
		doc := signed(t, f)
		checkNotMalleable(t, doc)
		unsigned, _ := appendCredential(nil, New(f))
		checkNotMalleable(t, unsigned)
		eachChangedCharacter(t, doc, func(_ string, doc []byte) { checkNotMalleable(t, doc) })
	}
}

func FuzzDecodeCredential(f *testing.F) {
	for _, facts := range sampleFacts() {
		f.Add(signed(f, facts))
		unsigned, _ := appendCredential(nil, New(facts))
		f.Add(unsigned)
	}
	seeds, err := filepath.Glob("testdata/*.json")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds, %v", err)
	}
	for _, name := range seeds {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(w3cDocument))
	f.Fuzz(func(t *testing.T, doc []byte) { checkNotMalleable(t, doc) })
}

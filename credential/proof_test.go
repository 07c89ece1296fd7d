package credential

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"laurel/internal/jcs"
)

// leaves calls visit for every string inside v, with its JSON pointer and a way to replace it.
func leaves(v any, pointer string, visit func(pointer, text string, replace func(any))) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			p := pointer + "/" + name
			if text, ok := member.(string); ok {
				visit(p, text, func(to any) { v[name] = to })
				continue
			}
			leaves(member, p, visit)
		}
	case []any:
		for i, element := range v {
			p := fmt.Sprintf("%s/%d", pointer, i)
			if text, ok := element.(string); ok {
				visit(p, text, func(to any) { v[i] = to })
				continue
			}
			leaves(element, p, visit)
		}
	}
}

// changed replaces a character by another of the same kind, so that as much as can be stays well-formed.
func changed(r rune) rune {
	switch {
	case r == '9' || r == 'z' || r == 'Z':
		return r - 1
	case '0' <= r && r < '9', 'a' <= r && r < 'z', 'A' <= r && r < 'Z', r >= 0x80:
		return r + 1
	}
	return '~'
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	doc, err := jcs.Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// eachChangedCharacter calls judge for the document with every character of every string changed in turn.
func eachChangedCharacter(t *testing.T, doc []byte, judge func(pointer string, doc []byte)) {
	t.Helper()
	v, err := jcs.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	strings := 0
	leaves(v, "", func(pointer, text string, replace func(any)) {
		strings++
		runes := []rune(text)
		for i, r := range runes {
			runes[i] = changed(r)
			replace(string(runes))
			judge(fmt.Sprintf("%s, character %d", pointer, i), encode(t, v))
			runes[i] = r
		}
		replace(text)
	})
	if strings < 20 {
		t.Fatalf("only %d strings", strings)
	}
}

func TestEveryChangedCharacterIsRefused(t *testing.T) {
	for name, f := range sampleFacts() {
		eachChangedCharacter(t, signed(t, f), func(where string, doc []byte) {
			if _, err := Verify(doc, testKeys); err == nil {
				t.Errorf("%s: %s changed and accepted", name, where)
			}
		})
	}
}

// Each proof alone protects every value: a changed document that is still well-formed fits neither.
func TestEachProofAloneNoticesEveryChangedCharacter(t *testing.T) {
	for name, f := range sampleFacts() {
		judged := 0
		eachChangedCharacter(t, signed(t, f), func(where string, doc []byte) {
			c, err := Decode(doc)
			if err != nil || strings.HasPrefix(where, "/proof/") {
				return
			}
			judged++
			unsigned, _ := appendCredential(nil, c)
			content := contentHashes{rdfc: sha256.Sum256(appendCredentialQuads(nil, c)), jcs: sha256.Sum256(unsigned)}
			for i := range c.Proof {
				context := c.Context
				if i == 0 {
					context = nil
				}
				if err := c.Proof[i].verify(content.of(c.Proof[i].Cryptosuite), context, testKeys); !errors.Is(err, ErrProof) {
					t.Errorf("%s: %s changed and accepted by %s: %v", name, where, c.Proof[i].Cryptosuite, err)
				}
			}
		})
		if judged < 50 {
			t.Errorf("%s: only %d changes were well-formed", name, judged)
		}
	}
}

func TestEveryTakenMemberIsRefused(t *testing.T) {
	doc := signed(t, examFacts())
	v, err := jcs.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	var take func(v any, pointer string)
	take = func(v2 any, pointer string) {
		switch node := v2.(type) {
		case map[string]any:
			for name, member := range node {
				delete(node, name)
				if _, err := Verify(encode(t, v), testKeys); err == nil {
					t.Errorf("%s/%s taken and accepted", pointer, name)
				}
				node[name] = member
				take(member, pointer+"/"+name)
			}
		case []any:
			for i, element := range node {
				take(element, fmt.Sprintf("%s/%d", pointer, i))
			}
		}
	}
	take(v, "")
	if _, err := Verify(encode(t, v), testKeys); err != nil {
		t.Fatal(err)
	}
}

func TestBothProofsMustBeThereInOrder(t *testing.T) {
	doc := signed(t, courseFacts())
	v, err := jcs.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	fields := v.(map[string]any)
	proofs := fields["proof"].([]any)
	other := proofs[0].(map[string]any)["proofValue"]
	for name, test := range map[string]struct {
		proofs any
		want   error
	}{
		"none":                     {nil, ErrProof},
		"rdfc alone":               {proofs[:1], ErrProof},
		"jcs alone":                {proofs[1:], ErrProof},
		"the other order":          {[]any{proofs[1], proofs[0]}, ErrProof},
		"rdfc twice":               {[]any{proofs[0], proofs[0]}, ErrProof},
		"three":                    {[]any{proofs[0], proofs[1], proofs[1]}, ErrFormat},
		"an object":                {proofs[0], ErrFormat},
		"an empty list":            {[]any{}, ErrFormat},
		"a chain":                  {[]any{proofs[0], with(proofs[1], "previousProof", "urn:uuid:1")}, ErrFormat},
		"an end":                   {[]any{with(proofs[0], "expires", "2030-01-01T00:00:00Z"), proofs[1]}, ErrFormat},
		"another suite":            {[]any{with(proofs[0], "cryptosuite", "ecdsa-rdfc-2019"), proofs[1]}, ErrProof},
		"another type":             {[]any{with(proofs[0], "type", "Ed25519Signature2020"), proofs[1]}, ErrProof},
		"another purpose":          {[]any{with(proofs[0], "proofPurpose", "authentication"), proofs[1]}, ErrProof},
		"a context on rdfc":        {[]any{with(proofs[0], "@context", []any{contextVC}), proofs[1]}, ErrProof},
		"another context on jcs":   {[]any{proofs[0], with(proofs[1], "@context", []any{contextVC})}, ErrProof},
		"a local time":             {[]any{with(proofs[0], "created", "2026-03-01T10:03:05+08:00"), proofs[1]}, ErrProof},
		"a key that is not listed": {[]any{with(proofs[0], "verificationMethod", testDID+"#key-1"), proofs[1]}, ErrUnknownKey},
		"the other one's value":    {[]any{proofs[0], with(proofs[1], "proofValue", other)}, ErrProof},
		"base64":                   {[]any{with(proofs[0], "proofValue", "uAAAA"), proofs[1]}, ErrProof},
		"a value too short":        {[]any{with(proofs[0], "proofValue", "z2"), proofs[1]}, ErrProof},
		"a very long value":        {[]any{with(proofs[0], "proofValue", "z"+strings.Repeat("1", 100_000)), proofs[1]}, ErrProof},
	} {
		fields["proof"] = test.proofs
		if test.proofs == nil {
			delete(fields, "proof")
		}
		c, err := Verify(encode(t, fields), testKeys)
		if !errors.Is(err, test.want) || errors.Is(err, ErrFormat) != (test.want == ErrFormat) || c != nil {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

// with returns a copy of an object with one member replaced.
func with(object any, name string, value any) map[string]any {
	m := map[string]any{}
	for k, v := range object.(map[string]any) {
		m[k] = v
	}
	m[name] = value
	return m
}

func TestAKeyThatIsNotListedIsUnknown(t *testing.T) {
	doc := signed(t, courseFacts())
	other := ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	if _, err := Verify(doc, NewKeys(testDID, other)); !errors.Is(err, ErrUnknownKey) || !strings.Contains(err.Error(), suiteRDFC) {
		t.Error(err)
	}
	if _, err := Verify(doc, NewKeys(testDID, other, testPublic)); err != nil {
		t.Error(err)
	}
}

func TestSigningTwiceGivesTheSameBytes(t *testing.T) {
	c := New(examFacts())
	before := fmt.Sprintf("%+v", c)
	first, err := Sign(c, testKey, testMethod, testCreated)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Sign(c, testKey, testMethod, testCreated.In(time.FixedZone("", 3600)).Add(time.Millisecond))
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("%v\n%s\n%s", err, first, second)
	}
	if after := fmt.Sprintf("%+v", c); after != before {
		t.Errorf("signing changed the document: %s", after)
	}
	read, err := Verify(first, testKeys)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Sign(read, testKey, testMethod, testCreated); err != nil || !bytes.Equal(first, again) {
		t.Errorf("signed anew from what was read: %v\n%s", err, again)
	}
}

// signer stands for a key in other hands, such as a KMS.
type signer struct {
	public crypto.PublicKey
	sign   func() ([]byte, error)
}

func (s signer) Public() crypto.PublicKey                                  { return s.public }
func (s signer) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return s.sign() }

func TestSignRefusesASignerWhoseProofsNobodyCouldVerify(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	lost := errors.New("the line is dead")
	for name, test := range map[string]struct {
		key    crypto.Signer
		method string
	}{
		"another curve":         {p256, testMethod},
		"another method":        {testKey, testDID + "#key-1"},
		"another issuer":        {testKey, Method("did:web:example.com", testPublic)},
		"a signer that fails":   {signer{testPublic, func() ([]byte, error) { return nil, lost }}, testMethod},
		"a signature too short": {signer{testPublic, func() ([]byte, error) { return make([]byte, 63), nil }}, testMethod},
	} {
		if doc, err := Sign(New(courseFacts()), test.key, test.method, testCreated); err == nil || doc != nil {
			t.Errorf("%s: %s", name, doc)
		} else if name == "a signer that fails" && !errors.Is(err, lost) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDigestLeavesOutTheProofsAndNothingElse(t *testing.T) {
	doc := signed(t, courseFacts())
	unsigned, _ := appendCredential(nil, New(courseFacts()))
	want := sha256.Sum256(unsigned)
	var indented bytes.Buffer
	if err := json.Indent(&indented, doc, "", "  "); err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string][]byte{"signed": doc, "unsigned": unsigned, "indented": indented.Bytes()} {
		if got, err := Digest(d); err != nil || got != want {
			t.Errorf("%s: %x, %v, want %x", name, got, err, want)
		}
		if c, err := Decode(d); err != nil || c.Digest() != want {
			t.Errorf("%s: %x, %v, want %x", name, c.Digest(), err, want)
		}
	}
	got, err := Digest([]byte(`{"status":"revoked","proof":[{"x":1}],"number":"7F3K"}`))
	if want := sha256.Sum256([]byte(`{"number":"7F3K","status":"revoked"}`)); err != nil || got != want {
		t.Errorf("a document of another kind: %x, %v, want %x", got, err, want)
	}
	for _, bad := range []string{``, `[]`, `{"a":1,"a":2}`} {
		if _, err := Digest([]byte(bad)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func slowDigest(doc []byte) ([32]byte, error) {
	fields, err := parseObject(doc)
	if err != nil {
		return [32]byte{}, err
	}
	delete(fields, "proof")
	unsigned, err := jcs.Append(nil, fields)
	return sha256.Sum256(unsigned), err
}

func BenchmarkSign(b *testing.B) {
	c := New(examFacts())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Sign(c, testKey, testMethod, testCreated); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	doc := signed(b, examFacts())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Verify(doc, testKeys); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	doc := signed(b, examFacts())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRDFC(b *testing.B) {
	c := New(examFacts())
	buf := make([]byte, 0, 8192)
	b.ReportAllocs()
	for b.Loop() {
		buf = appendCredentialQuads(buf[:0], c)
	}
}

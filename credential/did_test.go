package credential

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestABaseAddressHasADID(t *testing.T) {
	for base, want := range map[string]string{
		"https://certs.example.org":          "did:web:certs.example.org",
		"https://certs.example.org:8443":     "did:web:certs.example.org%3A8443",
		"http://localhost":                   "did:web:localhost",
		"http://localhost:8081":              "did:web:localhost%3A8081",
		"https://localhost":                  "did:web:localhost",
		"https://intranet":                   "did:web:intranet",
		"https://xn--fiqs8s.example":         "did:web:xn--fiqs8s.example",
		"https://1.example":                  "did:web:1.example",
		"https://" + strings.Repeat("a", 63): "did:web:" + strings.Repeat("a", 63),
	} {
		if got, err := DIDWeb(base); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", base, got, err, want)
		}
	}
}

func TestABaseAddressThatNoDIDCanNameIsRefused(t *testing.T) {
	for _, base := range []string{
		"", "certs.example.org", "ftp://certs.example.org", "HTTPS://certs.example.org", "https:/certs.example.org", "https://",
		"http://certs.example.org", "http://localhost.example.org", "http://127.0.0.1:8081", "https://192.0.2.7", "https://[2001:db8::1]", "https://[::1]:8081",
		"https://2130706433", "https://0x7f.1", "https://1.0x1",
		"https://certs.example.org/", "https://certs.example.org/certs", "https://certs.example.org?x", "https://certs.example.org#x",
		"https://user@certs.example.org", "https://certs.example.org:", "https://certs.example.org:0", "https://certs.example.org:080",
		"https://certs.example.org:65536", "https://certs.example.org:+80", "https://certs.example.org:80:80", "https://Certs.example.org",
		"https://证书.example", "https://certs_1.example.org", "https://-a.example", "https://a-.example", "https://a..example", "https://a.example.",
		"https://a b.example", "https://a%2Fb.example", "https://" + strings.Repeat("a", 64), "https://" + strings.Repeat("a.", 127) + "example",
	} {
		if got, err := DIDWeb(base); err == nil {
			t.Errorf("%s is %s", base, got)
		}
	}
}

func TestADIDDocumentIsReadBack(t *testing.T) {
	other := ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	doc := DIDDocument("did:web:localhost%3A8081", testPublic, other)
	if err := Canonical(doc); err != nil {
		t.Error(err)
	}
	did, err := ParseDID(doc)
	if err != nil {
		t.Fatal(err)
	}
	want := NewKeys("did:web:localhost%3A8081", testPublic, other)
	if did.ID != want.Issuer() || did.Host != "localhost:8081" || !reflect.DeepEqual(did.Keys(), want) {
		t.Errorf("%+v", did)
	}
	for _, pub := range []ed25519.PublicKey{testPublic, other} {
		if got, ok := did.Keys().Lookup(Method(did.ID, pub)); !ok || !got.Equal(pub) {
			t.Errorf("%x is not found", pub)
		}
	}
}

func TestOnlyGoodMethodsOfADIDDocumentAreKeys(t *testing.T) {
	doc := string(DIDDocument(testDID, testPublic))
	key := multikey(testPublic)
	for name, test := range map[string]struct{ old, to string }{
		"no JSON":                     {doc, "x"},
		"a list":                      {doc, "[]"},
		"another method of DID":       {`"id":"did:web:certs.example.org"`, `"id":"did:key:z6Mk"`},
		"a DID with a path":           {testDID, testDID + ":certs"},
		"a DID of an address":         {testDID, "did:web:192.0.2.1"},
		"no assertions":               {`"assertionMethod":["` + testMethod + `"]`, `"assertionMethod":[]`},
		"an assertion of another key": {`"assertionMethod":["` + testMethod + `"]`, `"assertionMethod":["` + testDID + `#key-1"]`},
		"another type of key":         {`"type":"Multikey"`, `"type":"JsonWebKey"`},
		"another controller":          {`"controller":"` + testDID + `"`, `"controller":"did:web:example.com"`},
		"a fragment of another key":   {`"publicKeyMultibase":"` + key + `"`, `"publicKeyMultibase":"z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"`},
		"a key cut short":             {key, key[:len(key)-1]},
		"a duplicate member":          {`"id":"did`, `"id":"x","id":"did`},
	} {
		changed := strings.ReplaceAll(doc, test.old, test.to)
		if changed == doc {
			t.Fatalf("%s: the sample has no %s", name, test.old)
		}
		if did, err := ParseDID([]byte(changed)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %+v, %v", name, did, err)
		}
	}
}

func TestMembersOfADIDDocumentThatLaurelDoesNotKnowArePassedOver(t *testing.T) {
	doc := strings.Replace(string(DIDDocument(testDID, testPublic)), `"verificationMethod":[`,
		`"service":[{"id":"x"}],"verificationMethod":["x",{"id":"`+testDID+`#p","type":"JsonWebKey"},`, 1)
	did, err := ParseDID([]byte(doc))
	if err != nil || !reflect.DeepEqual(did.Keys(), testKeys) {
		t.Errorf("%+v, %v", did, err)
	}
}

func TestAFingerprintIsReadInGroups(t *testing.T) {
	// SHA-256 of 32 zero bytes.
	const want = "6668 7aad f862 bd77 6c8f c18b 8e9f 8e20 0897 1485 6ee2 33b3 902a 591d 0d5f 2925"
	if got := Fingerprint(make(ed25519.PublicKey, 32)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The first three are examples of draft-msporny-base58, the others of the Bitcoin source.
func TestBase58IsWrittenAndRead(t *testing.T) {
	for text, data := range map[string]string{
		"2NEpo7TZRRrLZSi2U": hex.EncodeToString([]byte("Hello World!")),
		"USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z": hex.EncodeToString([]byte("The quick brown fox jumps over the lazy dog.")),
		"11233QC4": "0000287fb4cd",
		"":         "", "2g": "61", "a3gV": "626262", "1111111111": "00000000000000000000",
		"1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L": "00eb15231dfceb60925886b67d065299925915aeb172c06647",
	} {
		raw, err := hex.DecodeString(data)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(appendBase58(nil, raw)); got != text {
			t.Errorf("%s is written %s, want %s", data, got, text)
		}
		if got, ok := decodeBase58(text); !ok || !bytes.Equal(got, raw) {
			t.Errorf("%s is read as %x, want %s", text, got, data)
		}
	}
	for _, bad := range []string{"0", "O", "I", "l", "a b", "é", strings.Repeat("1", base58Most+1)} {
		if data, ok := decodeBase58(bad); ok {
			t.Errorf("%s is read as %x", bad, data)
		}
	}
}

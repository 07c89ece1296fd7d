package interop

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cred "laurel/credential"
)

// bombOf is a revocation list that unpacks to so many zero bytes, with a good proof by a key.
func bombOf(t *testing.T, base string, key ed25519.PrivateKey, size int) []byte {
	t.Helper()
	did, err := cred.DIDWeb(base)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for part := make([]byte, 1<<10); size > 0; size -= len(part) {
		z.Write(part)
	}
	z.Close()
	url := base + "/status/revocation/0.json"
	at := time.Now().UTC().Truncate(time.Second)
	doc, err := cred.SignDocument(map[string]any{
		"id": url, "type": []any{"VerifiableCredential", "BitstringStatusListCredential"},
		"issuer": did, "validFrom": at.Format(time.RFC3339),
		"credentialSubject": map[string]any{"id": url + "#list", "type": "BitstringStatusList", "statusPurpose": "revocation",
			"encodedList": "u" + base64.RawURLEncoding.EncodeToString(packed.Bytes())},
	}, key, cred.Method(did, key.Public().(ed25519.PublicKey)), at)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// documentKey is the key by which a site signs.
func (s *issuedSite) documentKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	seed, err := os.ReadFile(filepath.Join(s.data, "seed"))
	if err != nil {
		t.Fatal(err)
	}
	return ed25519.NewKeyFromSeed(seed)
}

func read(t *testing.T, elem ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// between is the text between two others, the first such.
func between(t *testing.T, data []byte, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(string(data), from)
	text, _, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		t.Fatalf("no %s…%s", from, to)
	}
	return text
}

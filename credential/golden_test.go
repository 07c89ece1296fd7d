package credential

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// golden compares what is made today with a file of testdata; LAUREL_UPDATE=1 writes the file anew. A
// changed file means that the format changed: certificates that were published must verify for ever.
func golden(t *testing.T, name string, got []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("LAUREL_UPDATE") != "" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != nil && !bytes.Equal(got, want) {
		t.Errorf("%s is now\n%s", path, got)
	}
	return want
}

func TestSamplesAreSignedAsEverAndVerify(t *testing.T) {
	did, err := ParseDID(golden(t, "did.json", DIDDocument(testDID, testPublic)))
	if err != nil {
		t.Fatal(err)
	}
	for kind, f := range sampleFacts() {
		doc := golden(t, kind+".json", signed(t, f))
		if _, err := VerifyPublished(doc, did.Keys()); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		quads, err := NQuads(doc)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, kind+".nq", quads)
	}
}

func TestTheSampleStatusListVerifies(t *testing.T) {
	l := testList("revocation")
	l.Bits[4711/8] = 0x80 >> (4711 % 8)
	made, err := SignStatusList(l, testKey, testMethod, testCreated)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("LAUREL_UPDATE") == "" {
		made = nil // another version of Go may compress the same bits to other bytes
	}
	read, err := VerifyStatusList(golden(t, "revocation.json", made), testKeys)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read.Bits, l.Bits) {
		t.Error("other bits")
	}
}

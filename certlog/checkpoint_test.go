package certlog

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

const testOrigin = "certs.example.org/log"

// keys are a log's and its cosigner's, with their verifiers.
type keys struct {
	Secrets
	log, cosigner note.Verifier
}

func testKeys(t testing.TB, seed byte) keys {
	t.Helper()
	s, err := DeriveSecrets(bytes.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	k := keys{Secrets: s}
	for text, to := range map[string]*note.Verifier{
		VerifierKey(testOrigin, s.Log.Public().(ed25519.PublicKey)):                  &k.log,
		CosignerKey(testOrigin+"/cosigner", s.Cosigner.Public().(ed25519.PublicKey)): &k.cosigner,
	} {
		if *to, err = ParseKey(text); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

var cosignedTime = time.Date(2026, 3, 1, 2, 3, 4, 0, time.UTC)

func (k keys) sign(t testing.TB, h Head) []byte {
	t.Helper()
	signed, err := SignCheckpoint(testOrigin, h, NewSigner(testOrigin, k.Log), NewCosigner(testOrigin+"/cosigner", k.Cosigner, cosignedTime))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestACheckpointSaysWhatWasSignedAndWhen(t *testing.T) {
	k := testKeys(t, 1)
	edge, _ := grown(t, 300)
	head := edge.Tree().Head()
	signed := k.sign(t, head)
	c, err := OpenCheckpoint(signed, k.log, k.cosigner)
	if err != nil || !c.Same(head) || c.Origin != testOrigin {
		t.Fatalf("%+v, %v", c, err)
	}
	if at := c.CosignedBy(testOrigin + "/cosigner"); !at.Equal(cosignedTime) {
		t.Errorf("cosigned at %v", at)
	}
	if c, err := OpenCheckpoint(signed, k.log); err != nil || len(c.Cosigned) != 0 {
		t.Errorf("with no cosigner asked for: %+v, %v", c, err)
	}
	// Go's own verifier of notes reads the log's key and signature.
	v, err := note.NewVerifier(VerifierKey(testOrigin, k.Log.Public().(ed25519.PublicKey)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(signed, note.VerifierList(v)); err != nil {
		t.Error(err)
	}
}

func TestTheTwoKeysOfALogAreDifferentAndAlwaysTheSame(t *testing.T) {
	a, b := testKeys(t, 1), testKeys(t, 1)
	if !a.Log.Equal(b.Log) || !a.Cosigner.Equal(b.Cosigner) || a.Log.Equal(a.Cosigner) || a.Log.Equal(testKeys(t, 2).Log) {
		t.Error("not derived from the seed alone")
	}
	if a.Log.Equal(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))) {
		t.Error("the log's key is the seed itself")
	}
}

func TestACheckpointThatTheLogDidNotSignIsRefused(t *testing.T) {
	k, other := testKeys(t, 1), testKeys(t, 2)
	edge, _ := grown(t, 3)
	signed := k.sign(t, edge.Tree().Head())
	if _, err := OpenCheckpoint(signed, other.log); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("by another's key: %v", err)
	}
	for at := range signed {
		bad := bytes.Clone(signed)
		bad[at] ^= 1
		c, err := OpenCheckpoint(bad, k.log, k.cosigner)
		if err == nil && len(c.Cosigned) > 0 {
			t.Fatalf("byte %d changed, and all signatures still hold:\n%s", at, bad)
		}
	}
	for name, text := range map[string]string{
		"a leading zero":     "certs.example.org/log\n03\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"an extension":       "certs.example.org/log\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n",
		"a short root":       "certs.example.org/log\n3\nAAAA\n",
		"another origin":     "certs.example.net/log\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"loose base64":       "certs.example.org/log\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
		"two lines":          "certs.example.org/log\n3\n",
		"a negative size":    "certs.example.org/log\n-3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"a size out of this": "certs.example.org/log\n9223372036854775807\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
	} {
		signed, err := note.Sign(&note.Note{Text: text}, NewSigner(testOrigin, k.Log))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenCheckpoint(signed, k.log); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFalseCosignatureCountsForNothingAndHarmsNothing(t *testing.T) {
	k := testKeys(t, 1)
	edge, _ := grown(t, 3)
	signed := k.sign(t, edge.Tree().Head())
	last := bytes.LastIndex(signed, []byte("— "))
	line := append([]byte(nil), signed[last:]...)
	line[len(line)-10] ^= 4
	c, err := OpenCheckpoint(append(bytes.Clone(signed[:last]), line...), k.log, k.cosigner)
	if err != nil || len(c.Cosigned) != 0 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestRenewingACosignatureKeepsThoseOfWitnesses(t *testing.T) {
	k, w, stranger := testKeys(t, 1), testKeys(t, 3), testKeys(t, 4)
	edge, _ := grown(t, 3)
	witness, err := ParseKey(CosignerKey("witness.example/w1", w.Cosigner.Public().(ed25519.PublicKey)))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := Cosign(k.sign(t, edge.Tree().Head()), []note.Verifier{k.log, k.cosigner},
		NewCosigner("witness.example/w1", w.Cosigner, cosignedTime.Add(time.Minute)), NewCosigner("stranger.example", stranger.Cosigner, cosignedTime))
	if err != nil {
		t.Fatal(err)
	}
	later := cosignedTime.Add(time.Hour)
	signed, err = Cosign(signed, []note.Verifier{k.log, k.cosigner, witness}, NewCosigner(testOrigin+"/cosigner", k.Cosigner, later))
	if err != nil {
		t.Fatal(err)
	}
	c, err := OpenCheckpoint(signed, k.log, k.cosigner, witness)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.CosignedBy(testOrigin + "/cosigner"); !got.Equal(later) {
		t.Errorf("our own: %v", got)
	}
	if got := c.CosignedBy("witness.example/w1"); !got.Equal(cosignedTime.Add(time.Minute)) {
		t.Errorf("the witness's: %v", got)
	}
	if strings.Contains(string(signed), "stranger") {
		t.Errorf("a stranger's signature was kept:\n%s", signed)
	}
}

func TestTextsThatAreNoKeyAreRefused(t *testing.T) {
	k := testKeys(t, 1)
	good := CosignerKey("w", k.Cosigner.Public().(ed25519.PublicKey))
	for _, text := range []string{"", "w", "w+00000000", good + "=", good[:len(good)-4], "v" + good[1:], "w w" + good[1:], strings.ToUpper(good)} {
		if _, err := ParseKey(text); !errors.Is(err, ErrKey) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzACheckpointIsReadStrictly(f *testing.F) {
	k := testKeys(f, 1)
	edge, _ := grown(f, 3)
	f.Add(k.sign(f, edge.Tree().Head()))
	f.Fuzz(func(t *testing.T, signed []byte) {
		c, err := PeekCheckpoint(signed)
		if err == nil && !strings.HasPrefix(string(signed), formatHead(c.Origin, c.Head)) {
			t.Fatalf("read as %q %d", c.Origin, c.Size)
		}
	})
}

func FuzzAKeyIsWrittenInOneWay(f *testing.F) {
	k := testKeys(f, 1)
	f.Add(CosignerKey("w", k.Cosigner.Public().(ed25519.PublicKey)))
	f.Add(VerifierKey("w", k.Log.Public().(ed25519.PublicKey)))
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseKey(text)
		if err == nil && !strings.HasPrefix(text, v.Name()+"+") {
			t.Fatalf("%q is the key of %q", text, v.Name())
		}
	})
}

package credential

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"laurel/internal/jcs"
)

// The example key, document and proofs of W3C's "Data Integrity EdDSA Cryptosuites v1.0", appendix B.
const (
	w3cKey      = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
	w3cMethod   = "did:key:" + w3cKey + "#" + w3cKey
	w3cCreated  = "2023-02-24T23:36:38Z"
	w3cDocument = `{
		"@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
		"id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
		"type": ["VerifiableCredential", "AlumniCredential"],
		"name": "Alumni Credential",
		"description": "A minimum viable example of an Alumni Credential.",
		"issuer": "https://vc.example/issuers/5678",
		"validFrom": "2023-01-01T00:00:00Z",
		"credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"}
	}`
)

func TestProofsOfTheW3CExamplesVerify(t *testing.T) {
	pub, ok := parseMultikey(w3cKey)
	if !ok {
		t.Fatal("the key is not read")
	}
	canonical, err := jcs.Transform([]byte(w3cDocument))
	if err != nil {
		t.Fatal(err)
	}
	document := sha256.Sum256(canonical)
	contexts := []string{"https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"}
	for _, v := range []struct {
		proof            Proof
		config, document string
	}{
		{
			Proof{Cryptosuite: suiteRDFC, ProofValue: "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme"},
			"bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0",
			"517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017", // its statements are not of our shape
		},
		{
			Proof{Cryptosuite: suiteJCS, Context: contexts, ProofValue: "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"},
			"66ab154f5c2890a140cb8388a22a160454f80575f6eae09e5a097cabe539a1db",
			hex.EncodeToString(document[:]),
		},
	} {
		p := v.proof
		p.Type, p.Created, p.VerificationMethod, p.ProofPurpose = proofType, w3cCreated, w3cMethod, proofPurpose
		var content [sha256.Size]byte
		if _, err := hex.Decode(content[:], []byte(v.document)); err != nil {
			t.Fatal(err)
		}
		message := p.message(&content)
		if got := hex.EncodeToString(message[:sha256.Size]); got != v.config {
			t.Errorf("%s: the configuration has the hash %s, want %s", p.Cryptosuite, got, v.config)
		}
		signature, ok := parseProofValue(p.ProofValue)
		if !ok || !ed25519.Verify(pub, message[:], signature) {
			t.Errorf("%s: the proof does not verify", p.Cryptosuite)
		}
		if again := string(appendBase58([]byte("z"), signature)); again != p.ProofValue {
			t.Errorf("%s: the proof value %s is written anew as %s", p.Cryptosuite, p.ProofValue, again)
		}
	}
	const hash = "59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19"
	if got := hex.EncodeToString(document[:]); got != hash {
		t.Errorf("the document has the hash %s, want %s", got, hash)
	}
}

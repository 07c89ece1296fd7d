package credential

import (
	"bytes"
	"crypto/ed25519"
	"testing"
)

func unionKey(b byte) ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
}

func TestTheUnionOfTwoDIDDocumentsKnowsTheKeysOfBoth(t *testing.T) {
	const did = "did:web:certs.example.org"
	before, now := DIDDocument(did, unionKey(1), unionKey(2)), DIDDocument(did, unionKey(2), unionKey(3))
	d, err := ParseDID(UnionDID(before, now))
	if err != nil {
		t.Fatal(err)
	}
	keys := d.Keys()
	for b := range byte(3) {
		if _, ok := keys.Lookup(Method(did, unionKey(b+1))); !ok {
			t.Errorf("key %d is missing", b+1)
		}
	}
}

func TestAUnionThatAddsNothingIsTheNewDocumentItself(t *testing.T) {
	const did = "did:web:certs.example.org"
	now := DIDDocument(did, unionKey(1), unionKey(2))
	for name, before := range map[string][]byte{
		"fewer keys": DIDDocument(did, unionKey(1)), "the same": now, "another issuer's": DIDDocument("did:web:other.example", unionKey(9)),
		"no JSON": []byte("<html>"), "nothing": nil, "no object": []byte("[]"),
	} {
		if got := UnionDID(before, now); !bytes.Equal(got, now) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

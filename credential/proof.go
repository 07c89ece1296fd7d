package credential

import (
	"crypto"
	"time"
)

// Sign makes both proofs over c with key, an Ed25519 signer whose verification method is method, and
// returns the JCS bytes that are published. c is not changed. The error is ErrFormat where c is not of
// the supported shape, else the signer's.
func Sign(c *Credential, key crypto.Signer, method string, created time.Time) ([]byte, error) {
	panic("not written yet")
}

// Verify reads a credential and checks both of its proofs. doc may be formatted in any way. Errors:
// ErrFormat, ErrForeign, ErrUnknownKey, ErrProof.
func Verify(doc []byte, keys Keys) (*Credential, error) { panic("not written yet") }

// VerifyPublished is Verify for a file of our own tree, where other bytes than the JCS form are ErrFormat.
func VerifyPublished(doc []byte, keys Keys) (*Credential, error) { panic("not written yet") }

// Decode reads a credential strictly and checks no proof. Errors: ErrFormat, ErrForeign.
func Decode(doc []byte) (*Credential, error) { panic("not written yet") }

// Digest returns the SHA-256 of the JCS form of doc without its proofs, which the log's entry holds.
func Digest(doc []byte) ([32]byte, error) { panic("not written yet") }

// SignDocument signs the members of fields with one eddsa-jcs-2022 proof and returns the JCS bytes.
// fields holds no "proof" and no "@context".
func SignDocument(fields map[string]any, key crypto.Signer, method string, created time.Time) ([]byte, error) {
	panic("not written yet")
}

// VerifyDocument checks what SignDocument made and returns its members without the proof; doc must
// be the JCS bytes. Errors: ErrFormat, ErrUnknownKey, ErrProof.
func VerifyDocument(doc []byte, keys Keys) (map[string]any, error) { panic("not written yet") }

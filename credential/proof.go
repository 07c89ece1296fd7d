package credential

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"laurel/internal/jcs"
)

const (
	suiteRDFC = "eddsa-rdfc-2022"
	suiteJCS  = "eddsa-jcs-2022"

	proofType    = "DataIntegrityProof"
	proofPurpose = "assertionMethod"
)

// Sign makes both proofs over c with key, an Ed25519 signer whose verification method is method, and
// returns the JCS bytes that are published. c and the proofs it may carry are not changed. created is
// written in UTC with whole seconds. The error is ErrFormat where c is not of the supported shape, else the
// signer's.
func Sign(c *Credential, key crypto.Signer, method string, created time.Time) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	unsigned, at := appendCredential(make([]byte, 0, 4096), c)
	content := contentHashes{
		rdfc: sha256.Sum256(appendCredentialQuads(make([]byte, 0, 8192), c)),
		jcs:  sha256.Sum256(unsigned),
	}
	proofs, err := signSet(content, c.Issuer.ID, c.Context, key, method, created)
	if err != nil {
		return nil, err
	}
	return join(unsigned, at, proofs), nil
}

// Verify reads a credential and checks both of its proofs with keys, those of the one issuer that is
// accepted. doc may be formatted in any way. No JSON-LD processor is needed, no context is loaded. Errors:
// ErrFormat, ErrForeign, ErrUnknownKey, ErrNotInForce, ErrProof, and ErrRevokedKey, with which the credential is
// returned as well: both proofs fit it, and the log decides whether it is older than the theft.
func Verify(doc []byte, keys Keys) (*Credential, error) {
	c, err := Decode(doc)
	if err != nil {
		return nil, err
	}
	if err := keys.accept(c.Issuer.ID); err != nil {
		return nil, err
	}
	unsigned, _ := appendCredential(make([]byte, 0, 4096), c)
	content := contentHashes{
		rdfc: sha256.Sum256(appendCredentialQuads(make([]byte, 0, 8192), c)),
		jcs:  sha256.Sum256(unsigned),
	}
	err = verifySet(content, c.Proof, c.Context, keys)
	if err != nil && !errors.Is(err, ErrRevokedKey) {
		return nil, err
	}
	return c, err
}

// VerifyPublished is Verify for a file of our own tree, where other bytes than the JCS form are ErrFormat.
func VerifyPublished(doc []byte, keys Keys) (*Credential, error) {
	c, verified := Verify(doc, keys)
	if c == nil {
		return nil, verified
	}
	unsigned, at := appendCredential(make([]byte, 0, len(doc)), c)
	if err := sameBytes(doc, join(unsigned, at, c.Proof)); err != nil {
		return nil, err
	}
	return c, verified
}

// Digest returns the SHA-256 of the JCS form of doc without its proofs, which the log's entry holds:
// signing anew does not change it. doc is any JSON object; the error is ErrFormat.
func Digest(doc []byte) ([32]byte, error) {
	c := new(Credential)
	if err := read(doc, c.read); err == nil && c.check() == nil {
		return c.Digest(), nil
	}
	fields, err := parseObject(doc)
	if err != nil {
		return [32]byte{}, err
	}
	delete(fields, "proof")
	unsigned, err := jcs.Append(make([]byte, 0, len(doc)), fields)
	if err != nil {
		return [32]byte{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return sha256.Sum256(unsigned), nil
}

// Digest returns what the function Digest returns for the document of c, without reading it again.
func (c *Credential) Digest() [32]byte {
	unsigned, _ := appendCredential(make([]byte, 0, 4096), c)
	return sha256.Sum256(unsigned)
}

// contentHashes are the hashes of a document without its proofs, by cryptosuite.
type contentHashes struct{ rdfc, jcs [sha256.Size]byte }

// signSet makes the two proofs of a set, in the order that verifiers which only look at the first one need.
func signSet(content contentHashes, issuer string, context []string, key crypto.Signer, method string, created time.Time) ([]Proof, error) {
	if err := checkSigner(issuer, key, method); err != nil {
		return nil, err
	}
	proofs := []Proof{
		newProof(suiteRDFC, nil, method, created),
		newProof(suiteJCS, context, method, created),
	}
	for i := range proofs {
		p := &proofs[i]
		if err := p.sign(key, content.of(p.Cryptosuite)); err != nil {
			return nil, err
		}
	}
	return proofs, nil
}

func (h *contentHashes) of(suite string) *[sha256.Size]byte {
	if suite == suiteRDFC {
		return &h.rdfc
	}
	return &h.jcs
}

func newProof(suite string, context []string, method string, created time.Time) Proof {
	return Proof{
		Type: proofType, Created: created.UTC().Format(time.RFC3339), VerificationMethod: method,
		Cryptosuite: suite, ProofPurpose: proofPurpose, Context: context,
	}
}

// checkSigner refuses a signer that would make a proof which nobody can verify.
func checkSigner(issuer string, key crypto.Signer, method string) error {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return fmt.Errorf("signing needs an Ed25519 key, not a %T", key.Public())
	}
	if want := Method(issuer, pub); method != want {
		return fmt.Errorf("the verification method %s is not the signer's, %s", short(method), want)
	}
	return nil
}

// sign sets the proof's value: the signature over the hashes of configuration and content (VC-DI-EDDSA
// §3.2.6, §3.3.6).
func (p *Proof) sign(key crypto.Signer, content *[sha256.Size]byte) error {
	message := p.message(content)
	signature, err := key.Sign(nil, message[:], crypto.Hash(0))
	if err != nil {
		return fmt.Errorf("signing %s: %w", p.Cryptosuite, err)
	}
	if len(signature) != ed25519.SignatureSize {
		return fmt.Errorf("signing %s: the signer made %d bytes, not an Ed25519 signature", p.Cryptosuite, len(signature))
	}
	p.ProofValue = string(appendBase58(append(make([]byte, 0, 96), 'z'), signature))
	return nil
}

// message returns what is signed: the hash of the proof's configuration, then that of the content.
func (p *Proof) message(content *[sha256.Size]byte) (message [2 * sha256.Size]byte) {
	config := *p
	config.ProofValue = ""
	buf := make([]byte, 0, 1024)
	if p.Cryptosuite == suiteRDFC {
		buf = appendProofQuads(buf, &config)
	} else {
		buf = appendProof(buf, &config)
	}
	sum := sha256.Sum256(buf)
	copy(message[:], sum[:])
	copy(message[sha256.Size:], content[:])
	return message
}

// accept refuses another issuer than that of the keys.
func (k Keys) accept(issuer string) error {
	if issuer != k.issuer {
		return fmt.Errorf("%w: its issuer is %s, not %s", ErrForeign, short(issuer), short(k.issuer))
	}
	return nil
}

// verifySet checks a proof set. Of the libraries in use some accept a set of which one proof holds; here
// both must.
func verifySet(content contentHashes, proofs []Proof, context []string, keys Keys) error {
	for i, suite := range [...]string{suiteRDFC, suiteJCS} {
		if i >= len(proofs) || proofs[i].Cryptosuite != suite {
			return fmt.Errorf("%w: proof %d must be the %s one", ErrProof, i+1, suite)
		}
	}
	if len(proofs) > 2 {
		return fmt.Errorf("%w: %d proofs, where two are made", ErrProof, len(proofs))
	}
	var revoked error
	for i := range proofs {
		p := &proofs[i]
		want := context
		if p.Cryptosuite == suiteRDFC {
			want = nil
		}
		err := p.verify(content.of(p.Cryptosuite), want, keys)
		switch {
		case errors.Is(err, ErrRevokedKey): // which says that this proof fits; the other one must as well
			revoked = err
		case err != nil:
			return err
		}
	}
	return revoked
}

// verify checks one proof over a content. context is what its @context must be.
func (p *Proof) verify(content *[sha256.Size]byte, context []string, keys Keys) error {
	var s shape
	s.is("type", p.Type, proofType)
	s.is("proofPurpose", p.ProofPurpose, proofPurpose)
	s.must(isDate(p.Created) && strings.HasSuffix(p.Created, "Z"), "created", p.Created, "a date and time in UTC, 2026-03-01T02:03:04Z")
	s.only("@context", p.Context, context...)
	if !s.ok() {
		return fmt.Errorf("%w: %s: %s", ErrProof, p.Cryptosuite, s.reason)
	}
	pub, ok := keys.Lookup(p.VerificationMethod)
	if !ok {
		return fmt.Errorf("%w: %s: the issuer's did.json does not list %s", ErrUnknownKey, p.Cryptosuite, short(p.VerificationMethod))
	}
	signature, ok := parseProofValue(p.ProofValue)
	message := p.message(content)
	if !ok || !ed25519.Verify(pub, message[:], signature) {
		return fmt.Errorf("%w: %s: the signature does not fit the content", ErrProof, p.Cryptosuite)
	}
	return keys.inForce(p)
}

func parseProofValue(s string) ([]byte, bool) {
	if !strings.HasPrefix(s, "z") {
		return nil, false
	}
	signature, ok := decodeBase58(s[1:])
	return signature, ok && len(signature) == ed25519.SignatureSize
}

package credential

import (
	"crypto"
	"crypto/sha256"
	"fmt"
	"maps"
	"time"

	"laurel/internal/jcs"
)

// SignDocument signs the members of fields, a document of our own making such as site.json, with one
// eddsa-jcs-2022 proof, and returns the JCS bytes. fields has a member "issuer" with the DID of the key; it
// has no "proof" and no "@context".
func SignDocument(fields map[string]any, key crypto.Signer, method string, created time.Time) ([]byte, error) {
	issuer, _ := fields["issuer"].(string)
	if err := checkSigner(issuer, key, method); err != nil {
		return nil, err
	}
	for _, name := range [...]string{"proof", "@context"} {
		if _, ok := fields[name]; ok {
			return nil, fmt.Errorf("%w: a document to sign has no member %q yet", ErrFormat, name)
		}
	}
	content, err := jcs.Append(nil, fields)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	p := newProof(suiteJCS, nil, method, created)
	hash := sha256.Sum256(content)
	if err := p.sign(key, &hash); err != nil {
		return nil, err
	}
	signed := maps.Clone(fields)
	signed["proof"] = []any{map[string]any{
		"type": p.Type, "created": p.Created, "verificationMethod": p.VerificationMethod,
		"cryptosuite": p.Cryptosuite, "proofPurpose": p.ProofPurpose, "proofValue": p.ProofValue,
	}}
	return jcs.Append(nil, signed)
}

// VerifyDocument checks what SignDocument made and returns its members without the proof, as jcs.Parse
// reads them. doc must be in its JCS form. Errors: ErrFormat, ErrForeign, ErrUnknownKey, ErrProof.
func VerifyDocument(doc []byte, keys Keys) (map[string]any, error) {
	if err := Canonical(doc); err != nil {
		return nil, err
	}
	fields, err := parseObject(doc)
	if err != nil {
		return nil, err
	}
	issuer, _ := fields["issuer"].(string)
	if err := keys.accept(issuer); err != nil {
		return nil, err
	}
	var proofs []Proof
	if raw, ok := fields["proof"]; ok {
		if proofs, err = parseProofs(raw); err != nil {
			return nil, err
		}
	}
	delete(fields, "proof")
	if len(proofs) != 1 || proofs[0].Cryptosuite != suiteJCS {
		return nil, fmt.Errorf("%w: there must be one %s proof", ErrProof, suiteJCS)
	}
	content, err := jcs.Append(make([]byte, 0, len(doc)), fields)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	hash := sha256.Sum256(content)
	if err := proofs[0].verify(&hash, nil, keys); err != nil {
		return nil, err
	}
	return fields, nil
}

// parseProofs reads a list of proofs that jcs.Parse has read, with the strictness of Proof.read.
func parseProofs(raw any) (proofs []Proof, err error) {
	text, err := jcs.Append(nil, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	err = read(text, func(r *jcs.Reader) error { return readList(r, &proofs, (*Proof).read) })
	return proofs, err
}

func parseObject(doc []byte) (map[string]any, error) {
	v, err := jcs.Parse(doc)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: the document is no JSON object", ErrFormat)
	}
	return fields, nil
}

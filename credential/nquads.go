package credential

import (
	"fmt"

	"laurel/internal/jcs"
)

// NQuads returns the canonical N-Quads (RDFC-1.0) of a credential or of a status list, without its proofs:
// what eddsa-rdfc-2022 hashes. It serves to compare with other implementations. Errors: ErrFormat,
// ErrForeign.
func NQuads(doc []byte) ([]byte, error) {
	fields, err := parseObject(doc)
	if err != nil {
		return nil, err
	}
	if types, _ := fields["type"].([]any); len(types) == 2 && types[1] == "BitstringStatusListCredential" {
		l := new(listDocument)
		if err := read(doc, l.read); err != nil {
			return nil, refuse(doc, err)
		}
		if err := l.check(); err != nil {
			return nil, refuse(doc, err)
		}
		return appendListQuads(nil, l), nil
	}
	c, err := Decode(doc)
	if err != nil {
		return nil, err
	}
	return appendCredentialQuads(nil, c), nil
}

// ProofNQuads returns the canonical N-Quads of the configuration of a proof, given as the JSON object that
// the document holds: what eddsa-rdfc-2022 hashes before the content. The error is ErrFormat.
func ProofNQuads(proof []byte) ([]byte, error) {
	var p Proof
	if err := read(proof, func(r *jcs.Reader) error { return p.read(r) }); err != nil {
		return nil, err
	}
	if p.Cryptosuite != suiteRDFC {
		return nil, fmt.Errorf("%w: a proof of %s, must be %s", ErrFormat, short(p.Cryptosuite), suiteRDFC)
	}
	return appendProofQuads(nil, &p), nil
}

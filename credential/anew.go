package credential

import (
	"crypto"
	"fmt"
	"time"
)

// SignAnew returns doc, a credential, a status list or another document that this package has signed, with new
// proofs by key in the place of the old ones, which are not checked. Its content and so its Digest stay as they
// are. The error is ErrFormat where doc is none of these, else the signer's.
func SignAnew(doc []byte, key crypto.Signer, method string, created time.Time) ([]byte, error) {
	fields, err := parseObject(doc)
	if err != nil {
		return nil, err
	}
	_, isCredential := fields["credentialStatus"]
	subject, _ := fields["credentialSubject"].(map[string]any)
	_, isList := subject["encodedList"]
	switch {
	case isCredential:
		c, err := Decode(doc)
		if err != nil {
			return nil, err
		}
		return Sign(c, key, method, created)
	case isList:
		return signListAnew(doc, key, method, created)
	}
	delete(fields, "proof")
	return SignDocument(fields, key, method, created)
}

func signListAnew(doc []byte, key crypto.Signer, method string, created time.Time) ([]byte, error) {
	d := new(listDocument)
	if err := read(doc, d.read); err != nil {
		return nil, err
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	unsigned, at := appendList(nil, d)
	proofs, err := signSet(d.hashes(unsigned), d.issuer, d.context, key, method, created)
	if err != nil {
		return nil, err
	}
	return join(unsigned, at, proofs), nil
}

// SignedBy returns the verification methods that the proofs of a document name, in their order. Nothing is checked.
// The error is ErrFormat.
func SignedBy(doc []byte) ([]string, error) {
	fields, err := parseObject(doc)
	if err != nil {
		return nil, err
	}
	list, _ := fields["proof"].([]any)
	methods := make([]string, len(list))
	for i, p := range list {
		proof, _ := p.(map[string]any)
		method, ok := proof["verificationMethod"].(string)
		if !ok {
			return nil, fmt.Errorf("%w: proof %d names no verificationMethod", ErrFormat, i+1)
		}
		methods[i] = method
	}
	return methods, nil
}

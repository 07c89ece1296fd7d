package main

import (
	"fmt"

	"laurel/credential"
)

// issuerFlags name an issuer to believe, and its keys.
type issuerFlags struct{ issuer, did string }

func (i *issuerFlags) register(f *flags) {
	f.StringVar(&i.issuer, "issuer", "", "the issuer to believe, a did:web `DID`")
	f.StringVar(&i.did, "did", "", "that issuer's did.json, a `FILE` from a source you trust")
}

func (i *issuerFlags) given() bool { return i.issuer != "" || i.did != "" }

// keys reads the did.json, which must be the issuer's.
func (i *issuerFlags) keys(verb string) (credential.Keys, error) {
	if i.issuer == "" || i.did == "" {
		return credential.Keys{}, &usageError{verb + ": --issuer and --did go together: a DID, and the file with its keys"}
	}
	data, err := readInput(i.did)
	if err != nil {
		return credential.Keys{}, err
	}
	did, err := credential.ParseDID(data)
	if err != nil {
		return credential.Keys{}, fmt.Errorf("%s: %w", i.did, err)
	}
	if did.ID != i.issuer {
		return credential.Keys{}, fmt.Errorf("%s is the document of %s, not of %s", i.did, did.ID, i.issuer)
	}
	return did.Keys(), nil
}

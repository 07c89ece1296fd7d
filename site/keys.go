package site

import (
	"errors"
	"fmt"
	"io/fs"

	"laurel/credential"
)

// TreeKeys returns the keys by which documents of a public tree are judged: those that did.json lists, each within the
// time that the tree's key history gives it, and those that the history calls revoked. listed are the keys of a
// did.json that the caller trusts, the tree's own or another.
func TreeKeys(dir string, listed credential.Keys) (credential.Keys, *credential.History, error) {
	doc, err := readDocument(dir, KeysPath)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: no %s, so nobody can tell when each key was in force; take a whole copy of the tree", dir, KeysPath)
	}
	if err != nil {
		return credential.Keys{}, nil, err
	}
	h, err := credential.ParseHistory(doc, listed)
	if err != nil {
		return credential.Keys{}, nil, fmt.Errorf("%s: %w", dir, err)
	}
	return h.Restrict(listed), h, nil
}

package issuer

import (
	"errors"
	"fmt"

	"laurel/certlog"
	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// readKeys takes the newest history of keys over, with the list of keys that are published and the settings that the one
// in force has signed, where the missing entries have one. Records of before a theft hold what the stolen key signed: it is
// listed again until all of that is signed anew, as on the day of the theft.
func (a *adopter) readKeys() error {
	last := int64(-1)
	for k, e := range a.entries {
		if e.Kind == certlog.Key {
			last, a.taken[k] = int64(k), true
			a.batch.Entries = append(a.batch.Entries, record.Entry{Index: a.from + int64(k), Entry: e})
		}
	}
	if last < 0 {
		return nil
	}
	a.turned = true
	docs := map[string][]byte{}
	for _, path := range []string{site.DIDPath, site.KeysPath, site.SettingsPath} {
		data, err := site.TreeFile(a.dir)(path)
		if err != nil {
			return err
		}
		docs[path] = data
	}
	did, err := credential.ParseDID(docs[site.DIDPath])
	if err != nil {
		return fmt.Errorf("%s: %w", site.DIDPath, err)
	}
	if did.Keys().Issuer() != a.settings.Issuer {
		return fmt.Errorf("%s is of %s, and the records are of %s", site.DIDPath, did.Keys().Issuer(), a.settings.Issuer)
	}
	if sum, err := credential.Digest(docs[site.KeysPath]); err != nil || sum != a.entries[last].Digest {
		return fmt.Errorf("%s is not the history of keys that the log has as entry %d", site.KeysPath, a.from+last)
	}
	if _, err := site.ParseSettings(docs[site.SettingsPath], did.Keys()); err != nil {
		return err
	}
	h, err := credential.ParseHistory(docs[site.KeysPath], did.Keys())
	if err != nil {
		return err
	}
	var listed credential.Keys
	docs[site.DIDPath], listed = didOf(a.settings.Issuer, h.Keys, func(credential.Key) bool { return false })
	for _, path := range []string{site.DIDPath, site.KeysPath, site.SettingsPath} {
		a.batch.Documents = append(a.batch.Documents, record.Document{Path: path, Data: docs[path]})
	}
	if a.ring, err = newRing(a.cfg, listed, docs[site.KeysPath]); err != nil {
		return err
	}
	a.keys = a.ring.trusted()
	return nil
}

// signed reports whether the proofs of a certificate that the log has are the issuer's own or, where the key was stolen,
// would be: the entry alone tells then, and what it makes of the certificate.
func (a *adopter) signed(doc []byte) (*credential.Credential, error) {
	c, err := credential.Verify(doc, a.keys)
	if errors.Is(err, credential.ErrRevokedKey) {
		return credential.Decode(doc)
	}
	return c, err
}

package site

import (
	"path/filepath"
	"slices"
	"testing"

	"laurel/credential"
)

// Two read the records one after the other and write the other way round.
func TestAnOlderStateOfACertificateIsNotWrittenOverANewerOne(t *testing.T) {
	for name, docs := range map[string][]Document{
		"revoked": newIssuer(t, testBase).with(t, credential.Statement{Status: "revoked", Code: "error"}),
		"erased":  newIssuer(t, testBase).erased(t),
	} {
		t.Run(name, func(t *testing.T) {
			clean, dir := filepath.Join(t.TempDir(), "public"), filepath.Join(t.TempDir(), "public")
			build(t, clean, nil, each(docs), Options{})
			older := newIssuer(t, testBase).all(t)
			build(t, dir, nil, each(older), Options{})
			b := open(t, dir, nil, Options{})
			defer b.Close()
			newer := slices.Clone(docs)
			for i := range newer {
				newer[i].Revision = 1
			}
			for _, state := range [][]Document{newer, older} {
				if _, err := b.Add(t.Context(), state); err != nil {
					t.Fatal(err)
				}
			}
			got, want := snapshotOf(t, dir), snapshotOf(t, clean)
			n := numberOf(docs[5])
			for _, path := range []string{StatusPath(n), CredentialPath(n), PagePath(n), PicturePath(n), PDFPath(n)} {
				if got[path] != want[path] {
					t.Errorf("%s is of the older state", path)
				}
			}
		})
	}
}

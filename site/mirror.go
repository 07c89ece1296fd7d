package site

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"laurel/certlog"
	"laurel/credential"
	"laurel/internal/publish"
)

// MirrorTree is the public tree at dir as a mirror takes it: every class of file with its headers and its stage,
// certificates as the units, which no mirror loses unless they were erased.
func MirrorTree(dir string) publish.Tree {
	return publish.Tree{
		Dir: dir,
		Classify: func(path string) (publish.Class, bool) {
			c, ok := ClassOf(path)
			return publish.Class{
				Options: publish.Options{ContentType: c.ContentType, CacheControl: c.Cache, Immutable: c.Immutable},
				Stage:   int(c.Stage), Keep: c.Certificate, Split: path == DIDPath, Lasting: c.Stage == Head, Spare: isPartial(path),
			}, ok
		},
		Units: "c", UnitStage: int(Documents), Sentinel: SettingsPath,
		Gone:  func(unit string) bool { return erased(dir, unit) },
		Union: func(_ string, old, now []byte) ([]byte, error) { return credential.UnionDID(old, now), nil },
	}
}

// isPartial reports whether a path is that of the beginning of a tile, which goes when the tile is full.
func isPartial(path string) bool {
	t, ok := tileIn(path)
	return ok && t.Width < certlog.TileWidth
}

// MirrorStates is the folder beside a public tree where the states of its mirrors lie.
func MirrorStates(dir string) string { return filepath.Join(StateDir(dir), "targets") }

// erased reports whether a certificate was erased: its signed statements are there, and its credential is not.
func erased(dir, number string) bool {
	n, ok := NumberIn("c/" + number)
	if !ok {
		return false
	}
	_, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(CredentialPath(n))))
	if !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	_, err = os.Lstat(filepath.Join(dir, "c", number, "status.json"))
	return err == nil
}

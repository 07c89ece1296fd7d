package site

import (
	"errors"
	"fmt"
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
		Dir:      dir,
		Classify: mirrorClass,
		Units:    "c", UnitStage: mirrorStage(Documents), Sentinel: SettingsPath,
		Forms: func(path string) []string {
			if !compressible(path) {
				return nil
			}
			return siblings(path)
		},
		Plain: func(path string, data []byte) ([]byte, error) {
			_, encoding, _ := SiblingOf(path)
			plain, err := expand(encoding, data)
			if err != nil {
				err = fmt.Errorf("%w; certgen build --force makes it anew", err)
			}
			return plain, err
		},
		Gone:  func(unit string) bool { return erased(dir, unit) },
		Union: func(_ string, old, now []byte) ([]byte, error) { return credential.UnionDID(old, now), nil },
	}
}

// mirrorStage leaves room after each stage for the siblings of its files.
func mirrorStage(s Stage) int { return 2 * int(s) }

func mirrorClass(path string) (publish.Class, bool) {
	source, _, sibling := SiblingOf(path)
	if !sibling {
		source = path
	}
	c, ok := ClassOf(source)
	class := publish.Class{
		Options: publish.Options{ContentType: c.ContentType, CacheControl: c.Cache, Immutable: c.Immutable},
		Stage:   mirrorStage(c.Stage), Keep: c.Certificate, Split: path == DIDPath, Lasting: c.Stage == Head, Spare: isPartial(path),
	}
	if sibling { // no loss where it is gone
		class.Of, class.Stage, class.Keep, class.Immutable, class.Spare = source, class.Stage+1, false, false, true
	}
	return class, ok
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

package site

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"laurel/credential"
)

// MaxDocument is the size in bytes above which a file is no signed document of ours.
const MaxDocument = 1 << 20

// Document is a signed document and its place in the public tree, such as "c/NUMBER/credential.json" or "site.json".
type Document struct {
	Path string
	Data []byte
	// Revision counts the states of a certificate that its documents are of. Add leaves out what is older than what it
	// has written, whoever reads the two first. 0 where it was never changed, and of documents of the whole tree.
	Revision int

	home string // the tree it was read from by Walk, whose file therefore needs no writing
}

// Walk yields the signed documents of a public tree: first those of the whole tree (did.json, site.json, keys.json,
// status lists), which pages depend on, and the log's tiles, then those of each certificate, the statements on it before
// itself, and the log's checkpoint last. A document that cannot be read is yielded as its path with the error. A tree that is not there has no documents.
func Walk(dir string) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		dir, err := filepath.Abs(dir)
		if err != nil {
			yield(Document{}, err)
			return
		}
		for _, path := range []string{DIDPath, SettingsPath, KeysPath} {
			if !yieldFile(dir, path, yield) {
				return
			}
		}
		lists, err := statusLists(dir)
		if err != nil && !yield(Document{Path: "status"}, err) {
			return
		}
		for _, path := range lists {
			if !yieldFile(dir, path, yield) {
				return
			}
		}
		for path, err := range logTiles(dir) {
			if err != nil && !yield(Document{Path: path}, err) || err == nil && !yieldFile(dir, path, yield) {
				return
			}
		}
		numbers, err := Numbers(dir)
		if err != nil {
			yield(Document{Path: "c"}, err)
			return
		}
		for _, n := range numbers {
			for _, path := range []string{StatusPath(n), CredentialPath(n), ProofPath(n)} {
				if !yieldFile(dir, path, yield) {
					return
				}
			}
		}
		yieldFile(dir, CheckpointPath, yield)
	}
}

// logTiles yields the paths of the tiles in a public tree, sorted.
func logTiles(dir string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		_ = filepath.WalkDir(filepath.Join(dir, "log", "tile"), func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			rel, relErr := filepath.Rel(dir, name)
			path := filepath.ToSlash(rel)
			if err = errors.Join(err, relErr); err == nil {
				if _, ok := tileIn(path); !ok || d.IsDir() {
					return nil
				}
			}
			if !yield(path, err) {
				return fs.SkipAll
			}
			return nil
		})
	}
}

// Numbers returns the numbers that have a folder in a public tree, sorted: the certificates it holds or held.
func Numbers(dir string) ([]credential.Number, error) {
	names, err := list(filepath.Join(dir, "c"))
	if err != nil {
		return nil, err
	}
	out := make([]credential.Number, 0, len(names))
	for _, name := range names {
		if n, ok := NumberIn("c/" + name); ok {
			out = append(out, n)
		}
	}
	return out, nil
}

func statusLists(dir string) ([]string, error) {
	var out []string
	for _, purpose := range []string{Revocation, Suspension} {
		names, err := list(filepath.Join(dir, "status", purpose))
		if err != nil {
			return out, err
		}
		for _, name := range names {
			path := "status/" + purpose + "/" + name
			if _, _, ok := statusListIn(path); ok {
				out = append(out, path)
			}
		}
	}
	return out, nil
}

// list returns the names in a folder, sorted; a missing folder is empty.
func list(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}

func yieldFile(dir, path string, yield func(Document, error) bool) bool {
	data, err := readDocument(dir, path)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	return yield(Document{Path: path, Data: data, home: dir}, err)
}

// readDocument reads a file of the tree, refusing what no document can be: a link, a folder, more than MaxDocument.
func readDocument(dir, path string) ([]byte, error) {
	name := filepath.Join(dir, filepath.FromSlash(path))
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > MaxDocument {
		return nil, fmt.Errorf("%s: not a regular file of at most %d bytes; put the document back or remove it", name, MaxDocument)
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

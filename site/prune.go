package site

import (
	"errors"
	"os"
	"slices"
)

// prune takes away what no document and no template calls for, unless some document could not be read.
func (r *run) prune() error {
	if r.partial {
		return nil
	}
	r.stage(StagePruning, 0)
	steps := []func() error{r.pruneAssets, r.pruneCriteria}
	if r.wrote != nil {
		steps = append([]func() error{r.pruneCertificates, r.pruneLists}, steps...)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) pruneCertificates() error {
	numbers, err := listNumbers(r.b.dir, StateDir(r.b.dir))
	if err != nil {
		return err
	}
	defer numbers.close()
	for p, err := range numbers.all() {
		if err != nil {
			return err
		}
		n := p.number()
		if _, ok := r.wrote.certificates[p]; ok {
			continue
		}
		if _, ok := NumberIn("c/" + string(n)); !ok {
			continue
		}
		var c Changes
		err := r.b.exclusive(n, func() (err error) {
			c, err = r.b.removeCertificate(n)
			return err
		})
		if err != nil && !errors.Is(err, errAdded) {
			return err
		}
		r.count(c, 0)
	}
	return nil
}

func (r *run) pruneLists() error {
	paths, err := statusLists(r.b.dir)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if _, ok := r.wrote.lists[path]; ok {
			continue
		}
		if err := r.b.unlessAdded(path, func() error { return r.removeFile(path) }); err != nil {
			return err
		}
	}
	return nil
}

// pruneAssets keeps those of this build, and those of templates that came into force meanwhile.
func (r *run) pruneAssets() error {
	var keep []string
	for _, files := range [][]output{r.s.assets.files, r.b.Renderer().assets.files} {
		for _, f := range files {
			keep = append(keep, f.path)
		}
	}
	names, err := list(r.b.path("assets"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if path := "assets/" + name; isAsset(path) && !slices.Contains(keep, path) {
			if err := r.removeFile(path); err != nil {
				return err
			}
		}
	}
	if !slices.Contains(keep, IconPath) {
		return r.removeFile(IconPath)
	}
	return nil
}

func (r *run) pruneCriteria() error {
	ids, err := list(r.b.path("a"))
	if err != nil {
		return err
	}
	for _, id := range ids {
		path := "a/" + id + "/index.html"
		if _, ok := templateIn(path); !ok {
			continue
		}
		if _, ok := r.s.set.Certificate(id); ok {
			continue
		}
		if _, ok := r.b.Renderer().set.Certificate(id); ok {
			continue
		}
		if err := r.removeFile(path); err != nil {
			return err
		}
		r.b.removeFolder("a/" + id)
	}
	return nil
}

// removeFile removes a file, counting it unless it is a document. One that is not there is fine.
func (r *run) removeFile(path string) error {
	removed, err := r.b.removeFile(path)
	if removed && !IsDocument(path) {
		r.count(Changes{Removed: 1}, 0)
	}
	return err
}

// removeFolder removes a folder unless it holds what we did not make.
func (b *Builder) removeFolder(path string) { os.Remove(b.path(path)) }

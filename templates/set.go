package templates

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// MaxFile is the size in bytes above which a file of the user's folder is refused; fonts are the largest there are.
const MaxFile = 64 << 20

// Set is an immutable snapshot of all templates: the embedded ones, overlaid by those of a folder. Safe for concurrent use.
type Set struct {
	dir          string
	overlay      map[string][]byte
	names        []string
	certificates []*Certificate
	byID         map[string]*Certificate
	defaults     map[string]*Certificate // the embedded certificate templates, by type
}

// Open reads the templates of dir over the embedded ones; dir "" means the embedded ones alone. Every file of the
// folder is read and every certificate template is checked, so that a Set is whole. Errors about a file's content read
// FILE:LINE:COL: what, and what to do; several are joined.
func Open(dir string) (*Set, error) {
	s := &Set{dir: dir, overlay: map[string][]byte{}, byID: map[string]*Certificate{}, defaults: map[string]*Certificate{}}
	if dir != "" {
		if err := s.read(); err != nil {
			return nil, err
		}
	}
	if err := s.index(); err != nil {
		return nil, err
	}
	if err := s.parse(); err != nil {
		return nil, err
	}
	return s, nil
}

// Certificate returns the certificate template of an id, as in certificates/ID.md.
func (s *Set) Certificate(id string) (*Certificate, bool) {
	c, ok := s.byID[id]
	return c, ok
}

// Certificates returns all certificate templates, sorted by id. The slice is the caller's, its elements are not.
func (s *Set) Certificates() []*Certificate { return slices.Clone(s.certificates) }

// Default returns the embedded certificate template of a type (course, exam, achievement): what stands in for a
// template that is gone. nil for any other type.
func (s *Set) Default(typ string) *Certificate { return s.defaults[typ] }

// Read returns a file by its slash-separated name, such as "layouts/classical.yaml", and where it lies, to be named in
// errors. The data must not be changed. A missing name is fs.ErrNotExist.
func (s *Set) Read(name string) (data []byte, where string, err error) {
	if data, ok := s.overlay[name]; ok {
		return data, s.where(name), nil
	}
	data, err = embedded.ReadFile(name)
	if err != nil {
		return nil, s.where(name), fmt.Errorf("template file %s: %w", name, fs.ErrNotExist)
	}
	return data, s.where(name), nil
}

// List returns the names of all files under a folder of the set ("layouts", "assets/dist"), its sub-folders included, sorted.
func (s *Set) List(dir string) []string {
	var out []string
	for _, name := range s.names {
		if strings.HasPrefix(name, dir+"/") {
			out = append(out, name)
		}
	}
	return out
}

// Dir returns the folder the set was opened with, "" for the embedded templates alone.
func (s *Set) Dir() string { return s.dir }

// where names a file as the user knows it: in the overlay by its path, embedded by its name.
func (s *Set) where(name string) string {
	if _, ok := s.overlay[name]; ok {
		return filepath.Join(s.dir, filepath.FromSlash(name))
	}
	return "templates/" + name
}

func (s *Set) read() error {
	info, err := os.Stat(s.dir)
	var missing *fs.PathError
	if errors.As(err, &missing) && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("templates folder %s: %w; make it, or name none for the built-in templates alone", s.dir, missing.Err)
	}
	if err != nil {
		return fmt.Errorf("templates folder: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("templates folder %s is not a folder", s.dir)
	}
	for _, folder := range folders {
		if err := s.readFolder(folder); err != nil {
			return err
		}
	}
	return nil
}

func (s *Set) readFolder(folder string) error {
	root := filepath.Join(s.dir, folder)
	return filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // an overlay has the folders it needs; a file may also vanish in an editor's rename
		}
		if err != nil {
			return err
		}
		if p != root && hidden(d.Name()) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		return s.readFile(p)
	})
}

func (s *Set) readFile(p string) error {
	info, err := os.Stat(p) // follows links: a shared font may be one
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s: a link to a folder is not followed; put the files themselves there", p)
	}
	if info.Size() > MaxFile {
		return fmt.Errorf("%s: %d bytes; a template file has at most %d", p, info.Size(), int64(MaxFile))
	}
	data, err := os.ReadFile(p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(s.dir, p)
	if err != nil {
		return err
	}
	s.overlay[filepath.ToSlash(rel)] = data
	return nil
}

// hidden files are no templates: dot files, and what editors leave beside the file being edited.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasSuffix(name, "~")
}

func (s *Set) index() error {
	for _, folder := range folders {
		err := fs.WalkDir(embedded, folder, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && !hidden(d.Name()) {
				if _, over := s.overlay[name]; !over {
					s.names = append(s.names, name)
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for name := range s.overlay {
		s.names = append(s.names, name)
	}
	sort.Strings(s.names)
	return nil
}

// parse reads every certificate template, and the embedded ones again where the user's lie over them: those are what a
// template that is gone falls back to.
func (s *Set) parse() error {
	var problems []error
	for _, name := range s.List("certificates") {
		c, err := s.certificate(name)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		s.certificates = append(s.certificates, c)
		s.byID[c.ID] = c
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	for _, typ := range Types {
		name := "certificates/" + typ + ".md"
		data, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		c, err := parseCertificate(typ, "templates/"+name, data, nil)
		if err != nil {
			return err
		}
		s.defaults[typ] = c
	}
	return nil
}

func (s *Set) certificate(name string) (*Certificate, error) {
	data, where, err := s.Read(name)
	if err != nil {
		return nil, err
	}
	base := strings.TrimPrefix(name, "certificates/")
	id, ok := strings.CutSuffix(base, ".md")
	if !ok || !ValidID(id) {
		return nil, fmt.Errorf("%s:1:1: a certificate template is called ID.md, ID being 1 to 64 of a–z, 0–9 and -; rename it", where)
	}
	return parseCertificate(id, where, data, s.layouts())
}

func (s *Set) layouts() []string {
	var out []string
	for _, name := range s.List("layouts") {
		if base, ok := strings.CutSuffix(path.Base(name), ".yaml"); ok && path.Dir(name) == "layouts" {
			out = append(out, base)
		}
	}
	return out
}

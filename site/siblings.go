package site

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"laurel/credential"
	"laurel/internal/durable"
)

// beside is what a Builder knows of siblings (Encodings). A sibling goes before the file that it is made of changes or
// goes, and comes after that: at no moment does one stand beside another content than its own, which a web server would
// hand out for the file.
//
// Those of a certificate are remembered in its entry of the manifest, those of the whole tree here. The file in which
// that lies says besides that there may be siblings: without it, and without a crash, nobody looks for any.
type beside struct {
	press press
	file  string

	mu    sync.Mutex
	there bool             // siblings may be in the tree
	known map[string]stamp // how a file of the whole tree and its siblings looked when these were made
	dirty bool
}

const besideHeader = "siblings 1"

// load reads what is known; that nothing is is as good.
func (s *beside) load(state string) {
	s.file, s.known = filepath.Join(state, "siblings"), map[string]stamp{}
	data, err := os.ReadFile(s.file)
	lines := strings.Split(string(data), "\n")
	s.there = err == nil
	if lines[0] != besideHeader {
		return
	}
	for _, line := range lines[1:] {
		var look stamp
		if text, path, ok := strings.Cut(line, " "); ok && parseStamp(&look, text) {
			s.known[path] = look
		}
	}
}

// save writes what is known, once the tree itself is safe.
func (s *beside) save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.dirty {
		return nil
	}
	if !s.there {
		s.dirty = false
		return removeIfThere(s.file)
	}
	out := []byte(besideHeader + "\n")
	for _, path := range slices.Sorted(maps.Keys(s.known)) {
		out = fmt.Appendf(out, "%x %s\n", s.known[path], path)
	}
	err := durable.WriteFile(s.file, out, 0o600)
	s.dirty = err != nil
	return err
}

func (s *beside) isThere() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.there
}

// set notes that siblings may be in the tree from now on, or are not any more.
func (s *beside) set(there bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.there == there {
		return
	}
	s.there, s.dirty = there, true
	if !there {
		clear(s.known)
	}
}

func (s *beside) get(path string) stamp {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[path]
}

func (s *beside) put(path string, look stamp) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[path], s.dirty = look, true
}

// encodings are those to make: the ones of the options, else those that the tree itself says.
func (b *Builder) encodings() Encodings {
	if b.o.Precompress != nil {
		return *b.o.Precompress
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.site == nil {
		return ""
	}
	return b.site.Precompress
}

// clearSiblings takes the siblings of a file away, which is about to change or to go.
func (b *Builder) clearSiblings(p string) error {
	if !b.beside.isThere() || !compressible(p) {
		return nil
	}
	for _, sibling := range siblings(p) {
		if err := removeIfThere(b.path(sibling)); err != nil {
			return err
		}
	}
	return nil
}

func removeIfThere(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// pressFile brings the siblings of a file up to date with its data, nil where there is none.
func (b *Builder) pressFile(p string, data []byte, want Encodings, done *Changes) error {
	for _, encoding := range AllEncodings() {
		sibling := p + "." + encoding
		var form []byte
		if data != nil && want.Has(encoding) {
			var err error
			if form, err = b.beside.press.smaller(encoding, data); err != nil {
				return fmt.Errorf("%s: %w", sibling, err)
			}
		}
		switch {
		case form == nil:
			err := os.Remove(b.path(sibling))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			if err == nil {
				done.Removed++
			}
		case durable.Same(b.path(sibling), form):
			done.Unchanged++
		default:
			if err := durable.WriteFile(b.path(sibling), form, 0o644); err != nil {
				return err
			}
			done.Built++
		}
	}
	return nil
}

// pressStamp stands for how files and their siblings look, and for what is to be made; there counts the siblings.
func (b *Builder) pressStamp(want Encodings, paths ...string) (look stamp, there int) {
	look = digest(func(h hash.Hash) {
		put(h, []byte(generator), []byte(want))
		for _, p := range paths {
			g := glanceAt(b.path(p))
			put(h, fmt.Append(nil, g))
			for _, sibling := range siblings(p) {
				g := glanceAt(b.path(sibling))
				put(h, fmt.Append(nil, g))
				if !g.none() {
					there++
				}
			}
		}
	})
	return look, there
}

// compressibleOf are the files of a certificate that can have siblings.
func compressibleOf(n credential.Number) []string {
	return []string{PagePath(n), CredentialPath(n), StatusPath(n)}
}

// pressed reports whether the siblings of a certificate are as they should be, and counts them.
func (b *Builder) pressed(n credential.Number, e entry) (there int, ok bool) {
	want := b.encodings()
	if want == "" {
		return 0, !b.beside.isThere()
	}
	look, there := b.pressStamp(want, compressibleOf(n)...)
	return there, look == e.beside
}

// pressCertificate brings the siblings of a certificate up to date. Hold the stripe of n.
func (b *Builder) pressCertificate(n credential.Number, done *Changes) error {
	want := b.encodings()
	if want == "" && !b.beside.isThere() {
		return nil
	}
	e, known := b.manifest.get(n)
	if there, ok := b.pressed(n, e); ok && known && !b.o.Force {
		done.Unchanged += there
		return nil
	}
	if want != "" {
		b.beside.set(true)
	}
	for _, p := range compressibleOf(n) {
		data, err := readIfThere(b.path(p))
		if err != nil {
			return err
		}
		if err := b.pressFile(p, data, want, done); err != nil {
			return err
		}
	}
	if e.beside = (stamp{}); want != "" {
		e.beside, _ = b.pressStamp(want, compressibleOf(n)...)
	}
	if known {
		b.manifest.put(n, e)
	}
	return nil
}

func readIfThere(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// pressShared brings the siblings of a file of the whole tree up to date.
func (b *Builder) pressShared(p string, done *Changes) error {
	want := b.encodings()
	if _, ok := NumberIn(p); ok || want == "" && !b.beside.isThere() || !compressible(p) {
		return nil
	}
	if want != "" {
		b.beside.set(true)
		if look, there := b.pressStamp(want, p); look == b.beside.get(p) && !b.o.Force {
			done.Unchanged += there
			return nil
		}
	}
	data, err := readIfThere(b.path(p))
	if err == nil {
		err = b.pressFile(p, data, want, done)
	}
	if err == nil && want != "" {
		look, _ := b.pressStamp(want, p)
		b.beside.put(p, look)
	}
	return err
}

// press does it for all files of the whole tree, after a build. Where no siblings are wanted there are none then.
func (r *run) press() error {
	want := r.b.encodings()
	if want == "" && !r.b.beside.isThere() {
		return nil
	}
	for _, pattern := range []string{"*", "assets/*", "a/*/*", "status/*/*"} {
		names, err := filepath.Glob(filepath.Join(r.b.dir, filepath.FromSlash(pattern)))
		if err != nil {
			return err
		}
		for _, name := range names {
			p := path.Join(path.Dir(pattern), filepath.Base(name))
			if strings.Count(pattern, "*") > 1 {
				p = path.Join(path.Dir(path.Dir(pattern)), filepath.Base(filepath.Dir(name)), filepath.Base(name))
			}
			var done Changes
			err := r.b.unlessAdded(p, func() error { return r.b.pressShared(p, &done) })
			if r.count(done, 0); err != nil {
				return err
			}
		}
	}
	if want == "" && r.problem() == nil {
		r.b.beside.set(false)
	}
	return nil
}

// sibling judges a file that nothing else accounts for, if it is a sibling of one that is there: it must hold the same.
func (c *checker) sibling(path string) bool {
	source, encoding, ok := SiblingOf(path)
	if !ok {
		return false
	}
	want, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(source)))
	if err != nil {
		return false
	}
	data, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(path)))
	if err == nil {
		data, err = expand(encoding, data)
	}
	if err != nil || !bytes.Equal(data, want) {
		c.problem(path, "not %s compressed, and web servers hand it out for that; run certgen build --force", source)
	}
	return true
}

// pressedAll reports siblings that the site says there are, and that are not.
func (c *checker) pressedAll(path string) {
	if c.site.Precompress == "" || !compressible(path) {
		return
	}
	data, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(path)))
	if err != nil {
		return // which is said elsewhere
	}
	for _, encoding := range c.site.Precompress.Names() {
		if _, err := os.Lstat(filepath.Join(c.dir, filepath.FromSlash(path+"."+encoding))); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if form, err := c.press.smaller(encoding, data); err == nil && form != nil {
			c.problem(path+"."+encoding, "missing; run certgen build")
		}
	}
}

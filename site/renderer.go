package site

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"html/template"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/yuin/goldmark"

	"laurel/credential"
	"laurel/internal/picture"
	"laurel/templates"
)

// generator is part of every stamp. Raise it whenever the program itself renders the same documents and templates to
// other bytes, so that trees built by an older program are built anew.
const generator = "laurel 14"

// stamp is a digest of everything an output depends on.
type stamp [16]byte

// Renderer turns signed documents into pages and pictures by one Set of templates, whose pages, layouts and fonts it
// has parsed once. It does not change and is safe for concurrent use.
type Renderer struct {
	set      *templates.Set
	fontDirs []string
	fonts    *picture.Fonts
	layouts  map[string]layout
	pages    *pages
	assets   assets
	markdown goldmark.Markdown

	fontsPrint stamp
	fontsSeen  string // names, sizes and times of the files below fontDirs
	pagesPrint stamp  // of everything that pages depend on, apart from documents

	mu       sync.Mutex
	criteria map[string]template.HTML // rendered narratives, which few templates give to many certificates
}

type layout struct {
	*picture.Layout
	print stamp // of the layout's text and of the fonts
}

// NewRenderer parses what the set holds, and the fonts below fontDirs. Errors about a file read FILE:LINE:COL: what,
// and what to do.
func NewRenderer(t *templates.Set, fontDirs []string) (*Renderer, error) {
	return newRenderer(t, fontDirs, nil)
}

// newRenderer takes over from an older renderer what has not changed: fonts above all, which take long to parse.
func newRenderer(t *templates.Set, fontDirs []string, old *Renderer) (*Renderer, error) {
	r := &Renderer{set: t, fontDirs: fontDirs, layouts: map[string]layout{}, markdown: newMarkdown(), criteria: map[string]template.HTML{}}
	if err := r.loadFonts(old); err != nil {
		return nil, err
	}
	var err error
	if r.assets, err = loadAssets(t); err != nil {
		return nil, err
	}
	r.pages, err = loadPages(t)
	err = errors.Join(err, r.compileLayouts(old))
	if err != nil {
		return nil, err
	}
	r.pagesPrint = digest(func(h hash.Hash) {
		put(h, []byte(generator))
		for _, dir := range []string{"pages", "locales"} {
			for _, name := range t.List(dir) {
				data, _, _ := t.Read(name)
				put(h, []byte(name), data)
			}
		}
		for _, a := range r.assets.files {
			put(h, []byte(a.path))
		}
	})
	return r, r.try()
}

// Templates returns the set that the renderer was made from.
func (r *Renderer) Templates() *templates.Set { return r.set }

// Template returns the template that a certificate's looks come from: the one it was issued from, or, where that is
// gone, the embedded one of its type, with ok false.
func (r *Renderer) Template(c *credential.Credential) (t *templates.Certificate, ok bool) {
	if t, ok := r.set.Certificate(c.TemplateID()); ok && t.Type == c.Kind() {
		return t, true
	}
	return r.set.Default(c.Kind()), false
}

// Compose sets the picture of a certificate, every fact of it from the signed document. The error is a
// *picture.TextError where a text cannot be set; then the certificate must not be issued.
func (r *Renderer) Compose(c *credential.Credential) (*picture.Picture, error) {
	return r.compose(Papers{Credential: c})
}

// compose is Compose with the band that the statements on the certificate call for.
func (r *Renderer) compose(c Papers) (*picture.Picture, error) {
	l, t, err := r.layoutOf(c.Credential)
	if err != nil {
		return nil, err
	}
	return l.Compose(bandedValues(t, c))
}

func (r *Renderer) layoutOf(c *credential.Credential) (layout, *templates.Certificate, error) {
	t, _ := r.Template(c)
	if t == nil {
		return layout{}, nil, fmt.Errorf("certificate %s is of the unknown type %q", c.Number(), c.Kind())
	}
	l, ok := r.layouts[t.Layout]
	if !ok {
		return layout{}, nil, fmt.Errorf("%s: layout %q not found; have: %s", t.Where, t.Layout, strings.Join(slices.Sorted(maps.Keys(r.layouts)), ", "))
	}
	return l, t, nil
}

// narrative renders the signed criteria of a certificate.
func (r *Renderer) narrative(source string) (template.HTML, error) {
	r.mu.Lock()
	out, ok := r.criteria[source]
	r.mu.Unlock()
	if ok {
		return out, nil
	}
	out, err := render(r.markdown, source)
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.criteria) >= 256 {
		clear(r.criteria)
	}
	r.criteria[source] = out
	return out, nil
}

func (r *Renderer) compileLayouts(old *Renderer) error {
	var problems []error
	for _, name := range r.set.List("layouts") {
		base, ok := strings.CutSuffix(path.Base(name), ".yaml")
		if !ok || path.Dir(name) != "layouts" {
			continue
		}
		data, where, err := r.set.Read(name)
		if err != nil {
			return err
		}
		h := sha256.New()
		put(h, []byte(generator), []byte(where), data, r.fontsPrint[:])
		l, err := picture.CompileWith(where, data, r.fonts, r.layoutFiles(h))
		if err != nil {
			problems = append(problems, err)
			continue
		}
		print := stamp(h.Sum(nil)[:len(stamp{})])
		if old != nil && old.layouts[base].print == print {
			l = old.layouts[base].Layout // with what it has painted already
		}
		r.layouts[base] = layout{l, print}
	}
	return errors.Join(problems...)
}

// layoutFiles opens the files that a layout refers to, which lie beside it, and hashes what is read.
func (r *Renderer) layoutFiles(h hash.Hash) picture.Files {
	return func(name string) ([]byte, string, error) {
		if !fs.ValidPath(name) {
			return nil, "", fmt.Errorf("%q is not a name of a file in the folder layouts", name)
		}
		data, where, err := r.set.Read("layouts/" + name)
		if err == nil {
			put(h, []byte(name), data)
		}
		return data, where, err
	}
}

// loadFonts parses the set's fonts and those below fontDirs, unless the old renderer has parsed the same. An edit of
// templates must not read a hundred megabytes of fonts again to find that out, so files of folders are told by size and
// time, as the manifest tells outputs.
func (r *Renderer) loadFonts(old *Renderer) (err error) {
	if r.fontsSeen, err = seeFonts(r.fontDirs); err != nil {
		return err
	}
	if old != nil && old.fontsSeen == r.fontsSeen && !slices.ContainsFunc(r.set.Changed(old.set), isFont) {
		r.fonts, r.fontsPrint = old.fonts, old.fontsPrint
		return nil
	}
	var fonts []picture.Font
	h := sha256.New()
	for _, name := range r.set.List("fonts") {
		if !isFont(name) {
			continue
		}
		data, _, err := r.set.Read(name)
		if err != nil {
			return err
		}
		fonts = append(fonts, picture.Font{Name: path.Base(name), Data: data})
		put(h, []byte(name), data)
	}
	for _, dir := range r.fontDirs {
		if err := hashFonts(h, dir); err != nil {
			return err
		}
	}
	r.fontsPrint = stamp(h.Sum(nil)[:len(stamp{})])
	if old != nil && old.fontsPrint == r.fontsPrint {
		r.fonts = old.fonts
		return nil
	}
	r.fonts, err = picture.LoadFonts(fonts, r.fontDirs...)
	return err
}

// seeFonts lists the font files below dirs with their sizes and times.
func seeFonts(dirs []string) (string, error) {
	var seen strings.Builder
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return fmt.Errorf("font folder: %w", err)
			}
			if d.IsDir() || !isFont(d.Name()) {
				return nil
			}
			info, err := os.Stat(p)
			if err != nil {
				return fmt.Errorf("font folder: %w", err)
			}
			fmt.Fprintf(&seen, "%q %d %d\n", p, info.Size(), info.ModTime().UnixNano())
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return seen.String(), nil
}

func isFont(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".ttf", ".otf", ".ttc", ".otc":
		return true
	}
	return false
}

func hashFonts(h hash.Hash, dir string) error {
	return filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("font folder: %w", err)
		}
		if d.IsDir() || !isFont(d.Name()) {
			return nil
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return fmt.Errorf("font folder: %w", err)
		}
		put(h, []byte(d.Name()), data)
		return nil
	})
}

// digest returns the beginning of the SHA-256 of what fill puts.
func digest(fill func(hash.Hash)) stamp {
	h := sha256.New()
	fill(h)
	return stamp(h.Sum(nil)[:len(stamp{})])
}

// put hashes parts with their lengths, so that no two lists of parts hash alike.
func put(h hash.Hash, parts ...[]byte) {
	for _, p := range parts {
		n := len(p)
		h.Write([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		h.Write(p)
	}
}

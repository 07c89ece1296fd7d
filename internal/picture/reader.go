package picture

import (
	"fmt"
	"image/color"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// reader reads one variant of a layout.
type reader struct {
	*source
	layout  *Layout
	variant *variant
	colours map[string]uint8 // index in variant.palette.base
	faces   map[string]*typeface
	words   map[string]string
	ids     map[string]*textElement
	extra   []string // values that templates may use beside the layout's own
}

func newReader(s *source, l *Layout, name string) *reader {
	return &reader{source: s, layout: l, variant: &variant{name: name},
		colours: map[string]uint8{}, faces: map[string]*typeface{}, words: map[string]string{}, ids: map[string]*textElement{}}
}

func (r *reader) read(top *fields) *variant {
	top.asked = append(top.asked, "switches", "set", "values", "shared")
	r.readColours(top)
	r.readCanvas(top)
	r.readFaces(top)
	r.readWords(top)
	items, ok := listOf(top.get("elements"))
	if !ok {
		r.fail(top.at, "elements: needs a list of what is drawn, from the ground up")
	}
	for _, it := range items {
		r.readElement(r.fields(it))
	}
	r.readBands(top)
	r.settleOwn()
	top.done()
	return r.variant
}

func (r *reader) readCanvas(top *fields) {
	f := r.fields(cmpNode(top.get("canvas"), top.at))
	size := f.numbers("size", 2)
	r.variant.width, r.variant.height = int(size[0]), int(size[1])
	if r.variant.width < 100 || r.variant.height < 100 || r.variant.width > 8000 || r.variant.height > 8000 {
		r.fail(f.at, "canvas: size needs two numbers from 100 to 8000, in pixels")
		r.variant.width, r.variant.height = 100, 100
	}
	if top.has("canvas") {
		r.variant.palette.ground = r.colour(f, "ground", "")
		r.variant.paper = f.number("paper", 0)
		r.variant.palette.full = f.flag("photographic")
		f.done()
	}
}

// readColours reads the colours and the ramps between them, which together are the palette.
func (r *reader) readColours(top *fields) {
	p := &palette{}
	r.variant.palette = p
	f := r.fields(cmpNode(top.get("colours"), top.at))
	if top.has("colours") {
		for _, e := range f.entries {
			n := r.pick(e.Value)
			t, _ := scalar(n)
			c, err := parseColour(t)
			if err != nil {
				r.fail(cmpNode(n, e.Value), "colours: %v", err)
			}
			if _, ok := r.colours[keyText(e)]; ok {
				r.fail(e.Key, "colours: %q stands here twice", keyText(e))
			}
			r.colours[keyText(e)] = uint8(len(p.colours))
			p.colours = append(p.colours, c)
		}
	}
	if len(p.colours) == 0 || len(p.colours) > 64 {
		r.fail(f.at, "colours: needs from 1 to 64 colours, each NAME: \"#RRGGBB\"")
		p.colours = append(p.colours[:0], color.RGBA{A: 255})
	}
	for i := range p.colours {
		p.named = append(p.named, uint8(i))
	}
	r.readRamps(top, p)
}

func (r *reader) readRamps(top *fields, p *palette) {
	n := top.get("ramps")
	items, ok := listOf(n)
	if n != nil && !ok {
		r.fail(n, "ramps: needs a list of [from, to, steps]")
	}
	for _, it := range items {
		parts, ok := listOf(r.pick(it))
		if !ok || len(parts) != 3 {
			r.fail(it, "ramps: each is [from, to, steps], the steps counted to the second colour inclusive")
			continue
		}
		steps := r.number("ramps", r.pick(parts[2]))
		if steps < 1 || steps > 64 {
			r.fail(parts[2], "ramps: steps go from 1 to 64")
			continue
		}
		p.ramp(r.colourNamed(r.pick(parts[0])), r.colourNamed(r.pick(parts[1])), int(steps))
	}
	if len(p.colours) > maxColours {
		r.fail(n, "ramps: these make %d colours; a palette holds %d", len(p.colours), maxColours)
		p.colours = p.colours[:maxColours]
	}
	p.finish()
}

// checkPalette refuses pictures and drawings that bring more colours than there is room for.
func (r *reader) checkPalette(at ast.Node) {
	p := r.variant.palette
	if len(p.colours) > maxColours {
		r.fail(at, "the palette has %d colours with those of this picture and holds %d; give it fewer tints, or canvas: {photographic: true}", len(p.colours), maxColours)
		p.finish()
	}
}

func parseColour(s string) (color.RGBA, error) {
	v, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil || len(s) != 7 || s[0] != '#' {
		return color.RGBA{A: 255}, fmt.Errorf("%q is no colour; write \"#RRGGBB\"", s)
	}
	return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}, nil
}

// colour gives a colour's index by key; without the key, the colour named otherwise, or an error where that is "".
func (r *reader) colour(f *fields, key, otherwise string) uint8 {
	n := f.get(key)
	if n == nil {
		c, ok := r.colours[otherwise]
		if !ok {
			r.fail(f.at, "%s: needs a colour; %s", key, suggest("", keys(r.colours)))
		}
		return c
	}
	return r.colourNamed(n)
}

func (r *reader) colourNamed(n ast.Node) uint8 {
	t, _ := scalar(n)
	c, ok := r.colours[t]
	if !ok {
		r.fail(n, "no colour %q; %s", t, suggest(t, keys(r.colours)))
	}
	return c
}

// readFaces reads the faces: a list of fonts, or one list for texts with Chinese (han) and one for others.
func (r *reader) readFaces(top *fields) {
	n := top.get("faces")
	if n == nil {
		r.fail(top.at, "faces: needs at least one face, NAME: [FONT, …]; have: %s", strings.Join(r.layout.fonts.names(), ", "))
		return
	}
	for _, e := range r.fields(n).entries {
		v := r.pick(e.Value)
		t := &typeface{}
		if _, ok := listOf(v); ok {
			t.han = r.fontList(v)
			t.other = t.han
		} else if f := r.fields(v); len(f.entries) > 0 {
			t.han, t.other = r.fontList(f.get("han")), r.fontList(f.get("other"))
			f.done()
		}
		t.key = fontKey(t.han) + "/" + fontKey(t.other)
		r.faces[keyText(e)] = t
	}
}

// fontList reads font names and adds every other loaded font after them: the fallback.
func (r *reader) fontList(n ast.Node) []*face {
	items, ok := listOf(n)
	if !ok || len(items) == 0 {
		r.fail(n, "faces: needs a list of fonts; have: %s", strings.Join(r.layout.fonts.names(), ", "))
	}
	var out []*face
	used := map[*face]bool{}
	for _, it := range items {
		t, _ := scalar(it)
		f := r.layout.fonts.byName[t]
		if f == nil {
			r.fail(it, "font %q not found; %s", t, suggest(t, r.layout.fonts.names()))
			continue
		}
		if !used[f] {
			out, used[f] = append(out, f), true
		}
	}
	for _, f := range r.layout.fonts.fonts {
		if !used[f] {
			out = append(out, f)
		}
	}
	return out
}

func fontKey(list []*face) string {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%d,", f.index)
	}
	return b.String()
}

func (r *reader) face(f *fields) *typeface { return r.faceNamed(f, "face") }

func (r *reader) faceNamed(f *fields, key string) *typeface {
	name := f.text(key, "")
	t := r.faces[name]
	if t == nil {
		r.fail(cmpNode(f.get(key), f.at), "no face %q; %s", name, suggest(name, keys(r.faces)))
		return &typeface{}
	}
	return t
}

func (r *reader) readWords(top *fields) {
	n := top.get("words")
	if n == nil {
		return
	}
	for _, e := range r.fields(n).entries {
		t, ok := scalar(r.pick(e.Value))
		if !ok {
			r.fail(e.Value, "words: %s needs a text", keyText(e))
		}
		for _, v := range r.layout.values {
			if v == keyText(e) {
				r.fail(e.Key, "%q is a value already; a word needs a name of its own", v)
			}
		}
		r.words[keyText(e)] = t
	}
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

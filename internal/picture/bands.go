package picture

import (
	_ "embed"
	"image/color"
	"maps"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// defaultBands are the bands of a layout that has none of its own: no layout can show a revoked certificate as though
// nothing had happened.
//
//go:embed bands.yaml
var defaultBands []byte

// stateValue is the value that calls for a band: the name of one of the states, or "" or absent for none.
const stateValue = "state"

// bandValues are the values of a band's line; they are needed where there is a state, and may be empty.
var bandValues = []string{"state_date", "state_reason", "replacement"}

// bandStyle is the band of one state.
type bandStyle struct {
	colour      color.RGBA
	words       [2]template // the first in the display face, the second in sans capitals
	line        []template
	grey, cross bool
}

// bandPlace is where a layout has its bands.
type bandPlace struct {
	height        float64
	down          bool // the lines cross from the upper left to the lower right
	display, sans *typeface
}

// readBands reads `bands: {height, cross, display, sans, states}`, all of it optional, and adds a variant for each state.
func (r *reader) readBands(top *fields) {
	states := builtInBands(r)
	place := bandPlace{height: float64(r.variant.height) * 72 / 1131, display: r.anyFace("display"), sans: r.anyFace("sans")}
	if n := top.get("bands"); n != nil {
		f := r.fields(n)
		place.height = f.number("height", place.height)
		if place.height < 20 || place.height > float64(r.variant.height)/2 {
			r.fail(n, "bands: height goes from 20 pixels to half of the sheet")
		}
		r.readCross(f, &place)
		for key, to := range map[string]**typeface{"display": &place.display, "sans": &place.sans} {
			if f.has(key) {
				*to = r.faceNamed(f, key)
			}
		}
		if s := f.get("states"); s != nil {
			maps.Copy(states, r.bandStyles(r.fields(s))) // a layout that has one of its own still has the others
		}
		f.done()
	}
	r.variant.bands = make(map[string]*variant, len(states))
	for name, style := range states {
		r.variant.bands[name] = r.variant.banded(name, style, place)
	}
}

func (r *reader) readCross(f *fields, place *bandPlace) {
	switch t := f.text("cross", "up"); t {
	case "up":
	case "down":
		place.down = true
	default:
		r.fail(f.get("cross"), "bands: cross is up or down, the way the lines go from left to right; choose the one that misses the code")
	}
}

// builtInBands reads the default bands, which are known to be right.
func builtInBands(r *reader) map[string]*bandStyle {
	src, top, err := parseSource("bands.yaml", defaultBands)
	if err != nil {
		panic(err)
	}
	own := newReader(src, &Layout{fonts: r.layout.fonts}, "")
	styles := own.bandStyles(top)
	if err := src.err(); err != nil {
		panic(err)
	}
	return styles
}

func (r *reader) bandStyles(f *fields) map[string]*bandStyle {
	out := map[string]*bandStyle{}
	r.extra = bandValues
	defer func() { r.extra = nil }()
	for _, e := range f.entries {
		out[keyText(e)] = r.bandStyle(r.fields(e.Value))
	}
	return out
}

func (r *reader) bandStyle(f *fields) *bandStyle {
	defer f.done()
	s := &bandStyle{grey: f.flag("grey"), cross: f.flag("cross")}
	t := f.text("colour", "")
	c, err := parseColour(t)
	if err != nil {
		r.fail(cmpNode(f.get("colour"), f.at), "bands: colour: %v", err)
	}
	s.colour = c
	words := r.templates(f, "words")
	if len(words) != len(s.words) {
		r.fail(f.at, "bands: a state needs words: [its name, its name in the other language]")
		return s
	}
	copy(s.words[:], words)
	s.line = r.templates(f, "line")
	return s
}

func (r *reader) templates(f *fields, key string) []template {
	n := f.get(key)
	items, ok := listOf(n)
	if n != nil && !ok {
		items = []ast.Node{n}
	}
	var out []template
	for _, it := range items {
		out = append(out, r.template(r.pick(it), false))
	}
	return out
}

// anyFace is the face of a name, else any that the layout has.
func (r *reader) anyFace(name string) *typeface {
	if t := r.faces[name]; t != nil {
		return t
	}
	names := keys(r.faces)
	slices.Sort(names)
	if len(names) > 0 {
		return r.faces[names[0]]
	}
	return &typeface{}
}

// banded is the variant with a band of a state over it.
func (v *variant) banded(state string, style *bandStyle, place bandPlace) *variant {
	out := &variant{name: v.name + "/" + state, under: v, width: v.width, height: v.height, paper: v.paper,
		figures: v.figures, texts: v.texts}
	e := &band{bandStyle: style, bandPlace: place, width: float64(v.width), sheet: float64(v.height)}
	out.palette, e.ink, e.white = v.palette.banded(style.colour, style.grey)
	out.elements = append(slices.Clip(v.elements), e)
	return out
}

package picture

import (
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// kinds are the keys that say what an element is; the key's value is its text or its place.
var kinds = []string{"text", "line", "box", "lozenge", "disc", "rosette", "wreath", "guilloche", "qr", "facts", "branch", "round_seal", "square_seal", "image", "gradient", "signature"}

// readElement reads one element and adds it to the variant: to the static layer where it depends on no value, else to
// the elements.
func (r *reader) readElement(f *fields) {
	kind := ""
	for _, e := range f.entries {
		if slices.Contains(kinds, keyText(e)) {
			if kind != "" {
				r.fail(e.Key, "an element is one thing; this one is %s and %s", kind, keyText(e))
			}
			kind = keyText(e)
		}
	}
	conditions, drawn := r.when(f)
	switch kind {
	case "":
		f.asked = append(f.asked, kinds...)
		f.done()
		r.fail(f.at, "an element needs a key that says what it is; have: text, line, box, …")
		return
	case "text":
		r.add(r.textElement(f), conditions, drawn)
	case "facts":
		r.add(r.facts(f), conditions, drawn)
	case "qr":
		r.add(r.code(f), conditions, drawn)
	case "branch":
		r.add(r.branch(f), conditions, drawn)
	case "round_seal":
		r.add(r.roundSeal(f), conditions, drawn)
	case "square_seal":
		r.add(r.squareSeal(f), conditions, drawn)
	case "signature":
		r.signature(f, conditions, drawn)
	case "image":
		figures, alt := r.image(f)
		if alt != "" {
			r.add(&fixedStamp{index: len(r.variant.elements), figures: figures, alt: alt}, conditions, drawn)
			break
		}
		r.addFigures(figures, conditions, drawn)
	default:
		r.addFigures(r.figures(kind, f), conditions, drawn)
	}
	f.done()
}

func (r *reader) add(e element, conditions []condition, drawn bool) {
	if !drawn {
		return
	}
	if len(conditions) > 0 {
		e = &conditional{e, conditions}
	}
	r.variant.elements = append(r.variant.elements, e)
}

func (r *reader) addFigures(figures []figure, conditions []condition, drawn bool) {
	if !drawn {
		return
	}
	if len(conditions) == 0 {
		r.variant.figures = append(r.variant.figures, figures...)
		return
	}
	r.add(&fixedStamp{index: len(r.variant.elements), figures: figures}, conditions, true)
}

// settleOwn finds out which elements look different from picture to picture.
func (r *reader) settleOwn() {
	settle := func(v *variant) {
		v.own = make([]bool, len(v.elements))
		for i, e := range v.elements {
			for _, name := range e.needs() {
				v.own[i] = v.own[i] || !slices.Contains(r.layout.shared, name)
			}
		}
	}
	settle(r.variant)
	for _, b := range r.variant.bands {
		settle(b)
	}
}

// figures reads an element that depends on no value.
func (r *reader) figures(kind string, f *fields) []figure {
	switch kind {
	case "line":
		p := f.numbers("line", 4)
		return []figure{{path: points([]point{{p[0], p[1]}, {p[2], p[3]}}, false), colour: r.colour(f, "colour", ""), width: f.number("width", 1)}}
	case "box":
		return r.box(f)
	case "gradient":
		return r.gradient(f)
	case "lozenge":
		p := f.numbers("lozenge", 3)
		return []figure{{path: lozenge(p[0], p[1], p[2]), colour: r.colour(f, "colour", "")}}
	case "disc":
		p := f.numbers("disc", 3)
		return []figure{disc(p[0], p[1], p[2], r.colour(f, "colour", ""), 0)}
	case "wreath":
		p := f.numbers("wreath", 3)
		return wreath(p[0], p[1], p[2], r.colour(f, "dark", ""), r.colour(f, "light", ""))
	case "rosette":
		p := f.numbers("rosette", 3)
		return rosetteFigures(p[0], p[1], p[2], f.number("depth", .34), r.count(f, "petals", 8), r.count(f, "curves", 4), r.colour(f, "colour", ""), f.number("width", 1))
	}
	p := f.numbers("guilloche", 4)
	if (p[0] == p[2]) == (p[1] == p[3]) {
		r.fail(f.at, "guilloche: needs a horizontal or an upright line [x1, y1, x2, y2]")
		return nil
	}
	step := f.number("step", 8)
	if step < 1 {
		r.fail(f.at, "guilloche: step is at least 1 pixel")
		return nil
	}
	strands := r.count(f, "strands", 4)
	amplitude := f.number("amplitude", 10)
	return woven(stroked(guilloche(p[0], p[1], p[2], p[3], amplitude, strands, step), r.colour(f, "colour", ""), f.number("width", 1)),
		guillocheWeave(p[0], p[1], p[2], p[3], amplitude, strands, step))
}

func (r *reader) box(f *fields) []figure {
	p := f.numbers("box", 4)
	way := rectangle(box{p[0], p[1], p[2], p[3]}, f.number("round", 0))
	var out []figure
	if f.has("fill") {
		out = append(out, figure{path: way, colour: r.colour(f, "fill", "")})
	}
	if f.has("stroke") {
		out = append(out, figure{path: way, colour: r.colour(f, "stroke", ""), width: f.number("width", 1)})
	}
	if len(out) == 0 {
		r.fail(f.at, "box: needs fill, stroke or both, each a colour")
	}
	return out
}

func stroked(paths []path, colour uint8, width float64) []figure {
	out := make([]figure, len(paths))
	for i, p := range paths {
		out[i] = figure{path: p, colour: colour, width: width}
	}
	return out
}

// count reads a whole number from 1 to 200.
func (r *reader) count(f *fields, key string, otherwise int) int {
	v := f.number(key, float64(otherwise))
	if v != float64(int(v)) || v < 1 || v > 200 {
		r.fail(cmpNode(f.get(key), f.at), "%s: needs a whole number from 1 to 200", key)
		return 1
	}
	return int(v)
}

// condition holds where a value is there, or where it is not.
type condition struct {
	value   string
	present bool
}

// when reads an element's conditions. Those on switches are settled now: drawn says whether this variant has the element.
func (r *reader) when(f *fields) (rest []condition, drawn bool) {
	drawn = true
	n := f.get("when")
	if n == nil {
		return nil, true
	}
	for _, e := range r.fields(n).entries {
		name := keyText(e)
		if sw := r.switchNamed(name); sw != nil {
			drawn = drawn && r.optionChosen(e.Value, sw)
			continue
		}
		t, _ := scalar(e.Value)
		switch {
		case !slices.Contains(r.layout.values, name):
			r.fail(e.Key, "when: no value %q; %s", name, suggest(name, r.layout.values))
		case t != "present" && t != "absent":
			r.fail(e.Value, "when: %s is present or absent", name)
		}
		rest = append(rest, condition{name, t == "present"})
	}
	return rest, drawn
}

func (r *reader) switchNamed(name string) *choice {
	for i := range r.switches {
		if r.switches[i].name == name {
			return &r.switches[i]
		}
	}
	return nil
}

func (r *reader) optionChosen(n ast.Node, sw *choice) bool {
	items, ok := listOf(n)
	if !ok {
		items = []ast.Node{n}
	}
	found := false
	for _, it := range items {
		t, _ := scalar(it)
		if !slices.Contains(sw.options, t) {
			r.fail(it, "when: %q is not one of the options of %s; %s", t, sw.name, suggest(t, sw.options))
		}
		found = found || r.chosen[t]
	}
	return found
}

// conditional is an element that is there only where its conditions hold.
type conditional struct {
	element
	conditions []condition
}

func (e *conditional) holds(c *composer) (bool, error) {
	for _, k := range e.conditions {
		s, err := c.values.text(k.value)
		if err != nil || (s != "") != k.present {
			return false, err
		}
	}
	return true, nil
}

func (e *conditional) needs() []string {
	out := slices.Clone(e.element.needs())
	for _, k := range e.conditions {
		out = append(out, k.value)
	}
	return out
}

func (e *conditional) measure(c *composer) error {
	if ok, err := e.holds(c); !ok {
		return err
	}
	return e.element.measure(c)
}

func (e *conditional) place(c *composer) error {
	if t, ok := e.element.(*textElement); ok {
		return t.place(c) // what was not measured draws nothing, and texts below it still know where it would stand
	}
	if ok, err := e.holds(c); !ok {
		return err
	}
	return e.element.place(c)
}

// fixedStamp is made of figures that depend on no value, though whether they are drawn does.
type fixedStamp struct {
	index   int
	figures []figure
	alt     string // what a picture shows, for those who cannot see it
}

func (e *fixedStamp) needs() []string { return nil }

func (e *fixedStamp) measure(*composer) error { return nil }

func (e *fixedStamp) place(c *composer) error {
	c.items = append(c.items, item{kind: itemStamp, stamp: &stamp{
		key: stampKey{variant: c.variant, element: e.index}, bounds: bounds(e.figures), alt: e.alt, draw: func() []figure { return e.figures }}})
	return nil
}

package picture

import "github.com/goccy/go-yaml/ast"

// textElement is a text at a place.
type textElement struct {
	slot     int // in composer.texts
	template template
	field    string
	style    style
	anchor   anchor
	x        float64
	y        position
	last     bool // y is the baseline of the last line, not of the first
}

// position is a baseline: fixed, or below another text's last one; another number may stand where a text has two lines.
type position struct {
	one, two float64
	of       *textElement // whose lines decide; nil: its own
	below    *textElement // whose last baseline it counts from; nil: the top
}

func (r *reader) textElement(f *fields) *textElement {
	e := &textElement{slot: r.variant.texts, style: r.style(f), x: f.number("x", 0), field: f.text("field", "")}
	r.variant.texts++
	e.template = r.template(f.get("text"), f.flag("capitals"))
	if e.field == "" {
		e.field = e.template.name()
	}
	if id := f.text("id", ""); id != "" {
		if r.ids[id] != nil {
			r.fail(f.get("id"), "id %q stands twice", id)
		}
		r.ids[id] = e
	}
	e.anchor = r.anchor(f)
	switch {
	case f.has("y") && f.has("last"):
		r.fail(f.at, "a text has y, its first baseline, or last, its last one, not both")
	case f.has("last"):
		e.last = true
		e.y = r.position(f.get("last"))
	case f.has("y"):
		e.y = r.position(f.get("y"))
	default:
		r.fail(f.at, "a text needs y, its first baseline, or last, its last one")
	}
	return e
}

func (r *reader) anchor(f *fields) anchor {
	switch t := f.text("anchor", "start"); t {
	case "start":
		return anchorStart
	case "middle":
		return anchorMiddle
	case "end":
		return anchorEnd
	default:
		r.fail(f.get("anchor"), "anchor %q; have: start, middle, end", t)
		return anchorStart
	}
}

// style reads how a text is set, from the element's own keys.
func (r *reader) style(f *fields) style {
	s := style{face: r.face(f), language: f.text("language", ""), size: f.number("size", 0), max: f.number("max", 0), tracking: f.number("tracking", 0),
		rise: f.number("rise", 0), fall: f.number("fall", 0), shortHan: f.number("short_han", 0), hang: f.number("hang", 0), hangMarks: f.number("hang_marks", 0), colour: r.colour(f, "colour", "")}
	s.hanTracking = f.number("han_tracking", s.tracking)
	s.least = f.number("least", s.size)
	if s.size < 4 || s.size > 1000 || s.least > s.size || s.least < 4 {
		r.fail(f.at, "size goes from 4 to 1000 pixels, and least from 4 to size")
	}
	if s.rise < 0 || s.fall < 0 {
		r.fail(f.at, "rise and fall are the pixels that a text may go above and below its baseline")
	}
	if n := f.get("two"); n != nil {
		t := r.fields(n)
		s.two = twoLines{size: t.number("size", s.least), leading: t.number("leading", 1.2), rise: t.number("rise", 0)}
		s.two.least = t.number("least", s.two.size)
		if s.two.size < 4 || s.two.least > s.two.size || s.two.least < 4 {
			r.fail(n, "two: size goes from 4 pixels, and least from 4 to size")
		}
		t.done()
		if s.max == 0 {
			r.fail(n, "two lines need a max, the width above which a text has them")
		}
	}
	r.variant.styles = append(r.variant.styles, s)
	return s
}

// position reads NUMBER, {one: NUMBER, two: NUMBER}, either with of: ID, or {below: ID, by: one of those}.
func (r *reader) position(n ast.Node) position {
	if _, ok := scalar(n); ok {
		v := r.number("y", n)
		return position{one: v, two: v}
	}
	f := r.fields(n)
	defer f.done()
	if f.has("below") {
		below := r.text(f, "below")
		p := position{}
		if by := f.get("by"); by != nil {
			p = r.position(by)
		}
		if p.of == nil {
			p.of = below
		}
		p.below = below
		return p
	}
	p := position{one: f.number("one", 0), two: f.number("two", 0)}
	if !f.has("one") || !f.has("two") {
		r.fail(n, "needs a number, {one: NUMBER, two: NUMBER} or {below: ID, by: NUMBER}")
	}
	if f.has("of") {
		p.of = r.text(f, "of")
	}
	return p
}

// text finds an earlier text by its id.
func (r *reader) text(f *fields, key string) *textElement {
	id := f.text(key, "")
	e := r.ids[id]
	if e == nil {
		r.fail(f.get(key), "%s: no text above has the id %q; %s", key, id, suggest(id, keys(r.ids)))
	}
	return e
}

func (p *position) at(c *composer, own *textElement) float64 {
	of := p.of
	if of == nil {
		of = own
	}
	y := p.one
	if c.texts[of.slot].text.n == 2 {
		y = p.two
	}
	if p.below != nil {
		y += c.texts[p.below.slot].last
	}
	return y
}

// needs are its own values, and those of the texts that decide where it stands.
func (e *textElement) needs() []string { return append(e.y.needs(e), e.template.needs()...) }

func (p *position) needs(own *textElement) []string {
	var out []string
	for _, t := range []*textElement{p.of, p.below} {
		if t != nil && t != own {
			out = append(out, t.needs()...)
		}
	}
	return out
}

func (e *textElement) measure(c *composer) error {
	text, err := e.template.fill(c.values)
	if err != nil || text == "" {
		return err
	}
	t := &c.texts[e.slot].text
	*t, err = c.set(&e.style, e.field, text)
	t.said.fixed = e.template.fixed()
	return err
}

func (e *textElement) place(c *composer) error {
	m := &c.texts[e.slot]
	first := e.y.at(c, e)
	step := m.text.leading * m.text.size
	if e.last {
		first -= step * float64(max(m.text.n-1, 0))
	}
	m.last = first
	for i := 0; i < m.text.n; i++ {
		m.last = first + step*float64(i)
		c.line(&e.style, &m.text, i, e.x, m.last, e.anchor)
	}
	return nil
}

package picture

import (
	"image"
	"math"
	"strconv"
)

// roundSeal is a decorated ring with the issuer's name along it and the year in its middle. It has no star and claims
// nothing: a registered seal is the organisation's to give.
type roundSeal struct {
	index         int
	x, y, r       float64
	ring, middle  template
	field         string
	ringStyle     style
	colour, paper uint8
}

func (r *reader) roundSeal(f *fields) *roundSeal {
	p := f.numbers("round_seal", 3)
	e := &roundSeal{index: len(r.variant.elements), x: p[0], y: p[1], r: p[2], field: f.text("field", ""),
		ring: r.template(f.get("ring"), false), middle: r.template(f.get("middle"), false),
		colour: r.colour(f, "colour", ""), paper: r.colour(f, "paper", "")}
	e.ringStyle = style{face: r.face(f), size: e.r * .172, least: 1, tracking: .1, colour: e.colour}
	if e.field == "" {
		e.field = e.ring.name()
	}
	return e
}

func (e *roundSeal) needs() []string { return append(e.ring.needs(), e.middle.needs()...) }

func (e *roundSeal) measure(*composer) error { return nil }

func (e *roundSeal) place(c *composer) error {
	ring, err := e.ring.fill(c.values)
	if err != nil {
		return err
	}
	middle, err := e.middle.fill(c.values)
	if err != nil {
		return err
	}
	around, err := c.shape(&e.ringStyle, e.ringStyle.tracking, e.field, ring)
	if err != nil {
		return err
	}
	year, err := c.shape(&e.ringStyle, .04, e.field, middle)
	if err != nil {
		return err
	}
	c.items = append(c.items, item{kind: itemStamp, stamp: &stamp{
		key:    stampKey{variant: c.variant, element: e.index, a: ring, b: middle},
		bounds: square(e.x, e.y, e.r*1.1),
		says:   ring + " " + middle,
		draw:   func() []figure { return e.draw(around, year, ring, middle) }}})
	return nil
}

func (e *roundSeal) draw(ring, year *shaped, words, middle string) []figure {
	x, y, r := e.x, e.y, e.r
	out := []figure{
		{path: scallop(x, y, r), colour: e.colour, weave: scallopWeave(x, y, r)},
		disc(x, y, r*.93, e.paper, 0),
		disc(x, y, r*.89, e.colour, 1.5),
	}
	size, room := e.ringStyle.size, 1.55*math.Pi*r*.69
	if w := ring.at(size, e.ringStyle.tracking); w > room {
		size *= room / w
	}
	out = append(out, arc(ring, words, x, y, r*.69, size, e.ringStyle.tracking, e.colour)...)
	out = append(out, disc(x, y+r*.76, r*.035, e.colour, 0),
		figure{path: leaf(x-r*.08, y+r*.765, math.Pi+.12, r*.22, r*.05, 0), colour: e.colour},
		figure{path: leaf(x+r*.08, y+r*.765, -.12, r*.22, r*.05, 0), colour: e.colour},
		disc(x, y, r*.59, e.colour, 1.5))
	out = append(out, rosetteFigures(x, y, r*.55, .2, 18, 4, e.colour, .9)...)
	out = append(out, disc(x, y, r*.33, e.paper, 0))
	return append(out, straight(year, middle, x, y+r*.085, r*.24, .04, e.colour)...)
}

// square is the box of whole pixels within r of (x, y).
func square(x, y, r float64) image.Rectangle {
	return image.Rect(int(math.Floor(x-r)), int(math.Floor(y-r)), int(math.Ceil(x+r)), int(math.Ceil(y+r)))
}

// arc sets a text cluster by cluster about the top of a circle, each cluster's middle on the radius.
func arc(s *shaped, text string, x, y, r, size, tracking float64, colour uint8) []figure {
	var out []figure
	a := -tau/4 - s.at(size, tracking)/r/2
	for i := 0; i < len(s.glyphs); {
		j, w := i, 0.0
		for ; j < len(s.glyphs) && (j == i || !s.glyphs[j].first); j++ {
			w += s.glyphs[j].advance * size
		}
		a += w / 2 / r
		turn := a + tau/4
		pen := -w / 2
		for ; i < j; i++ {
			g := s.glyphs[i]
			u, v := pen+g.dx*size, -g.dy*size
			out = append(out, figure{colour: colour, glyph: &turned{size: size, angle: turn, text: s.text(text, i), placed: placed{face: g.face, id: g.id,
				x: x + r*math.Cos(a) + u*math.Cos(turn) - v*math.Sin(turn), y: y + r*math.Sin(a) + u*math.Sin(turn) + v*math.Cos(turn)}}})
			pen += g.advance * size
		}
		a += w / 2 / r
		if j < len(s.glyphs) && s.glyphs[j].gap {
			a += tracking * size / r
		}
	}
	return out
}

// straight sets a text centred on x.
func straight(s *shaped, text string, x, y, size, tracking float64, colour uint8) []figure {
	var out []figure
	pen := x - s.at(size, tracking)/2
	for i, g := range s.glyphs {
		if g.gap {
			pen += tracking * size
		}
		out = append(out, figure{colour: colour, glyph: &turned{size: size, text: s.text(text, i), placed: placed{face: g.face, id: g.id, x: pen + g.dx*size, y: y - g.dy*size}}})
		pen += g.advance * size
	}
	return out
}

// squareSeal is the year cut out of a flat square, in Chinese numerals by columns from the right, or in figures by rows.
type squareSeal struct {
	index         int
	x, y, side    float64
	year          template
	han           bool
	style         style
	colour, paper uint8
}

func (r *reader) squareSeal(f *fields) *squareSeal {
	p := f.numbers("square_seal", 3)
	e := &squareSeal{index: len(r.variant.elements), x: p[0], y: p[1], side: p[2], year: r.template(f.get("year"), false),
		colour: r.colour(f, "colour", ""), paper: r.colour(f, "paper", ""), style: style{face: r.face(f)}}
	switch t := f.text("numerals", "figures"); t {
	case "han":
		e.han = true
	case "figures":
	default:
		r.fail(f.get("numerals"), "numerals: %q; have: han, figures", t)
	}
	return e
}

func (e *squareSeal) needs() []string { return e.year.needs() }

func (e *squareSeal) measure(*composer) error { return nil }

func (e *squareSeal) place(c *composer) error {
	year, err := e.year.fill(c.values)
	if err != nil {
		return err
	}
	if _, err := strconv.ParseUint(year, 10, 16); err != nil || len(year) != 4 {
		return &TextError{Field: e.year.name(), Text: year, Err: ErrOverflow} // four places, no more and no fewer
	}
	var digits [4]*shaped
	var words [4]string
	for i, d := range []byte(year) {
		s := string(d)
		if e.han {
			s = string([]rune("〇一二三四五六七八九")[d-'0'])
		}
		words[i] = s
		if digits[i], err = c.shape(&e.style, 0, e.year.name(), s); err != nil {
			return err
		}
	}
	c.items = append(c.items, item{kind: itemStamp, stamp: &stamp{
		key: stampKey{variant: c.variant, element: e.index, a: year}, bounds: square(e.x+e.side/2, e.y+e.side/2, e.side/2+1),
		says: year, draw: func() []figure { return e.draw(digits, words) }}})
	return nil
}

func (e *squareSeal) draw(digits [4]*shaped, words [4]string) []figure {
	x, y, s := e.x, e.y, e.side
	out := []figure{
		{path: rectangle(box{x, y, s, s}, s*.07), colour: e.colour},
		{path: rectangle(box{x + s*.06, y + s*.06, s * .88, s * .88}, s*.04), colour: e.paper, width: s * .018},
	}
	for i, d := range digits {
		column, row := float64(i%2), float64(i/2)
		px, py, size := .34+.32*column, .46+.385*row, s*.42
		if e.han {
			column, row = 1-float64(i/2), float64(i%2)
			px, py, size = .31+.38*column, .445+.375*row, s*.375
		}
		out = append(out, straight(d, words[i], x+s*px, y+s*py, size, 0, e.paper)...)
	}
	return out
}

package picture

import (
	"math"
	"sync"

	"laurel/internal/pdf"
)

// vectorLayer is what all documents of a variant share, made when first needed.
type vectorLayer struct {
	once    sync.Once
	inks    []string // the operands of each colour
	sheet   *form    // the ground and the static figures
	profile []byte   // the packed colour profile
	grey    bool     // pictures are shown in grey
}

func (v *variant) vectors() *vectorLayer {
	l := &v.vector
	l.once.Do(func() {
		for _, c := range v.palette.colours {
			l.inks = append(l.inks, ink(c.R, c.G, c.B))
		}
		l.grey = v.palette.grey
		s := newShapes(l.inks, l.grey)
		s.fill(v.palette.ground)
		s.Raw("0 0 ")
		s.Num(float64(v.width), float64(v.height))
		s.Raw("re f\n")
		s.figures(v.figures)
		l.sheet = s.form(box{0, 0, float64(v.width), float64(v.height)})
		l.profile = pdf.PackOnce(pdf.SRGB())
	})
	return l
}

// ink writes a colour's operands: three decimals tell 255 steps apart.
func ink(r, g, b uint8) string {
	out := make([]byte, 0, 18)
	for _, c := range []uint8{r, g, b} {
		switch m := (int(c)*1000 + 127) / 255; {
		case m == 1000:
			out = append(out, "1 "...)
		case m == 0:
			out = append(out, "0 "...)
		default:
			out = append(out, '.', byte('0'+m/100), byte('0'+m/10%10), byte('0'+m%10), ' ')
		}
	}
	return string(out)
}

// form is a form XObject (ISO 32000-1 §8.10): a drawing that others draw by its name.
type form struct {
	data []byte // packed
	box  box
	uses []*form // P0, P1 …

	shadings [][]byte   // H0, H1 …
	image    *pdf.Image // a picture rather than a drawing
}

// form writes a form once a document.
func (d *document) form(f *form) pdf.Ref {
	if r, ok := d.written[f]; ok {
		return r
	}
	if f.image != nil {
		r := d.Image(f.image)
		d.written[f] = r
		return r
	}
	uses := make([]pdf.Ref, len(f.uses))
	for i, u := range f.uses {
		uses[i] = d.form(u)
	}
	r := d.Reserve()
	d.written[f] = r
	d.Open(r)
	d.Raw("<</Type/XObject/Subtype/Form/BBox[")
	d.Num(f.box.x, f.box.y, f.box.x+f.box.w, f.box.y+f.box.h)
	d.Raw("]/Resources<<")
	if len(uses) > 0 {
		d.Raw("/XObject<<")
		for i, u := range uses {
			d.Raw("/P")
			d.Int(i)
			d.Raw(" ")
			d.Ref(u)
		}
		d.Raw(">>")
	}
	if len(f.shadings) > 0 {
		d.Raw("/Shading<<")
		for i, h := range f.shadings {
			d.Raw("/H")
			d.Int(i)
			d.B = append(d.B, h...)
		}
		d.Raw(">>")
	}
	d.Raw(">>")
	d.Stream(f.data, true)
	d.Close()
	return r
}

// shapes writes figures as operators, in the layout's pixels.
type shapes struct {
	pdf.Buffer
	inks         []string
	uses         []*form
	rounds       map[string]*form // by their operators
	filled, line int              // the colours set; −1: none
	width        float64          // of lines, as set
	shadings     [][]byte
	grey         bool // pictures are shown in grey
}

func newShapes(inks []string, grey bool) *shapes {
	s := &shapes{inks: inks, grey: grey, filled: -1, line: -1, rounds: map[string]*form{}}
	s.Raw("1 j\n") // round joins, as the PNG has them
	return s
}

func (s *shapes) form(b box) *form {
	return &form{data: pdf.PackOnce(s.B), box: b, uses: s.uses, shadings: s.shadings}
}

func (s *shapes) fill(colour uint8) {
	if s.filled != int(colour) {
		s.filled = int(colour)
		s.Raw(s.inks[colour])
		s.Raw("rg\n")
	}
}

func (s *shapes) stroke(colour uint8, width float64) {
	if s.line != int(colour) {
		s.line = int(colour)
		s.Raw(s.inks[colour])
		s.Raw("RG\n")
	}
	if s.width != width {
		s.width = width
		s.Num(width)
		s.Raw("w\n")
	}
}

// figures writes figures that are no glyphs.
func (s *shapes) figures(figures []figure) {
	for i := 0; i < len(figures); {
		f := &figures[i]
		if f.picture != nil || f.shade != nil {
			s.special(f)
			i++
			continue
		}
		if f.width > 0 {
			s.stroke(f.colour, f.width)
		} else {
			s.fill(f.colour)
		}
		n := 1
		if f.weave != nil {
			for i+n < len(figures) && f.like(&figures[i+n]) {
				n++
			}
			s.weave(figures[i : i+n])
		} else {
			appendPath(&s.Buffer, f.path)
			s.Raw(f.paint())
		}
		i += n
	}
}

// paint is the operator that paints a figure's path.
func (f *figure) paint() string {
	if f.width > 0 {
		return "S\n"
	}
	if f.evenOdd {
		return "f*\n"
	}
	return "f\n"
}

// special writes a picture, or what is filled with a gradient.
func (s *shapes) special(f *figure) {
	s.Raw("q ")
	if b := f.picture; b != nil {
		s.Num(b.at.w)
		s.Raw("0 0 ")
		s.Num(-b.at.h, b.at.x, b.at.y+b.at.h)
		s.Raw("cm /P")
		s.Int(len(s.uses))
		s.Raw(" Do Q\n")
		s.uses = append(s.uses, &form{image: b.embedded(s.grey)})
		return
	}
	appendPath(&s.Buffer, f.path)
	s.Raw("W n /H")
	s.Int(len(s.shadings))
	s.Raw(" sh Q\n")
	s.shadings = append(s.shadings, f.shade.shading(s.inks))
}

// like tells strands of one weave.
func (f *figure) like(g *figure) bool {
	return g.weave != nil && *g.weave == *f.weave && g.colour == f.colour && g.width == f.width && len(g.path) == len(f.path)
}

func appendPath(b *pdf.Buffer, p path) {
	for i := range p {
		switch q := &p[i].p; p[i].op {
		case moveTo:
			b.Num(q[0].x, q[0].y)
			b.Raw("m\n")
		case lineTo:
			b.Num(q[0].x, q[0].y)
			b.Raw("l\n")
		case cubicTo:
			b.Num(q[0].x, q[0].y, q[1].x, q[1].y, q[2].x, q[2].y)
			b.Raw("c\n")
		case closePath:
			b.Raw("h\n")
		}
	}
}

// weave writes strands that repeat themselves: one round of them as a form, drawn as often as it takes; what is left of
// an open strand at the end as it is. Each round reaches a little into the next, so that no seam shows.
func (s *shapes) weave(strands []figure) {
	w := strands[0].weave
	origin, closed := w.about, w.turn != 0
	if !closed {
		origin = strands[0].path[0].p[0]
	}
	var round pdf.Buffer
	var rests []func()
	rounds := 0
	for i := range strands {
		c := newCurve(&strands[i], origin)
		rounds = c.rounds()
		c.round(&round, strands[i].width == 0)
		rests = append(rests, func() { c.rest(&s.Buffer, rounds) })
	}
	round.Raw(strands[0].paint())
	s.Raw("q 1 0 0 1 ")
	s.Num(origin.x, origin.y)
	s.Raw("cm\n")
	if !closed {
		for _, rest := range rests {
			rest()
		}
		s.Raw("S\n")
	}
	name := s.roundForm(round.B, strands)
	for range rounds {
		s.Raw("/P")
		s.Int(name)
		s.Raw(" Do ")
		if closed {
			sin, cos := math.Sincos(w.turn)
			s.Fine(cos, sin, -sin, cos)
			s.Raw("0 0 cm\n")
		} else {
			s.Raw("1 0 0 1 ")
			s.Num(w.by.x, w.by.y)
			s.Raw("cm\n")
		}
	}
	s.Raw("Q\n")
}

// roundForm gives the number of a round's form, which ornaments of one shape share. It has no colour of its own.
func (s *shapes) roundForm(operators []byte, strands []figure) int {
	f := s.rounds[string(operators)]
	if f == nil {
		b := bounds(strands)
		w, h := float64(b.Dx()), float64(b.Dy())
		f = &form{data: pdf.PackOnce(operators), box: box{-w, -h, 2 * w, 2 * h}}
		s.rounds[string(operators)] = f
		s.uses = append(s.uses, f)
	}
	for i, u := range s.uses {
		if u == f {
			return i
		}
	}
	return 0
}

// curve is a strand: points on a smooth line, which goes on beyond its ends as its weave says.
type curve struct {
	points []point // from the origin
	weave  *weave
	step   int // points between those that are written
}

func newCurve(f *figure, origin point) *curve {
	c := &curve{weave: f.weave, step: 1, points: make([]point, 0, len(f.path))}
	for i := range f.path {
		if op := f.path[i].op; op == moveTo || op == lineTo {
			c.points = append(c.points, point{f.path[i].p[0].x - origin.x, f.path[i].p[0].y - origin.y})
		}
	}
	if f.weave.every%3 == 0 && f.weave.every >= 12 { // a third of the points are enough for a smooth line
		c.step = 3
	}
	return c
}

// rounds that can be drawn whole; of an open strand, one that reaches the end is left to rest.
func (c *curve) rounds() int {
	if c.weave.turn != 0 {
		return len(c.points) / c.weave.every
	}
	return max(0, (len(c.points)-2)/c.weave.every)
}

func (c *curve) at(k int) point {
	n := len(c.points)
	switch {
	case c.weave.turn != 0:
		return c.points[(k+n)%n]
	case k < 0:
		p := c.at(k + c.weave.every)
		return point{p.x - c.weave.by.x, p.y - c.weave.by.y}
	case k >= n:
		p := c.at(k - c.weave.every)
		return point{p.x + c.weave.by.x, p.y + c.weave.by.y}
	}
	return c.points[k]
}

// to writes the cubic from a point to another that lies some points on: through both, along the line's own directions.
func (c *curve) to(b *pdf.Buffer, k, n int) {
	p, q := c.at(k), c.at(k+n)
	before, after := c.at(k-1), c.at(k+1)
	last, next := c.at(k+n-1), c.at(k+n+1)
	t := float64(n) / 6
	b.Num(p.x+(after.x-before.x)*t, p.y+(after.y-before.y)*t, q.x-(next.x-last.x)*t, q.y-(next.y-last.y)*t, q.x, q.y)
	b.Raw("c\n")
}

// round writes one round and a step of the next; a filled one as a sector about the centre.
func (c *curve) round(b *pdf.Buffer, filled bool) {
	p := c.at(0)
	if filled {
		b.Raw("0 0 m ")
	}
	b.Num(p.x, p.y)
	b.Raw(map[bool]string{true: "l\n", false: "m\n"}[filled])
	for k := 0; k <= c.weave.every; k += c.step {
		c.to(b, k, c.step)
	}
	if filled {
		b.Raw("h\n")
	}
}

// rest writes what comes after some rounds.
func (c *curve) rest(b *pdf.Buffer, rounds int) {
	k := rounds * c.weave.every
	p := c.at(k)
	b.Num(p.x, p.y)
	b.Raw("m\n")
	for last := len(c.points) - 1; k < last; {
		n := min(c.step, last-k)
		c.to(b, k, n)
		k += n
	}
}

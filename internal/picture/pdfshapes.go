package picture

import (
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
	d.Raw("<</Subtype/Form/BBox[")
	d.Num(f.box.x, f.box.y, f.box.x+f.box.w, f.box.y+f.box.h)
	d.Raw("]")
	if len(uses) > 0 || len(f.shadings) > 0 {
		d.formResources(f, uses)
	}
	d.Stream(f.data, true)
	d.Close()
	return r
}

// formResources are what a form draws with.
func (d *document) formResources(f *form, uses []pdf.Ref) {
	d.Raw("/Resources<<")
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
		if f.model != nil {
			n := 1
			for i+n < len(figures) && figures[i+n].model != nil && figures[i+n].model.mirrored == f.model.mirrored && figures[i+n].model.axis == f.model.axis {
				n++
			}
			s.models(figures[i : i+n])
			i += n
			continue
		}
		if f.width > 0 {
			s.stroke(f.colour, f.width)
		} else {
			s.fill(f.colour)
		}
		if f.weave != nil {
			s.weave(f)
			for i++; i < len(figures) && figures[i].weave == f.weave; i++ {
			}
			continue
		}
		appendPath(&s.Buffer, f.path)
		s.Raw(f.paint())
		i++
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

package picture

import "math"

// maxDrawings bounds the ornaments that a layout keeps written, in bytes.
const maxDrawings = 8 << 20

// drawing is a stamp's figures in the order of painting, ready for documents. What takes many operators is a form; glyphs
// are left to the document, whose fonts they are in.
type drawing struct{ parts []piece }

type piece struct {
	operators []byte
	form      *form
	glyph     *turned
	colour    uint8 // of the glyph
}

// maxInline is the number of bytes from which on operators make a form, whose dictionary costs as much as it saves below.
const maxInline = 700

func (d *document) drawing(s *stamp) *drawing {
	return d.picture.layout.drawings.of(s.key, func() *drawing { return compile(s.draw(), d.layer.inks, d.layer.grey) }, (*drawing).size)
}

func compile(figures []figure, inks []string, grey bool) *drawing {
	w := &drawing{}
	for i := 0; i < len(figures); {
		if g := figures[i].glyph; g != nil {
			w.parts = append(w.parts, piece{glyph: g, colour: figures[i].colour})
			i++
			continue
		}
		from := i
		for i < len(figures) && figures[i].glyph == nil {
			i++
		}
		s := newShapes(inks, grey)
		s.figures(figures[from:i])
		if len(s.uses) == 0 && len(s.shadings) == 0 && len(s.B) < maxInline {
			w.parts = append(w.parts, piece{operators: s.B})
			continue
		}
		b := bounds(figures[from:i])
		w.parts = append(w.parts, piece{form: s.form(box{float64(b.Min.X), float64(b.Min.Y), float64(b.Dx()), float64(b.Dy())})})
	}
	return w
}

func (w *drawing) size() int {
	n := 256
	for _, p := range w.parts {
		n += len(p.operators) + 160
		if p.form != nil {
			n += len(p.form.data)
			for _, u := range p.form.uses {
				n += len(u.data) + 160
				if u.image != nil {
					n += u.image.Size()
				}
			}
		}
	}
	return n
}

// stamp draws an ornament: a figure where it says something, else an artifact.
func (d *document) stamp(s *stamp) {
	b := &d.page
	switch {
	case s.says != "":
		d.tags.figure(b, s.says)
		d.speak(s.says) // its letters stand in a circle, where no reader finds words
	case s.alt != "":
		d.tags.figure(b, s.alt)
	default:
		b.Raw("/Artifact BMC\n")
	}
	x, y := float64(s.x), float64(s.y)
	moved := s.x != 0 || s.y != 0
	parts := d.drawing(s).parts
	for i := 0; i < len(parts); i++ {
		p := &parts[i]
		if p.glyph != nil {
			i += d.turnedGlyphs(parts[i:], x, y) - 1
			continue
		}
		b.Raw("q ")
		if moved {
			b.Raw("1 0 0 1 ")
			b.Num(x, y)
			b.Raw("cm\n")
		}
		if p.form != nil {
			b.Raw("/X")
			b.Int(d.stampForm(p.form))
			b.Raw(" Do ")
		} else {
			b.B = append(b.B, p.operators...)
		}
		b.Raw("Q\n")
	}
	if s.says != "" {
		b.Raw("EMC\n")
	}
	b.Raw("EMC\n")
}

func (d *document) stampForm(f *form) int {
	for i, g := range d.stamps {
		if g == f {
			return i
		}
	}
	d.stamps = append(d.stamps, f)
	return len(d.stamps) - 1
}

// turnedGlyphs draws the glyphs that come first of an ornament's parts, and tells how many they are.
func (d *document) turnedGlyphs(parts []piece, x, y float64) int {
	b := &d.page
	b.Raw("BT\n")
	var font *embedding
	size := 0.0
	for i := range parts {
		g := parts[i].glyph
		if g == nil {
			b.Raw("ET\n")
			return i
		}
		if !drawn(g.id) {
			continue
		}
		e := d.embedding(g.face)
		code, _ := e.code(g.id, g.text)
		d.ink(parts[i].colour)
		if e != font || g.size != size {
			font, size = e, g.size
			b.Raw("/F")
			b.Int(e.number)
			b.Raw(" ")
			b.Num(g.size)
			b.Raw("Tf\n")
		}
		sin, cos := math.Sincos(g.angle)
		b.Turn(cos, sin, sin, -cos)
		b.Num(g.x+x, g.y+y)
		b.Raw("Tm<")
		b.Hex16(code)
		b.Raw(">Tj\n")
	}
	b.Raw("ET\n")
	return len(parts)
}

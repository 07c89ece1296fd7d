package picture

import (
	"fmt"
	"math"
)

// content writes the page's operators: the sheet, then the list.
func (d *document) content() error {
	v, b := d.picture.variant, &d.page
	k := v.points()
	b.Fine(k)
	b.Raw("0 0 ")
	b.Fine(-k)
	b.Raw("0 ")
	b.Num(float64(v.height) * k)
	b.Raw("cm\n/Artifact BMC\n/S Do\nEMC\n")
	for i := range d.picture.items {
		it := &d.picture.items[i]
		switch it.kind {
		case itemGlyphs:
			d.line(it)
		case itemBar:
			d.artifact(func() {
				d.ink(it.colour)
				b.Num(it.box.x, it.box.y, it.box.w, it.box.h)
				b.Raw("re f\n")
			})
		case itemPath:
			d.artifact(func() { d.path(it) })
		case itemStamp:
			d.stamp(it.stamp)
		case itemCode:
			if err := d.code(it); err != nil {
				return err
			}
		default:
			return fmt.Errorf("the list has an item of the unknown kind %d", it.kind)
		}
	}
	return nil
}

// ink sets the colour that fills.
func (d *document) ink(colour uint8) {
	if d.colour != int(colour) {
		d.colour = int(colour)
		d.page.Raw(d.layer.inks[colour])
		d.page.Raw("rg\n")
	}
}

// artifact marks what decorates and says nothing (ISO 32000-1 §14.8.2.2).
func (d *document) artifact(draw func()) {
	d.page.Raw("/Artifact BMC\n")
	draw()
	d.page.Raw("EMC\n")
}

func (d *document) path(it *item) {
	b := &d.page
	if it.width > 0 {
		b.Raw(d.layer.inks[it.colour])
		b.Raw("RG ")
		b.Num(it.width)
		b.Raw("w\n")
		appendPath(b, it.path)
		b.Raw("S\n")
		return
	}
	d.ink(it.colour)
	appendPath(b, it.path)
	b.Raw("f\n")
}

// line writes a line of text. Where the glyphs alone do not say it, it says itself (ActualText, ISO 32000-1 §14.9.4): the
// whole line where its letters stand unevenly, else single glyphs that stand for another text elsewhere.
func (d *document) line(it *item) {
	b := &d.page
	d.speech.read(it)
	d.tags.text(b, it)
	whole := stacked(it.text) || d.uneven(it)
	if whole {
		d.speak(it.text)
	}
	b.Raw("BT\n")
	d.ink(it.colour)
	r := run{d: d, size: it.size, font: -1, whole: whole}
	for g := range it.glyphs {
		r.glyph(&it.glyphs[g], d.speech.of(g))
	}
	r.marks()
	r.end()
	b.Raw("ET\n")
	if whole {
		b.Raw("EMC\n")
	}
	d.tags.end(b)
}

// unevenness is the part of an em by which a letter may stand off the place after the one before: readers take a wider
// gap for a space, and what overlaps for another line.
const unevenness = .08

// uneven tells lines that readers would take apart.
func (d *document) uneven(it *item) bool {
	for i := range it.glyphs {
		g := &it.glyphs[i]
		if i > 0 && g.cluster < it.glyphs[i-1].cluster {
			return false // from right to left: readers put such lines into order by themselves, glyph by glyph
		}
		if i+1 == len(it.glyphs) || !drawn(g.id) || it.glyphs[i+1].cluster == g.cluster {
			continue
		}
		end := g.x + float64(g.face.embedded.Width(uint16(g.id)))*it.size/1000
		if math.Abs(it.glyphs[i+1].x-end) > unevenness*it.size {
			return true
		}
	}
	return false
}

// speak begins a span that says its text itself.
func (d *document) speak(text string) {
	d.page.Raw("/Span<</ActualText")
	d.page.Text(text)
	d.page.Raw(">>BDC\n")
}

// run writes glyphs one after another.
type run struct {
	d      *document
	size   float64
	font   int     // as set; −1: none
	pen, y float64 // where the next glyph comes to stand by itself
	open   bool    // within the strings of a TJ
	placed bool    // pen and y are set
	whole  bool    // within a line that says its text itself
	silent []*placed
}

// unspoken stands for a mark whose letter says it too. Every glyph must stand for something.
const unspoken = "\u200b"

// glyph writes one that says a text; one that says nothing by itself is put off until marks.
func (r *run) glyph(g *placed, text string) {
	if !drawn(g.id) {
		return
	}
	if text == "" {
		r.silent = append(r.silent, g)
		return
	}
	e := r.d.embedding(g.face)
	code, said := e.code(g.id, text)
	speak := !said && !r.whole
	if speak {
		r.end()
		r.d.speak(text)
	}
	r.put(g, e, code)
	if speak {
		r.end()
		r.d.page.Raw("EMC\n")
	}
}

// marks writes what was put off, in a span that says nothing. It comes last, because readers take each glyph that is off
// the line for the beginning of another word.
func (r *run) marks() {
	if len(r.silent) == 0 {
		return
	}
	r.end()
	if !r.whole {
		r.d.speak("")
	}
	for _, g := range r.silent {
		e := r.d.embedding(g.face)
		code, _ := e.code(g.id, unspoken)
		r.put(g, e, code)
	}
	r.end()
	if !r.whole {
		r.d.page.Raw("EMC\n")
	}
}

func (r *run) put(g *placed, e *embedding, code uint16) {
	r.to(e, g.x, g.y)
	r.d.page.Hex16(code)
	r.pen += float64(e.face.embedded.Width(uint16(g.id))) * r.size / 1000
}

// to brings font and pen to where a glyph stands: by the string's own adjustments, which are in thousandths of an em,
// else by the matrix.
func (r *run) to(e *embedding, x, y float64) {
	b := &r.d.page
	if e.number != r.font {
		r.end()
		r.font = e.number
		b.Raw("/F")
		b.Int(e.number)
		b.Raw(" ")
		b.Num(r.size)
		b.Raw("Tf\n")
	}
	if !r.placed || math.Abs(y-r.y) > .004 || math.Abs(x-r.pen) > 8*r.size {
		r.end()
		b.Raw("1 0 0 -1 ")
		b.Num(x, y)
		b.Raw("Tm\n")
		r.pen, r.y, r.placed = math.Round(x*100)/100, y, true
	}
	adjust := int(math.Round((r.pen - x) * 1000 / r.size))
	switch {
	case !r.open:
		b.Raw("[")
		if adjust != 0 {
			b.Int(adjust)
		}
		b.Raw("<")
	case adjust != 0:
		b.Raw(">")
		b.Int(adjust)
		b.Raw("<")
	}
	r.open = true
	r.pen -= float64(adjust) * r.size / 1000
}

// end ends the strings.
func (r *run) end() {
	if r.open {
		r.d.page.Raw(">]TJ\n")
		r.open = false
	}
}

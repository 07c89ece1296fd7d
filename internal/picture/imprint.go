package picture

import (
	"bytes"
	"slices"
)

// maxImprints bounds the imprints that a layout keeps, in bytes.
const maxImprints = 8 << 20

// imprint is what a figure's rows are once they are compressed, wherever it stands: a glyph in a colour on paper, or an
// ornament without any paper in it. Its rows refer to its own pixels alone, so that they can be put beside others.
type imprint struct {
	bits   []byte
	rows   []stretch // of it; the last is the paper below a glyph
	sums   []change  // of each row, on paper, with nothing after it; nil where there may be anything else below the figure
	offset int       // of the first, in rows from the figure's upper edge
}

// imprintKey tells imprints apart. mask and patch are kept as long as their imprint is.
type imprintKey struct {
	mask    *mask
	patch   *patch
	colour  uint8
	variant *variant // whose inks and distances it was made with
}

// imprint gives the imprint of a key. It is made wherever it is not kept, since a picture's bytes depend on it.
func (m *painter) imprint(c *sheet, k imprintKey) *imprint {
	make := func() *imprint {
		if k.patch != nil {
			return m.patchImprint(c, k.patch)
		}
		return m.glyphImprint(c, k.mask, k.colour)
	}
	return c.layout.imprints.of(k, make, (*imprint).cost)
}

func (p *imprint) cost() int { return 200 + cap(p.bits) + 20*cap(p.rows) + 16*cap(p.sums) }

// glyphImprint is the imprint of a glyph on paper.
func (m *painter) glyphImprint(c *sheet, glyph *mask, colour uint8) *imprint {
	return m.read(c, glyph.onPaper(c.inks, c.variant.palette.ground, colour), glyph.w, 0)
}

// onPaper is a mask in a colour, with a row of paper above and below.
func (m *mask) onPaper(k inks, ground, colour uint8) []byte {
	pix := bytes.Repeat([]byte{ground}, (m.h+2)*m.w)
	for y := range m.h {
		k.cover(pix[(y+1)*m.w:][:m.w], m.pix[y*m.w:][:m.w], colour)
	}
	return pix
}

// patchImprint is the imprint of an ornament. What its first row is, and the row below, depends on what stands above them.
func (m *painter) patchImprint(c *sheet, p *patch) *imprint { return m.read(c, p.pix, p.w, 1) }

// read makes an imprint of rows of pixels, from the second on.
func (m *painter) read(c *sheet, pix []byte, w, offset int) *imprint {
	p := &imprint{offset: offset}
	var out bitWriter
	paper := m.lanes.paper[:w]
	m.zip.eachRow(pix, w, func(tokens []token, row []byte) {
		p.sums = append(p.sums, changed(paper, row, w))
		p.rows = append(p.rows, c.under.code.stretch(&out, tokens, row))
	})
	p.rows, p.bits = slices.Clip(p.rows), slices.Clip(out.padded())
	return p
}

// eachRow tells what rows of pixels are, from the second on, by distances in the same places as those of d. Before each
// row stands a value that none of them has, so that no row is found to repeat anything outside. Where they have all values
// there are, it tells nothing.
func (d *deflater) eachRow(pix []byte, w int, told func(tokens []token, row []byte)) {
	var known [256]bool
	for _, v := range pix {
		known[v] = true
	}
	edge := slices.Index(known[:], false)
	if edge < 0 || w == 0 {
		return
	}
	h := len(pix) / w
	data := make([]byte, 0, h*(w+1)+8)
	for y := range h {
		data = append(append(data, byte(edge)), pix[y*w:][:w]...)
	}
	in := d.within(w + 1)
	in.data = append(data, bytes.Repeat([]byte{byte(edge)}, 8)...)
	var tokens []token
	for y := 1; y < h; y++ {
		tokens = in.read(tokens[:0], y*(w+1)+1, (y+1)*(w+1))
		told(tokens, pix[y*w:][:w])
	}
}

// within is a deflater for an imprint whose rows have so many bytes, with the same distances in the same places.
func (d *deflater) within(stride int) *deflater {
	w := &deflater{ways: d.ways}
	for i, way := range d.ways {
		n := d.back[i]
		switch way {
		case upright:
			n = stride
		case leaning:
			n += stride - d.stride
		case periodic:
			n = outOfReach
		}
		w.back = append(w.back, n)
	}
	return w
}

// outOfReach is a distance that nothing lies back.
const outOfReach = 1 << 40

// nearBy makes a deflater with the distances of another in the same places, but for that to a whole repeat of an ornament.
func (d *deflater) nearBy(o *deflater) {
	d.ways = o.ways
	d.back = append(d.back[:0], o.back...)
	if i := slices.Index(d.ways, periodic); i >= 0 {
		d.back[i] = outOfReach
	}
}

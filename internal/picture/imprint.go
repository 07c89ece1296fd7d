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

// row is what the imprint's row y is, counted from the figure's upper edge; nil where that depends on what stands there.
func (p *imprint) row(y int) *stretch {
	if y -= p.offset; y < 0 || y >= len(p.rows) {
		return nil
	}
	return &p.rows[y]
}

// imprintKey tells imprints apart. mask and patch are kept as long as their imprint is.
type imprintKey struct {
	mask    *mask
	patch   *patch
	colour  uint8
	variant *variant // whose inks and distances it was made with
}

// imprint gives the imprint of a key. It is made wherever it is not kept, since a picture's bytes depend on it.
func (c *sheet) imprint(k imprintKey, make func() *imprint) *imprint {
	return c.layout.imprints.of(k, make, (*imprint).cost)
}

func (p *imprint) cost() int { return 200 + cap(p.bits) + 20*cap(p.rows) + 16*cap(p.sums) }

// glyphImprint is the imprint of a glyph on paper.
func (c *sheet) glyphImprint(m *mask, colour uint8) *imprint {
	pix := m.onPaper(c.inks, c.variant.palette.ground, colour)
	p := c.read(pix, m.w, 0)
	for y := range p.rows {
		p.sums = append(p.sums, changed(pix[:m.w], pix[(y+1)*m.w:][:m.w], m.w))
	}
	return p
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
func (c *sheet) patchImprint(p *patch) *imprint { return c.read(p.pix, p.w, 1) }

// read makes an imprint of rows of pixels, from the second on.
func (c *sheet) read(pix []byte, w, offset int) *imprint {
	p := &imprint{offset: offset}
	var out bitWriter
	c.zip.eachRow(pix, w, func(tokens []token, row []byte) {
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
			n = 1 << 40 // out of reach
		}
		w.back = append(w.back, n)
	}
	return w
}

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
	tokens []token
	begins []uint32 // where those of each row begin, and of one row more; the last row is the paper below a glyph
	sums   []change // of each row, on paper, with nothing after it; nil where there may be anything else below the figure
	offset int      // of the first, in rows from the figure's upper edge
}

// row is what the imprint's row y is, counted from the figure's upper edge; nil where that depends on what stands there.
func (p *imprint) row(y int) []token {
	if y -= p.offset; y < 0 || y >= len(p.begins)-1 {
		return nil
	}
	return p.tokens[p.begins[y]:p.begins[y+1]]
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

func (p *imprint) cost() int { return 200 + 6*cap(p.tokens) + 4*cap(p.begins) + 16*cap(p.sums) }

// glyphImprint is the imprint of a glyph on paper.
func (c *sheet) glyphImprint(m *mask, colour uint8) *imprint {
	ground := c.variant.palette.ground
	pix := bytes.Repeat([]byte{ground}, (m.h+2)*m.w) // a row of paper above and below
	for y := range m.h {
		c.inks.cover(pix[(y+1)*m.w:][:m.w], m.pix[y*m.w:][:m.w], colour)
	}
	p := c.read(pix, m.w, 0)
	for y := range len(p.begins) - 1 {
		p.sums = append(p.sums, changed(pix[:m.w], pix[(y+1)*m.w:][:m.w], m.w))
	}
	return p
}

// patchImprint is the imprint of an ornament. What its first row is, and the row below, depends on what stands above them.
func (c *sheet) patchImprint(p *patch) *imprint { return c.read(p.pix, p.w, 1) }

// read makes an imprint of rows of pixels. Before each row stands a value that none of them has, so that no row is found to
// repeat anything outside.
func (c *sheet) read(pix []byte, w, offset int) *imprint {
	p := &imprint{offset: offset}
	var known [256]bool
	for _, v := range pix {
		known[v] = true
	}
	edge := -1
	for v := range known {
		if !known[v] {
			edge = v
			break
		}
	}
	if edge < 0 { // a palette is not that large
		return p
	}
	h := len(pix) / w
	data := make([]byte, 0, h*(w+1)+8)
	for y := range h {
		data = append(append(data, byte(edge)), pix[y*w:][:w]...)
	}
	d := c.zip.within(w + 1)
	d.data = append(data, bytes.Repeat([]byte{byte(edge)}, 8)...)
	for y := 1; y < h; y++ {
		p.begins = append(p.begins, uint32(len(p.tokens)))
		p.tokens = d.read(p.tokens, y*(w+1)+1, (y+1)*(w+1))
	}
	p.begins = append(p.begins, uint32(len(p.tokens)))
	p.tokens = slices.Clip(p.tokens)
	return p
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

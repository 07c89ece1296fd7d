package picture

import "bytes"

// maxImprints bounds the imprints that a layout keeps, in bytes.
const maxImprints = 8 << 20

// imprint is what a figure's rows are once they are compressed, wherever it stands: a glyph in a colour on paper, or an
// ornament without any paper in it. Its rows refer to its own pixels alone, so that they can be put beside others.
type imprint struct {
	rows   [][]token // the last is the paper below the figure
	offset int       // of the first, in rows from the figure's upper edge
}

// row is what the imprint's row y is, counted from the figure's upper edge; nil where that depends on what stands there.
func (p *imprint) row(y int) []token {
	if y -= p.offset; y < 0 || y >= len(p.rows) {
		return nil
	}
	return p.rows[y]
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
	p, ok, aging := c.layout.imprints.get(k)
	if !ok {
		p = make()
	}
	if !ok || aging {
		c.layout.imprints.put(k, p, p.cost())
	}
	return p
}

func (p *imprint) cost() int {
	n := 160
	for _, r := range p.rows {
		n += 24 + 6*cap(r)
	}
	return n
}

// glyphImprint is the imprint of a glyph on paper.
func (c *sheet) glyphImprint(m *mask, colour uint8) *imprint {
	ground := c.variant.palette.ground
	pix := bytes.Repeat([]byte{ground}, (m.h+2)*m.w) // a row of paper above and below
	for y := range m.h {
		c.inks.cover(pix[(y+1)*m.w:][:m.w], m.pix[y*m.w:][:m.w], colour)
	}
	return c.read(pix, m.w, 0)
}

// patchImprint is the imprint of an ornament. What its first row is, and the row below, depends on what stands above them.
func (c *sheet) patchImprint(p *patch) *imprint { return c.read(p.pix, p.w, 1) }

// read makes a imprint of rows of pixels. Before each row stands a value that none of them has, so that no row is found to
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
		p.rows = append(p.rows, d.read(nil, y*(w+1)+1, (y+1)*(w+1)))
	}
	return p
}

// within is a deflater for a imprint whose rows have so many bytes, with the same distances in the same places.
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

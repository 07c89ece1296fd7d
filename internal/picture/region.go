package picture

import "math"

// region is a rectangle of a sheet that is painted on, and the row below it, which the rectangle stands above.
type region struct {
	from, to int // bytes of a row
	y, h     int
	imprint  *imprint // nil: its pixels have to be looked at
	plain    bool     // there is nothing but paper below
	looked   bool     // its pixels are looked at: it has no imprint, or another one lies across
	painted  bool     // its pixels are needed: they are looked at, or some are beside them

	what      *item
	mask      *mask // a glyph of that, or nil
	patch     *patch
	left, top int // where these stand
}

// note takes note of what an item paints on.
func (m *painter) note(c *sheet, it *item) error {
	l, r := &m.lanes, region{what: it}
	switch it.kind {
	case itemGlyphs:
		for g := range it.glyphs {
			glyph, x, y := c.maskAt(&it.glyphs[g], it.size)
			m.noteGlyph(c, it, glyph, x+glyph.x, y+glyph.y)
		}
	case itemBar:
		b := it.box
		l.add(c, int(b.x), int(b.y), int(math.Ceil(b.x+b.w))-int(b.x), int(math.Ceil(b.y+b.h))-int(b.y), r)
	case itemStamp:
		p := c.patch(it.stamp)
		r.patch, r.left, r.top = p, p.x+it.stamp.x, p.y+it.stamp.y
		if p.opaque && p.w <= c.width {
			r.imprint = m.imprint(c, imprintKey{patch: p, variant: c.variant})
			r.plain = l.bare(c, r.left, r.top, p.w, p.h)
		}
		l.add(c, r.left, r.top, p.w, p.h, r)
	case itemPath:
		b := bounds([]figure{{path: it.path, width: it.width}})
		l.add(c, b.Min.X, b.Min.Y, b.Dx(), b.Dy(), r)
	case itemCode:
		code, err := c.layout.fonts.codes.modules(it.text)
		if err != nil {
			return err
		}
		n, x, y := it.codePlace(len(code))
		l.add(c, x, y, n*len(code), n*len(code), r)
	default:
		return c.draw(it) // which says what is wrong
	}
	return nil
}

func (m *painter) noteGlyph(c *sheet, it *item, glyph *mask, x, y int) {
	if glyph.w == 0 {
		return
	}
	r := region{what: it, mask: glyph, left: x, top: y}
	if r.plain = m.lanes.bare(c, x, y, glyph.w, glyph.h); r.plain {
		r.imprint = m.imprint(c, imprintKey{mask: glyph, colour: it.colour, variant: c.variant})
	}
	m.lanes.add(c, x, y, glyph.w, glyph.h, r)
}

// uncover makes a region's pixels, and those that it takes to look at them, what they are in the base: the rows above and
// below, the byte before, and eight after, where a repetition's beginning is looked for.
func (r *region) uncover(c *sheet) {
	for s := r.y / c.strip; s <= (r.y+r.h-1)/c.strip; s++ {
		c.live[s] = true
	}
	if !r.painted {
		return
	}
	take := func(from, to int) {
		to = min(to, len(c.pix))
		copy(c.pix[from:to], c.under.pix[from:to])
	}
	covered := r.patch != nil && r.imprint != nil // by itself, wholly
	for y := max(0, r.y-1); y <= min(r.y+r.h, c.height-1); y++ {
		from, to := y*c.stride+r.from-1, y*c.stride+r.to
		if covered && y >= r.y && y < r.y+r.h {
			take(from, from+1)
			from = to
		}
		take(from, to+8)
	}
}

// paint paints what is in a region.
func (r *region) paint(c *sheet) error {
	switch {
	case r.mask != nil:
		c.blit(r.mask, r.left, r.top, r.what.colour)
	case r.patch != nil:
		c.lay(r.patch, r.left, r.top)
	default:
		return c.draw(r.what)
	}
	return nil
}

package picture

import (
	"bytes"
	"fmt"
	"math"
)

// maxStamps bounds the ornaments that a layout keeps painted, in bytes.
const maxStamps = 16 << 20

// patch is a painted stamp.
type patch struct {
	x, y, w, h int
	pix        []byte
	opaque     bool // of indices: none is the ground's, which is left out
}

func (p *patch) cost() int { return len(p.pix) + 256 }

// sheet is a picture while it is painted: rows as PNG has them, each begun by its filter byte. It starts as a base and
// takes over from it, strip by strip, what is painted on.
type sheet struct {
	*setter
	layout  *Layout
	variant *variant
	inks    inks
	rows
	under  *base  // nil: everything is there
	live   []bool // the strips that were painted on, which hold pixels; the others are as in under
	levels []byte // scratch of code
	below  []byte // and of coverRows
	lanes  *lanes // takes note of what is painted on; nil: not needed
	zip    *deflater
}

// rows are the measures of a sheet's bytes.
type rows struct {
	width, height int
	pixel, stride int // bytes of a pixel and of a row
	strip         int // rows of a strip
	pix           []byte
}

// row gives n pixels of a row for painting on.
func (c *sheet) row(x, y, n int) []byte {
	from := y*c.stride + 1 + x*c.pixel
	if c.under != nil {
		if s := y / c.strip; !c.live[s] {
			c.wake(s)
		}
	}
	return c.pix[from : from+n*c.pixel]
}

// wake takes a strip over from the base.
func (c *sheet) wake(s int) {
	c.live[s] = true
	from, to := s*c.strip*c.stride, min((s+1)*c.strip*c.stride, len(c.pix))
	copy(c.pix[from:to], c.under.pix[from:to])
}

// paint paints those items that are own, or those that are not.
func (c *sheet) paint(items []item, own bool) error {
	for i := range items {
		it := &items[i]
		if it.own != own {
			continue
		}
		switch it.kind {
		case itemGlyphs:
			for g := range it.glyphs {
				m, x, y := c.maskAt(&it.glyphs[g], it.size)
				c.blit(m, x, y, it.colour)
			}
		case itemBar:
			c.bar(it.box, it.colour)
		case itemStamp:
			c.stamp(it.stamp)
		case itemPath:
			c.path(it.path, it.width, it.colour)
		case itemCode:
			if err := c.code(it); err != nil {
				return err
			}
		default:
			return fmt.Errorf("the list has an item of the unknown kind %d", it.kind)
		}
	}
	return nil
}

// blit covers pixels with a mask.
func (c *sheet) blit(m *mask, x, y int, colour uint8) {
	if m.w == 0 {
		return
	}
	x, y = x+m.x, y+m.y
	if l := c.lanes; l != nil {
		var p *imprint
		if l.bare(c, x, y, m.w, m.h) {
			p = c.imprint(imprintKey{mask: m, colour: colour, variant: c.variant}, func() *imprint { return c.glyphImprint(m, colour) })
		}
		l.add(c, x, y, m.w, m.h, p)
	}
	x0, x1 := max(0, -x), min(m.w, c.width-x)
	for row := max(0, -y); row < min(m.h, c.height-y) && x0 < x1; row++ {
		c.inks.cover(c.row(x+x0, y+row, x1-x0), m.pix[row*m.w:][x0:x1], colour)
	}
}

// bar fills a box; where its edges cut pixels, they are covered in part.
func (c *sheet) bar(b box, colour uint8) {
	if c.lanes != nil {
		c.lanes.add(c, int(b.x), int(b.y), int(math.Ceil(b.x+b.w))-int(b.x), int(math.Ceil(b.y+b.h))-int(b.y), nil)
	}
	cover := func(pixel int, from, to float64) float64 {
		return math.Max(0, math.Min(float64(pixel+1), to)-math.Max(float64(pixel), from))
	}
	for y := max(0, int(b.y)); y < min(c.height, int(math.Ceil(b.y+b.h))); y++ {
		for x := max(0, int(b.x)); x < min(c.width, int(math.Ceil(b.x+b.w))); x++ {
			l := int(cover(x, b.x, b.x+b.w)*cover(y, b.y, b.y+b.h)*(levels-1) + .5)
			c.inks.coverAll(c.row(x, y, 1), l, colour)
		}
	}
}

func (c *sheet) stamp(s *stamp) {
	p := c.layout.stamps.of(s.key, func() *patch { return c.inks.patch(c.setter, s.draw()) }, (*patch).cost)
	x, y := p.x+s.x, p.y+s.y
	if c.lanes != nil {
		var made *imprint
		if p.opaque {
			made = c.imprint(imprintKey{patch: p, variant: c.variant}, func() *imprint { return c.patchImprint(p) })
		}
		c.lanes.add(c, x, y, p.w, p.h, made)
	}
	x0, x1 := max(0, -x), min(p.w, c.width-x)
	for row := max(0, -y); row < min(p.h, c.height-y) && x0 < x1; row++ {
		c.inks.lay(c.row(x+x0, y+row, x1-x0), p, x0, row)
	}
}

func (c *sheet) code(it *item) error {
	code, err := c.layout.fonts.codes.modules(it.text)
	if err != nil {
		return err
	}
	m, x, y := it.codePlace(len(code))
	if c.lanes != nil {
		c.lanes.add(c, x, y, m*len(code), m*len(code), nil)
	}
	for j, row := range code {
		c.levels = c.levels[:0]
		for _, dark := range row {
			level := byte(0)
			if dark {
				level = levels - 1
			}
			for range m {
				c.levels = append(c.levels, level)
			}
		}
		c.coverRows(x, y+j*m, m, it.colour)
	}
	return nil
}

// coverRows covers n rows alike with the levels. Where what is below is the same as in the first row, so is what that gives.
func (c *sheet) coverRows(x, y, n int, colour uint8) {
	first := c.row(x, y, len(c.levels))
	c.below = append(c.below[:0], first...)
	c.inks.cover(first, c.levels, colour)
	for dy := 1; dy < n; dy++ {
		row := c.row(x, y+dy, len(c.levels))
		if bytes.Equal(row, c.below) {
			copy(row, first)
		} else {
			c.inks.cover(row, c.levels, colour)
		}
	}
}

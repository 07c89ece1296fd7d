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
	live   []bool // the strips that something is painted on
	awake  []bool // those that hold pixels, the others being as in under; nil: pixels are there wherever they are needed
	levels []byte // scratch of code
	below  []byte // and of coverRows
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
	if c.awake != nil {
		if s := y / c.strip; !c.awake[s] {
			c.live[s] = true
			c.wake(s)
		}
	}
	return c.pix[from : from+n*c.pixel]
}

// wake takes a strip over from the base.
func (c *sheet) wake(s int) {
	c.awake[s] = true
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
		if err := c.draw(it); err != nil {
			return err
		}
	}
	return nil
}

func (c *sheet) draw(it *item) error {
	switch it.kind {
	case itemGlyphs:
		for g := range it.glyphs {
			m, x, y := c.maskAt(&it.glyphs[g], it.size)
			c.blit(m, x+m.x, y+m.y, it.colour)
		}
	case itemBar:
		c.bar(it.box, it.colour)
	case itemStamp:
		p := c.patch(it.stamp)
		c.lay(p, p.x+it.stamp.x, p.y+it.stamp.y)
	case itemPath:
		c.path(it.path, it.width, it.colour)
	case itemCode:
		return c.code(it)
	default:
		return fmt.Errorf("the list has an item of the unknown kind %d", it.kind)
	}
	return nil
}

// blit covers pixels from x, y on with a mask.
func (c *sheet) blit(m *mask, x, y int, colour uint8) {
	x0, x1 := max(0, -x), min(m.w, c.width-x)
	for row := max(0, -y); row < min(m.h, c.height-y) && x0 < x1; row++ {
		c.inks.cover(c.row(x+x0, y+row, x1-x0), m.pix[row*m.w:][x0:x1], colour)
	}
}

// bar fills a box; where its edges cut pixels, they are covered in part.
func (c *sheet) bar(b box, colour uint8) {
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

// patch is a stamp as it is painted.
func (c *sheet) patch(s *stamp) *patch {
	return c.layout.stamps.of(s.key, func() *patch { return c.inks.patch(c.setter, s.draw()) }, (*patch).cost)
}

// lay lays a patch on pixels from x, y on.
func (c *sheet) lay(p *patch, x, y int) {
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

package picture

import (
	"math"
	"sync"
)

// maxStamps bounds the ornaments that a layout keeps painted, in bytes.
const maxStamps = 16 << 20

// staticLayer is what all pictures of a variant share, painted when first needed.
type staticLayer struct {
	once   sync.Once
	rows   []byte  // palette indices as PNG wants them: each row begins with its filter byte, 0
	blends []blend // by colour; those of the named colours are there
}

// patch is a painted stamp: palette indices, the ground's left out.
type patch struct {
	x, y, w, h int
	pix        []byte
}

// sheet is a picture while it is painted.
type sheet struct {
	*setter
	layout        *Layout
	variant       *variant
	width, height int
	stride        int
	pix           []byte
}

func (v *variant) layer(fs *Fonts) *staticLayer {
	v.static.once.Do(func() {
		v.static.blends = make([]blend, len(v.palette.colours))
		for _, c := range v.palette.named {
			v.static.blends[c] = v.palette.blendOf(c)
		}
		if v.under != nil {
			v.static.rows = v.under.layer(fs).rows
			return
		}
		s := fs.pool.Get().(*setter)
		defer fs.pool.Put(s)
		v.static.rows = s.paintIndices(v.palette, v.figures, 0, 0, v.width, v.height, 1)
	})
	return &v.static
}

// paint paints the whole list onto pix, which holds height rows of 1 + width bytes.
func (p *Picture) paint(pix []byte) error {
	layer := p.variant.layer(p.layout.fonts)
	copy(pix, layer.rows)
	set := p.layout.fonts.pool.Get().(*setter)
	defer p.layout.fonts.pool.Put(set)
	c := &sheet{setter: set, layout: p.layout, variant: p.variant, width: p.variant.width, height: p.variant.height, stride: p.variant.width + 1, pix: pix}
	for i := range p.items {
		it := &p.items[i]
		switch it.kind {
		case itemGlyphs:
			for g := range it.glyphs {
				m, x, y := c.maskAt(&it.glyphs[g], it.size)
				c.blit(m, x, y, layer.blends[it.colour])
			}
		case itemBar:
			c.bar(it.box, it.colour, layer.blends[it.colour])
		case itemStamp:
			c.stamp(it.stamp)
		case itemPath:
			c.path(it.path, it.width, layer.blends[it.colour])
		case itemCode:
			if err := c.code(it); err != nil {
				return err
			}
		}
	}
	return nil
}

// bar fills a box; where its edges cut pixels, they are covered in part.
func (c *sheet) bar(b box, colour uint8, t blend) {
	cover := func(pixel int, from, to float64) float64 {
		return math.Max(0, math.Min(float64(pixel+1), to)-math.Max(float64(pixel), from))
	}
	for y := max(0, int(b.y)); y < min(c.height, int(math.Ceil(b.y+b.h))); y++ {
		for x := max(0, int(b.x)); x < min(c.width, int(math.Ceil(b.x+b.w))); x++ {
			l := int(cover(x, b.x, b.x+b.w)*cover(y, b.y, b.y+b.h)*(levels-1) + .5)
			p := &c.pix[y*c.stride+1+x]
			*p = t[*p][l]
		}
	}
}

func (c *sheet) stamp(s *stamp) {
	p, ok, aging := c.layout.stamps.get(s.key)
	if !ok {
		figures := s.draw()
		b := bounds(figures)
		p = &patch{x: b.Min.X, y: b.Min.Y, w: b.Dx(), h: b.Dy()}
		p.pix = c.paintIndices(c.variant.palette, figures, p.x, p.y, p.w, p.h, 0)
	}
	if !ok || aging {
		c.layout.stamps.put(s.key, p, len(p.pix)+256)
	}
	x, y, ground := p.x+s.x, p.y+s.y, c.variant.palette.ground
	x0, x1 := max(0, -x), min(p.w, c.width-x)
	for row := max(0, -y); row < min(p.h, c.height-y) && x0 < x1; row++ {
		src := p.pix[row*p.w:][x0:x1]
		dst := c.pix[(y+row)*c.stride+1+x+x0:][:len(src)]
		for i, v := range src {
			if v != ground {
				dst[i] = v
			}
		}
	}
}

func (c *sheet) code(it *item) error {
	code, err := modules(it.text)
	if err != nil {
		return err
	}
	m, x, y := it.codePlace(len(code))
	for j, row := range code {
		for i, dark := range row {
			if !dark {
				continue
			}
			for dy := range m {
				at := (y+j*m+dy)*c.stride + 1 + x + i*m
				for dx := range m {
					c.pix[at+dx] = it.colour
				}
			}
		}
	}
	return nil
}

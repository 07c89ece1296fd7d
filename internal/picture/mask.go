package picture

import (
	"image"
	"math"
	"slices"

	"github.com/fogleman/gg"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// mask is a painted glyph: the coverage of each pixel from 0 to levels − 1, around the glyph's origin.
type mask struct {
	x, y, w, h int // of the upper left corner, from the origin
	pix        []byte
}

// maskKey tells masks apart. Glyphs stand at quarters of a pixel across, and on whole pixels down.
type maskKey struct {
	face  *face
	id    font.GID
	size  float64
	phase uint8
}

const phases = 4

// maskAt gives a glyph's mask and the whole pixel that its origin lies in.
func (s *setter) maskAt(g *placed, size float64) (m *mask, x, y int) {
	quarter := int(math.Floor(g.x*phases + .5))
	x, y = quarter>>2, int(math.Floor(g.y+.5))
	k := maskKey{g.face, g.id, size, uint8(quarter & 3)}
	return s.fonts.masks.of(k, func() *mask { return s.mask(k) }, (*mask).cost), x, y
}

func (m *mask) cost() int { return len(m.pix) + 128 }

func (s *setter) mask(k maskKey) *mask {
	b := s.glyphBounds(k)
	m := &mask{x: b.Min.X, y: b.Min.Y, w: b.Dx(), h: b.Dy()}
	if m.w == 0 || m.h == 0 {
		return m
	}
	dc := gg.NewContext(m.w, m.h)
	dc.SetRGB(1, 1, 1)
	s.outline(dc, &placed{face: k.face, id: k.id, x: float64(k.phase)/phases - float64(m.x), y: -float64(m.y)}, k.size, 0)
	dc.Fill()
	img := dc.Image().(*image.RGBA)
	m.pix = make([]byte, m.w*m.h)
	for i := range m.pix {
		m.pix[i] = byte((int(img.Pix[4*i+3])*(levels-1) + 127) / 255)
	}
	return m.trimmed()
}

// trimmed is a mask without rows and columns at its edges that cover nothing.
func (m *mask) trimmed() *mask {
	var box image.Rectangle
	for y := range m.h {
		row := m.pix[y*m.w:][:m.w]
		covers := func(l byte) bool { return l != 0 }
		from := slices.IndexFunc(row, covers)
		if from < 0 {
			continue
		}
		to := m.w
		for row[to-1] == 0 {
			to--
		}
		box = box.Union(image.Rect(from, y, to, y+1))
	}
	t := &mask{x: m.x + box.Min.X, y: m.y + box.Min.Y, w: box.Dx(), h: box.Dy()}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		t.pix = append(t.pix, m.pix[y*m.w+box.Min.X:][:t.w]...)
	}
	return t
}

func (s *setter) glyphBounds(k maskKey) image.Rectangle {
	if k.id == font.EmptyGlyph {
		return image.Rectangle{}
	}
	data, ok := s.face(k.face).GlyphDataOutline(k.id)
	if !ok || len(data.Segments) == 0 {
		return image.Rectangle{}
	}
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for i := range data.Segments {
		seg := &data.Segments[i]
		for _, p := range seg.Args[:argsOf(seg.Op)] {
			x, y := float64(p.X), -float64(p.Y)
			x0, y0, x1, y1 = math.Min(x0, x), math.Min(y0, y), math.Max(x1, x), math.Max(y1, y)
		}
	}
	f, dx := k.size/k.face.upem, float64(k.phase)/phases
	return image.Rect(int(math.Floor(x0*f+dx)), int(math.Floor(y0*f)), int(math.Ceil(x1*f+dx))+1, int(math.Ceil(y1*f))+1)
}

func argsOf(op opentype.SegmentOp) int {
	switch op {
	case opentype.SegmentOpQuadTo:
		return 2
	case opentype.SegmentOpCubeTo:
		return 3
	}
	return 1
}

package picture

import (
	"image"
	"image/color"
	"math"
	"slices"

	"github.com/fogleman/gg"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// paintOver paints figures over a sheet of w × h pixels, shifted by (−dx, −dy); ground is its colour, nil for none. grey
// turns pictures to grey, whose colours are their own.
func (s *setter) paintOver(ground *color.RGBA, colours []color.RGBA, figures []figure, dx, dy, w, h int, grey bool) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	if ground != nil {
		for i := 0; i < len(img.Pix); i += 4 {
			img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = ground.R, ground.G, ground.B, 255
		}
	}
	dc := gg.NewContextForRGBA(img)
	dc.SetLineCapButt()
	dc.SetLineJoinRound()
	dc.Translate(-float64(dx), -float64(dy))
	for i := range figures {
		f := &figures[i]
		if f.picture != nil {
			f.picture.paint(img, float64(dx), float64(dy), grey)
			continue
		}
		dc.SetColor(colours[f.colour])
		if f.shade != nil {
			f.shade.fill(dc, colours)
		}
		dc.SetFillRule(f.rule())
		if f.glyph != nil {
			s.outline(dc, &f.glyph.placed, f.glyph.size, f.glyph.angle)
			dc.Fill()
			continue
		}
		f.path.trace(dc)
		if f.width > 0 {
			dc.SetLineWidth(f.width)
			dc.Stroke()
		} else {
			dc.Fill()
		}
	}
	return img
}

func (f *figure) rule() gg.FillRule {
	if f.evenOdd {
		return gg.FillRuleEvenOdd
	}
	return gg.FillRuleWinding
}

func (p path) trace(dc *gg.Context) {
	for i := range p {
		switch q := &p[i].p; p[i].op {
		case moveTo:
			dc.MoveTo(q[0].x, q[0].y)
		case lineTo:
			dc.LineTo(q[0].x, q[0].y)
		case cubicTo:
			dc.CubicTo(q[0].x, q[0].y, q[1].x, q[1].y, q[2].x, q[2].y)
		case closePath:
			dc.ClosePath()
		}
	}
}

// outline traces a glyph. gg's own text drawing is of no use here: it fills overlapping contours even-odd, which leaves
// holes in modern Chinese fonts, and reads neither CFF outlines nor collections. Its paths fill by the non-zero rule.
func (s *setter) outline(dc *gg.Context, g *placed, size, angle float64) {
	if g.id == font.EmptyGlyph {
		return
	}
	data, ok := s.face(g.face).GlyphDataOutline(g.id)
	if !ok {
		return
	}
	k := size / g.face.upem
	cos, sin := k*math.Cos(angle), k*math.Sin(angle)
	at := func(p opentype.SegmentPoint) (float64, float64) {
		x, y := float64(p.X), -float64(p.Y)
		return g.x + x*cos - y*sin, g.y + x*sin + y*cos
	}
	open := false
	for i := range data.Segments {
		seg := &data.Segments[i]
		x1, y1 := at(seg.Args[0])
		switch seg.Op {
		case opentype.SegmentOpMoveTo:
			if open {
				dc.ClosePath()
			}
			dc.MoveTo(x1, y1)
			open = true
		case opentype.SegmentOpLineTo:
			dc.LineTo(x1, y1)
		case opentype.SegmentOpQuadTo:
			x2, y2 := at(seg.Args[1])
			dc.QuadraticTo(x1, y1, x2, y2)
		case opentype.SegmentOpCubeTo:
			x2, y2 := at(seg.Args[1])
			x3, y3 := at(seg.Args[2])
			dc.CubicTo(x1, y1, x2, y2, x3, y3)
		}
	}
	if open {
		dc.ClosePath()
	}
}

// paintIndices paints figures and turns the sheet into palette indices, each row begun by a byte more where lead is 1:
// PNG's filter byte.
func (s *setter) paintIndices(p *palette, figures []figure, dx, dy, w, h, lead int) []byte {
	used := map[uint8]bool{}
	var tints []uint8
	for i := range figures {
		f := &figures[i]
		switch {
		case f.picture != nil:
			tints = append(tints, f.picture.tints...)
			continue
		case f.shade != nil:
			used[f.shade.to] = true
		}
		used[f.colour] = true
	}
	among := append(p.among(used), tints...)
	slices.Sort(among)
	return p.quantise(s.paintOver(&p.painted[p.ground], p.painted, figures, dx, dy, w, h, false), slices.Compact(among), lead)
}

func (p *palette) quantise(img *image.RGBA, among []uint8, lead int) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := make([]byte, h*(w+lead))
	known := map[color.RGBA]uint8{}
	last, index := p.painted[p.ground], p.ground
	for y := range h {
		row := out[y*(w+lead)+lead:][:w]
		for x := range row {
			o := y*img.Stride + 4*x
			c := color.RGBA{img.Pix[o], img.Pix[o+1], img.Pix[o+2], 255}
			if c != last {
				i, ok := known[c]
				if !ok {
					i = nearest(p.painted, c, among)
					known[c] = i
				}
				last, index = c, i
			}
			row[x] = index
		}
	}
	return out
}

// bounds is the box of whole pixels around figures.
func bounds(figures []figure) image.Rectangle {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	grow := func(x, y, r float64) {
		x0, y0, x1, y1 = math.Min(x0, x-r), math.Min(y0, y-r), math.Max(x1, x+r), math.Max(y1, y+r)
	}
	for _, f := range figures {
		if f.glyph != nil {
			grow(f.glyph.x, f.glyph.y, 1.5*f.glyph.size)
		}
		for i := range f.path {
			n := map[segmentOp]int{moveTo: 1, lineTo: 1, cubicTo: 3}[f.path[i].op]
			for _, q := range f.path[i].p[:n] {
				grow(q.x, q.y, f.width/2)
			}
		}
	}
	if x0 > x1 {
		return image.Rectangle{}
	}
	return image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1)), int(math.Ceil(y1)))
}

package picture

import (
	"math"

	"github.com/golang/freetype/raster"
	"golang.org/x/image/math/fixed"
)

// path covers pixels with a path, whatever lies below it.
func (c *sheet) path(p path, width float64, colour uint8) {
	r := raster.NewRasterizer(c.width, c.height)
	r.UseNonZeroWinding = true
	way := p.raster()
	if width > 0 {
		r.AddStroke(way, fixed.Int26_6(width*64), raster.ButtCapper, raster.RoundJoiner)
	} else {
		r.AddPath(way)
	}
	r.Rasterize(raster.PainterFunc(func(spans []raster.Span, _ bool) {
		for _, s := range spans {
			l := (s.Alpha*(levels-1) + 0x7fff) / 0xffff
			c.inks.coverAll(c.row(s.X0, s.Y, s.X1-s.X0), int(l), colour)
		}
	}))
}

func (p path) raster() raster.Path {
	at := func(q point) fixed.Point26_6 {
		return fixed.Point26_6{X: fixed.Int26_6(math.Round(q.x * 64)), Y: fixed.Int26_6(math.Round(q.y * 64))}
	}
	var out raster.Path
	var start point
	for i := range p {
		switch q := &p[i].p; p[i].op {
		case moveTo:
			start = q[0]
			out.Start(at(start))
		case lineTo:
			out.Add1(at(q[0]))
		case cubicTo:
			out.Add3(at(q[0]), at(q[1]), at(q[2]))
		case closePath:
			out.Add1(at(start))
		}
	}
	return out
}

package pdf

import (
	"math"

	"github.com/go-text/typesetting/font/opentype"
)

// unitsPerEm of the fonts that documents hold. Half of one is the most by which a point may be moved: a thousandth of an
// em, which is a fiftieth of a millimetre in the largest text on A4, and saves a bit of every coordinate. Glyphs that are
// shown small alone have coordinates that are even, which saves another one.
const unitsPerEm = 500

// SmallText is the size in points up to which text is small: a five-hundredth of an em is less than a fiftieth of a
// millimetre there.
const SmallText = 24

// detail is how closely a document holds a glyph: the grid that points are moved to, in units.
type detail int

const (
	fine   detail = 1
	coarse detail = 2
)

// spot is a point in units of the fonts that documents hold.
type spot struct{ x, y float64 }

func (p spot) toward(q spot, t float64) spot { return spot{p.x + (q.x-p.x)*t, p.y + (q.y-p.y)*t} }

func (p spot) near(q spot, d float64) bool { return math.Hypot(p.x-q.x, p.y-q.y) <= d }

// knot is a point of a contour as TrueType has them: on the curve, or the control point of a quadratic. Between two that
// are not on the curve there is one in their middle that is (OpenType, glyf).
type knot struct {
	spot
	on bool
}

// contours turns a traced outline into contours of knots.
func contours(segments []opentype.Segment, scale float64) [][]knot {
	var out [][]knot
	var c []knot
	end := func() {
		if n := len(c); n > 1 && c[0].near(c[n-1].spot, .01) {
			c = c[:n-1]
		}
		if len(c) > 1 {
			out = append(out, c)
		}
		c = nil
	}
	for i := range segments {
		s := &segments[i]
		var p [3]spot
		for k, a := range s.Args {
			p[k] = spot{float64(a.X) * scale, float64(a.Y) * scale}
		}
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			end()
			c = append(c, knot{p[0], true})
		case opentype.SegmentOpLineTo:
			c = append(c, knot{p[0], true})
		case opentype.SegmentOpQuadTo:
			c = append(c, knot{p[0], false}, knot{p[1], true})
		case opentype.SegmentOpCubeTo:
			if len(c) > 0 {
				c = appendCubic(c, c[len(c)-1].spot, p[0], p[1], p[2])
			}
		}
	}
	end()
	return out
}

// appendCubic writes a cubic as the fewest quadratics that follow it.
func appendCubic(c []knot, from, a, b, to spot) []knot {
	const most = 8
	// A cubic's distance from the quadratic through the same ends is that of its third difference, by 18√3.
	d := math.Hypot(to.x-3*b.x+3*a.x-from.x, to.y-3*b.y+3*a.y-from.y) * math.Sqrt(3) / 36
	n := min(most, max(1, int(math.Ceil(math.Cbrt(d/(tolerance/2))))))
	at := func(t float64) (p, along spot) {
		u := 1 - t
		p = spot{u*u*u*from.x + 3*u*u*t*a.x + 3*u*t*t*b.x + t*t*t*to.x, u*u*u*from.y + 3*u*u*t*a.y + 3*u*t*t*b.y + t*t*t*to.y}
		along = spot{3 * (u*u*(a.x-from.x) + 2*u*t*(b.x-a.x) + t*t*(to.x-b.x)), 3 * (u*u*(a.y-from.y) + 2*u*t*(b.y-a.y) + t*t*(to.y-b.y))}
		return p, along
	}
	p, along := at(0)
	for k := 1; k <= n; k++ {
		q, next := at(float64(k) / float64(n))
		h := 1 / float64(n) / 4
		// the mean of where the tangents of both ends point
		off := spot{(p.x+q.x)/2 + (along.x-next.x)*h, (p.y+q.y)/2 + (along.y-next.y)*h}
		if k == n {
			q = to
		}
		c = append(c, knot{off, false}, knot{q, true})
		p, along = q, next
	}
	return c
}

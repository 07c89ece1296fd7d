package pdf

import (
	"encoding/binary"
	"math"
)

// glyph is a glyph as documents hold it: a description of the table glyf (OpenType, Simple glyph description), of an even
// length, and what other tables say of it.
type glyph struct {
	data             []byte
	box              [4]int // xMin, yMin, xMax, yMax
	points, contours int
}

// dot is a point of a glyph in whole units.
type dot struct {
	x, y int
	on   bool
}

// newGlyph writes an outline down.
func newGlyph(outline [][]knot, detail detail) *glyph {
	g := &glyph{}
	var dots []dot
	var ends []int
	for _, c := range outline {
		d := whole(simplify(c, detail), detail)
		if len(d) < 3 {
			continue
		}
		dots = append(dots, d...)
		ends = append(ends, len(dots)-1)
	}
	if len(dots) == 0 {
		return g
	}
	g.points, g.contours = len(dots), len(ends)
	g.box = [4]int{dots[0].x, dots[0].y, dots[0].x, dots[0].y}
	for _, d := range dots {
		g.box = [4]int{min(g.box[0], d.x), min(g.box[1], d.y), max(g.box[2], d.x), max(g.box[3], d.y)}
	}
	for _, v := range append(append([]int{len(ends)}, g.box[:]...), ends...) {
		g.data = binary.BigEndian.AppendUint16(g.data, uint16(int16(v)))
	}
	g.data = append(g.data, 0, 0) // no instructions
	g.flags(dots)
	before := dot{}
	for _, d := range dots {
		g.coordinate(d.x - before.x)
		before = d
	}
	before = dot{}
	for _, d := range dots {
		g.coordinate(d.y - before.y)
		before = d
	}
	if len(g.data)&1 != 0 {
		g.data = append(g.data, 0)
	}
	return g
}

// whole moves a contour's points to the grid, and leaves out those that say nothing then.
func whole(c []knot, detail detail) []dot {
	unit := float64(detail)
	all := make([]dot, 0, len(c))
	for _, k := range c {
		d := dot{int(math.Ceil(k.x/unit-.5)) * int(unit), int(math.Ceil(k.y/unit-.5)) * int(unit), k.on} // halves go one way, so that strokes keep their widths
		if n := len(all); n > 0 && all[n-1].x == d.x && all[n-1].y == d.y && (d.on || !all[n-1].on) {
			all[n-1].on = all[n-1].on || d.on
			continue
		}
		all = append(all, d)
	}
	out := make([]dot, 0, len(all))
	for i, d := range all {
		before, after := all[(i+len(all)-1)%len(all)], all[(i+1)%len(all)]
		if i > 0 && d.on && (!before.on && !after.on && middle(before, d, after, int(detail)) || before.on && after.on && straight(before, d, after)) {
			continue
		}
		out = append(out, d)
	}
	return out
}

// middle tells whether d lies within half a step of the grid of the middle of its neighbours.
func middle(before, d, after dot, step int) bool {
	x, y := before.x+after.x-2*d.x, before.y+after.y-2*d.y
	return x >= -step && x <= step && y >= -step && y <= step
}

// straight tells whether d lies on the level or upright line between its neighbours.
func straight(before, d, after dot) bool {
	between := func(a, b, c int) bool { return a <= b && b <= c || a >= b && b >= c }
	return before.x == d.x && d.x == after.x && between(before.y, d.y, after.y) || before.y == d.y && d.y == after.y && between(before.x, d.x, after.x)
}

// Flags of a point.
const (
	onCurve  = 1
	xShort   = 2 // its x is a byte
	yShort   = 4
	repeated = 8  // a byte follows that says how often
	xSame    = 16 // with xShort: the byte is positive; without: x is that of the point before
	ySame    = 32
)

func (g *glyph) flags(dots []dot) {
	var last byte
	repeats, before := 0, dot{}
	flush := func() {
		switch {
		case repeats > 2:
			g.data = append(g.data, last|repeated, byte(repeats-1))
		default:
			for range repeats {
				g.data = append(g.data, last)
			}
		}
	}
	for _, d := range dots {
		f := flag(d.x-before.x, xShort, xSame) | flag(d.y-before.y, yShort, ySame)
		if d.on {
			f |= onCurve
		}
		before = d
		if repeats > 0 && f == last && repeats < 256 {
			repeats++
			continue
		}
		flush()
		last, repeats = f, 1
	}
	flush()
}

func flag(d int, short, same byte) byte {
	switch {
	case d == 0:
		return same
	case d > 0 && d < 256:
		return short | same
	case d < 0 && d > -256:
		return short
	}
	return 0
}

func (g *glyph) coordinate(d int) {
	switch {
	case d == 0:
	case d > -256 && d < 256:
		g.data = append(g.data, byte(max(d, -d)))
	default:
		g.data = binary.BigEndian.AppendUint16(g.data, uint16(int16(d)))
	}
}

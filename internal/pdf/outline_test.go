package pdf

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/go-text/typesetting/font/opentype"
)

// blob is a random smooth outline of cubics about the middle of an em of a thousand units, now and then with a corner.
func blob(r *rand.Rand) []opentype.Segment {
	const n = 7
	type vec struct{ x, y float64 }
	point := func(p vec) opentype.SegmentPoint { return opentype.SegmentPoint{X: float32(p.x), Y: float32(p.y)} }
	var at, along [n]vec
	for i := range at {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / n)
		d := 100 + 300*r.Float64()
		at[i] = vec{500 + d*cos, 400 + d*sin}
		size := 20 + 80*r.Float64()
		along[i] = vec{-size * sin, size * cos}
	}
	out := []opentype.Segment{{Op: opentype.SegmentOpMoveTo, Args: [3]opentype.SegmentPoint{point(at[0])}}}
	for i := range at {
		k := (i + 1) % n
		a, b := vec{at[i].x + along[i].x, at[i].y + along[i].y}, vec{at[k].x - along[k].x, at[k].y - along[k].y}
		switch r.IntN(5) {
		case 0:
			out = append(out, opentype.Segment{Op: opentype.SegmentOpLineTo, Args: [3]opentype.SegmentPoint{point(at[k])}})
		case 1:
			out = append(out, opentype.Segment{Op: opentype.SegmentOpQuadTo, Args: [3]opentype.SegmentPoint{point(a), point(at[k])}})
		default:
			out = append(out, opentype.Segment{Op: opentype.SegmentOpCubeTo, Args: [3]opentype.SegmentPoint{point(a), point(b), point(at[k])}})
		}
	}
	return out
}

// drawn are many points along an outline's curves, in units of documents.
func drawn(segments []opentype.Segment) (out []spot) {
	var here spot
	for _, s := range segments {
		var p [3]spot
		for i, a := range s.Args {
			p[i] = spot{float64(a.X) / 2, float64(a.Y) / 2}
		}
		switch s.Op {
		case opentype.SegmentOpLineTo:
			for t := 0.0; t <= 1; t += .05 {
				out = append(out, here.toward(p[0], t))
			}
			here = p[0]
		case opentype.SegmentOpQuadTo:
			for t := 0.0; t <= 1; t += .05 {
				out = append(out, here.toward(p[0], t).toward(p[0].toward(p[1], t), t))
			}
			here = p[1]
		case opentype.SegmentOpCubeTo:
			for t := 0.0; t <= 1; t += .05 {
				a, b, c := here.toward(p[0], t), p[0].toward(p[1], t), p[1].toward(p[2], t)
				out = append(out, a.toward(b, t).toward(b.toward(c, t), t))
			}
			here = p[2]
		default:
			here = p[0]
		}
	}
	return out
}

// polygon is what a renderer makes of a contour.
func polygon(c []knot) []spot {
	var out []spot
	n := len(c)
	for i, k := range c {
		if k.on {
			out = append(out, k.spot)
			continue
		}
		from, to := c[(i+n-1)%n], c[(i+1)%n]
		a, b := from.spot, to.spot
		if !from.on {
			a = from.toward(k.spot, .5)
		}
		if !to.on {
			b = k.toward(to.spot, .5)
		}
		for t := 0.0; t <= 1; t += .05 {
			out = append(out, a.toward(k.spot, t).toward(k.toward(b, t), t))
		}
	}
	return append(out, out[0])
}

func offLine(p spot, line []spot) float64 {
	best := math.Inf(1)
	for i := 0; i+1 < len(line); i++ {
		best = math.Min(best, p.from(line[i], line[i+1]))
	}
	return best
}

// What a document holds of a glyph lies on the glyph: with fewer points within the tolerance, rounded within a unit and a
// half of a five-hundredth of an em.
func TestGlyphsKeepTheirShapes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	before, after := 0, 0
	for i := range 300 {
		d := []detail{fine, coarse}[i%2]
		segments := blob(r)
		all := contours(segments, .5)
		if len(all) != 1 {
			t.Fatalf("outline %d has %d contours", i, len(all))
		}
		fewer := simplify(all[0], d)
		before, after = before+len(all[0]), after+len(fewer)
		var rounded []knot
		for _, p := range whole(fewer, d) {
			rounded = append(rounded, knot{spot{float64(p.x), float64(p.y)}, p.on})
		}
		line, moved := polygon(fewer), polygon(rounded)
		for _, p := range drawn(segments) {
			if off := offLine(p, line); off > 1.6*tolerance*float64(d) { // turned into quadratics, and then into fewer
				t.Fatalf("outline %d: %v lies %.2f units off", i, p, off)
			}
			if off := offLine(p, moved); off > 1.5*float64(d) {
				t.Fatalf("outline %d: %v lies %.2f units off when it is rounded", i, p, off)
			}
		}
	}
	if after >= before {
		t.Errorf("%d points have become %d", before, after)
	}
}

func TestLevelAndUprightStrokesStayWhatTheyAre(t *testing.T) {
	corner := func(x, y float32) opentype.Segment {
		return opentype.Segment{Op: opentype.SegmentOpLineTo, Args: [3]opentype.SegmentPoint{{X: x, Y: y}}}
	}
	// A bar that is 46 units wide, from an odd unit on, with a point too many.
	bar := []opentype.Segment{corner(101, 7), corner(147, 7), corner(147, 300), corner(147, 603), corner(101, 603), corner(101, 7)}
	bar[0].Op = opentype.SegmentOpMoveTo
	g := newGlyph(contours(bar, .5), fine)
	if g.points != 4 || g.contours != 1 || g.box[2]-g.box[0] != 23 || g.box[3]-g.box[1] != 298 {
		t.Errorf("%d points of %d contours in %v", g.points, g.contours, g.box)
	}
}

func TestCheckSumsOfPartsAreThoseOfTheWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		data := make([]byte, 4*r.IntN(60000))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		at := len(data) / 8 * 4
		if got, want := sumsOf(data[:at]).and(sumsOf(data[at:])), sumsOf(data); got != want {
			t.Fatalf("%d bytes: %v, want %v", len(data), got, want)
		}
	}
}

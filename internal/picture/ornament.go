package picture

import "math"

const tau = 2 * math.Pi

// kappa places the control points of a cubic that stands for a quarter circle.
const kappa = 0.5522847498307936

// circle is a closed circle of four cubics.
func circle(x, y, r float64) path {
	var p path
	k := r * kappa
	p.move(x+r, y)
	p.cubic(point{x + r, y + k}, point{x + k, y + r}, point{x, y + r})
	p.cubic(point{x - k, y + r}, point{x - r, y + k}, point{x - r, y})
	p.cubic(point{x - r, y - k}, point{x - k, y - r}, point{x, y - r})
	p.cubic(point{x + k, y - r}, point{x + r, y - k}, point{x + r, y})
	p.close()
	return p
}

// disc is a circle that is filled, or stroked with a line of some width.
func disc(x, y, r float64, colour uint8, width float64) figure {
	return figure{path: circle(x, y, r), colour: colour, width: width, model: &model{path: circle(0, 0, 100), place: affine{r / 100, 0, 0, r / 100, x, y}, scale: r / 100}}
}

// rectangle has corners rounded by r, 0 for none.
func rectangle(b box, r float64) path {
	x0, y0, x1, y1 := b.x, b.y, b.x+b.w, b.y+b.h
	if r <= 0 {
		return points([]point{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, true)
	}
	var p path
	k := r * (1 - kappa)
	p.move(x0+r, y0)
	p.line(x1-r, y0)
	p.cubic(point{x1 - k, y0}, point{x1, y0 + k}, point{x1, y0 + r})
	p.line(x1, y1-r)
	p.cubic(point{x1, y1 - k}, point{x1 - k, y1}, point{x1 - r, y1})
	p.line(x0+r, y1)
	p.cubic(point{x0 + k, y1}, point{x0, y1 - k}, point{x0, y1 - r})
	p.line(x0, y0+r)
	p.cubic(point{x0, y0 + k}, point{x0 + k, y0}, point{x0 + r, y0})
	p.close()
	return p
}

func lozenge(x, y, r float64) path {
	return points([]point{{x - r, y}, {x, y - r}, {x + r, y}, {x, y + r}}, true)
}

// guilloche is a band of woven waves along a horizontal or vertical line:
// y_k(s) = c + A cos(2π (s − (a+b)/2)/(K p) + 2π k/K), k = 0…K−1. The weave repeats every p pixels, so p whole and under
// 20 lets deflate find the last repeat within its window, even in the rows of an upright band.
func guilloche(x1, y1, x2, y2, amplitude float64, strands int, step float64) []path {
	upright := x1 == x2
	a, b, c := x1, x2, y1
	if upright {
		a, b, c = y1, y2, x1
	}
	wave := float64(strands) * step
	out := make([]path, strands)
	for k := range out {
		var pts []point
		for i := 0; ; i++ {
			s := a + float64(i)*wave/wavePoints
			if s > b {
				break
			}
			y := c + amplitude*math.Cos(tau*(s-(a+b)/2)/wave+tau*float64(k)/float64(strands))
			if upright {
				pts = append(pts, point{y, s})
			} else {
				pts = append(pts, point{s, y})
			}
		}
		out[k] = points(pts, false)
	}
	return out
}

// guillocheWeave is the wave that all strands of a guilloche are, from a crest on, moved by a step again and again. Waves
// begin before the band and end after it.
func guillocheWeave(x1, y1, x2, y2, amplitude float64, strands int, step float64) *weave {
	upright := x1 == x2
	a, b, c := x1, x2, y1
	if upright {
		a, b, c = y1, y2, x1
	}
	wave, crest := float64(strands)*step, (a+b)/2
	end := a + math.Floor((b-a)*wavePoints/wave)*wave/wavePoints // where the last point of a strand lies
	first, last := math.Ceil((a-wave-crest)/step), math.Floor((end-crest)/step)
	across := amplitude + step
	w := &weave{every: wavePoints, by: moved(step, 0), n: int(last-first) + 1, from: moved(crest+first*step, c), within: box{a, c - across, end - a, 2 * across},
		at: func(k int) point {
			return point{float64(k) * wave / wavePoints, amplitude * math.Cos(tau*float64(k)/wavePoints)}
		}}
	if upright {
		w.from, w.within = affine{0, 1, 1, 0, c, crest + first*step}, box{c - across, a, 2 * across, end - a}
	}
	return w
}

// Points of one wave, of one petal, of one scallop.
const (
	wavePoints    = 24
	petalPoints   = 24
	scallopPoints = 12
)

// rosette is K closed curves r_k(θ) = R (1 − e + e cos(nθ + 2π k/K)).
func rosette(x, y, r, depth float64, petals, curves int) []path {
	out := make([]path, curves)
	for k := range out {
		pts := make([]point, petals*petalPoints)
		for i := range pts {
			t := tau * float64(i) / float64(len(pts))
			d := r * (1 - depth + depth*math.Cos(float64(petals)*t+tau*float64(k)/float64(curves)))
			pts[i] = point{x + d*math.Cos(t), y + d*math.Sin(t)}
		}
		out[k] = points(pts, true)
	}
	return out
}

// rosetteFigures are the curves of a rosette, each of which is the first one turned by part of a petal.
func rosetteFigures(x, y, r, depth float64, petals, curves int, colour uint8, width float64) []figure {
	return woven(stroked(rosette(x, y, r, depth, petals, curves), colour, width), &weave{every: petalPoints, from: moved(x, y), by: rotated(tau / float64(petals*curves)), n: petals * curves,
		at: func(k int) point {
			t := tau * float64(k) / float64(petals*petalPoints)
			d := r * (1 - depth + depth*math.Cos(float64(petals)*t))
			return point{d * math.Cos(t), d * math.Sin(t)}
		}})
}

const scallops = 60

// scallop is a circle with a wavy edge: r(θ) = R (1 + .016 cos 60θ).
func scallop(x, y, r float64) path {
	pts := make([]point, scallops*scallopPoints)
	for i := range pts {
		t := tau * float64(i) / float64(len(pts))
		d := r * (1 + .016*math.Cos(scallops*t))
		pts[i] = point{x + d*math.Cos(t), y + d*math.Sin(t)}
	}
	return points(pts, true)
}

// scallopWeave is one scallop of the edge.
func scallopWeave(x, y, r float64) *weave {
	return &weave{every: scallopPoints, from: moved(x, y), by: rotated(tau / scallops), n: scallops, at: func(k int) point {
		t := tau * float64(k) / (scallops * scallopPoints)
		d := r * (1 + .016*math.Cos(scallops*t))
		return point{d * math.Cos(t), d * math.Sin(t)}
	}}
}

// leaf grows from (x, y) in direction a (radians), of length l and half-width b: two cubics that meet in a pointed tip.
// side 0 is the whole leaf, 1 and −1 its halves.
func leaf(x, y, a, l, b float64, side int) path {
	return leafOf(l, b, side, func(u, v float64) point {
		return point{x + u*math.Cos(a) - v*math.Sin(a), y + u*math.Sin(a) + v*math.Cos(a)}
	})
}

// leafModel is the leaf of length 1 and half-width 1 at (0, 0) and the way to where another lies.
func leafModel(x, y, a, l, b float64, side int) *model {
	sin, cos := math.Sincos(a)
	return &model{path: leafOf(1, 1, side, func(u, v float64) point { return point{u, v} }), place: affine{l * cos, l * sin, -b * sin, b * cos, x, y}}
}

func leafOf(l, b float64, side int, at func(u, v float64) point) path {
	var p path
	tip, root := at(l, 0), at(0, 0)
	p.move(root.x, root.y)
	s := float64(side)
	if side == 0 {
		s = 1
	}
	p.cubic(at(l*.28, s*b*1.35), at(l*.68, s*b*1.15), tip)
	if side == 0 {
		p.cubic(at(l*.68, -b*1.15), at(l*.28, -b*1.35), root)
	}
	p.close()
	return p
}

// wreath is two laurel branches of radius r, open at the top. The side towards the top is light.
func wreath(x, y, r float64, dark, light uint8) []figure {
	out := laurel(x, y, r, 1, dark, light)
	mirrored := laurel(x, y, r, -1, dark, light)
	for i := range mirrored {
		m := *out[i].model
		m.mirrored, m.axis = true, x
		mirrored[i].model = &m
	}
	return append(out, mirrored...)
}

// laurel is one branch, m 1, or its mirror image, −1: nine nodes from 101° to 232° (90° is the foot), at each of the first
// eight a leaf outwards and one inwards, at the ninth one along the stem.
func laurel(x, y, r, m float64, dark, light uint8) []figure {
	const foot, from, to, nodes = 93.0, 101.0, 232.0, 8
	at := func(deg float64) (float64, float64, float64) {
		t := deg * tau / 360
		return x + m*r*math.Cos(t), y + r*math.Sin(t), t
	}
	var stem []point
	for d := foot; d <= to+6; d += 3 {
		px, py, _ := at(d)
		stem = append(stem, point{px, py})
	}
	first, last := foot*tau/360, (foot+3*float64(len(stem)-1))*tau/360
	out := []figure{{path: points(stem, false), colour: dark, width: math.Max(1.2, r*.028), model: &model{path: arcPath(r, first, last), place: moved(x, y)}}}
	for i := 0; i <= nodes; i++ {
		px, py, t := at(from + (to-from)*float64(i)/nodes)
		sides := []float64{1, -1}
		if i == nodes {
			sides = []float64{0}
		}
		for _, o := range sides {
			a, s := t+tau/4-.52*o, 1-.025*float64(i)
			if m < 0 {
				a = tau/2 - a
			}
			l, b := r*.42*s, r*.105*s
			if o < 0 {
				l, b = r*.33*s, r*.085*s
			}
			out = append(out,
				figure{path: leaf(px, py, a, l, b, 0), colour: dark, model: leafModel(px, py, a, l, b, 0)},
				figure{path: leaf(px, py, a, l, b, -int(m)), colour: light, model: leafModel(px, py, a, l, b, -int(m))})
		}
	}
	return out
}

// arcPath is an arc about (0, 0) of cubics that are an eighth of a circle at most.
func arcPath(r, from, to float64) path {
	n := math.Ceil((to - from) / (tau / 8))
	turn := (to - from) / n
	k := r * 4 / 3 * math.Tan(turn/4)
	var p path
	at := func(t, along float64) point {
		sin, cos := math.Sincos(t)
		return point{r*cos - along*sin, r*sin + along*cos}
	}
	p.move(at(from, 0).x, at(from, 0).y)
	for t := from; n > 0; n-- {
		p.cubic(at(t, k), at(t+turn, -k), at(t+turn, 0))
		t += turn
	}
	return p
}

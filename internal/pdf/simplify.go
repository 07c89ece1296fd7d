package pdf

import "math"

// tolerance is how far a curve with fewer points may lie off the one that it stands for: so many units of the grid.
const tolerance = .5

// simplify writes a contour with as few points as its shape needs: runs of quadratics that pass smoothly into each other
// as one or two of them where those lie within the tolerance, and points in the middle of others not at all.
func simplify(c []knot, d detail) []knot {
	c = implied(c)
	first := 0
	for first < len(c) && !c[first].on {
		first++
	}
	if first == len(c) {
		return append([]knot{{c[len(c)-1].toward(c[0].spot, .5), true}}, c...)
	}
	at := func(i int) knot { return c[(first+i)%len(c)] }
	out := make([]knot, 0, len(c))
	var r run
	for i := 0; i < len(c); {
		j := i + 1
		for !at(j).on {
			j++
		}
		out = append(out, at(i))
		r = r[:0]
		for k := i; k <= j; k++ {
			r = append(r, at(k).spot)
		}
		for _, p := range r.shorter(tolerance * float64(d)) {
			out = append(out, knot{p, false})
		}
		i = j
	}
	return out
}

// implied leaves out the points on the curve that lie in the middle of their neighbours, which are not.
func implied(c []knot) []knot {
	out := make([]knot, 0, len(c))
	for i, k := range c {
		before, after := c[(i+len(c)-1)%len(c)], c[(i+1)%len(c)]
		if k.on && !before.on && !after.on && before.toward(after.spot, .5).near(k.spot, .02) {
			continue
		}
		out = append(out, k)
	}
	return out
}

// run is a smooth curve: the point where it begins, control points, the point where it ends.
type run []spot

// shorter gives the control points of a run that does as well.
func (r run) shorter(tolerance float64) []spot {
	controls := r[1 : len(r)-1]
	n := len(controls)
	if n < 2 {
		return controls
	}
	from, to := r[0], r[len(r)-1]
	samples := r.samples(nil, 4)
	if c, ok := meet(from, controls[0], to, controls[n-1]); ok && (run{from, c, to}).off(samples, tolerance) <= tolerance {
		return []spot{c}
	}
	if n == 2 {
		return controls
	}
	best := math.Inf(1)
	var two [2]spot
	for k := range 13 {
		f := float64(n) / 2 * (.7 + .05*float64(k))
		a, b := from.toward(controls[0], f), to.toward(controls[n-1], f)
		if d := (run{from, a, b, to}).off(samples, best); d < best {
			best, two = d, [2]spot{a, b}
		}
	}
	if best <= tolerance {
		return two[:]
	}
	return controls
}

// samples appends points of the curve, some to each quadratic, the one where it ends among them.
func (r run) samples(out []spot, each int) []spot {
	from := r[0]
	for i := 1; i < len(r)-1; i++ {
		to := r[len(r)-1]
		if i < len(r)-2 {
			to = r[i].toward(r[i+1], .5)
		}
		for k := 1; k <= each; k++ {
			t := float64(k) / float64(each)
			out = append(out, from.toward(r[i], t).toward(r[i].toward(to, t), t))
		}
		from = to
	}
	return out
}

// off tells how far the points lie off the curve; more than most where it is more.
func (r run) off(points []spot, most float64) float64 {
	var buffer [32]spot
	line := r.samples(append(buffer[:0], r[0]), 12)
	worst, near := 0.0, 0
	for _, p := range points {
		best := math.Inf(1)
		for i := max(0, near-4); i+1 < len(line) && i < near+12; i++ {
			if d := p.from(line[i], line[i+1]); d < best {
				best, near = d, i
			}
		}
		if worst = math.Max(worst, best); worst > most {
			return worst
		}
	}
	return worst
}

// from is how far a point is from a line between two others.
func (p spot) from(a, b spot) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = math.Max(0, math.Min(1, ((p.x-a.x)*dx+(p.y-a.y)*dy)/l))
	}
	return math.Hypot(p.x-a.x-t*dx, p.y-a.y-t*dy)
}

// meet gives the point where two lines meet, from a by b and from c by d, if it lies ahead on both.
func meet(a, b, c, d spot) (spot, bool) {
	ux, uy, vx, vy := b.x-a.x, b.y-a.y, d.x-c.x, d.y-c.y
	area := ux*vy - uy*vx
	if math.Abs(area) < 1e-6 {
		return spot{}, false
	}
	t := ((c.x-a.x)*vy - (c.y-a.y)*vx) / area
	s := ((c.x-a.x)*uy - (c.y-a.y)*ux) / area
	return spot{a.x + t*ux, a.y + t*uy}, t > 0 && s > 0
}

package picture

import (
	"cmp"
	"math"

	"laurel/internal/pdf"
)

// weave writes an ornament that repeats itself: one round of it as a form, drawn as often as it takes. Each round reaches
// a little into the next, so that no seam shows.
func (s *shapes) weave(f *figure) {
	w := f.weave
	s.Raw("q ")
	if w.within != (box{}) {
		s.Num(w.within.x, w.within.y, w.within.w, w.within.h)
		s.Raw("re W n ")
	}
	s.matrix(w.from)
	name := s.roundForm(f)
	for range w.n {
		s.Raw("/P")
		s.Int(name)
		s.Raw(" Do ")
		s.matrix(w.by)
	}
	s.Raw("Q\n")
}

// matrix writes one that moves what follows. Of one that only moves, what is moved does not grow with its errors.
func (s *shapes) matrix(m affine) {
	if m.a == 1 && m.d == 1 {
		s.Raw("1 0 0 1 ")
	} else {
		s.Fine(m.a, m.b, m.c, m.d)
	}
	s.Num(m.e, m.f)
	s.Raw("cm\n")
}

// roundForm gives the number of a round's form, which ornaments of one shape share. It has no colour of its own.
func (s *shapes) roundForm(f *figure) int {
	var b pdf.Buffer
	bounds := f.round(&b)
	b.Raw(f.paint())
	u := s.rounds[string(b.B)]
	if u == nil {
		u = &form{data: pdf.PackOnce(b.B), box: bounds}
		s.rounds[string(b.B)] = u
		s.uses = append(s.uses, u)
	}
	for i := range s.uses {
		if s.uses[i] == u {
			return i
		}
	}
	return 0
}

// round writes one round and a step of the next, a filled one as a sector about (0, 0); and gives what it covers.
func (f *figure) round(b *pdf.Buffer) box {
	w, step := f.weave, 1
	if w.every%3 == 0 && w.every >= 12 { // a third of the points are enough for a smooth line
		step = 3
	}
	p := w.at(0)
	r := reach{p.x, p.y, p.x, p.y}
	if f.width == 0 {
		b.Raw("0 0 m ")
		r.add(point{})
	}
	b.Num(p.x, p.y)
	b.Raw(map[bool]string{true: "l\n", false: "m\n"}[f.width == 0])
	for k := 0; k <= w.every; k += step {
		w.to(b, k, step)
		for i := k; i <= k+step; i++ {
			r.add(w.at(i))
		}
	}
	if f.width == 0 {
		b.Raw("h\n")
	}
	return r.box(f.width + 1)
}

// to writes the cubic from a point to another that lies n points on: through both, along the line's own directions.
func (w *weave) to(b *pdf.Buffer, k, n int) {
	p, q := w.at(k), w.at(k+n)
	before, after := w.at(k-1), w.at(k+1)
	last, next := w.at(k+n-1), w.at(k+n+1)
	t := float64(n) / 6
	b.Num(p.x+(after.x-before.x)*t, p.y+(after.y-before.y)*t, q.x-(next.x-last.x)*t, q.y-(next.y-last.y)*t, q.x, q.y)
	b.Raw("c\n")
}

// reach is a box that grows.
type reach struct{ x0, y0, x1, y1 float64 }

func (r *reach) add(p point) {
	r.x0, r.y0, r.x1, r.y1 = math.Min(r.x0, p.x), math.Min(r.y0, p.y), math.Max(r.x1, p.x), math.Max(r.y1, p.y)
}

// box is of whole pixels, wider by a margin.
func (r *reach) box(margin float64) box {
	x, y := math.Floor(r.x0-margin), math.Floor(r.y0-margin)
	return box{x, y, math.Ceil(r.x1+margin) - x, math.Ceil(r.y1+margin) - y}
}

// models writes copies of models as the models themselves, which are always the same text, moved to where the copies lie.
func (s *shapes) models(figures []figure) {
	first := figures[0].model
	if first.mirrored {
		s.Raw("q -1 0 0 1 ")
		s.Num(2*first.axis, 0)
		s.Raw("cm\n")
	}
	for i := 0; i < len(figures); {
		m := figures[i].model
		s.Raw("q ")
		s.Turn(m.place.a, m.place.b, m.place.c, m.place.d)
		s.Num(m.place.e, m.place.f)
		s.Raw("cm\n")
		for ; i < len(figures) && figures[i].model.place == m.place; i++ {
			s.filled, s.line, s.width = -1, -1, 0
			if f := &figures[i]; f.width > 0 {
				s.stroke(f.colour, f.width/cmp.Or(f.model.scale, 1))
			} else {
				s.fill(f.colour)
			}
			appendPath(&s.Buffer, figures[i].model.path)
			s.Raw(figures[i].paint())
		}
		s.Raw("Q\n")
	}
	if first.mirrored {
		s.Raw("Q\n")
	}
	s.filled, s.line, s.width = -1, -1, 0
}

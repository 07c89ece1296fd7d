package picture

import (
	"bytes"
	"slices"
)

// lanes tell of each row of a sheet what is painted there, from left to right.
type lanes struct {
	regions []region    // in the order of painting
	order   []uint64    // the regions from left to right: where each begins, and its place in regions in the lower half
	lanes   []lane      // in this order
	beside  [][2]uint32 // places in regions of two that lie side by side
	rows    [][]uint32  // of each row, the lanes that reach it
	reach   []spanOf    // of each row, the bytes that they lie in
	last    []uint32    // of each row, the lane that reaches farthest
	paper   []byte      // a row of it
}

// lane is what writing a row takes of a region, kept small: every row of every glyph comes by here.
type lane struct {
	from, to, y uint16
	plain       bool
	imprint     *imprint
}

// spanOf are bytes of a row, from and to, to exclusive; to is 0 where there are none.
type spanOf struct{ from, to int }

// reset makes lanes for a sheet that nothing was painted on.
func (l *lanes) reset(c *sheet) {
	l.regions = l.regions[:0]
	grow(&l.rows, c.height)
	grow(&l.reach, c.height)
	grow(&l.last, c.height)
	for y := range l.rows {
		l.rows[y], l.reach[y] = l.rows[y][:0], spanOf{}
	}
	if ground := c.variant.palette.ground; len(l.paper) < c.width || l.paper[0] != ground {
		l.paper = bytes.Repeat([]byte{ground}, c.width)
	}
}

// add takes note of a rectangle that is painted on, of which the sheet has all or a part.
func (l *lanes) add(c *sheet, x, y, w, h int, r region) {
	x0, y0, x1, y1 := max(x, 0), max(y, 0), min(x+w, c.width), min(y+h, c.height)
	if x0 >= x1 || y0 >= y1 {
		return
	}
	if x0 != x || y0 != y || x1 != x+w || y1 != y+h {
		r.imprint = nil
	}
	r.from, r.to, r.y, r.h = 1+x0, 1+x1, y0, y1-y0
	l.regions = append(l.regions, r)
}

// bare tells whether the base shows nothing but paper in a rectangle, and in the rows above and below it.
func (l *lanes) bare(c *sheet, x, y, w, h int) bool {
	if x < 0 || y < 1 || x+w > c.width || y+h >= c.height {
		return false
	}
	return c.under.bare(x, y-1, w, h+2, l.paper)
}

// sort puts the regions of every row in order, and finds those whose pixels are needed.
func (l *lanes) sort() {
	l.order, l.lanes, l.beside = l.order[:0], l.lanes[:0], l.beside[:0]
	for i := range l.regions {
		r := &l.regions[i]
		r.looked = r.mask == nil || r.imprint == nil || len(r.imprint.rows) == 0
		l.order = append(l.order, uint64(l.regions[i].from)<<32|uint64(i))
	}
	slices.Sort(l.order)
	for k, o := range l.order {
		r := &l.regions[uint32(o)]
		l.lanes = append(l.lanes, lane{uint16(r.from), uint16(r.to), uint16(r.y), r.plain, r.imprint})
		for y := r.y; y <= r.y+r.h && y < len(l.rows); y++ {
			reach := &l.reach[y]
			if len(l.rows[y]) == 0 {
				reach.from = r.from
			} else if r.from <= reach.to {
				l.meet(uint32(o), uint32(l.order[l.last[y]]), r.from < reach.to)
			}
			if r.to > reach.to {
				reach.to, l.last[y] = r.to, uint32(k)
			}
			l.rows[y] = append(l.rows[y], uint32(k))
		}
	}
	for i := range l.regions {
		l.regions[i].painted = l.regions[i].looked
	}
	for _, two := range l.beside {
		a, b := &l.regions[two[0]], &l.regions[two[1]]
		a.painted, b.painted = a.painted || b.looked, b.painted || a.looked
	}
}

// meet takes note that two regions lie side by side, or that one lies across the other.
func (l *lanes) meet(i, j uint32, across bool) {
	if across {
		l.regions[i].looked, l.regions[j].looked = true, true
		return
	}
	if n := len(l.beside); n == 0 || l.beside[n-1] != [2]uint32{i, j} {
		l.beside = append(l.beside, [2]uint32{i, j})
	}
}

// touched reports whether some bytes of a row are those of a region.
func (l *lanes) touched(y, from, to int) bool {
	if r := l.reach[y]; r.to <= from || to <= r.from {
		return false
	}
	for _, i := range l.rows[y] {
		if n := &l.lanes[i]; int(n.from) < to && from < int(n.to) {
			return true
		}
	}
	return false
}

// still is what a row of a base is, read from left to right.
type still struct {
	pix    []byte // the row
	tokens []token
	places []uint32 // of the tokens in bits, and of one more
	at     int      // where the first of them begins, in bytes of the row
}

// skip leaves out n tokens, which end at a place.
func (s *still) skip(n, at int) { s.tokens, s.places, s.at = s.tokens[n:], s.places[n:], at }

// stretch is the next n tokens, which end at a place.
func (s *still) stretch(code *blockCode, n, at int) (p stretch) {
	p.from, p.to = s.places[0], s.places[n]
	if first := s.tokens[0]; first.literals == 0 {
		p.lead = repetitionOf(first, s.pix[s.at:])
		if p.from = s.places[1]; n == 1 {
			p.to = p.from
			return p
		}
	}
	if last := s.tokens[n-1]; last.length > 0 {
		p.trail = repetitionOf(last, s.pix[at-int(last.length):])
		p.to -= uint32(code.repetition(last).n)
	}
	return p
}

// row writes what a row of a sheet is: what the base is where nothing was painted, imprints where one stands by itself,
// and what is found by looking at the pixels wherever things meet. It returns what became of the row's sum.
func (m *painter) row(c *sheet, y int) (sum change) {
	b, l := c.under, &m.lanes
	m.block.room(c.stride)
	base := still{pix: b.pix[y*c.stride:][:c.stride], tokens: b.tokens[b.begins[y]:b.begins[y+1]], places: b.places[b.begins[y]:]}
	at, row := 0, l.rows[y]
	for i := 0; i < len(row); {
		n := &l.lanes[row[i]]
		from, to, alone := int(n.from), int(n.to), true
		for i++; i < len(row) && int(l.lanes[row[i]].from) < to; i++ {
			to, alone = max(to, int(l.lanes[row[i]].to)), false
		}
		m.rest(c, &base, y, at, from)
		at = to
		if alone && n.imprint != nil {
			if k := y - int(n.y) - n.imprint.offset; k >= 0 && k < len(n.imprint.rows) {
				m.block.stretch(&n.imprint.rows[k], n.imprint.bits)
				if n.plain {
					sum.add(n.imprint.sums[k].before(c.stride - to))
				} else {
					sum.add(c.changed(y, from, to))
				}
				continue
			}
		}
		m.look(c, c.pix, y, from, to)
		sum.add(c.changed(y, from, to))
	}
	m.rest(c, &base, y, at, c.stride)
	return sum
}

// changed is the change between some bytes of a row of the base and what was painted on them.
func (c *sheet) changed(y, from, to int) change {
	at := y * c.stride
	return changed(c.under.pix[at+from:at+to], c.pix[at+from:at+to], c.stride-from)
}

// look writes what some bytes of a row are, from the pixels.
func (m *painter) look(c *sheet, pix []byte, y, from, to int) {
	m.near.data = pix
	m.found = m.near.read(m.found[:0], y*c.stride+from, y*c.stride+to)
	m.block.tokens(m.found, pix[y*c.stride+from:y*c.stride+to])
}

// rest writes what some bytes of a row are that were not painted on, from what the base is there.
func (m *painter) rest(c *sheet, s *still, y, from, to int) {
	for len(s.tokens) > 0 {
		if n, at := m.undisturbed(c, s, y, from, to); n > 0 {
			p := s.stretch(c.under.code, n, at)
			m.block.stretch(&p, c.under.bits)
			s.skip(n, at)
			continue
		}
		t := s.tokens[0]
		middle := s.at + int(t.literals)
		end := middle + int(t.length)
		if f, u := max(s.at, from), min(middle, to); f < u {
			m.block.literals(s.pix[f:u])
		}
		if f, u := max(middle, from), min(end, to); f < u {
			m.repeat(c, s.pix, t.which, y, f, u, from, to)
		}
		if end > to {
			return
		}
		s.skip(1, end)
	}
}

// undisturbed counts the tokens that lie well within what was not painted on, and gives where they end.
func (m *painter) undisturbed(c *sheet, s *still, y, from, to int) (n, at int) {
	at = s.at
	if at <= from {
		return 0, at
	}
	for _, t := range s.tokens {
		end := at + int(t.literals) + int(t.length)
		if end >= to || m.zip.ways[t.which] == periodic && m.lanes.touched(y-m.zip.back[t.which]/c.stride, at, end) {
			break
		}
		n, at = n+1, end
	}
	return n, at
}

// repeat writes that the bytes from f to u, which are between from and to, repeat others, unless those are painted on.
func (m *painter) repeat(c *sheet, row []byte, which uint8, y, f, u, from, to int) {
	way := m.zip.ways[which]
	apart := way == periodic && m.lanes.touched(y-m.zip.back[which]/c.stride, f, u)
	if f == from && (apart || way >= leaning) { // the byte before it may be painted on
		m.block.literals(row[f : f+1])
		f++
	}
	if apart {
		m.look(c, c.under.pix, y, f, u)
		return
	}
	after := 0
	if way == leaning && u == to { // and the byte after it
		after = min(1, u-f)
	}
	if u-after > f {
		m.block.repeat(u-after-f, which, row[f:u-after])
	}
	if after > 0 {
		m.block.literals(row[u-after : u])
	}
}

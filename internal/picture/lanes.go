package picture

import (
	"bytes"
	"slices"
)

// region is a rectangle of a sheet that was painted on, and the row below it, which the rectangle stands above.
type region struct {
	from, to int // bytes of a row
	y, h     int
	imprint  *imprint // nil: its pixels have to be looked at
}

// lanes tell of each row of a sheet what was painted there, from left to right.
type lanes struct {
	regions []region
	rows    [][]uint32 // of each row, the regions that reach it
	reach   []spanOf   // of each row, the bytes that they lie in
	paper   []byte     // a row of it
}

// spanOf are bytes of a row, from and to, to exclusive; to is 0 where there are none.
type spanOf struct{ from, to int }

// reset makes lanes for a sheet that nothing was painted on.
func (l *lanes) reset(c *sheet) {
	l.regions = l.regions[:0]
	grow(&l.rows, c.height)
	grow(&l.reach, c.height)
	for y := range l.rows {
		l.rows[y], l.reach[y] = l.rows[y][:0], spanOf{}
	}
	if ground := c.variant.palette.ground; len(l.paper) < c.width || l.paper[0] != ground {
		l.paper = bytes.Repeat([]byte{ground}, c.width)
	}
}

// add takes note that a rectangle was painted on, of which the sheet has all or a part. p is what it is there if it has all.
func (l *lanes) add(c *sheet, x, y, w, h int, p *imprint) {
	x0, y0, x1, y1 := max(x, 0), max(y, 0), min(x+w, c.width), min(y+h, c.height)
	if x0 >= x1 || y0 >= y1 {
		return
	}
	if x0 != x || y0 != y || x1 != x+w || y1 != y+h {
		p = nil
	}
	l.regions = append(l.regions, region{1 + x0, 1 + x1, y0, y1 - y0, p})
}

// bare tells whether the base shows nothing but paper in a rectangle, and in the rows above and below it.
func (l *lanes) bare(c *sheet, x, y, w, h int) bool {
	if x < 0 || y < 1 || x+w > c.width || y+h >= c.height {
		return false
	}
	for at := (y-1)*c.stride + 1 + x; at < (y+h+1)*c.stride; at += c.stride {
		if !bytes.Equal(c.under.pix[at:at+w], l.paper[:w]) {
			return false
		}
	}
	return true
}

// sort puts the regions of every row in order.
func (l *lanes) sort() {
	slices.SortStableFunc(l.regions, func(a, b region) int { return a.from - b.from })
	for i := range l.regions {
		r := &l.regions[i]
		for y := r.y; y <= r.y+r.h && y < len(l.rows); y++ {
			if len(l.rows[y]) == 0 {
				l.reach[y].from = r.from
			}
			l.reach[y].to = max(l.reach[y].to, r.to)
			l.rows[y] = append(l.rows[y], uint32(i))
		}
	}
}

// touched reports whether some bytes of a row are those of a region.
func (l *lanes) touched(y, from, to int) bool {
	if r := l.reach[y]; r.to <= from || to <= r.from {
		return false
	}
	for _, i := range l.rows[y] {
		if r := &l.regions[i]; r.from < to && from < r.to {
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

// row tells d what a row of a sheet is: what the base is where nothing was painted, imprints where one stands by itself,
// and what is found by looking at the pixels wherever things meet. It returns what became of the row's sum.
func (m *painter) row(d *deflater, c *sheet, y int) (sum change) {
	b, l := c.under, &m.lanes
	m.block.room(c.stride)
	base := still{pix: b.pix[y*c.stride:][:c.stride], tokens: b.tokens[b.begins[y]:b.begins[y+1]], places: b.places[b.begins[y]:]}
	at, row := 0, l.rows[y]
	for i := 0; i < len(row); {
		r := &l.regions[row[i]]
		to, alone := r.to, true
		for i++; i < len(row) && l.regions[row[i]].from < to; i++ {
			to, alone = max(to, l.regions[row[i]].to), false
		}
		m.rest(d, c, &base, y, at, r.from)
		at = to
		if alone && r.imprint != nil {
			if p := r.imprint.row(y - r.y); p != nil {
				m.block.stretch(p, r.imprint.bits)
				if r.imprint.sums != nil {
					sum.add(r.imprint.sums[y-r.y].before(c.stride - to))
				} else {
					sum.add(c.changed(y, r.from, to))
				}
				continue
			}
		}
		m.look(d, c, y, r.from, to)
		sum.add(c.changed(y, r.from, to))
	}
	m.rest(d, c, &base, y, at, c.stride)
	return sum
}

// changed is the change between some bytes of a row of the base and what was painted on them.
func (c *sheet) changed(y, from, to int) change {
	at := y * c.stride
	return changed(c.under.pix[at+from:at+to], c.pix[at+from:at+to], c.stride-from)
}

// look tells d what some bytes of a row are, from the pixels.
func (m *painter) look(d *deflater, c *sheet, y, from, to int) {
	m.found = d.read(m.found[:0], y*c.stride+from, y*c.stride+to)
	m.block.tokens(m.found, c.pix[y*c.stride+from:y*c.stride+to])
}

// rest tells d what some bytes of a row are that were not painted on, from what the base is there.
func (m *painter) rest(d *deflater, c *sheet, s *still, y, from, to int) {
	for len(s.tokens) > 0 {
		if n, at := m.undisturbed(d, c, s, y, from, to); n > 0 {
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
			m.repeat(d, c, s.pix, t.which, y, f, u, from, to)
		}
		if end > to {
			return
		}
		s.skip(1, end)
	}
}

// undisturbed counts the tokens that lie well within what was not painted on, and gives where they end.
func (m *painter) undisturbed(d *deflater, c *sheet, s *still, y, from, to int) (n, at int) {
	at = s.at
	if at <= from {
		return 0, at
	}
	for _, t := range s.tokens {
		end := at + int(t.literals) + int(t.length)
		if end >= to || d.ways[t.which] == periodic && m.lanes.touched(y-d.back[t.which]/c.stride, at, end) {
			break
		}
		n, at = n+1, end
	}
	return n, at
}

// repeat tells d that the bytes from f to u, which are between from and to, repeat others, unless those were painted on.
func (m *painter) repeat(d *deflater, c *sheet, row []byte, which uint8, y, f, u, from, to int) {
	way := d.ways[which]
	switch {
	case way == periodic && m.lanes.touched(y-d.back[which]/c.stride, f, u):
		m.look(d, c, y, f, u)
		return
	case way >= leaning && f == from: // the byte before it may have been
		m.block.literals(row[f : f+1])
		f++
	}
	after := 0
	if way == leaning && u == to { // and the byte after it
		after = min(1, u-f)
	}
	if u-after > f {
		m.block.repeat(u-after-f, which, row[f:min(f+shortestMatch-1, u-after)])
	}
	if after > 0 {
		m.block.literals(row[u-after : u])
	}
}

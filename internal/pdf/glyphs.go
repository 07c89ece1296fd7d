package pdf

import (
	"encoding/binary"
	"hash/adler32"
)

// glyphs are glyphs one after another, as the tables of a font file have them.
type glyphs struct {
	glyf     []byte   // of a length that is a multiple of four
	ends     []uint32 // of each in glyf
	hmtx     []byte
	box      [4]int // of all of them
	points   int    // the most of a glyph
	contours int
}

func (t *glyphs) reset() {
	t.glyf, t.ends, t.hmtx = t.glyf[:0], t.ends[:0], t.hmtx[:0]
	t.box, t.points, t.contours = [4]int{1 << 15, 1 << 15, -1 << 15, -1 << 15}, 0, 0
}

// add appends the glyphs of a subset.
func (t *glyphs) add(s *Subset) {
	f := s.font
	for i, id := range s.glyphs {
		g := f.glyph(id, s.details[i])
		t.glyf = append(t.glyf, g.data...)
		t.ends = append(t.ends, uint32(len(t.glyf)))
		t.hmtx = binary.BigEndian.AppendUint16(t.hmtx, uint16(f.units(f.advance(id))))
		t.hmtx = binary.BigEndian.AppendUint16(t.hmtx, uint16(int16(g.box[0])))
		if g.points > 0 {
			t.grow(g.box, g.points, g.contours)
		}
	}
	for len(t.glyf)&3 != 0 {
		t.glyf = append(t.glyf, 0)
		t.ends[len(t.ends)-1]++
	}
}

func (t *glyphs) grow(box [4]int, points, contours int) {
	t.box = [4]int{min(t.box[0], box[0]), min(t.box[1], box[1]), max(t.box[2], box[2]), max(t.box[3], box[3])}
	t.points, t.contours = max(t.points, points), max(t.contours, contours)
}

// sums are the check sums of bytes: as tables of fonts have them, and Adler's (RFC 1950).
type sums struct {
	words, adler uint32
	size         int
}

func sumsOf(b []byte) sums { return sums{checksum(b), adler32.Checksum(b), len(b)} }

// and gives the check sums of bytes and those that follow them.
func (s sums) and(next sums) sums {
	const base = 65521
	low := s.adler&0xFFFF + next.adler&0xFFFF + base - 1
	high := s.adler>>16 + next.adler>>16 + (s.adler&0xFFFF+base-1)%base*uint32(next.size%base)%base
	return sums{s.words + next.words, high%base<<16 | low%base, s.size + next.size}
}

func checksum(b []byte) (sum uint32) {
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	return sum
}

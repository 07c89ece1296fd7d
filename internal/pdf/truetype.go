package pdf

import (
	"encoding/binary"
	"errors"
)

// trueType are the tables of a font with TrueType outlines that a subset is cut from.
type trueType struct {
	glyf, loca       []byte
	wide             bool // loca has 32-bit offsets
	head, hhea, maxp []byte
}

func readTrueType(t map[string][]byte, f *Font) (*trueType, error) {
	o := &trueType{glyf: t["glyf"], loca: t["loca"], wide: i16(t["head"], 50) != 0, head: t["head"][:54], hhea: t["hhea"][:36], maxp: t["maxp"]}
	size := 2
	if o.wide {
		size = 4
	}
	if len(o.loca) < size*(f.glyphs+1) {
		return nil, errors.New("table \"loca\" is missing or too short")
	}
	return o, nil
}

// glyph is a glyph's description; nil for one that is blank, or whose place makes no sense.
func (o *trueType) glyph(id uint16) []byte {
	var from, to uint64
	if o.wide {
		if 4*int(id)+8 > len(o.loca) {
			return nil
		}
		from, to = uint64(binary.BigEndian.Uint32(o.loca[4*int(id):])), uint64(binary.BigEndian.Uint32(o.loca[4*int(id)+4:]))
	} else {
		if 2*int(id)+4 > len(o.loca) {
			return nil
		}
		from, to = 2*uint64(u16(o.loca, 2*int(id))), 2*uint64(u16(o.loca, 2*int(id)+2))
	}
	if from+10 > to || to > uint64(len(o.glyf)) {
		return nil
	}
	return o.glyf[from:to]
}

// Flags of a component of a composite glyph (OpenType, glyf, Composite glyph description).
const (
	wordArguments = 1 << iota
	_
	_
	oneScale
	_
	moreComponents
	twoScales
	matrix
	instructed
)

// components calls f with the offset of each component's flags, the glyph's number following them, and returns where the
// last one ends; 0 where the glyph is no composite or breaks off.
func components(g []byte, f func(at int)) (end int) {
	if i16(g, 0) >= 0 {
		return 0
	}
	for at := 10; at+4 <= len(g); {
		flags := u16(g, at)
		f(at)
		at += 6
		if flags&wordArguments != 0 {
			at += 2
		}
		switch {
		case flags&oneScale != 0:
			at += 2
		case flags&twoScales != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&moreComponents == 0 {
			if at > len(g) {
				return 0
			}
			return at
		}
	}
	return 0
}

// appendGlyph copies a glyph without its instructions: they are for small screens, and need the tables fpgm, prep and cvt.
// number gives the new number of a component. The glyph is padded to an even length.
func (o *trueType) appendGlyph(out []byte, id uint16, number func(uint16) uint16) []byte {
	g := o.glyph(id)
	if g == nil {
		return out
	}
	start := len(out)
	if contours := i16(g, 0); contours >= 0 {
		at := 10 + 2*contours // of the number of instruction bytes
		if at+2 > len(g) || at+2+u16(g, at) > len(g) {
			return out
		}
		out = append(out, g[:at]...)
		out = append(out, 0, 0)
		out = append(out, g[at+2+u16(g, at):]...)
	} else {
		end := components(g, func(int) {})
		if end == 0 {
			return out
		}
		out = append(out, g[:end]...)
		mine := out[start:]
		components(mine, func(at int) {
			binary.BigEndian.PutUint16(mine[at:], uint16(u16(mine, at))&^instructed)
			binary.BigEndian.PutUint16(mine[at+2:], number(uint16(u16(mine, at+2))))
		})
	}
	if len(out)&1 != 0 {
		out = append(out, 0)
	}
	return out
}

// trueTypeFile is a font file of the glyphs of a subset, which grows by the components that they are made of.
type trueTypeFile struct {
	glyf, loca, hmtx, out []byte
	box                   [4]int // of the glyphs, in font units
}

func (t *trueTypeFile) write(f *Font, s *Subset) []byte {
	o := f.outlines
	t.glyf, t.loca, t.hmtx = t.glyf[:0], t.loca[:0], t.hmtx[:0]
	t.box = [4]int{1 << 15, 1 << 15, -1 << 15, -1 << 15}
	for i := 0; i < len(s.glyphs); i++ {
		id := s.glyphs[i]
		t.loca = binary.BigEndian.AppendUint32(t.loca, uint32(len(t.glyf)))
		if i > 0 { // .notdef is never drawn, and blank
			from := len(t.glyf)
			t.glyf = o.appendGlyph(t.glyf, id, s.component)
			t.grow(t.glyf[from:])
		}
		t.hmtx = binary.BigEndian.AppendUint16(t.hmtx, uint16(f.advance(id)))
		t.hmtx = binary.BigEndian.AppendUint16(t.hmtx, uint16(f.bearing(id)))
	}
	t.loca = binary.BigEndian.AppendUint32(t.loca, uint32(len(t.glyf)))
	wide := len(t.glyf) >= 1<<17
	if !wide {
		t.loca = narrow(t.loca)
	}
	return t.assemble(o, len(s.glyphs), wide)
}

// grow takes a glyph's box into that of the font. Programs take the font's for the size of a bitmap that any glyph fits
// into; that of a whole Chinese font is many times larger than a character, and glyphs in it are placed by whole pixels.
func (t *trueTypeFile) grow(g []byte) {
	if len(g) < 10 {
		return
	}
	for i := range t.box {
		v := i16(g, 2+2*i)
		if i < 2 {
			t.box[i] = min(t.box[i], v)
		} else {
			t.box[i] = max(t.box[i], v)
		}
	}
}

// narrow turns 32-bit offsets into 16-bit halves of them, in place.
func narrow(loca []byte) []byte {
	for i := range len(loca) / 4 {
		binary.BigEndian.PutUint16(loca[2*i:], uint16(binary.BigEndian.Uint32(loca[4*i:])/2))
	}
	return loca[:len(loca)/2]
}

// assemble puts the tables together (OpenType, Font file): those that a PDF needs of a font (ISO 32000-1 §9.9).
func (t *trueTypeFile) assemble(o *trueType, glyphs int, wide bool) []byte {
	const tables = 6
	var head [54]byte
	copy(head[:], o.head)
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(head[50:], map[bool]uint16{true: 1}[wide])
	if t.box[0] > t.box[2] {
		t.box = [4]int{}
	}
	for i, v := range t.box {
		binary.BigEndian.PutUint16(head[36+2*i:], uint16(int16(v)))
	}
	var hhea [36]byte
	copy(hhea[:], o.hhea)
	binary.BigEndian.PutUint16(hhea[34:], uint16(glyphs))
	maxp := append(make([]byte, 0, 64), o.maxp...)
	binary.BigEndian.PutUint16(maxp[4:], uint16(glyphs))
	out := append(t.out[:0], 0, 1, 0, 0, 0, tables, 0, 64, 0, 2, 0, 32)
	out = append(out, make([]byte, 16*tables)...)
	var sum uint32
	at, headAt := 12, 0
	for _, table := range [tables]struct {
		name string
		data []byte
	}{{"glyf", t.glyf}, {"head", head[:]}, {"hhea", hhea[:]}, {"hmtx", t.hmtx}, {"loca", t.loca}, {"maxp", maxp}} {
		if table.name == "head" {
			headAt = len(out)
		}
		from := len(out)
		out = append(out, table.data...)
		for len(out)&3 != 0 {
			out = append(out, 0)
		}
		s := checksum(out[from:])
		sum += s
		copy(out[at:], table.name)
		binary.BigEndian.PutUint32(out[at+4:], s)
		binary.BigEndian.PutUint32(out[at+8:], uint32(from))
		binary.BigEndian.PutUint32(out[at+12:], uint32(len(table.data)))
		at += 16
	}
	sum += checksum(out[:at])
	binary.BigEndian.PutUint32(out[headAt+8:], 0xB1B0AFBA-sum)
	t.out = out
	return out
}

func checksum(b []byte) (sum uint32) {
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	return sum
}

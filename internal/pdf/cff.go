package pdf

import (
	"encoding/binary"
	"math"

	"github.com/go-text/typesetting/font/opentype"
)

// cffFile is a CID-keyed CFF font of the glyphs of a subset (Adobe Technical Notes 5176 and 5177), its outlines written
// anew from the traced ones, so that hints, subroutines and the second version of the format need not be understood. An
// em has 1000 units.
func cffFile(f *Font, s *Subset) (out []byte, b [4]int) {
	var programs [][]byte
	box := [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for i, id := range s.glyphs {
		var c charString
		c.number(float64(f.Width(id)))
		if i > 0 && f.trace != nil {
			c.outline(f.trace(id), 1000/f.upem, &box)
		}
		programs = append(programs, append(c.out, 14)) // endchar
	}
	if box[0] <= box[2] {
		b = [4]int{int(math.Floor(box[0])), int(math.Floor(box[1])), int(math.Ceil(box[2])), int(math.Ceil(box[3]))}
	}
	n := len(s.glyphs)
	charset := []byte{2} // CIDs run on from 1
	if n > 1 {
		charset = append(charset, 0, 1)
		charset = binary.BigEndian.AppendUint16(charset, uint16(n-2))
	}
	selector := []byte{3, 0, 1, 0, 0, 0} // all glyphs are of the font dictionary 0
	selector = binary.BigEndian.AppendUint16(selector, uint16(n))
	glyphs := cffIndex(programs...)
	private := append(dictInt(nil, 0), 20) // defaultWidthX
	private = append(dictInt(private, 0), 21)

	front := append([]byte{1, 0, 4, 4}, cffIndex([]byte(f.name))...)
	after := append(cffIndex([]byte("Adobe"), []byte("Identity")), cffIndex()...)
	top := func(charsetAt, selectorAt, glyphsAt, fontsAt int) []byte {
		d := dictInt(dictInt(dictInt(nil, 391), 392), 0)
		d = append(d, 12, 30) // ROS: Adobe-Identity-0
		for _, v := range b {
			d = dictInt(d, v)
		}
		d = append(d, 5) // FontBBox
		d = append(dictInt(d, n), 12, 34)
		d = append(dictInt(d, charsetAt), 15)
		d = append(dictInt(d, selectorAt), 12, 37)
		d = append(dictInt(d, glyphsAt), 17)
		d = append(dictInt(d, fontsAt), 12, 36)
		return cffIndex(d)
	}
	at := len(front) + len(top(0, 0, 0, 0)) + len(after) // offsets are of one length, whatever they are
	charsetAt := at
	selectorAt := charsetAt + len(charset)
	glyphsAt := selectorAt + len(selector)
	privateAt := glyphsAt + len(glyphs)
	fontsAt := privateAt + len(private)
	font := append(dictInt(dictInt(nil, len(private)), privateAt), 18)
	out = append(front, top(charsetAt, selectorAt, glyphsAt, fontsAt)...)
	for _, part := range [][]byte{after, charset, selector, glyphs, private, cffIndex(font)} {
		out = append(out, part...)
	}
	return out, b
}

// cffIndex is an INDEX of byte strings with 32-bit offsets.
func cffIndex(items ...[]byte) []byte {
	out := binary.BigEndian.AppendUint16(nil, uint16(len(items)))
	if len(items) == 0 {
		return out
	}
	out = append(out, 4)
	at := uint32(1)
	out = binary.BigEndian.AppendUint32(out, at)
	for _, it := range items {
		at += uint32(len(it))
		out = binary.BigEndian.AppendUint32(out, at)
	}
	for _, it := range items {
		out = append(out, it...)
	}
	return out
}

// dictInt writes a number of a DICT in its longest form, so that a dictionary's length does not depend on it.
func dictInt(out []byte, v int) []byte {
	return binary.BigEndian.AppendUint32(append(out, 29), uint32(int32(v)))
}

// charString is a Type 2 charstring being written.
type charString struct {
	out  []byte
	x, y float64 // the current point, as the numbers written say
}

// number writes an operand: a whole number where it is one, else 16.16 fixed point.
func (c *charString) number(v float64) {
	n := int(math.Round(v))
	switch {
	case math.Abs(v-float64(n)) > 1.0/65536:
		c.out = binary.BigEndian.AppendUint32(append(c.out, 255), uint32(int32(math.Round(v*65536))))
	case n >= -107 && n <= 107:
		c.out = append(c.out, byte(n+139))
	case n >= 108 && n <= 1131:
		c.out = append(c.out, byte((n-108)>>8+247), byte(n-108))
	case n >= -1131 && n <= -108:
		c.out = append(c.out, byte((-n-108)>>8+251), byte(-n-108))
	default:
		c.out = binary.BigEndian.AppendUint16(append(c.out, 28), uint16(int16(n)))
	}
}

// move writes the way to a point and makes it the current one.
func (c *charString) move(x, y float64) {
	round := func(v float64) float64 { return math.Round(v*65536) / 65536 }
	dx, dy := round(x-c.x), round(y-c.y)
	c.number(dx)
	c.number(dy)
	c.x, c.y = c.x+dx, c.y+dy
}

// outline writes the segments, and takes them into a box.
func (c *charString) outline(segments []opentype.Segment, scale float64, box *[4]float64) {
	at := func(p opentype.SegmentPoint) (x, y float64) { return float64(p.X) * scale, float64(p.Y) * scale }
	for _, s := range segments {
		for _, p := range s.ArgsSlice() {
			x, y := at(p)
			box[0], box[1], box[2], box[3] = math.Min(box[0], x), math.Min(box[1], y), math.Max(box[2], x), math.Max(box[3], y)
		}
		x1, y1 := at(s.Args[0])
		x2, y2 := at(s.Args[1])
		x3, y3 := at(s.Args[2])
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			c.move(x1, y1)
			c.out = append(c.out, 21) // rmoveto
		case opentype.SegmentOpLineTo:
			c.move(x1, y1)
			c.out = append(c.out, 5) // rlineto
		case opentype.SegmentOpQuadTo:
			fromX, fromY := c.x, c.y
			c.curve(fromX+(x1-fromX)*2/3, fromY+(y1-fromY)*2/3, x2+(x1-x2)*2/3, y2+(y1-y2)*2/3, x2, y2)
		case opentype.SegmentOpCubeTo:
			c.curve(x1, y1, x2, y2, x3, y3)
		}
	}
}

func (c *charString) curve(x1, y1, x2, y2, x3, y3 float64) {
	c.move(x1, y1)
	c.move(x2, y2)
	c.move(x3, y3)
	c.out = append(c.out, 8) // rrcurveto
}

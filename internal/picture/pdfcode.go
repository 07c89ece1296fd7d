package picture

import (
	"math/bits"
	"slices"
)

// code draws a QR code as one path of rectangles, its modules the units, with the address as its alternative text.
func (d *document) code(it *item) error {
	code, err := d.picture.layout.fonts.Code(it.text)
	if err != nil {
		return err
	}
	b := &d.page
	m, x, y := it.codePlace(len(code))
	d.tags.figure(b, "QR: "+it.text)
	b.Raw("q ")
	d.colour = -1
	d.ink(it.colour)
	b.Int(m)
	b.Raw(" 0 0 ")
	b.Int(m)
	b.Raw(" ")
	b.Int(x)
	b.Raw(" ")
	b.Int(y)
	b.Raw(" cm\n")
	d.blocks = cover(d.blocks[:0], code)
	for _, r := range d.blocks {
		w, h := r.size()
		x, y := r.place()
		b.Int(x)
		b.Raw(" ")
		b.Int(y)
		b.Raw(" ")
		b.Int(w)
		b.Raw(" ")
		b.Int(h)
		b.Raw(" re\n")
	}
	b.Raw("f Q\n")
	d.colour = -1
	d.tags.end(b)
	return nil
}

// block is a rectangle of dark modules: its width, height, x and y, in six bits each, so that blocks of one size come one
// after another when they are sorted, which packs best.
type block uint32

func newBlock(x, y, w, h int) block { return block(w<<18 | h<<12 | x<<6 | y) }

func (b block) size() (w, h int)  { return int(b >> 18), int(b >> 12 & 63) }
func (b block) place() (x, y int) { return int(b >> 6 & 63), int(b & 63) }

// cover appends rectangles that cover the dark modules of a code, of 63 a side at the most, and no others. They may
// overlap: filled as one path, they are one shape.
func cover(out []block, code [][]bool) []block {
	var dark, left [64]uint64
	for j, row := range code {
		for i, on := range row {
			if on {
				dark[j] |= 1 << i
			}
		}
	}
	left = dark
	for j := range code {
		for left[j] != 0 {
			i := bits.TrailingZeros64(left[j])
			level, upright := wide(&dark, i, j), tall(&dark, i, j)
			if upright.uncovered(&left) > level.uncovered(&left) {
				level = upright
			}
			_, h := level.size()
			for k := j; k < j+h; k++ {
				left[k] &^= level.mask()
			}
			out = append(out, level)
		}
	}
	slices.Sort(out)
	return out
}

func (b block) mask() uint64 {
	w, _ := b.size()
	x, _ := b.place()
	return (1<<w - 1) << x
}

// uncovered counts the modules of a block that are not covered yet.
func (b block) uncovered(left *[64]uint64) int {
	n, mask := 0, b.mask()
	_, h := b.size()
	_, y := b.place()
	for k := y; k < y+h; k++ {
		n += bits.OnesCount64(left[k] & mask)
	}
	return n
}

// wide is the whole run of dark modules in a row, and as many rows below as have it too.
func wide(dark *[64]uint64, i, j int) block {
	x, w := runIn(dark[j], i)
	b := newBlock(x, j, w, 1)
	mask, h := b.mask(), 1
	for dark[j+h]&mask == mask { // the last row is no code's
		h++
	}
	return newBlock(x, j, w, h)
}

// tall is the run of dark modules downwards, and as many columns beside it as have it too.
func tall(dark *[64]uint64, i, j int) block {
	common, h := dark[j], 1
	for dark[j+h]>>i&1 != 0 {
		common &= dark[j+h]
		h++
	}
	x, w := runIn(common, i)
	return newBlock(x, j, w, h)
}

// runIn is the run of ones about a bit.
func runIn(row uint64, i int) (x, w int) {
	x = i - bits.LeadingZeros64(^(row << (63 - i))) + 1
	return x, bits.TrailingZeros64(^(row >> x))
}

package picture

import (
	"encoding/binary"
	"image/color"
)

// inks cover pixels with colours. There are two kinds: indexed ones turn a palette index into another, full ones mix
// red, green and blue.
type inks interface {
	// size is the number of bytes of a pixel.
	size() int
	// cover covers a row's pixels with a colour, each by a level from 0 to levels − 1.
	cover(row, by []byte, colour uint8)
	// coverAll covers all pixels of a row alike.
	coverAll(row []byte, level int, colour uint8)
	// patch makes figures into something that can be laid on a sheet.
	patch(s *setter, figures []figure) *patch
	// lay puts a row of a patch, from the x-th pixel on, over a row.
	lay(row []byte, p *patch, x, y int)
}

// indexed are the inks of a palette: blends tells by colour what a covered pixel becomes.
type indexed struct {
	palette *palette
	blends  []*blend // those of the named colours are there
}

func newIndexed(p *palette) *indexed {
	k := &indexed{palette: p, blends: make([]*blend, len(p.colours))}
	for _, c := range p.named {
		k.blends[c] = p.blendOf(c)
	}
	return k
}

func (k *indexed) size() int { return 1 }

func (k *indexed) cover(row, by []byte, colour uint8) {
	t := k.blends[colour]
	row = row[:len(by)]
	for len(by) >= 8 {
		if binary.LittleEndian.Uint64(by) != 0 {
			for i, l := range by[:8] {
				row[i] = t[row[i]][l&(levels-1)]
			}
		}
		row, by = row[8:], by[8:]
	}
	for i, l := range by {
		row[i] = t[row[i]][l&(levels-1)]
	}
}

func (k *indexed) coverAll(row []byte, level int, colour uint8) {
	t := k.blends[colour]
	for i, under := range row {
		row[i] = t[under][level&(levels-1)]
	}
}

func (k *indexed) patch(s *setter, figures []figure) *patch {
	b := bounds(figures)
	p := &patch{x: b.Min.X, y: b.Min.Y, w: b.Dx(), h: b.Dy()}
	p.pix = s.paintIndices(k.palette, figures, p.x, p.y, p.w, p.h, 0)
	p.opaque = true
	for _, v := range p.pix {
		p.opaque = p.opaque && v != k.palette.ground
	}
	return p
}

// lay leaves out the ground's pixels.
func (k *indexed) lay(row []byte, p *patch, x, y int) {
	src := p.pix[y*p.w+x:][:len(row)]
	if p.opaque {
		copy(row, src)
		return
	}
	ground := k.palette.ground
	for i, v := range src {
		if v != ground {
			row[i] = v
		}
	}
}

// full are inks of three bytes a pixel.
type full struct{ palette *palette }

func (k *full) size() int { return 3 }

func (k *full) cover(row, by []byte, colour uint8) {
	c := k.palette.colours[colour]
	for i, l := range by {
		if l != 0 {
			mixInto(row[3*i:3*i+3], c, int(l))
		}
	}
}

func (k *full) coverAll(row []byte, level int, colour uint8) {
	c := k.palette.colours[colour]
	for i := 0; i+3 <= len(row); i += 3 {
		mixInto(row[i:i+3], c, level)
	}
}

func mixInto(p []byte, c color.RGBA, level int) {
	const n = levels - 1
	p[0] = byte((int(p[0])*(n-level) + int(c.R)*level + n/2) / n)
	p[1] = byte((int(p[1])*(n-level) + int(c.G)*level + n/2) / n)
	p[2] = byte((int(p[2])*(n-level) + int(c.B)*level + n/2) / n)
}

// patch keeps red, green, blue (weighed by coverage) and coverage, so that edges are right on any background.
func (k *full) patch(s *setter, figures []figure) *patch {
	b := bounds(figures)
	p := &patch{x: b.Min.X, y: b.Min.Y, w: b.Dx(), h: b.Dy()}
	p.pix = s.paintOver(nil, k.palette.colours, figures, p.x, p.y, p.w, p.h).Pix
	return p
}

func (k *full) lay(row []byte, p *patch, x, y int) {
	src := p.pix[4*(y*p.w+x):]
	for i := 0; i+3 <= len(row); i += 3 {
		under := 255 - int(src[3])
		row[i] = byte(int(src[0]) + int(row[i])*under/255)
		row[i+1] = byte(int(src[1]) + int(row[i+1])*under/255)
		row[i+2] = byte(int(src[2]) + int(row[i+2])*under/255)
		src = src[4:]
	}
}

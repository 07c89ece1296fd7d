package picture

import "encoding/binary"

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

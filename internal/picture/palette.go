package picture

import "image/color"

// levels is the number of steps of coverage that a pixel's edge is told apart by.
const levels = 64

// palette is the colours of a variant: the named ones first, then the steps of the ramps between them. It is fixed by
// the layout, so that every picture of a layout has the same one.
type palette struct {
	colours []color.RGBA
	base    int   // the number of named ones
	ground  uint8 // the paper
	ramps   map[[2]uint8][]uint8
}

// ramp adds the steps from a to b; the last step is b itself.
func (p *palette) ramp(a, b uint8, steps int) {
	list := []uint8{a}
	for i := 1; i < steps; i++ {
		list = append(list, uint8(len(p.colours)))
		p.colours = append(p.colours, mix(p.colours[a], p.colours[b], i, steps))
	}
	if p.ramps == nil {
		p.ramps = map[[2]uint8][]uint8{}
	}
	p.ramps[[2]uint8{a, b}] = append(list, b)
}

// finish makes a palette usable that a faulty layout left too long.
func (p *palette) finish() {
	if len(p.colours) > 256 {
		p.colours = p.colours[:256]
	}
}

// mix goes i of n steps from a to b.
func mix(a, b color.RGBA, i, n int) color.RGBA {
	f := func(x, y uint8) uint8 { return uint8((int(x)*(n-i) + int(y)*i + n/2) / n) }
	return color.RGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 255}
}

// nearest finds the closest colour, the eye's sensitivity to red, green and blue roughly weighed.
func (p *palette) nearest(c color.RGBA, among []uint8) uint8 {
	best, at := 1<<30, uint8(0)
	for _, i := range among {
		k := p.colours[i]
		r, g, b := int(c.R)-int(k.R), int(c.G)-int(k.G), int(c.B)-int(k.B)
		if d := 2*r*r + 4*g*g + b*b; d < best {
			best, at = d, i
		}
	}
	return at
}

// among lists the paper, the named colours given and the steps between any two of these: what figures in those colours
// may become. An edge in green and gold never borrows a tint of red.
func (p *palette) among(named map[uint8]bool) []uint8 {
	in := map[uint8]bool{p.ground: true}
	for c := range named {
		in[c] = true
	}
	for c := range p.base {
		named[uint8(c)] = in[uint8(c)]
	}
	for ends, steps := range p.ramps {
		if named[ends[0]] && named[ends[1]] {
			for _, c := range steps {
				in[c] = true
			}
		}
	}
	var out []uint8
	for c := range p.colours {
		if in[uint8(c)] {
			out = append(out, uint8(c))
		}
	}
	return out
}

// blend says what a pixel becomes that is covered by a colour: blend[pixel][level].
type blend [][levels]uint8

// blendOf makes the table of a colour. On bare paper the steps are those of the ramp alone, so that the edge of a letter
// never borrows a tint from another ramp.
func (p *palette) blendOf(c uint8) blend {
	t := make(blend, len(p.colours))
	all := make(map[uint8]bool)
	for i := range p.base {
		all[uint8(i)] = true
	}
	among := p.among(all)
	for under := range t {
		ramp := p.ramps[[2]uint8{uint8(under), c}]
		for l := range levels {
			switch {
			case ramp != nil:
				t[under][l] = ramp[(l*(len(ramp)-1)+(levels-1)/2)/(levels-1)]
			case l == 0:
				t[under][l] = uint8(under)
			default:
				t[under][l] = p.nearest(mix(p.colours[under], p.colours[c], l, levels-1), among)
			}
		}
	}
	return t
}

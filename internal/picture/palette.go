package picture

import (
	"image/color"
	"slices"
)

// levels is the number of steps of coverage that a pixel's edge is told apart by.
const levels = 64

// palette is the colours of a variant: the named ones first, then the steps of the ramps between them. It is fixed by
// the layout, so that every picture of a layout has the same one.
type palette struct {
	colours []color.RGBA // as they are shown
	painted []color.RGBA // as they are told apart while painting: a grey sheet is a coloured one whose colours were swapped
	named   []uint8      // the colours that the layout names, in its order
	ground  uint8        // the paper
	ramps   map[[2]uint8][]uint8
	above   uint8   // a banded palette's own colours begin here and are painted as shown; 0 where there are none
	tints   []uint8 // colours that only pictures have
	full    bool    // the layout is photographic: it has all colours, and these are those with a name
	grey    bool    // every colour below above is turned to grey
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

// finish makes a palette usable, one included that a faulty layout left too long.
func (p *palette) finish() {
	if len(p.colours) > maxColours {
		p.colours = p.colours[:maxColours]
	}
	p.painted = p.colours
}

// tint adds a colour that only a picture has, or finds the one there is.
func (p *palette) tint(c color.RGBA) uint8 {
	if i := slices.Index(p.colours, c); i >= 0 {
		return uint8(i)
	}
	if len(p.colours) >= 256 { // told by checkPalette
		return 0
	}
	i := uint8(len(p.colours))
	p.colours, p.tints = append(p.colours, c), append(p.tints, i)
	p.painted = p.colours
	return i
}

// steps adds those of a gradient. What has too many is told by checkPalette.
func (p *palette) steps(a, b uint8, n int) {
	if n = min(n, 256-len(p.colours)); n > 0 {
		p.ramp(a, b, n)
		p.painted = p.colours
	}
}

// solid adds a colour of a drawing, with some steps from the paper, or finds the one there is.
func (p *palette) solid(c color.RGBA) uint8 {
	for _, i := range p.named {
		if p.colours[i] == c {
			return i
		}
	}
	if len(p.colours)+solidSteps > 256 {
		return 0
	}
	i := p.name(c)
	if !p.full {
		p.ramp(p.ground, i, solidSteps)
	}
	p.painted = p.colours
	return i
}

const solidSteps = 6

// maxColours leaves room in PNG's 256 for a band's own: two, and the steps between them and from the paper.
const (
	maxColours       = 256 - maxColoursOfBand
	maxColoursOfBand = 2 + 3*(bandSteps-1)
	bandSteps        = 8
)

// banded is the palette with a band's colours: its own, white, and the steps to it from white and from the paper. Grey
// turns every other colour to the grey of its luminance.
func (p *palette) banded(c color.RGBA, grey bool) (out *palette, ink, white uint8) {
	out = &palette{colours: slices.Clone(p.colours), painted: slices.Clone(p.colours), named: slices.Clone(p.named),
		ground: p.ground, ramps: map[[2]uint8][]uint8{}, above: uint8(len(p.colours)), tints: p.tints, full: p.full, grey: grey}
	for ends, steps := range p.ramps {
		out.ramps[ends] = steps
	}
	if grey {
		for i, c := range out.colours {
			out.colours[i] = luminance(c)
		}
	}
	ink, white = out.name(c), out.name(color.RGBA{255, 255, 255, 255})
	out.ramp(white, ink, bandSteps)
	out.ramp(ink, white, bandSteps)
	if out.colours[out.ground] != out.colours[white] {
		out.ramp(out.ground, ink, bandSteps)
	} else {
		out.ramps[[2]uint8{out.ground, ink}] = out.ramps[[2]uint8{white, ink}]
	}
	out.painted = append(out.painted, out.colours[len(out.painted):]...)
	return out, ink, white
}

func (p *palette) name(c color.RGBA) uint8 {
	i := uint8(len(p.colours))
	p.colours, p.named = append(p.colours, c), append(p.named, i)
	return i
}

// luminance gives the grey that is as bright as a colour (Rec. 709 weights, on the values as stored).
func luminance(c color.RGBA) color.RGBA {
	y := grey(c.R, c.G, c.B)
	return color.RGBA{y, y, y, 255}
}

func grey(r, g, b uint8) uint8 {
	return uint8((2126*int(r) + 7152*int(g) + 722*int(b) + 5000) / 10000)
}

// mix goes i of n steps from a to b.
func mix(a, b color.RGBA, i, n int) color.RGBA {
	f := func(x, y uint8) uint8 { return uint8((int(x)*(n-i) + int(y)*i + n/2) / n) }
	return color.RGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 255}
}

// nearest finds the closest of some colours, the eye's sensitivity to red, green and blue roughly weighed.
func nearest(colours []color.RGBA, c color.RGBA, among []uint8) uint8 {
	best, at := 1<<30, uint8(0)
	for _, i := range among {
		k := colours[i]
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
	for _, c := range p.named {
		named[c] = in[c]
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
type blend [256][levels]uint8

// blendOf makes the table of a colour. On bare paper the steps are those of the ramp alone, so that the edge of a letter
// never borrows a tint from another ramp.
func (p *palette) blendOf(c uint8) *blend {
	t := new(blend)
	all := make(map[uint8]bool)
	for _, i := range p.named {
		if p.above == 0 || c >= p.above || i < p.above { // what lies under a band knows nothing of its colours
			all[i] = true
		}
	}
	among, colours := append(p.among(all), p.tints...), p.painted
	if p.above > 0 && c >= p.above {
		colours = p.colours
	}
	for under := range p.colours {
		ramp := p.ramps[[2]uint8{uint8(under), c}]
		for l := range levels {
			switch {
			case l == 0:
				t[under][l] = uint8(under)
			case ramp != nil:
				t[under][l] = ramp[(l*(len(ramp)-1)+(levels-1)/2)/(levels-1)]
			default:
				t[under][l] = nearest(colours, mix(colours[under], colours[c], l, levels-1), among)
			}
		}
	}
	return t
}

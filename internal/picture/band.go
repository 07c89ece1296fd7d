package picture

import "math"

// band is what a signed statement lays over a picture: a bar across the upper margin with the state, and where the state
// asks for it two lines across the sheet.
type band struct {
	*bandStyle
	bandPlace
	width, sheet float64 // of the canvas
	ink, white   uint8
}

const (
	bandUnit  = 88 // the height that the sizes of a band's words are given for
	bandWidth = 1400
	bandSide  = 60 // from its words to the edge, in those units
)

// needs the state, which is never shared.
func (b *band) needs() []string { return []string{stateValue} }

func (b *band) measure(*composer) error { return nil }

func (b *band) place(c *composer) error {
	if b.cross {
		for _, d := range []float64{-9, 9} {
			c.items = append(c.items, item{kind: itemPath, colour: b.ink, path: b.diagonal(d), width: 3})
		}
	}
	c.items = append(c.items, item{kind: itemBar, colour: b.ink, box: box{0, 0, b.width, b.height}})
	m := math.Min(b.height/bandUnit, b.width/bandWidth) // a narrow sheet gets smaller words
	y := (b.height - bandUnit*m) / 2
	end, err := b.state(c, m, y)
	if err != nil {
		return err
	}
	return b.note(c, m, y, end)
}

// diagonal runs from corner to corner of what the band leaves free, d beside the middle.
func (b *band) diagonal(d float64) path {
	w, h := b.width, b.sheet-b.height
	l := math.Hypot(w, h)
	dx, dy := d*h/l, d*w/l
	if b.down {
		return points([]point{{-dx, b.height + dy}, {w - dx, b.sheet + dy}}, false)
	}
	return points([]point{{dx, b.sheet + dy}, {w + dx, b.height + dy}}, false)
}

// state sets the state's two words at the left and gives the x where they end.
func (b *band) state(c *composer, m, y float64) (x float64, err error) {
	x = bandSide * m
	for i, st := range []style{
		{face: b.display, size: 48 * m, tracking: .14, hanTracking: .14, colour: b.white},
		{face: b.sans, size: 40 * m, tracking: .1, hanTracking: .1, colour: b.white},
	} {
		text, err := b.words[i].fill(c.values)
		if err != nil || text == "" {
			return x, err
		}
		t, err := c.set(&st, stateValue, text)
		if err != nil {
			return x, err
		}
		if i > 0 {
			x += 32 * m
		}
		c.line(&st, &t, 0, x, y+[2]float64{62, 60}[i]*m, anchorStart)
		x += t.lines[0].at(t.size, t.tracking)
	}
	return x, nil
}

// note sets the line at the right: when, why, and what it means.
func (b *band) note(c *composer, m, y, from float64) error {
	text := ""
	for i := range b.line {
		s, err := b.line[i].fill(c.values)
		if err != nil {
			return err
		}
		if s != "" && text != "" {
			text += " · "
		}
		text += s
	}
	if text == "" {
		return nil
	}
	right := b.width - bandSide*m
	st := style{face: b.sans, size: math.Max(19, 21*m), least: 15, max: right - from - 72*m, colour: b.white}
	t, err := c.set(&st, stateValue, text)
	if err != nil {
		return err
	}
	c.line(&st, &t, 0, right, y+57*m, anchorEnd)
	return nil
}

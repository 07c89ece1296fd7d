package picture

import (
	"math"
	"strings"
)

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
	if err == nil {
		err = b.note(c, m, end)
	}
	return err
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

// state sets the state's two words at the left and gives the x where they end. A word that no font can draw is left out: a
// statement must get onto its picture whatever the layout's fonts are, if only as colour and lines.
func (b *band) state(c *composer, m, y float64) (x float64, err error) {
	x = bandSide * m
	for i, st := range []style{
		{face: b.display, size: 48 * m, tracking: .14, hanTracking: .14, colour: b.white},
		{face: b.sans, size: 40 * m, tracking: .1, hanTracking: .1, colour: b.white},
	} {
		text, err := b.words[i].fill(c.values)
		if err != nil {
			return x, err
		}
		if text == "" || !b.drawn(c, &st, text) {
			continue
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

func (b *band) drawn(c *composer, st *style, text string) bool {
	_, err := c.shape(st, st.tracking, stateValue, text)
	return err == nil
}

// note sets the line at the right: when, why, and what it means. Where one line has no room it is two, and where two have
// none, what stands last in them goes.
func (b *band) note(c *composer, m, from float64) error {
	st := style{face: b.sans, size: math.Max(19, 21*m), least: 15, colour: b.white}
	var parts []string
	for i := range b.line {
		text, err := b.line[i].fill(c.values)
		if err != nil {
			return err
		}
		if text != "" && b.drawn(c, &st, text) {
			parts = append(parts, text)
		}
	}
	right := b.width - bandSide*m
	st.max = right - from - 72*m
	for ; len(parts) > 0; parts = parts[:len(parts)-1] {
		if rows, size := b.rows(c, st, parts); rows != nil {
			return b.setRows(c, st, rows, size, m, right)
		}
	}
	return nil
}

// separator stands between the parts of a line.
const separator = " · "

// rows breaks parts into one row or two, and gives the size at which these fit; nil where they do not.
func (b *band) rows(c *composer, st style, parts []string) (rows []string, size float64) {
	width := func(parts []string) float64 {
		s, err := c.shape(&st, 0, stateValue, strings.Join(parts, separator))
		if err != nil {
			return math.Inf(1)
		}
		return s.at(1, 0)
	}
	if size = fit(width(parts), st.size, st.max); size >= st.least {
		return []string{strings.Join(parts, separator)}, size
	}
	widest, at := math.Inf(1), 0
	for i := 1; i < len(parts); i++ {
		if w := math.Max(width(parts[:i]), width(parts[i:])); w < widest {
			widest, at = w, i
		}
	}
	if size = fit(widest, math.Min(st.size, math.Floor(b.height*.64)/2), st.max); at == 0 || size < st.least {
		return nil, 0
	}
	return []string{strings.Join(parts[:at], separator), strings.Join(parts[at:], separator)}, size
}

func (b *band) setRows(c *composer, st style, rows []string, size, m, right float64) error {
	st.size, st.least = size, size
	y, leading := (b.height-bandUnit*m)/2+57*m, 1.35*size
	if len(rows) == 2 {
		y = b.height/2 - leading/2 + .36*size
	}
	for _, row := range rows {
		t, err := c.set(&st, stateValue, row)
		if err != nil {
			return err
		}
		c.line(&st, &t, 0, right, y, anchorEnd)
		y += leading
	}
	return nil
}

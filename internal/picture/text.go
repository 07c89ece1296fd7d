package picture

import "math"

// style is how a text is set.
type style struct {
	face             *typeface
	language         string  // whose local forms are taken; "": that of the text's letters
	size, least, max float64 // px; max width 0 is none
	rise, fall       float64 // px; how far its ink may go above the baseline and below it; 0: anywhere
	two              twoLines
	tracking         float64 // em
	hanTracking      float64 // em; that of a text with any Chinese
	shortHan         float64 // em; the tracking of a Chinese text of at most four characters on one line
	hang, hangMarks  float64 // em; how far the text hangs out to the left; hangMarks where it begins with 《 or “
	colour           uint8
}

// twoLines is how a text is set that does not fit on one; size 0 where the layout allows one line only. rise is counted
// from the last baseline, and 0 where the ink may go anywhere.
type twoLines struct{ size, least, leading, rise float64 }

// setText is a text fitted to its place.
type setText struct {
	lines    [2]*shaped
	texts    [2]string
	n        int
	size     float64
	tracking float64
	leading  float64 // em, from the first baseline to the second
	said     said
}

const shortHanLength = 4

// lineGap is the least room between the ink of two lines, in em.
const lineGap = .04

// set fits a text: shrinks it in half pixels to the least size for one line, then breaks it into two and shrinks those.
func (c *composer) set(st *style, field, text string) (t setText, err error) {
	runes, han := countHan(text)
	tracking := st.tracking
	if han {
		tracking = st.hanTracking
	}
	c.said++
	t = setText{n: 1, tracking: tracking, said: said{text: c.said, field: field}}
	if han && runes <= shortHanLength && st.shortHan != 0 {
		t.tracking = st.shortHan
	}
	t.texts[0] = text
	if t.lines[0], err = c.shape(st, t.tracking, field, text); err != nil {
		return t, err
	}
	// tracking below zero draws letters together and does not make room for larger ones
	t.size = fit(t.lines[0].at(1, math.Max(t.tracking, 0)), st.size, st.max)
	if t.size < st.least {
		t.tracking = tracking
		if err = c.setTwo(st, field, text, &t); err != nil {
			return t, err
		}
		return t, nil
	}
	// a script that stacks its marks high or deep is smaller, and no less legible, on one line all the same
	t.size = fit(t.lines[0].rise, fit(t.lines[0].fall, t.size, st.fall), st.rise)
	return t, nil
}

func (c *composer) setTwo(st *style, field, text string, t *setText) (err error) {
	overflow := &TextError{Field: field, Text: text, Err: ErrOverflow}
	if st.two.size == 0 {
		return overflow
	}
	first, second, ok := halves(t.lines[0], text)
	if !ok {
		return overflow
	}
	t.n, t.texts, t.size = 2, [2]string{first, second}, st.two.size
	for i, s := range t.texts {
		if t.lines[i], err = c.shape(st, t.tracking, field, s); err != nil {
			return err
		}
		t.size = fit(t.lines[i].at(1, math.Max(t.tracking, 0)), t.size, st.max)
	}
	if t.size < st.two.least {
		return overflow
	}
	t.leading = st.two.leading
	if between := t.lines[0].fall + t.lines[1].rise + lineGap; between > t.leading { // the lines would touch
		t.leading = between
	}
	t.size = fit(t.leading+t.lines[0].rise, fit(t.lines[1].fall, t.size, st.fall), st.two.rise)
	return nil
}

// fit shrinks a size in half pixels until a text of a width or height in em stays within max.
func fit(width, size, max float64) float64 {
	if max == 0 || width*size <= max {
		return size
	}
	return math.Floor(max/width*2) / 2
}

func (c *composer) shape(st *style, tracking float64, field, text string) (*shaped, error) {
	s, missing := c.layout.fonts.shape(st.face, st.language, text, tracking != 0)
	if missing != 0 {
		return nil, &TextError{Field: field, Text: text, Rune: missing, Err: ErrGlyph}
	}
	return s, nil
}

func countHan(text string) (runes int, han bool) {
	for _, r := range text {
		runes++
		han = han || isHan(r)
	}
	return runes, han
}

func startsWithMark(text string) bool {
	for _, r := range text {
		return r == '《' || r == '“'
	}
	return false
}

// anchor is the point of a line that stands at its x.
type anchor uint8

const (
	anchorStart anchor = iota
	anchorMiddle
	anchorEnd
)

// line adds one line of a text, its baseline on the whole pixel nearest y.
func (c *composer) line(st *style, t *setText, i int, x, y float64, a anchor) {
	s, axis := t.lines[i], x
	switch w := s.at(t.size, t.tracking); a {
	case anchorMiddle:
		x -= w / 2
	case anchorEnd:
		x -= w
	case anchorStart:
		hang := st.hang
		if st.hangMarks != 0 && startsWithMark(t.texts[i]) {
			hang = st.hangMarks
		}
		x -= hang * t.size
	}
	from := len(c.glyphs)
	pen, y := x, math.Round(y)
	for _, g := range s.glyphs {
		if g.gap {
			pen += t.tracking * t.size
		}
		c.glyphs = append(c.glyphs, placed{g.face, g.id, int32(g.cluster), pen + g.dx*t.size, y - g.dy*t.size})
		pen += g.advance * t.size
	}
	c.items = append(c.items, item{kind: itemGlyphs, colour: st.colour, size: t.size, text: t.texts[i], said: t.said,
		box: box{x: axis, y: y}, glyphs: c.glyphs[from:len(c.glyphs):len(c.glyphs)]})
}

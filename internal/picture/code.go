package picture

import "math"

// maxCode is the longest address in bytes: QR version 6 at level M, so that a module keeps 4 of a box's 198 pixels.
const maxCode = 106

// code is a QR code, at level M, its modules whole pixels.
type code struct {
	text       template
	field      string
	box        box
	colour     uint8
	horizontal anchor // where it stands in a box that it does not fill
	vertical   anchor
}

func (r *reader) code(f *fields) *code {
	p := f.numbers("in", 4)
	e := &code{text: r.template(f.get("qr"), false), box: box{p[0], p[1], p[2], p[3]}, colour: r.colour(f, "colour", "")}
	if e.field = f.text("field", ""); e.field == "" {
		e.field = e.text.name()
	}
	e.horizontal, e.vertical = r.anchor(f), anchorStart
	if f.flag("foot") {
		e.vertical = anchorEnd
	}
	return e
}

func (e *code) needs() []string { return e.text.needs() }

func (e *code) measure(*composer) error { return nil }

// place leaves the encoding to the painter: it takes longer than all the rest of Compose, and cannot fail below maxCode.
func (e *code) place(c *composer) error {
	text, err := e.text.fill(c.values)
	if err != nil || text == "" {
		return err
	}
	if len(text) > maxCode {
		return &TextError{Field: e.field, Text: text, Err: ErrOverflow}
	}
	c.items = append(c.items, item{kind: itemCode, colour: e.colour, text: text, box: e.box, anchors: [2]anchor{e.horizontal, e.vertical}})
	return nil
}

// codePlace gives the module size and the upper left corner of a code of n modules, all whole pixels.
func (it *item) codePlace(n int) (m, x, y int) {
	m = max(1, int(math.Min(it.box.w, it.box.h))/n)
	place := func(a anchor, from, room float64) int {
		free := room - float64(n*m)
		switch a {
		case anchorMiddle:
			from += free / 2
		case anchorEnd:
			from += free
		}
		return int(math.Floor(from + .5))
	}
	return m, place(it.anchors[0], it.box.x, it.box.w), place(it.anchors[1], it.box.y, it.box.h)
}

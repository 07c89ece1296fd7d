package picture

// Picture is one composed certificate: every text is shaped and has its place. It does not change any more, and may be
// painted by several goroutines at once.
type Picture struct {
	layout  *Layout
	variant *variant
	items   []item
}

// composer gathers the display list of one picture.
type composer struct {
	layout  *Layout
	variant *variant
	values  Values
	texts   []measured // by textElement.slot
	glyphs  []placed
	items   []item
	said    int // texts so far
}

// measured is what became of a text element so far.
type measured struct {
	text setText // n is 0 where there is nothing to set
	last float64 // baseline of the last line
}

// Compose shapes and places every text. Where a text cannot be set, the error is a *TextError: ErrGlyph for a character
// that no font has, ErrOverflow for a text that is too long. Any other error is a value that is missing or is none of
// its options. Nothing that composes fails to paint.
func (l *Layout) Compose(v Values) (*Picture, error) {
	variant, err := l.variant(v)
	if err != nil {
		return nil, l.errValues(err)
	}
	c := &composer{layout: l, variant: variant, values: v, glyphs: make([]placed, 0, 320), items: make([]item, 0, 40), texts: make([]measured, variant.texts)}
	for _, e := range variant.elements {
		if err := e.measure(c); err != nil {
			return nil, l.errValues(err)
		}
	}
	for i, e := range variant.elements {
		from := len(c.items)
		if err := e.place(c); err != nil {
			return nil, l.errValues(err)
		}
		for k := from; k < len(c.items); k++ {
			c.items[k].own = variant.own[i]
		}
	}
	p := &Picture{layout: l, variant: variant, items: c.items}
	p.settle()
	return p, nil
}

// Size is the width and height in pixels of the pictures of a layout, which are all of one size unless its canvas depends
// on a switch; then it is that of the first.
func (l *Layout) Size() (width, height int) { return l.variants[0].width, l.variants[0].height }

// Size is the picture's width and height in pixels.
func (p *Picture) Size() (width, height int) { return p.variant.width, p.variant.height }

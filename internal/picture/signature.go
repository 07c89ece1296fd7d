package picture

// signature reads a signature block: `signature: [x, y, width]` is a line, which the picture of a signature stands on;
// below it are the signer's name and title. Each of picture, name and title may be left away.
func (r *reader) signature(f *fields, conditions []condition, drawn bool) {
	p := f.numbers("signature", 3)
	x, y, w := p[0], p[1], p[2]
	height := f.number("height", 64)
	if n := f.get("picture"); n != nil {
		name, _ := scalar(n)
		fit := imageFit{horizontal: anchorMiddle, vertical: anchorEnd}
		r.addFigures(r.imageFile(n, name, box{x, y - height, w, height}, fit, r.count(f, "tints", 16)), conditions, drawn)
	}
	line := path{}
	line.move(x, y)
	line.line(x+w, y)
	r.addFigures([]figure{{path: line, colour: r.colour(f, "colour", ""), width: f.number("width", 1)}}, conditions, drawn)
	for _, key := range []string{"name", "title"} {
		n := f.get(key)
		if n == nil {
			continue
		}
		t := r.fields(n)
		e := &textElement{slot: r.variant.texts, style: r.style(t), x: x + w/2, anchor: anchorMiddle, field: t.text("field", "")}
		r.variant.texts++
		e.template = r.template(t.get("text"), false)
		if e.field == "" {
			e.field = e.template.name()
		}
		t.done()
		y += 8 + e.style.size
		e.y = position{one: y, two: y}
		r.add(e, conditions, drawn)
	}
}

package picture

// facts is a list of labels and values. What has no value leaves no hole: the rows stay centred, the columns close up.
type facts struct {
	rows         []fact
	label, value style
	columns      bool

	axis, gap, centre, pitch, drop float64 // rows: labels end at axis − gap, values begin at axis + gap
	rule                           uint8
	start, labelY, valueY          float64 // columns
}

type fact struct {
	label, value template
	field        string
}

// facts reads `facts: [{label, value, field}, …]` with label and value styles, and one of
// `rows: {axis, gap, centre, pitch, drop, rule}` and `columns: {start, pitch, label, value}`.
func (r *reader) facts(f *fields) *facts {
	e := &facts{}
	items, ok := listOf(f.get("facts"))
	if !ok {
		r.fail(f.at, "facts: needs a list of {label, value}")
	}
	for _, it := range items {
		t := r.fields(it)
		one := fact{label: r.template(t.get("label"), false), value: r.template(t.get("value"), false)}
		if one.field = t.text("field", ""); one.field == "" {
			one.field = one.value.name()
		}
		t.done()
		e.rows = append(e.rows, one)
	}
	for key, s := range map[string]*style{"label": &e.label, "value": &e.value} {
		if !f.has(key) {
			r.fail(f.at, "facts: needs the style of its %s: {face, size, colour}", key)
			continue
		}
		t := r.fields(f.get(key))
		*s = r.style(t)
		t.done()
	}
	r.factsPlace(f, e)
	return e
}

func (r *reader) factsPlace(f *fields, e *facts) {
	rows, columns := f.get("rows"), f.get("columns")
	switch {
	case (rows == nil) == (columns == nil):
		r.fail(f.at, "facts: needs rows or columns")
	case rows != nil:
		t := r.fields(rows)
		e.axis, e.gap, e.centre = t.number("axis", 0), t.number("gap", 0), t.number("centre", 0)
		e.pitch, e.drop, e.rule = t.number("pitch", 40), t.number("drop", 0), r.colour(t, "rule", "")
		t.done()
	default:
		t := r.fields(columns)
		e.columns = true
		e.start, e.pitch = t.number("start", 0), t.number("pitch", 200)
		e.labelY, e.valueY = t.number("label", 0), t.number("value", 0)
		t.done()
	}
}

func (e *facts) needs() []string {
	var out []string
	for i := range e.rows {
		out = append(out, append(e.rows[i].label.needs(), e.rows[i].value.needs()...)...)
	}
	return out
}

func (e *facts) measure(*composer) error { return nil }

func (e *facts) place(c *composer) error {
	var values [16]string
	var shown [16]*fact
	n := 0
	for i := range e.rows {
		s, err := e.rows[i].value.fill(c.values)
		if err != nil {
			return err
		}
		if s != "" && n < len(shown) {
			shown[n], values[n] = &e.rows[i], s
			n++
		}
	}
	for i := 0; i < n; i++ {
		if err := e.one(c, shown[i], values[i], i, n); err != nil {
			return err
		}
	}
	if n > 0 && !e.columns {
		top := e.centre - float64(n-1)*e.pitch/2
		c.items = append(c.items, item{kind: itemBar, colour: e.rule, box: box{e.axis, top - 26, 1, float64(n-1)*e.pitch + 36}})
	}
	return nil
}

// one places the i-th of n facts.
func (e *facts) one(c *composer, f *fact, text string, i, n int) error {
	name, err := f.label.fill(c.values)
	if err != nil {
		return err
	}
	label, err := c.set(&e.label, f.field, name)
	if err != nil {
		return err
	}
	label.said.fixed = f.label.fixed()
	value, err := c.set(&e.value, f.field, text)
	if err != nil {
		return err
	}
	if e.columns {
		x := e.start + float64(i)*e.pitch
		c.line(&e.label, &label, 0, x, e.labelY, anchorStart)
		c.line(&e.value, &value, 0, x, e.valueY, anchorStart)
		return nil
	}
	y := e.centre + (float64(i)-float64(n-1)/2)*e.pitch
	c.line(&e.label, &label, 0, e.axis-e.gap, y, anchorEnd)
	c.line(&e.value, &value, 0, e.axis+e.gap, y+e.drop, anchorStart)
	return nil
}

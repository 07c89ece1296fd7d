package picture

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// template is a text with places for values.
type template struct {
	parts []part
	upper bool // capitals
}

// part is a constant, or the first of some values that is not empty.
type part struct {
	constant string
	values   []string
}

// template reads a text, with its words put in. {name} is a word or a value, {a|b} the first value that is not empty.
func (r *reader) template(n ast.Node, upper bool) template {
	text, ok := scalar(n)
	if !ok {
		r.fail(n, "%s where a text is needed", kindOf(n))
	}
	t := template{upper: upper}
	for text != "" {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			t.add(text)
			break
		}
		t.add(text[:open])
		end := strings.IndexByte(text[open:], '}')
		if end < 0 {
			r.fail(n, "a { without its }")
			break
		}
		r.slot(n, &t, text[open+1:open+end])
		text = text[open+end+1:]
	}
	return t
}

func (r *reader) slot(n ast.Node, t *template, slot string) {
	if word, ok := r.words[slot]; ok {
		t.add(word)
		return
	}
	names := strings.Split(slot, "|")
	for _, name := range names {
		if !slices.Contains(r.layout.values, name) && !slices.Contains(r.extra, name) {
			r.fail(n, "no word or value {%s}; %s", name, suggest(name, slices.Concat(keys(r.words), r.layout.values, r.extra)))
		}
	}
	t.parts = append(t.parts, part{values: names})
}

func (t *template) add(constant string) {
	if constant == "" {
		return
	}
	if n := len(t.parts); n > 0 && t.parts[n-1].values == nil {
		t.parts[n-1].constant += constant
		return
	}
	t.parts = append(t.parts, part{constant: constant})
}

// fill gives the text. It is empty where all its values are empty: marks around nothing say nothing.
func (t *template) fill(v Values) (string, error) {
	var b strings.Builder
	values, filled := 0, 0
	for i := range t.parts {
		p := &t.parts[i]
		s, err := p.fill(v)
		if err != nil {
			return "", err
		}
		if p.values != nil {
			values++
			if s != "" {
				filled++
			}
		}
		if len(t.parts) == 1 && !t.upper {
			return s, nil
		}
		b.WriteString(s)
	}
	if values > 0 && filled == 0 {
		return "", nil
	}
	if t.upper {
		return strings.ToUpper(b.String()), nil
	}
	return b.String(), nil
}

func (p *part) fill(v Values) (string, error) {
	if p.values == nil {
		return p.constant, nil
	}
	for _, name := range p.values {
		s, err := v.text(name)
		if err != nil || s != "" {
			return s, err
		}
	}
	return "", nil
}

// fixed tells words that no value changes.
func (t *template) fixed() bool {
	return !slices.ContainsFunc(t.parts, func(p part) bool { return p.values != nil })
}

// needs lists the values that a text depends on.
func (t *template) needs() []string {
	var out []string
	for i := range t.parts {
		out = append(out, t.parts[i].values...)
	}
	return out
}

// name gives what errors call a text whose element names no field: its first value, else its words.
func (t *template) name() string {
	for i := range t.parts {
		if p := &t.parts[i]; p.values != nil {
			return p.values[0]
		}
	}
	if len(t.parts) > 0 {
		return "layout: " + brief(t.parts[0].constant)
	}
	return "layout"
}

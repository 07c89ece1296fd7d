package templates

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"golang.org/x/text/unicode/norm"
)

// node is a value of the front matter.
type node = ast.Node

// decoder reads front matter by its syntax tree, because only that knows where each value stands. It gathers errors, so
// that somebody who edits a template sees all of them at once.
type decoder struct {
	where string
	shift int // lines before the front matter
	errs  []error
	seen  map[*mapping][]string
}

// mapping is a YAML mapping with the keys that were asked for, so that the others can be refused with a suggestion.
type mapping struct {
	at     node
	values []*ast.MappingValueNode
	path   string
}

func (d *decoder) parse(front []byte) *mapping {
	d.seen = map[*mapping][]string{}
	file, err := parser.ParseBytes(front, 0)
	if err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) && syntax.GetToken() != nil && syntax.GetToken().Position != nil {
			p := syntax.GetToken().Position
			d.errs = append(d.errs, fmt.Errorf("%s:%d:%d: not YAML: %s", d.where, p.Line+d.shift, p.Column, syntax.GetMessage()))
		} else {
			d.errs = append(d.errs, fmt.Errorf("%s:%d:1: not YAML: %v", d.where, 1+d.shift, err))
		}
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		d.errs = append(d.errs, fmt.Errorf("%s:%d:1: the front matter is empty; it needs type, title, description and layout", d.where, 1+d.shift))
		return nil
	}
	return d.mapping(file.Docs[0].Body, "")
}

func (d *decoder) failAt(m *mapping, msg string) {
	if m != nil {
		d.fail(m.at, msg)
	}
}

func (d *decoder) fail(v node, msg string) {
	line, col := 1, 1
	if t := v.GetToken(); t != nil && t.Position != nil {
		line, col = t.Position.Line, t.Position.Column
	}
	d.errs = append(d.errs, fmt.Errorf("%s:%d:%d: %s", d.where, line+d.shift, col, msg))
}

// mapping reads a value as a mapping; nil after an error.
// list reads a list of values.
func (d *decoder) list(v node, path string) []node {
	s, ok := v.(*ast.SequenceNode)
	if !ok {
		d.fail(v, fmt.Sprintf("%s is %s; it must be a list", path, kind(v)))
		return nil
	}
	return s.Values
}

func (d *decoder) mapping(v node, path string) *mapping {
	m := &mapping{at: v, path: path}
	switch n := v.(type) {
	case *ast.MappingNode:
		m.values = n.Values
		if len(n.Values) > 0 {
			m.at = n.Values[0].Key
		}
	case *ast.MappingValueNode:
		m.values, m.at = []*ast.MappingValueNode{n}, n.Key
	default:
		d.fail(v, fmt.Sprintf("%s is %s; it must be a mapping of keys to values", orFront(path), kind(v)))
		return nil
	}
	return m
}

func orFront(path string) string {
	if path == "" {
		return "the front matter"
	}
	return path
}

// required calls decode with the value of a key, or fails; it reports whether the key was there.
func (d *decoder) required(m *mapping, key string, decode func(*decoder, node)) bool {
	if m == nil {
		return false
	}
	if !d.optional(m, key, decode) {
		d.fail(m.at, fmt.Sprintf("%s is missing; add it", join(m.path, key)))
		return false
	}
	return true
}

// optional calls decode with the value of a key if it is there.
func (d *decoder) optional(m *mapping, key string, decode func(*decoder, node)) bool {
	if m == nil {
		return false
	}
	d.seen[m] = append(d.seen[m], key)
	for _, v := range m.values {
		if keyOf(v) == key {
			decode(d, v.Value)
			return true
		}
	}
	return false
}

// unknown refuses the keys that nobody asked for.
func (d *decoder) unknown(m *mapping) {
	if m == nil {
		return
	}
	for _, v := range m.values {
		key := keyOf(v)
		if slices.Contains(d.seen[m], key) {
			continue
		}
		if near := suggest(key, d.seen[m]); near != "" {
			d.fail(v.Key, fmt.Sprintf("unknown key %q; did you mean %q?", join(m.path, key), join(m.path, near)))
		} else {
			d.fail(v.Key, fmt.Sprintf("unknown key %q; known are %s", join(m.path, key), oneOf(d.seen[m])))
		}
	}
}

func keyOf(v *ast.MappingValueNode) string {
	if s, ok := v.Key.(*ast.StringNode); ok {
		return s.Value
	}
	return v.Key.String()
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// str reads a value as one text without line breaks, control characters or spaces at its ends.
func (d *decoder) str(v node, what string, most int) string {
	var s string
	switch n := v.(type) {
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = n.Value.Value
	default:
		d.fail(v, fmt.Sprintf("%s is %s; it must be text (in quotes if it looks like something else)", what, kind(v)))
		return ""
	}
	s = norm.NFC.String(strings.TrimSpace(s))
	switch {
	case s == "":
		d.fail(v, what+" is empty; write it, or remove the key if it is not needed")
	case badRune(s) >= 0 || strings.ContainsAny(s, "\n\t"):
		d.fail(v, what+" holds a line break or a control character; write it in one line")
	case len([]rune(s)) > most:
		d.fail(v, fmt.Sprintf("%s has %d characters; at most %d fit", what, len([]rune(s)), most))
	}
	return s
}

// text reads {zh: …, en: …}.
func (d *decoder) text(v node, what string, most int) Text {
	var t Text
	m := d.mapping(v, what)
	if m == nil {
		return t
	}
	d.required(m, "zh", func(d *decoder, v node) { t.Zh = d.str(v, what+".zh", most) })
	d.required(m, "en", func(d *decoder, v node) { t.En = d.str(v, what+".en", most) })
	d.unknown(m)
	return t
}

// name reads a text that must be one of known; nil known allows any.
func (d *decoder) name(v node, what string, known []string) string {
	s := d.str(v, what, 64)
	if s == "" || known == nil || slices.Contains(known, s) {
		return s
	}
	if near := suggest(s, known); near != "" {
		d.fail(v, fmt.Sprintf("unknown %s %q; did you mean %q?", what, s, near))
	} else {
		d.fail(v, fmt.Sprintf("unknown %s %q; known are %s", what, s, oneOf(known)))
	}
	return ""
}

var decimalForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,6})(\.[0-9]{1,2})?$`)

// decimal reads a number from 0 to most, at most two decimals, and normalises it: no trailing zeros.
func (d *decoder) decimal(v node, what string, most float64) string {
	var s string
	switch n := v.(type) {
	case *ast.IntegerNode:
		s = n.Token.Value
	case *ast.FloatNode:
		s = n.Token.Value
	default:
		d.fail(v, fmt.Sprintf("%s is %s; it must be a number", what, kind(v)))
		return ""
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !decimalForm.MatchString(s) || f > most {
		d.fail(v, fmt.Sprintf("%s is %s; it must be a number from 0 to %g with at most two decimals", what, s, most))
		return ""
	}
	return trim(s)
}

// less compares two decimals; an empty one, after an error, is never less.
func less(a, b string) bool {
	x, ok1 := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	return ok1 && ok2 && x.Cmp(y) < 0
}

var periodPart = regexp.MustCompile(`^([1-9][0-9]{0,4})(y|mo|d)`)

// period reads a span such as 2y, 24mo, 90d or 1y6mo.
func (d *decoder) period(v node) Period {
	var p Period
	if _, ok := v.(*ast.NullNode); ok {
		return p
	}
	s := d.str(v, "validity", 32)
	if s == "" || s == "none" {
		return p
	}
	for rest := s; rest != ""; {
		m := periodPart.FindStringSubmatch(rest)
		if m == nil {
			d.fail(v, fmt.Sprintf("validity is %q; write years, months or days as in 2y, 24mo, 90d or 1y6mo, or leave the key out", s))
			return Period{}
		}
		n, _ := strconv.Atoi(m[1])
		switch m[2] {
		case "y":
			p.Years += n
		case "mo":
			p.Months += n
		case "d":
			p.Days += n
		}
		rest = rest[len(m[0]):]
	}
	if p.Years > 100 || p.Months > 1200 || p.Days > 36525 {
		d.fail(v, fmt.Sprintf("validity is %q; a certificate is valid for at most 100 years, or without end if the key is left out", s))
		return Period{}
	}
	return p
}

// kind names what a value is, in words of people who edit YAML.
func kind(v node) string {
	switch v.Type() {
	case ast.NullType:
		return "empty"
	case ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType:
		return "a number"
	case ast.BoolType:
		return "true or false"
	case ast.SequenceType:
		return "a list"
	case ast.MappingType, ast.MappingValueType:
		return "a mapping"
	case ast.StringType, ast.LiteralType:
		return "text"
	}
	return "a " + v.Type().String()
}

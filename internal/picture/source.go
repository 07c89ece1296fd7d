package picture

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// source reads a layout by its syntax tree, because only that knows where each value stands. It gathers errors, so that
// somebody who edits a layout sees all of them at once.
//
// A layout serves several variants, one for each combination of its switches' options (languages, kinds). Wherever a
// value may stand, a mapping from options to values may stand as well: {zh: 74, en: 66}. The source is read once a
// variant, with one option of each switch chosen.
type source struct {
	where    string
	switches []choice
	chosen   map[string]bool // the options of this variant
	files    Files
	set      map[string]string // settled switches and their options
	over     map[string]string // of these, those that a layout settles which is like this one
	errs     []error
	told     map[string]bool
	shown    map[string]*pixels // pictures, by name and place
}

// choice is a switch: a value's name and what it may be.
type choice struct {
	name    string
	options []string
}

// parseSource gives the top mapping of a layout.
func parseSource(where string, data []byte) (*source, *fields, error) {
	s := &source{where: where, told: map[string]bool{}, shown: map[string]*pixels{}}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) && syntax.GetToken() != nil && syntax.GetToken().Position != nil {
			p := syntax.GetToken().Position
			return nil, nil, fmt.Errorf("%s:%d:%d: not YAML: %s", where, p.Line, p.Column, syntax.GetMessage())
		}
		return nil, nil, fmt.Errorf("%s:1:1: not YAML: %w", where, err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, nil, fmt.Errorf("%s:1:1: a layout is one YAML document with canvas, colours, faces, values and elements", where)
	}
	top := s.fields(file.Docs[0].Body)
	return s, top, s.err()
}

func (s *source) fail(n ast.Node, format string, args ...any) {
	line, col := 1, 1
	if n != nil && n.GetToken() != nil && n.GetToken().Position != nil {
		line, col = n.GetToken().Position.Line, n.GetToken().Position.Column
	}
	msg := fmt.Sprintf("%s:%d:%d: ", s.where, line, col) + fmt.Sprintf(format, args...)
	if !s.told[msg] { // each variant finds the same mistakes
		s.told[msg] = true
		s.errs = append(s.errs, errors.New(msg))
	}
}

func (s *source) err() error { return errors.Join(s.errs...) }

// pick follows choices down to the value of this variant; nil with an error told where it has none.
func (s *source) pick(n ast.Node) ast.Node {
	for {
		entries, ok := mappingOf(n)
		if !ok || len(entries) == 0 {
			return n
		}
		sw := s.switchOf(keyText(entries[0]))
		if sw == nil {
			return n
		}
		var found ast.Node
		for _, e := range entries {
			key := keyText(e)
			if !slices.Contains(sw.options, key) {
				s.fail(e.Key, "%q is not one of the options of %s; %s", key, sw.name, suggest(key, sw.options))
				return nil
			}
			if s.chosen[key] {
				found = e.Value
			}
		}
		if found == nil {
			s.fail(n, "no value for every option of %s; it needs %s", sw.name, strings.Join(sw.options, ", "))
			return nil
		}
		n = found
	}
}

func (s *source) switchOf(option string) *choice {
	for i := range s.switches {
		if slices.Contains(s.switches[i].options, option) {
			return &s.switches[i]
		}
	}
	return nil
}

func mappingOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	return nil, false
}

func keyText(e *ast.MappingValueNode) string {
	if k, ok := e.Key.(*ast.StringNode); ok {
		return k.Value
	}
	return strings.TrimSpace(e.Key.String())
}

// fields are the entries of a mapping, which remember what was asked for, so that the rest can be refused.
type fields struct {
	s       *source
	at      ast.Node
	entries []*ast.MappingValueNode
	asked   []string
}

func (s *source) fields(n ast.Node) *fields {
	n = s.pick(n)
	f := &fields{s: s, at: n}
	if n == nil {
		return f
	}
	entries, ok := mappingOf(n)
	if !ok {
		s.fail(n, "%s where a mapping of keys to values is needed", kindOf(n))
	}
	f.entries = entries
	return f
}

// get gives a value by key, of this variant; nil where there is none.
func (f *fields) get(key string) ast.Node {
	f.asked = append(f.asked, key)
	for _, e := range f.entries {
		if keyText(e) == key {
			return f.s.pick(e.Value)
		}
	}
	return nil
}

func (f *fields) has(key string) bool { return f.get(key) != nil }

// done refuses the keys that nobody asked for.
func (f *fields) done() {
	for _, e := range f.entries {
		if key := keyText(e); !slices.Contains(f.asked, key) {
			f.s.fail(e.Key, "unknown key %q; %s", key, suggest(key, f.asked))
		}
	}
}

func (f *fields) text(key, otherwise string) string {
	n := f.get(key)
	if n == nil {
		return otherwise
	}
	t, ok := scalar(n)
	if !ok {
		f.s.fail(n, "%s: %s where a text is needed", key, kindOf(n))
	}
	return t
}

func (f *fields) number(key string, otherwise float64) float64 {
	n := f.get(key)
	if n == nil {
		return otherwise
	}
	return f.s.number(key, n)
}

func (f *fields) flag(key string) bool {
	n := f.get(key)
	if n == nil {
		return false
	}
	b, ok := n.(*ast.BoolNode)
	if !ok {
		f.s.fail(n, "%s: %s where true or false is needed", key, kindOf(n))
		return false
	}
	return b.Value
}

// numbers gives a list of exactly n numbers, zeros where it is missing or wrong.
func (f *fields) numbers(key string, n int) []float64 {
	out := make([]float64, n)
	node := f.get(key)
	items, ok := listOf(node)
	if node == nil || !ok || len(items) != n {
		f.s.fail(cmpNode(node, f.at), "%s: needs a list of %d numbers", key, n)
		return out
	}
	for i, it := range items {
		out[i] = f.s.number(key, f.s.pick(it))
	}
	return out
}

func (s *source) number(key string, n ast.Node) float64 {
	t, ok := scalar(n)
	v, err := strconv.ParseFloat(t, 64)
	if !ok || err != nil || v != v || v > 1e6 || v < -1e6 {
		s.fail(n, "%s: %q is not a number", key, t)
		return 0
	}
	return v
}

func listOf(n ast.Node) ([]ast.Node, bool) {
	if l, ok := n.(*ast.SequenceNode); ok {
		return l.Values, true
	}
	return nil, false
}

func scalar(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case nil:
		return "nothing"
	case *ast.NullNode:
		return "an empty value"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.BoolNode:
		return "true or false"
	case *ast.AliasNode, *ast.AnchorNode:
		return "an anchor or alias, which layouts do not have,"
	}
	return "a " + strings.ToLower(n.Type().String())
}

func cmpNode(a, b ast.Node) ast.Node {
	if a != nil {
		return a
	}
	return b
}

// suggest proposes the nearest of the known words, or lists them.
func suggest(word string, known []string) string {
	best, at := 3, ""
	for _, k := range known {
		if d := distance(word, k); d < best && d < len(k) {
			best, at = d, k
		}
	}
	if at != "" {
		return fmt.Sprintf("did you mean %q?", at)
	}
	list := slices.Clone(known)
	slices.Sort(list)
	return "have: " + strings.Join(slices.Compact(list), ", ")
}

// distance is the number of single edits between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			d := diagonal
			if a[i-1] != b[j-1] {
				d++
			}
			diagonal = row[j]
			row[j] = min(d, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

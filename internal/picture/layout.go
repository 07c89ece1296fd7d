package picture

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Layout is a compiled layout, safe for concurrent use.
type Layout struct {
	where    string
	fonts    *Fonts
	switches []choice
	values   []string
	variants []*variant // by the options of the switches, the last switch counting fastest
	shared   []string   // values that many pictures have in common
	stamps   *cache[stampKey, *patch]
	bases    *cache[string, *base]
	drawings *cache[stampKey, *drawing]
	imprints *cache[imprintKey, *imprint]
}

// variant is a layout with one option of each switch chosen.
type variant struct {
	name          string // "zh/course", for messages
	width, height int
	paper         float64 // its width in millimetres, 0 where unknown
	palette       *palette
	figures       []figure // what depends on no value: the static layer
	elements      []element
	own           []bool              // of each element: it depends on a value that is not shared
	texts         int                 // text elements among them
	styles        []style             // of texts
	bands         map[string]*variant // with a band over it, by its state
	under         *variant            // of a banded one: the variant below the band; the figures are painted alike
	static        staticLayer
	vector        vectorLayer
}

// element is a part of a layout that depends on values.
type element interface {
	// measure fits texts to their places; it comes before any place is known.
	measure(c *composer) error
	// place adds to the display list, after all elements were measured and the ones before were placed.
	place(c *composer) error
	// needs lists the values that its place and its look depend on.
	needs() []string
}

// Compile reads a layout. An error says FILE:LINE:COL: what, and what to do, with where as the file; several are joined,
// one a line.
//
// The layout's language, which Schema tells to editors: canvas (size, ground), colours, ramps (the palette), faces, switches
// (values with few options), values, words (constant texts), bands (what the value state lays over it), elements. A text's
// {name} stands for a word or a value; {a|b} for the first that is not empty. A mapping from a switch's options stands
// wherever a value can.
//
// A layout may be like another: `like: NAME` and `set: {SWITCH: OPTION}` are then all it has. set settles switches, which
// are no values any more.
func Compile(where string, yaml []byte, fonts *Fonts) (*Layout, error) {
	return CompileWith(where, yaml, fonts, nil)
}

// Files opens a file beside a layout by its name and says what errors are to call it.
type Files func(name string) (data []byte, where string, err error)

// CompileWith compiles a layout that refers to files: the layout it is like, pictures.
func CompileWith(where string, yaml []byte, fonts *Fonts, files Files) (*Layout, error) {
	src, top, err := parseSource(where, yaml)
	if err != nil {
		return nil, err
	}
	src.files = files
	if top.has("like") {
		if src, top, err = src.likeness(top); err != nil {
			return nil, err
		}
	}
	l := &Layout{where: where, fonts: fonts, stamps: newCache[stampKey, *patch](maxStamps), imprints: newCache[imprintKey, *imprint](maxImprints), bases: newCache[string, *base](maxBases),
		drawings: newCache[stampKey, *drawing](maxDrawings)}
	src.readSwitches(top)
	src.readSet(top)
	l.switches = src.open()
	l.values = src.names(top.get("values"), "values")
	l.shared = src.shared(top, l.values)
	if err := src.err(); err != nil {
		return nil, err
	}
	for _, options := range combinations(l.switches) {
		src.chosen = map[string]bool{}
		for _, o := range src.set {
			src.chosen[o] = true
		}
		for _, o := range options {
			src.chosen[o] = true
		}
		l.variants = append(l.variants, newReader(src, l, strings.Join(options, "/")).read(top))
	}
	if err := src.err(); err != nil {
		return nil, err
	}
	return l, nil
}

func (s *source) readSwitches(top *fields) {
	n := top.get("switches")
	if n == nil {
		return
	}
	entries, _ := mappingOf(n)
	for _, e := range entries {
		sw := choice{name: keyText(e), options: s.names(e.Value, "switches")}
		for _, o := range sw.options {
			if s.switchOf(o) != nil {
				s.fail(e.Value, "%q is an option of two switches; every option needs a name of its own", o)
			}
		}
		s.switches = append(s.switches, sw)
	}
}

// names reads a list of names.
func (s *source) names(n ast.Node, key string) []string {
	items, ok := listOf(n)
	if !ok {
		s.fail(n, "%s: needs a list of names", key)
		return nil
	}
	var out []string
	for _, it := range items {
		t, ok := scalar(it)
		if !ok || t == "" || slices.Contains(out, t) {
			s.fail(it, "%s: needs names, each once", key)
		}
		out = append(out, t)
	}
	return out
}

// shared reads the values that many pictures have in common.
func (s *source) shared(top *fields, values []string) []string {
	n := top.get("shared")
	if n == nil {
		return nil
	}
	names := s.names(n, "shared")
	for _, name := range names {
		if !slices.Contains(values, name) {
			s.fail(n, "shared: no value %q; %s", name, suggest(name, values))
		}
	}
	return names
}

// combinations lists one option of each switch, in all ways.
func combinations(switches []choice) [][]string {
	out := [][]string{nil}
	for _, sw := range switches {
		var next [][]string
		for _, c := range out {
			for _, o := range sw.options {
				next = append(next, append(slices.Clone(c), o))
			}
		}
		out = next
	}
	return out
}

// Values are the texts that a layout asks for, by name; every one a string. A text that is empty leaves its element out.
//
// The value state, which may be absent, calls for a band: revoked, suspended or superseded, or a state of the layout's
// own. Where it is set, state_date, state_reason and replacement are needed, and may be empty.
type Values map[string]any

// text gives a value; one that is missing is a mistake of the caller's.
func (v Values) text(name string) (string, error) {
	x, ok := v[name]
	if !ok {
		return "", fmt.Errorf("value %q is missing", name)
	}
	s, ok := x.(string)
	if !ok {
		return "", fmt.Errorf("value %q is a %T; a layout takes strings", name, x)
	}
	return s, nil
}

// variant finds the variant for the values of the switches.
func (l *Layout) variant(v Values) (*variant, error) {
	at := 0
	for _, sw := range l.switches {
		s, err := v.text(sw.name)
		if err != nil {
			return nil, err
		}
		i := slices.Index(sw.options, s)
		if i < 0 {
			return nil, fmt.Errorf("value %s: %q is none of %s", sw.name, s, strings.Join(sw.options, ", "))
		}
		at = at*len(sw.options) + i
	}
	return l.variants[at].at(v)
}

// at gives the variant with the band that the values call for.
func (d *variant) at(v Values) (*variant, error) {
	if _, ok := v[stateValue]; !ok {
		return d, nil
	}
	state, err := v.text(stateValue)
	if err != nil || state == "" {
		return d, err
	}
	if b := d.bands[state]; b != nil {
		return b, nil
	}
	names := keys(d.bands)
	slices.Sort(names)
	return nil, fmt.Errorf("value %s: %q is none of %s", stateValue, state, strings.Join(names, ", "))
}

// errValues wraps what is wrong with the values as a whole.
func (l *Layout) errValues(err error) error {
	var t *TextError
	if errors.As(err, &t) {
		return err
	}
	return fmt.Errorf("layout %s: %w", l.where, err)
}

package picture

import (
	"maps"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// likeness reads a layout that is like another: it gives the other's source, with the switches settled that this one
// settles.
func (s *source) likeness(top *fields) (*source, *fields, error) {
	name, set := top.text("like", ""), top.get("set")
	top.done()
	if s.files == nil {
		s.fail(top.get("like"), "like: there are no files to look for %q in", name)
		return nil, nil, s.err()
	}
	data, where, err := s.files(name + ".yaml")
	if err != nil {
		s.fail(top.get("like"), "like: no layout %q: %v", name, err)
		return nil, nil, s.err()
	}
	other, otherTop, err := parseSource(where, data)
	if err != nil {
		return nil, nil, err
	}
	if otherTop.has("like") {
		s.fail(top.get("like"), "like: %s is like another itself; name that one", name)
		return nil, nil, s.err()
	}
	other.files = s.files
	other.readSwitches(otherTop)
	settled, err := s.settled(other, set)
	if err != nil {
		return nil, nil, err
	}
	other.switches, other.errs = nil, nil
	other.over = settled
	return other, otherTop, nil
}

// settled reads `set` of a layout by the switches of another.
func (s *source) settled(other *source, set ast.Node) (map[string]string, error) {
	s.switches = other.switches
	out := map[string]string{}
	if set == nil {
		return out, nil
	}
	entries, ok := mappingOf(set)
	if !ok {
		s.fail(set, "set: needs a mapping from switches to one of their options")
	}
	for _, e := range entries {
		if o, ok := s.option(e); ok {
			out[keyText(e)] = o
		}
	}
	return out, s.err()
}

// option reads one entry of set.
func (s *source) option(e *ast.MappingValueNode) (string, bool) {
	i := slices.IndexFunc(s.switches, func(c choice) bool { return c.name == keyText(e) })
	if i < 0 {
		var names []string
		for _, c := range s.switches {
			names = append(names, c.name)
		}
		s.fail(e.Key, "set: no switch %q; %s", keyText(e), suggest(keyText(e), names))
		return "", false
	}
	o, _ := scalar(e.Value)
	if !slices.Contains(s.switches[i].options, o) {
		s.fail(e.Value, "set: %q is not one of the options of %s; %s", o, keyText(e), suggest(o, s.switches[i].options))
		return "", false
	}
	return o, true
}

// readSet settles switches: by the layout's own set, and over it by that of the layout that is like it.
func (s *source) readSet(top *fields) {
	s.set = map[string]string{}
	if n := top.get("set"); n != nil {
		set, _ := s.settled(s, n)
		maps.Copy(s.set, set)
	}
	maps.Copy(s.set, s.over)
}

// open lists the switches that values settle.
func (s *source) open() []choice {
	return slices.DeleteFunc(slices.Clone(s.switches), func(c choice) bool { return s.set[c.name] != "" })
}

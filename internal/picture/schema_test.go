package picture

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

type schema struct {
	Properties  map[string]*schema
	Definitions map[string]*schema
	Required    []string
	Ref         string    `json:"$ref"`
	AnyOf       []*schema `json:"anyOf"`
	Items       *schema
}

func layoutSchema(t *testing.T) *schema {
	t.Helper()
	s := &schema{}
	if err := json.Unmarshal(Schema, s); err != nil {
		t.Fatal(err)
	}
	return s
}

// object follows references and choices down to the mapping that is meant.
func (s *schema) object(at *schema) *schema {
	for at.Properties == nil {
		switch {
		case at.Ref != "":
			at = s.Definitions[strings.TrimPrefix(at.Ref, "#/definitions/")]
		case len(at.AnyOf) > 0:
			at = at.AnyOf[0]
		default:
			return at
		}
	}
	return at
}

// known gives the keys that the reader says it knows where it meets one that it does not.
func known(t *testing.T, yaml string) []string {
	t.Helper()
	_, err := CompileWith("layout.yaml", []byte(yaml), layouts()["modern"].fonts, albumFiles)
	if err == nil {
		t.Fatalf("no key is unknown in\n%s", yaml)
	}
	m := regexp.MustCompile(`unknown key "zzzzzzzzzz"; have: (.*)`).FindStringSubmatch(err.Error())
	if m == nil {
		t.Fatalf("%v\nin\n%s", err, yaml)
	}
	return strings.Split(m[1], ", ")
}

// The schema lists, for every kind of element, just the keys that the reader knows.
func TestTheSchemaKnowsTheKeysThatTheReaderKnows(t *testing.T) {
	s := layoutSchema(t)
	style := "face: body, size: 9, colour: ink"
	for kind, body := range map[string]string{
		"text":        `text: a, y: 9, x: 9, ` + style,
		"line":        `line: [1, 1, 9, 9], colour: ink`,
		"box":         `box: [1, 1, 9, 9], fill: ink, stroke: ink`,
		"lozenge":     `lozenge: [1, 1, 9], colour: ink`,
		"disc":        `disc: [1, 1, 9], colour: ink`,
		"rosette":     `rosette: [9, 9, 9], colour: ink`,
		"wreath":      `wreath: [9, 9, 9], dark: ink, light: ink`,
		"guilloche":   `guilloche: [9, 9, 99, 9], colour: ink`,
		"gradient":    `gradient: [1, 1, 9, 9], from: ink, to: white`,
		"image":       `image: logo.svg, in: [1, 1, 9, 9]`,
		"signature":   `signature: [1, 90, 90], colour: ink, picture: hand.png`,
		"qr":          `qr: "{name}", in: [1, 1, 200, 200], colour: ink`,
		"facts":       `facts: [{label: a, value: "{name}"}], label: {` + style + `}, value: {` + style + `}, rows: {rule: ink}`,
		"branch":      `branch: [1, 1, 9], symbols: "{name}", cells: [` + strings.Repeat("[ink, ink, ink], ", 7) + `[ink, ink, ink]]`,
		"round_seal":  `round_seal: [99, 99, 40], ring: "{name}", middle: "{name}", face: body, colour: ink, paper: white`,
		"square_seal": `square_seal: [9, 9, 40], year: "{name}", face: body, colour: ink, paper: white`,
	} {
		have := slices.Sorted(maps.Keys(s.object(s.Definitions[kind]).Properties))
		if want := known(t, bareList+"  - {"+body+", zzzzzzzzzz: 1}\n"); !slices.Equal(have, want) {
			t.Errorf("%s: the schema has %v, the reader knows %v", kind, have, want)
		}
		plain := bareList + "  - {" + body + "}\n"
		if _, err := CompileWith("layout.yaml", []byte(plain), layouts()["modern"].fonts, albumFiles); err != nil {
			t.Errorf("%s: what the schema's required keys make is refused: %v", kind, err)
		}
		for _, key := range s.object(s.Definitions[kind]).Required {
			if !strings.Contains(body, key+": ") {
				t.Errorf("%s: the schema asks for %s, the reader does not", kind, key)
			}
		}
	}
	var elements []string
	for _, e := range s.Properties["elements"].Items.AnyOf {
		elements = append(elements, strings.TrimPrefix(e.Ref, "#/definitions/"))
	}
	if slices.Sort(elements); !slices.Equal(elements, slices.Sorted(slices.Values(kinds))) {
		t.Errorf("the schema has the elements %v, the reader %v", elements, kinds)
	}
}

// So it does for what is not an element.
func TestTheSchemaKnowsTheOtherMappingsToo(t *testing.T) {
	s := layoutSchema(t)
	style := "face: body, size: 9, colour: ink"
	facts := `  - {facts: [{label: a, value: b%s}], label: {` + style + `%s}, value: {` + style + `}, %s: {%s}}` + "\n"
	fill := func(parts ...string) string {
		out := facts
		for _, p := range parts {
			out = strings.Replace(out, "%s", p, 1)
		}
		return bareList + out
	}
	signed := s.object(s.Definitions["signed"])
	rows, columns := s.object(s.Definitions["facts"].Properties["rows"]), s.object(s.Definitions["facts"].Properties["columns"])
	for _, c := range []struct {
		what string
		of   *schema
		yaml string
	}{
		{"top", s, bare + "zzzzzzzzzz: 1\n"},
		{"canvas", s.object(s.Properties["canvas"]), strings.Replace(bare, "ground: white", "ground: white, zzzzzzzzzz: 1", 1)},
		{"bands", s.Properties["bands"], bare + "bands: {zzzzzzzzzz: 1}\n"},
		{"style", s.object(s.Definitions["style"]), fill("", ", zzzzzzzzzz: 1", "rows", "rule: ink")},
		{"two", s.object(s.Definitions["two"]), bareList + "  - {text: a, y: 9, max: 99, two: {zzzzzzzzzz: 1}, " + style + "}\n"},
		{"fact", s.object(s.Definitions["facts"].Properties["facts"].Items), fill(", zzzzzzzzzz: 1", "", "rows", "rule: ink")},
		{"rows", rows, fill("", "", "rows", "rule: ink, zzzzzzzzzz: 1")},
		{"columns", columns, fill("", "", "columns", "zzzzzzzzzz: 1")},
		{"signed", signed, bareList + "  - {signature: [1, 90, 90], colour: ink, name: {text: a, " + style + ", zzzzzzzzzz: 1}}\n"},
	} {
		have := slices.Sorted(maps.Keys(c.of.Properties))
		want := known(t, c.yaml)
		if c.what == "top" { // like and set stand in a layout of their own
			have = slices.DeleteFunc(have, func(k string) bool { return k == "like" })
			want = slices.DeleteFunc(want, func(k string) bool { return k == "like" })
		}
		if !slices.Equal(have, want) {
			t.Errorf("%s: the schema has %v, the reader knows %v", c.what, have, want)
		}
	}
}

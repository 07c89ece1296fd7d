package jcs

import (
	"strconv"
	"strings"
)

// MaxDepth is how deep arrays and objects may be nested.
const MaxDepth = 64

// manyNames is the number of members from which on an object's names are looked up in a map: below it
// comparing is faster, above it comparing would take quadratic time.
const manyNames = 24

// Reader reads one JSON text from front to end, as strictly as Parse. A caller that knows the shape it
// expects reads with it straight into its own types. The strings it returns share one copy of the text.
type Reader struct {
	src   string
	pos   int
	path  []step   // from the whole text to the value being read
	names []string // of the members read so far, of all open objects
}

// step is one part of a JSON pointer: a member's name or an element's index.
type step struct {
	name  string
	index int // isMember, or isUnnamed while the name is being read
}

const (
	isMember  = -1
	isUnnamed = -2
)

// NewReader returns a Reader at the start of data.
func NewReader(data []byte) *Reader {
	return &Reader{src: string(data)}
}

// Next returns the first byte of the next value: { [ " t f n, - or a digit; 0 at the end of the text.
func (r *Reader) Next() byte {
	r.space()
	if r.pos == len(r.src) {
		return 0
	}
	return r.src[r.pos]
}

// End refuses anything but white space up to the end of the text.
func (r *Reader) End() error {
	if r.Next(); r.pos != len(r.src) {
		return r.fail(r.pos, Malformed, "there is more after the end of the value")
	}
	return nil
}

// Object reads an object and calls member for each name; member must read the value.
func (r *Reader) Object(member func(name string) error) error {
	if err := r.open('{', "an object"); err != nil {
		return err
	}
	base := len(r.names)
	var seen map[string]struct{}
	r.path = append(r.path, step{index: isUnnamed})
	for first := true; ; first = false {
		more, err := r.more('}', first)
		if err != nil || !more {
			r.names = r.names[:base]
			return err
		}
		r.path[len(r.path)-1].index = isUnnamed
		at := r.pos
		name, err := r.Text()
		if err != nil {
			return err
		}
		r.path[len(r.path)-1] = step{name, isMember}
		if len(r.names)-base == manyNames && seen == nil {
			seen = make(map[string]struct{}, 2*manyNames)
			for _, n := range r.names[base:] {
				seen[n] = struct{}{}
			}
		}
		if r.known(name, base, seen) {
			return r.fail(at, Duplicate, "the name "+quote(name)+" occurs twice in this object")
		}
		if seen != nil {
			seen[name] = struct{}{}
		} else {
			r.names = append(r.names, name)
		}
		if r.Next() != ':' {
			return r.fail(r.pos, Malformed, "expected a colon after the name "+quote(name))
		}
		r.pos++
		if err := member(name); err != nil {
			return err
		}
	}
}

func (r *Reader) known(name string, base int, seen map[string]struct{}) bool {
	if seen != nil {
		_, ok := seen[name]
		return ok
	}
	for _, n := range r.names[base:] {
		if n == name {
			return true
		}
	}
	return false
}

// Array reads an array and calls element for each index; element must read the value.
func (r *Reader) Array(element func(i int) error) error {
	if err := r.open('[', "an array"); err != nil {
		return err
	}
	r.path = append(r.path, step{})
	for i := 0; ; i++ {
		more, err := r.more(']', i == 0)
		if err != nil || !more {
			return err
		}
		r.path[len(r.path)-1].index = i
		if err := element(i); err != nil {
			return err
		}
	}
}

// open reads the bracket that begins a container.
func (r *Reader) open(bracket byte, what string) error {
	if r.Next() != bracket {
		return r.unexpected(what)
	}
	if len(r.path) == MaxDepth {
		return r.fail(r.pos, TooDeep, "nested deeper than "+strconv.Itoa(MaxDepth)+" levels")
	}
	r.pos++
	return nil
}

// more reads what stands before the next member or element; at the closing bracket it returns false.
func (r *Reader) more(closing byte, first bool) (bool, error) {
	c := r.Next()
	switch {
	case c == closing:
		r.pos++
		r.path = r.path[:len(r.path)-1]
		return false, nil
	case first:
		return true, nil
	case c != ',':
		return false, r.fail(r.pos, Malformed, "expected a comma or "+quote(string(closing)))
	}
	r.pos++
	if r.Next() == closing {
		return false, r.fail(r.pos, Malformed, "a comma before "+quote(string(closing)))
	}
	return true, nil
}

// Bool reads true or false.
func (r *Reader) Bool() (bool, error) {
	switch {
	case r.Next() == 't' && r.word("true"):
		return true, nil
	case r.Next() == 'f' && r.word("false"):
		return false, nil
	}
	return false, r.unexpected("true or false")
}

// Value reads any value, as Parse returns it.
func (r *Reader) Value() (any, error) {
	switch c := r.Next(); {
	case c == '{':
		m := map[string]any{}
		err := r.Object(func(name string) (err error) {
			m[name], err = r.Value()
			return err
		})
		return m, err
	case c == '[':
		a := []any{}
		err := r.Array(func(int) error {
			v, err := r.Value()
			a = append(a, v)
			return err
		})
		return a, err
	case c == '"':
		return r.Text()
	case c == 't' || c == 'f':
		return r.Bool()
	case c == 'n' && r.word("null"):
		return nil, nil
	case c == '-' || isDigit(c):
		return r.Number()
	}
	return nil, r.unexpected("a value")
}

// Skip reads any value and drops it.
func (r *Reader) Skip() error {
	var err error
	switch c := r.Next(); {
	case c == '{':
		err = r.Object(func(string) error { return r.Skip() })
	case c == '[':
		err = r.Array(func(int) error { return r.Skip() })
	case c == '"':
		_, err = r.Text()
	case c == '-' || isDigit(c):
		_, err = r.Number()
	case c == 'n' && r.word("null"):
	case c == 't' || c == 'f':
		_, err = r.Bool()
	default:
		err = r.unexpected("a value")
	}
	return err
}

func (r *Reader) word(w string) bool {
	if !strings.HasPrefix(r.src[r.pos:], w) {
		return false
	}
	r.pos += len(w)
	return true
}

func (r *Reader) space() {
	for r.pos < len(r.src) {
		switch r.src[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

// Unwanted returns an error at the place that was read last, for a caller that does not accept what stands
// there.
func (r *Reader) Unwanted(msg string) error { return r.fail(r.pos, Unwanted, msg) }

// unexpected says that something else stands where want was asked for.
func (r *Reader) unexpected(want string) error {
	kind, got := Malformed, "other text"
	switch c := r.Next(); {
	case c == 0 && r.pos == len(r.src):
		got = "the end of the text"
	case c == '{':
		kind, got = Unwanted, "an object"
	case c == '[':
		kind, got = Unwanted, "an array"
	case c == '"':
		kind, got = Unwanted, "a string"
	case c == '-' || isDigit(c):
		kind, got = Unwanted, "a number"
	case strings.HasPrefix(r.src[r.pos:], "true") || strings.HasPrefix(r.src[r.pos:], "false"):
		kind, got = Unwanted, "true or false"
	case strings.HasPrefix(r.src[r.pos:], "null"):
		kind, got = Unwanted, "null"
	}
	return r.fail(r.pos, kind, "expected "+want+", found "+got)
}

func (r *Reader) fail(offset int, kind Kind, msg string) error {
	return &SyntaxError{Offset: int64(offset), Pointer: r.pointer(), Kind: kind, Msg: msg}
}

// pointer writes the JSON pointer to the value being read.
func (r *Reader) pointer() string {
	var b strings.Builder
	for _, s := range r.path {
		if s.index == isUnnamed {
			continue
		}
		b.WriteByte('/')
		if s.index >= 0 {
			b.WriteString(strconv.Itoa(s.index))
			continue
		}
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(s.name, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

// quote shows at most the start of a text that somebody else wrote.
func quote(s string) string {
	const most = 64
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.QuoteToGraphic(s)
}

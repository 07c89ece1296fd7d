package pdf

import (
	"bytes"
	"fmt"
	"strconv"
)

// Objects: nil, bool, int, text, name, reference, []any, dict. A number that is no integer is read as 0: none is needed.
type (
	text      string
	name      string
	reference int
	dict      map[string]any
)

// parser reads objects (§7.3).
type parser struct {
	data []byte
	at   int
}

func (p *parser) fail(what string) error {
	return fmt.Errorf("%w: %s at %d", ErrFormat, what, p.at)
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (p *parser) space() {
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case isSpace(c):
			p.at++
		case c == '%':
			for p.at < len(p.data) && p.data[p.at] != '\n' && p.data[p.at] != '\r' {
				p.at++
			}
		default:
			return
		}
	}
}

// token gives the regular characters that come next, without taking them.
func (p *parser) token() []byte {
	p.space()
	end := p.at
	for end < len(p.data) && !isSpace(p.data[end]) && !isDelimiter(p.data[end]) {
		end++
	}
	return p.data[p.at:end]
}

func (p *parser) word(w string) bool {
	if string(p.token()) != w {
		return false
	}
	p.at += len(w)
	return true
}

func (p *parser) integer() (int, bool) {
	t := p.token()
	if len(t) > 12 {
		return 0, false
	}
	n, err := strconv.Atoi(string(t))
	if err != nil {
		return 0, false
	}
	p.at += len(t)
	return n, true
}

// streamStart takes the keyword and the line end after it.
func (p *parser) streamStart() bool {
	if !p.word("stream") {
		return false
	}
	if p.at < len(p.data) && p.data[p.at] == '\r' {
		p.at++
	}
	if p.at < len(p.data) && p.data[p.at] == '\n' {
		p.at++
		return true
	}
	return false
}

func (p *parser) object(depth int) (any, error) {
	if depth > maxDepth {
		return nil, p.fail("objects are too deep")
	}
	p.space()
	rest := p.data[p.at:]
	switch {
	case len(rest) == 0:
		return nil, p.fail("it breaks off")
	case bytes.HasPrefix(rest, []byte("<<")):
		p.at += 2
		return p.dictionary(depth)
	case rest[0] == '[':
		p.at++
		return p.list(depth)
	case rest[0] == '(':
		p.at++
		return p.literal()
	case rest[0] == '<':
		p.at++
		return p.hexadecimal()
	case rest[0] == '/':
		p.at++
		t := p.nameToken()
		return name(t), nil
	}
	return p.plain()
}

// plain reads numbers, references and the words null, true and false.
func (p *parser) plain() (any, error) {
	if n, ok := p.integer(); ok {
		back := p.at
		if _, ok := p.integer(); ok && n > 0 && p.word("R") {
			return reference(n), nil
		}
		p.at = back
		return n, nil
	}
	t := p.token()
	if len(t) == 0 {
		return nil, p.fail("no object")
	}
	p.at += len(t)
	switch string(t) {
	case "null":
		return nil, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	if _, err := strconv.ParseFloat(string(t), 64); err != nil {
		return nil, p.fail("no object")
	}
	return 0, nil
}

func (p *parser) dictionary(depth int) (any, error) {
	d := dict{}
	for {
		p.space()
		if bytes.HasPrefix(p.data[p.at:], []byte(">>")) {
			p.at += 2
			return d, nil
		}
		if p.at >= len(p.data) || p.data[p.at] != '/' {
			return nil, p.fail("a dictionary is damaged")
		}
		p.at++
		key := p.nameToken()
		v, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, twice := d[key]; twice {
			return nil, p.fail("a dictionary has a key twice")
		}
		d[key] = v
	}
}

func (p *parser) list(depth int) (any, error) {
	var out []any
	for {
		p.space()
		if p.at < len(p.data) && p.data[p.at] == ']' {
			p.at++
			return out, nil
		}
		v, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
}

func (p *parser) nameToken() string {
	if p.at < len(p.data) && isSpace(p.data[p.at]) {
		return ""
	}
	t := p.token()
	p.at += len(t)
	if bytes.IndexByte(t, '#') < 0 {
		return string(t)
	}
	var out []byte
	for i := 0; i < len(t); i++ {
		if t[i] == '#' && i+2 < len(t) {
			if v, err := strconv.ParseUint(string(t[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(v))
				i += 2
				continue
			}
		}
		out = append(out, t[i])
	}
	return string(out)
}

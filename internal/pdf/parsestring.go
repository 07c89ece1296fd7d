package pdf

import (
	"bytes"
	"strconv"
)

// literal reads a string in parentheses; of escapes, those that a file name can need.
func (p *parser) literal() (any, error) {
	var out []byte
	for open := 1; p.at < len(p.data); p.at++ {
		switch c := p.data[p.at]; c {
		case '\\':
			if p.at++; p.at >= len(p.data) {
				return nil, p.fail("a string breaks off")
			}
			out = append(out, p.data[p.at])
			continue
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				p.at++
				return text(out), nil
			}
		}
		out = append(out, p.data[p.at])
	}
	return nil, p.fail("a string breaks off")
}

func (p *parser) hexadecimal() (any, error) {
	end := bytes.IndexByte(p.data[p.at:], '>')
	if end < 0 {
		return nil, p.fail("a string breaks off")
	}
	var digits []byte
	for _, c := range p.data[p.at : p.at+end] {
		if !isSpace(c) {
			digits = append(digits, c)
		}
	}
	p.at += end + 1
	if len(digits)%2 != 0 {
		digits = append(digits, '0')
	}
	out := make([]byte, len(digits)/2)
	for i := range out {
		v, err := strconv.ParseUint(string(digits[2*i:2*i+2]), 16, 8)
		if err != nil {
			return nil, p.fail("a string is damaged")
		}
		out[i] = byte(v)
	}
	if bytes.HasPrefix(out, []byte("\xfe\xff")) { // UTF-16: other programs write names so
		if ascii, ok := fromUTF16(out[2:]); ok {
			return text(ascii), nil
		}
	}
	return text(out), nil
}

func fromUTF16(b []byte) (string, bool) {
	var out []byte
	for i := 0; i+1 < len(b); i += 2 {
		if b[i] != 0 || b[i+1] > 0x7E {
			return "", false
		}
		out = append(out, b[i+1])
	}
	return string(out), true
}

package jcs

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Text reads a string.
func (r *Reader) Text() (string, error) {
	if r.Next() != '"' {
		return "", r.unexpected("a string")
	}
	r.pos++
	start := r.pos
	for r.pos < len(r.src) {
		switch c := r.src[r.pos]; {
		case c == '"':
			r.pos++
			return r.src[start : r.pos-1], nil
		case c == '\\':
			return r.escaped(start)
		case c < 0x20:
			return "", r.control()
		case c < utf8.RuneSelf:
			r.pos++
		default:
			if err := r.character(); err != nil {
				return "", err
			}
		}
	}
	return "", r.fail(r.pos, Malformed, "the string does not end")
}

// escaped reads on in a string that started at start and has an escape at the present place.
func (r *Reader) escaped(start int) (string, error) {
	buf := append(make([]byte, 0, r.pos-start+64), r.src[start:r.pos]...)
	for r.pos < len(r.src) {
		from := r.pos
		switch c := r.src[r.pos]; {
		case c == '"':
			r.pos++
			return string(buf), nil
		case c == '\\':
			var err error
			if buf, err = r.escape(buf); err != nil {
				return "", err
			}
			continue
		case c < 0x20:
			return "", r.control()
		case c < utf8.RuneSelf:
			r.pos++
		default:
			if err := r.character(); err != nil {
				return "", err
			}
		}
		buf = append(buf, r.src[from:r.pos]...)
	}
	return "", r.fail(r.pos, Malformed, "the string does not end")
}

// escape reads one escape, or the two of a surrogate pair.
func (r *Reader) escape(buf []byte) ([]byte, error) {
	at := r.pos
	if r.pos++; r.pos == len(r.src) {
		return nil, r.fail(at, Malformed, "the string does not end")
	}
	c := r.src[r.pos]
	r.pos++
	switch c {
	case '"', '\\', '/':
		return append(buf, c), nil
	case 'b':
		return append(buf, '\b'), nil
	case 'f':
		return append(buf, '\f'), nil
	case 'n':
		return append(buf, '\n'), nil
	case 'r':
		return append(buf, '\r'), nil
	case 't':
		return append(buf, '\t'), nil
	case 'u':
		return r.unicodeEscape(buf, at)
	}
	return nil, r.fail(at, Malformed, "unknown escape in a string")
}

func (r *Reader) unicodeEscape(buf []byte, at int) ([]byte, error) {
	unit, ok := r.hex4()
	if !ok {
		return nil, r.fail(at, Malformed, "\\u needs four hexadecimal digits")
	}
	if !utf16.IsSurrogate(unit) {
		return utf8.AppendRune(buf, unit), nil
	}
	if unit < 0xDC00 && r.word(`\u`) {
		if low, ok := r.hex4(); ok {
			if c := utf16.DecodeRune(unit, low); c != utf8.RuneError {
				return utf8.AppendRune(buf, c), nil
			}
		}
	}
	return nil, r.fail(at, Encoding, "half of a surrogate pair, which is no character")
}

func (r *Reader) hex4() (rune, bool) {
	if len(r.src)-r.pos < 4 {
		return 0, false
	}
	var v rune
	for i := range 4 {
		switch c := r.src[r.pos+i]; {
		case isDigit(c):
			v = v<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			v = v<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			v = v<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	r.pos += 4
	return v, true
}

// character reads one character outside ASCII.
func (r *Reader) character() error {
	c, n := utf8.DecodeRuneInString(r.src[r.pos:])
	if c == utf8.RuneError && n == 1 {
		return r.fail(r.pos, Encoding, "invalid UTF-8: the byte 0x"+strconv.FormatUint(uint64(r.src[r.pos]), 16))
	}
	r.pos += n
	return nil
}

func (r *Reader) control() error {
	return r.fail(r.pos, Malformed, "a control character in a string must be written as an escape")
}

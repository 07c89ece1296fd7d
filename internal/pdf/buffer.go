package pdf

import (
	"math"
	"strconv"
	"unicode/utf16"
)

// Buffer gathers the syntax of objects and content streams (ISO 32000-1 §7.2–7.3). Its methods end what they write where
// the next token could run into it.
type Buffer struct{ B []byte }

// Reset empties the buffer and keeps its memory.
func (b *Buffer) Reset() { b.B = b.B[:0] }

// Raw appends syntax as it stands.
func (b *Buffer) Raw(s string) { b.B = append(b.B, s...) }

// Int appends a whole number, without a space.
func (b *Buffer) Int(n int) { b.B = strconv.AppendInt(b.B, int64(n), 10) }

// Num appends numbers to two decimals, a space after each. In a layout's pixels that is a two-hundredth of a point.
func (b *Buffer) Num(vs ...float64) {
	for _, v := range vs {
		b.B = append(appendFixed(b.B, v, 2), ' ')
	}
}

// Fine appends numbers to six decimals, a space after each: for matrices, whose errors grow with what they move.
func (b *Buffer) Fine(vs ...float64) {
	for _, v := range vs {
		b.B = append(appendFixed(b.B, v, 6), ' ')
	}
}

// Turn appends numbers to four decimals, a space after each: for matrices of single glyphs.
func (b *Buffer) Turn(vs ...float64) {
	for _, v := range vs {
		b.B = append(appendFixed(b.B, v, 4), ' ')
	}
}

// appendFixed writes a number with at most this many decimals, no zeros at their end, and never as −0.
func appendFixed(out []byte, v float64, decimals int) []byte {
	scale := math.Pow10(decimals)
	n := int64(math.Round(v * scale))
	if n < 0 {
		out, n = append(out, '-'), -n
	}
	whole, part := n/int64(scale), n%int64(scale)
	if whole != 0 || part == 0 {
		out = strconv.AppendInt(out, whole, 10)
	}
	if part == 0 {
		return out
	}
	out = append(out, '.')
	for s := int64(scale) / 10; part > 0; s /= 10 {
		out = append(out, byte('0'+part/s))
		part %= s
	}
	return out
}

// Ref appends a reference to an object.
func (b *Buffer) Ref(r Ref) {
	b.Int(int(r))
	b.Raw(" 0 R")
}

// Name appends a name (§7.3.5), with what may not stand in one as #XX.
func (b *Buffer) Name(s string) {
	b.B = append(b.B, '/')
	for i := range len(s) {
		if c := s[i]; c > ' ' && c < 0x7F && c != '#' && c != '/' && c != '%' && c != '(' && c != ')' && c != '<' && c != '>' && c != '[' && c != ']' && c != '{' && c != '}' {
			b.B = append(b.B, c)
		} else {
			b.B = append(b.B, '#', hexDigits[c>>4], hexDigits[c&15])
		}
	}
}

const hexDigits = "0123456789ABCDEF"

// Hex16 appends a 16-bit number as four hexadecimal digits.
func (b *Buffer) Hex16(v uint16) {
	b.B = append(b.B, hexDigits[v>>12], hexDigits[v>>8&15], hexDigits[v>>4&15], hexDigits[v&15])
}

// UTF16 appends a text as hexadecimal digits of UTF-16, big-endian, as ToUnicode maps want it.
func (b *Buffer) UTF16(s string) {
	for _, r := range s {
		if r >= 0x10000 {
			hi, lo := utf16.EncodeRune(r)
			b.Hex16(uint16(hi))
			b.Hex16(uint16(lo))
			continue
		}
		b.Hex16(uint16(r))
	}
}

// Text appends a text string (§7.9.2.2): in ASCII where that says all of it, else in UTF-16 with its byte order mark.
func (b *Buffer) Text(s string) {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			b.Raw("<FEFF")
			b.UTF16(s)
			b.Raw(">")
			return
		}
	}
	b.Raw("(")
	for i := range len(s) {
		switch s[i] {
		case '(', ')', '\\':
			b.B = append(b.B, '\\')
		}
		b.B = append(b.B, s[i])
	}
	b.Raw(")")
}

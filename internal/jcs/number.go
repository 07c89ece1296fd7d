package jcs

import (
	"bytes"
	"math"
	"strconv"
)

// Number is a JSON number, the literal as it was written.
type Number string

// Number reads a number.
func (r *Reader) Number() (Number, error) {
	if c := r.Next(); c != '-' && !isDigit(c) {
		return "", r.unexpected("a number")
	}
	start := r.pos
	if r.src[r.pos] == '-' {
		r.pos++
	}
	first := r.pos
	if r.digits() == 0 || (r.src[first] == '0' && r.pos-first > 1) {
		return "", r.fail(start, Malformed, "a number must start with one zero, or with another digit")
	}
	simple := true
	if r.pos < len(r.src) && r.src[r.pos] == '.' {
		r.pos++
		if r.digits() == 0 {
			return "", r.fail(start, Malformed, "a number needs a digit after its point")
		}
	}
	if r.pos < len(r.src) && (r.src[r.pos] == 'e' || r.src[r.pos] == 'E') {
		simple = false
		r.pos++
		if r.pos < len(r.src) && (r.src[r.pos] == '+' || r.src[r.pos] == '-') {
			r.pos++
		}
		if r.digits() == 0 {
			return "", r.fail(start, Malformed, "a number needs a digit in its exponent")
		}
	}
	n := Number(r.src[start:r.pos])
	if !simple || len(n) > 300 {
		if _, err := n.Float64(); err != nil {
			return "", r.fail(start, BadNumber, "the number is too large")
		}
	}
	return n, nil
}

// digits reads digits and returns how many there were.
func (r *Reader) digits() int {
	start := r.pos
	for r.pos < len(r.src) && isDigit(r.src[r.pos]) {
		r.pos++
	}
	return r.pos - start
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// Float64 returns the nearest double. The error says that there is none.
func (n Number) Float64() (float64, error) { return strconv.ParseFloat(string(n), 64) }

// appendFloat writes a double as ECMAScript's Number::toString does (RFC 8785 §3.2.2.3): the shortest
// digits that read back as the same double, an exponent below 1e-6 and from 1e21 on.
func appendFloat(dst []byte, f float64) []byte {
	if f == 0 {
		return append(dst, '0') // also for -0
	}
	if abs := math.Abs(f); abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// Go writes at least two digits of exponent, ECMAScript as few as there are.
	e := start + bytes.IndexByte(dst[start:], 'e')
	if dst[e+2] == '0' {
		dst = append(dst[:e+2], dst[e+3:]...)
	}
	return dst
}

package credential

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Number is a certificate number in its canonical form, "7F3K-9QXM-2T8W-RB5H": sixteen Crockford base32
// symbols in four groups. Fourteen are random, 70 bits; the last two make the sums of checksums zero.
type Number string

const (
	numberSymbols = 16
	numberAlien   = 0xFF

	// symbols is Crockford's base32 alphabet: no I, L, O or U.
	symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

	// mostNumberInput bounds what is looked at, in bytes.
	mostNumberInput = 256
)

// NewNumber draws a number from rand, nine bytes. The error is that of rand.
func NewNumber(rand io.Reader) (Number, error) {
	var raw [9]byte
	if _, err := io.ReadFull(rand, raw[:]); err != nil {
		return "", fmt.Errorf("drawing a certificate number: %w", err)
	}
	var s [numberSymbols]byte
	var bits uint
	var n, next int
	for i := range numberSymbols - 2 {
		for n < 5 {
			bits, n, next = bits<<8|uint(raw[next]), n+8, next+1
		}
		n -= 5
		s[i] = byte(bits>>n) & 31
	}
	// With A and B the sums so far: s14 + s15 = A and s14·α¹⁴ + s15·α¹⁵ = B.
	a, b := checksums(&s)
	s[14] = gfDiv(b^gfMul(a, gfPower(15)), gfPower(14)^gfPower(15))
	s[15] = a ^ s[14]
	return formatNumber(&s), nil
}

// ParseNumber reads a number as people type and paste it: compatibility forms such as full-width letters
// are taken for what they stand for (NFKC), lower case for upper case, I and L for 1, O for 0; white space
// and dashes are dropped. The error is a *NumberError.
func ParseNumber(s string) (Number, error) {
	if len(s) > mostNumberInput {
		return "", &NumberError{Input: s[:mostNumberInput], Kind: Length, symbols: -1}
	}
	var v [numberSymbols]byte
	n := 0
	for _, r := range norm.NFKC.String(s) {
		if isSeparator(r) {
			continue
		}
		value := symbolValue(upper(r))
		if value == numberAlien {
			return "", &NumberError{Input: s, Kind: Alien, Position: n + 1, Rune: r}
		}
		if n < numberSymbols {
			v[n] = value
		}
		n++
	}
	if n != numberSymbols {
		return "", &NumberError{Input: s, Kind: Length, symbols: n}
	}
	if a, b := checksums(&v); a != 0 || b != 0 {
		return "", repair(s, v, a, b)
	}
	return formatNumber(&v), nil
}

// repair says which error explains the two sums of v.
func repair(input string, v [numberSymbols]byte, a, b byte) error {
	e := &NumberError{Input: input, Kind: Checksum}
	switch {
	case a == 0:
		e.Kind = Swap
	case b != 0:
		// One wrong symbol, off by a at place i, makes the sums a and a·αⁱ.
		if i := gfLog(gfDiv(b, a)); i < numberSymbols {
			v[i] ^= a
			e.Kind, e.Position, e.Suggestion = Typo, i+1, formatNumber(&v)
		}
	}
	return e
}

// isSeparator holds for what may stand between the symbols. U+2212 is the minus sign, which is no dash to
// Unicode but is one to a word processor.
func isSeparator(r rune) bool {
	return r == '\u2212' || unicode.Is(unicode.Pd, r) || unicode.Is(unicode.White_Space, r)
}

// upper knows the letters a to z alone, so that every implementation agrees on it.
func upper(r rune) rune {
	if 'a' <= r && r <= 'z' {
		return r - ('a' - 'A')
	}
	return r
}

// symbolValue returns the value of a symbol, 0 … 31, or numberAlien.
func symbolValue(r rune) byte {
	switch r {
	case 'I', 'L':
		return 1
	case 'O':
		return 0
	}
	if i := strings.IndexRune(symbols, r); i >= 0 {
		return byte(i)
	}
	return numberAlien
}

func formatNumber(v *[numberSymbols]byte) Number {
	var b [numberSymbols + 3]byte
	at := 0
	for i, value := range v {
		if i > 0 && i%4 == 0 {
			b[at] = '-'
			at++
		}
		b[at] = symbols[value]
		at++
	}
	return Number(b[:])
}

// isCanonical holds for a number in canonical form.
func (n Number) isCanonical() bool {
	parsed, err := ParseNumber(string(n))
	return err == nil && parsed == n
}

// NumberErrorKind says what is wrong with a number.
type NumberErrorKind uint8

// The kinds of NumberError.
const (
	Length   NumberErrorKind = iota + 1 // not sixteen symbols
	Alien                               // a character that no number has
	Typo                                // one symbol may be wrong, and Suggestion repairs it
	Swap                                // two symbols may have changed places
	Checksum                            // the check symbols do not fit
)

// String returns the kind as the test vectors name it.
func (k NumberErrorKind) String() string {
	names := [...]string{Length: "length", Alien: "alien", Typo: "typo", Swap: "swap", Checksum: "checksum"}
	if k < Length || int(k) >= len(names) {
		return "kind " + strconv.Itoa(int(k))
	}
	return names[k]
}

// NumberError says why a text is no certificate number. errors.Is(err, ErrNumber) holds.
type NumberError struct {
	Input      string // at most 256 bytes of it
	Kind       NumberErrorKind
	Position   int    // of Alien and Typo: the place among the sixteen symbols, from 1; else 0
	Rune       rune   // of Alien: the character, normalised (NFKC)
	Suggestion Number // of Typo: a question to ask, never an answer; two wrong symbols can look like another one

	symbols int // of Length: how many there were, -1 if too many to look at
}

func (e *NumberError) Error() string {
	s := strconv.QuoteToGraphic(e.Input)
	switch e.Kind {
	case Length:
		if e.symbols < 0 {
			return "the text is too long for a certificate number, which has 16 letters and digits"
		}
		return fmt.Sprintf("%s has %d letters and digits; a certificate number has 16", s, e.symbols)
	case Alien:
		return fmt.Sprintf("%s has the character %q at place %d, which no certificate number has", s, e.Rune, e.Position)
	case Typo:
		return fmt.Sprintf("%s is no certificate number: did you mean %s?", s, e.Suggestion)
	case Swap:
		return fmt.Sprintf("%s is no certificate number: two letters or digits may have changed places", s)
	}
	return fmt.Sprintf("%s is no certificate number: more than one letter or digit is wrong", s)
}

// Unwrap returns ErrNumber.
func (e *NumberError) Unwrap() error { return ErrNumber }

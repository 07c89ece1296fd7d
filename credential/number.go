package credential

import "io"

// Number is a certificate number in its canonical form, "7F3K-9QXM-2T8W-RB5H".
type Number string

// NumberErrorKind says what is wrong with a number.
type NumberErrorKind uint8

// The kinds of NumberError.
const (
	Length   NumberErrorKind = iota + 1 // not sixteen symbols
	Alien                               // a character that no number has
	Typo                                // one symbol is wrong, and Suggestion repairs it
	Swap                                // two symbols may have changed places
	Checksum                            // the check symbols do not fit
)

// NumberError describes why a text is no certificate number. errors.Is(err, ErrNumber) holds.
type NumberError struct {
	Input      string
	Kind       NumberErrorKind
	Position   int    // 1-based place of the wrong symbol among the sixteen (Typo) or characters (Alien); else 0
	Rune       rune   // the character of Alien
	Suggestion Number // of Typo; a question to ask, never an answer
}

func (e *NumberError) Error() string { panic("not written yet") }

// Unwrap returns ErrNumber.
func (e *NumberError) Unwrap() error { return ErrNumber }

// NewNumber draws a number: 70 random bits and two check symbols.
func NewNumber(rand io.Reader) (Number, error) { panic("not written yet") }

// ParseNumber reads a number as people type it. The error is a *NumberError.
func ParseNumber(s string) (Number, error) { panic("not written yet") }

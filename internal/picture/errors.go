package picture

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// ErrGlyph says that no loaded font can draw a character, or that the character has no place on a certificate.
var ErrGlyph = errors.New("no font has this character")

// ErrOverflow says that a text does not fit its place at the least size the layout allows.
var ErrOverflow = errors.New("text does not fit")

// ErrFormat says that bytes are not a well-formed PNG.
var ErrFormat = errors.New("not a well-formed PNG")

// ErrNoChunk says that a PNG carries no text under the keyword asked for.
var ErrNoChunk = errors.New("no such text in this PNG")

// TextError says which text could not be set, and why. It wraps ErrGlyph or ErrOverflow.
type TextError struct {
	Field string // the layout element's `field`, "recipient.name" for instance; its value's name where it has none
	Text  string // the whole text, as it was to be set
	Rune  rune   // the first character that no font has; 0 for ErrOverflow
	Err   error  // ErrGlyph or ErrOverflow
}

// Error names the field, the character and a beginning of the text.
func (e *TextError) Error() string {
	if e.Rune != 0 {
		return fmt.Sprintf("%s: no font has %q (U+%04X), in %q; write the name without it, or add a font that has it with --font-dir", e.Field, e.Rune, e.Rune, brief(e.Text))
	}
	return fmt.Sprintf("%s: %q does not fit at the least size of the layout; shorten it", e.Field, brief(e.Text))
}

// Unwrap gives ErrGlyph or ErrOverflow.
func (e *TextError) Unwrap() error { return e.Err }

// brief keeps the first 64 characters of a text, for messages.
func brief(s string) string {
	if utf8.RuneCountInString(s) <= 64 {
		return s
	}
	return string([]rune(s)[:63]) + "…"
}

// Package jcs reads JSON strictly and writes it in the one canonical form of RFC 8785. It exists
// because a signature covers bytes: two readings of one text, or two texts of one value, would let
// somebody sign one thing and show another.
package jcs

// Number is a JSON number, the literal as it was written.
type Number string

// Kind says what a SyntaxError is about.
type Kind uint8

// The kinds of SyntaxError.
const (
	Malformed Kind = iota + 1 // not JSON, or more than one value
	Duplicate                 // a name that the object already has
	Encoding                  // invalid UTF-8, or an unpaired surrogate
	TooDeep                   // nested deeper than MaxDepth
	BadNumber                 // a number outside the range of a double
)

// MaxDepth is how deep arrays and objects may be nested.
const MaxDepth = 64

// SyntaxError says what is wrong with a JSON text, and where.
type SyntaxError struct {
	Offset  int64  // in bytes
	Pointer string // JSON pointer (RFC 6901) to the value, or to the member with the refused name
	Kind    Kind
	Msg     string
}

func (e *SyntaxError) Error() string { return e.Msg }

// Parse reads one JSON value: map[string]any, []any, string, Number, bool or nil.
func Parse(data []byte) (any, error) { panic("not written yet") }

// Check refuses what Parse refuses, without building the value.
func Check(data []byte) error { panic("not written yet") }

// Append appends the canonical form of v.
func Append(dst []byte, v any) ([]byte, error) { panic("not written yet") }

// AppendString appends s as a canonical JSON string.
func AppendString(dst []byte, s string) []byte { panic("not written yet") }

// Transform returns the canonical form of a JSON text.
func Transform(data []byte) ([]byte, error) { panic("not written yet") }

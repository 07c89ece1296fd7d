package jcs

import "fmt"

// Kind says what a SyntaxError is about.
type Kind uint8

// The kinds of SyntaxError.
const (
	Malformed Kind = iota + 1 // not JSON, or more than one value
	Duplicate                 // a name that the object already has
	Encoding                  // invalid UTF-8, or an unpaired surrogate
	TooDeep                   // nested deeper than MaxDepth
	BadNumber                 // a number that no double holds
	Unwanted                  // well-formed, but not what the reader was asked for
)

// SyntaxError says what is wrong with a JSON text, and where.
type SyntaxError struct {
	Offset  int64  // in bytes from the start of the text
	Pointer string // RFC 6901, to the value, or to the member whose name is refused; "" is the whole text
	Kind    Kind
	Msg     string // what was wrong, in words
}

func (e *SyntaxError) Error() string {
	if e.Pointer == "" {
		return fmt.Sprintf("at byte %d: %s", e.Offset, e.Msg)
	}
	return fmt.Sprintf("at %s (byte %d): %s", e.Pointer, e.Offset, e.Msg)
}

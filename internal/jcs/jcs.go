// Package jcs reads JSON strictly and writes it in the one canonical form of RFC 8785. It exists because a
// signature covers bytes: two readings of one text, or two texts of one value, would let somebody sign one
// thing and show another.
package jcs

// Parse reads one JSON value: map[string]any, []any, string, Number, bool or nil. What RFC 8259 leaves to
// the reader is refused: names that occur twice in an object, invalid UTF-8, unpaired surrogate escapes,
// anything after the value, a byte order mark, nesting deeper than MaxDepth, numbers that no double holds.
// The error is a *SyntaxError.
func Parse(data []byte) (any, error) {
	r := NewReader(data)
	v, err := r.Value()
	if err != nil {
		return nil, err
	}
	return v, r.End()
}

// Check refuses what Parse refuses, with the same errors, without building the value.
func Check(data []byte) error {
	r := NewReader(data)
	if err := r.Skip(); err != nil {
		return err
	}
	return r.End()
}

// Transform returns the canonical form of a JSON text. The error is a *SyntaxError.
func Transform(data []byte) ([]byte, error) {
	v, err := Parse(data)
	if err != nil {
		return nil, err
	}
	return Append(make([]byte, 0, len(data)), v)
}

package jcs

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Append appends the canonical form (RFC 8785) of v: what Parse returns, and float64, int, int64, uint32,
// []string, []map[string]any and map[string]string. The error names what has no such form: another type, a
// number that is no finite double, an integer beyond ±2⁵³, text that is no UTF-8.
func Append(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case string:
		return appendText(dst, v)
	case Number:
		f, err := v.Float64()
		if err != nil {
			return nil, fmt.Errorf("the number %s has no canonical form", quote(string(v)))
		}
		return appendFloat(dst, f), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%v is no JSON number", v)
		}
		return appendFloat(dst, v), nil
	case int:
		return appendInt(dst, int64(v))
	case int64:
		return appendInt(dst, v)
	case uint32:
		return appendInt(dst, int64(v))
	case []any:
		return appendArray(dst, v)
	case []string:
		return appendArray(dst, v)
	case []map[string]any:
		return appendArray(dst, v)
	case map[string]any:
		return appendObject(dst, v)
	case map[string]string:
		return appendObject(dst, v)
	}
	return nil, fmt.Errorf("a %T has no canonical JSON form", v)
}

func appendArray[T any](dst []byte, a []T) (_ []byte, err error) {
	dst = append(dst, '[')
	for i, e := range a {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = Append(dst, e); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func appendObject[T any](dst []byte, m map[string]T) (_ []byte, err error) {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.SortFunc(names, compareUTF16)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendText(dst, name); err != nil {
			return nil, err
		}
		if dst, err = Append(append(dst, ':'), m[name]); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

func appendInt(dst []byte, i int64) ([]byte, error) {
	if i > 1<<53 || i < -1<<53 {
		return nil, fmt.Errorf("the integer %d is beyond ±2⁵³, where doubles have gaps", i)
	}
	return appendFloat(dst, float64(i)), nil
}

func appendText(dst []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("the text %s is not UTF-8", quote(strings.ToValidUTF8(s, "\uFFFD")))
	}
	return AppendString(dst, s), nil
}

// AppendString appends s as a canonical JSON string (RFC 8785 §3.2.2.2). s must be valid UTF-8.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\r':
			dst = append(dst, '\\', 'r')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

// compareUTF16 orders names by their UTF-16 code units (RFC 8785 §3.2.3). That differs from the order of
// code points only where one side is beyond the BMP, written with units 0xD800–0xDFFF, and the other is in
// 0xE000–0xFFFF.
func compareUTF16(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			continue
		}
		// In UTF-8 such a pair differs in the first byte of a character: 0xF0–0xF4 against 0xEE or 0xEF.
		if a[i] >= 0xEE && b[i] >= 0xEE && (a[i] >= 0xF0) != (b[i] >= 0xF0) {
			return strings.Compare(b[i:], a[i:])
		}
		return strings.Compare(a[i:], b[i:])
	}
	return len(a) - len(b)
}

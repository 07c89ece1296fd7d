package issuer

import (
	"strconv"
	"strings"
)

// hundredths is a decimal number of at most two places, times a hundred.
type hundredths int64

const (
	maxDecimals = 2
	maxDigits   = 9 // before the point
)

// parseDecimal reads a JSON number as it was written. why says, in words for the caller, what is wrong.
func parseDecimal(s string) (n hundredths, why string) {
	whole, places, _ := strings.Cut(s, ".")
	switch {
	case strings.HasPrefix(s, "-"):
		return 0, "must not be negative"
	case strings.ContainsAny(s, "eE"):
		return 0, "must be written without an exponent"
	case len(whole) > maxDigits:
		return 0, "is too large"
	}
	places = strings.TrimRight(places, "0")
	if len(places) > maxDecimals {
		return 0, "must have at most two decimal places"
	}
	places += strings.Repeat("0", maxDecimals-len(places))
	v, err := strconv.ParseInt(whole+places, 10, 64)
	if err != nil {
		return 0, "must be a number"
	}
	return hundredths(v), ""
}

// String returns the shortest form: 92.5, 100, 0.25.
func (n hundredths) String() string {
	s := strconv.FormatInt(int64(n)/100, 10)
	if rest := int64(n) % 100; rest != 0 {
		s += "." + strings.TrimRight(strconv.FormatInt(100+rest, 10)[1:], "0")
	}
	return s
}

// scaled returns n as a share of most, taken of another most, rounded up: 60 of 100 is 90 of 150.
func (n hundredths) scaled(most, other hundredths) hundredths {
	if most == other || most == 0 {
		return n
	}
	return (n*other + most - 1) / most
}

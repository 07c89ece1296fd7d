package credential

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// numberVectors is testdata/numbers.json, which the browser script is held to as well.
type numberVectors struct {
	Valid []struct {
		Name, Input string
		Number      Number
	}
	Invalid []struct {
		Name, Input, Kind, Character string
		Position, Count              int
		Suggestion                   Number
	}
}

func readNumberVectors(t testing.TB) (v numberVectors) {
	t.Helper()
	data, err := os.ReadFile("testdata/numbers.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Valid) == 0 || len(v.Invalid) == 0 {
		t.Fatal("no vectors")
	}
	return v
}

func TestNumbersAreReadAsPeopleTypeThem(t *testing.T) {
	for _, v := range readNumberVectors(t).Valid {
		if got, err := ParseNumber(v.Input); err != nil || got != v.Number {
			t.Errorf("%s: %q is %s, %v, want %s", v.Name, v.Input, got, err, v.Number)
		}
	}
}

func TestBadNumbersAreRefusedWithTheReason(t *testing.T) {
	for _, v := range readNumberVectors(t).Invalid {
		got, err := ParseNumber(v.Input)
		var e *NumberError
		if !errors.As(err, &e) || !errors.Is(err, ErrNumber) || got != "" {
			t.Errorf("%s: %q is %q, %v", v.Name, v.Input, got, err)
			continue
		}
		character := ""
		if e.Rune != 0 {
			character = string(e.Rune)
		}
		if e.Kind.String() != v.Kind || e.Position != v.Position || character != v.Character || e.Suggestion != v.Suggestion || e.symbols != v.Count {
			t.Errorf("%s: %s at %d, character %q, suggestion %q, %d symbols; want %+v", v.Name, e.Kind, e.Position, character, e.Suggestion, e.symbols, v)
		}
	}
}

func TestALongTextIsRefusedUnread(t *testing.T) {
	_, err := ParseNumber(strings.Repeat("7", 1<<20))
	var e *NumberError
	if !errors.As(err, &e) || e.Kind != Length || len(e.Input) > 256 || len(e.Error()) > 300 {
		t.Errorf("%.300v", err)
	}
}

// The code is linear and the same at every number, so that what holds of the errors of one number holds of
// all: an error is noticed if and only if it is no codeword itself. Here every one is tried on a real
// number.
func TestEveryWrongSymbolAndEveryPairOfThemIsNoticed(t *testing.T) {
	var v [numberSymbols]byte
	for i, r := range strings.ReplaceAll(string(testNumber), "-", "") {
		v[i] = symbolValue(r)
	}
	if a, b := checksums(&v); a != 0 || b != 0 {
		t.Fatal("the sample number does not fit")
	}
	for i := range numberSymbols {
		for d := byte(1); d < 32; d++ {
			one := v
			one[i] ^= d
			a, b := checksums(&one)
			if a == 0 && b == 0 {
				t.Fatalf("one wrong symbol at %d goes unnoticed", i+1)
			}
			var e *NumberError
			if !errors.As(repair("", one, a, b), &e) || e.Kind != Typo || e.Position != i+1 || e.Suggestion != testNumber {
				t.Fatalf("one wrong symbol at %d is not repaired: %+v", i+1, e)
			}
			for j := i + 1; j < numberSymbols; j++ {
				for f := byte(1); f < 32; f++ {
					two := one
					two[j] ^= f
					if a, b := checksums(&two); a == 0 && b == 0 {
						t.Fatalf("wrong symbols at %d and %d go unnoticed", i+1, j+1)
					}
				}
			}
		}
	}
}

func TestEverySwapIsNoticedAndNamed(t *testing.T) {
	for i := range numberSymbols {
		for j := i + 1; j < numberSymbols; j++ {
			for x := range byte(32) {
				for y := range byte(32) {
					if x == y {
						continue
					}
					// The rest of the number does not matter: the sums are linear.
					var was, is [numberSymbols]byte
					was[i], was[j], is[i], is[j] = x, y, y, x
					a, b := checksums(&was)
					c, d := checksums(&is)
					if a != c || b == d {
						t.Fatalf("symbols %c and %c at %d and %d swapped: the sums change by %d and %d", symbols[x], symbols[y], i+1, j+1, a^c, b^d)
					}
				}
			}
		}
	}
}

func TestNewNumbersAreCanonicalAndUseEveryBit(t *testing.T) {
	source := rand.NewChaCha8([32]byte{1})
	seen := map[Number]bool{}
	var places [numberSymbols]map[byte]bool
	for i := range places {
		places[i] = map[byte]bool{}
	}
	for range 2000 {
		n, err := NewNumber(source)
		if err != nil || !n.isCanonical() || seen[n] {
			t.Fatalf("%s, %v", n, err)
		}
		seen[n] = true
		for i := range numberSymbols {
			places[i][n[i+i/4]] = true
		}
	}
	for i, symbols := range places {
		if len(symbols) != 32 {
			t.Errorf("place %d shows %d of 32 symbols", i+1, len(symbols))
		}
	}
}

func TestNewNumberNeedsItsRandomBytes(t *testing.T) {
	if n, err := NewNumber(bytes.NewReader(make([]byte, 8))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%s, %v", n, err)
	}
	a, _ := NewNumber(strings.NewReader("123456789"))
	b, _ := NewNumber(strings.NewReader("123456780"))
	if a == b {
		t.Error("the last byte does not count")
	}
}

func FuzzParseNumber(f *testing.F) {
	v := readNumberVectors(f)
	for _, v := range v.Valid {
		f.Add(v.Input)
	}
	for _, v := range v.Invalid {
		f.Add(v.Input)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseNumber(s)
		if err == nil {
			if again, err := ParseNumber(string(n)); err != nil || again != n || len(n) != numberSymbols+3 {
				t.Fatalf("%q is %q, and that is %q, %v", s, n, again, err)
			}
			return
		}
		var e *NumberError
		if !errors.As(err, &e) || n != "" || e.Error() == "" {
			t.Fatalf("%q: %q, %v", s, n, err)
		}
		if (e.Kind == Typo) != (e.Suggestion != "") || (e.Kind == Typo && !e.Suggestion.isCanonical()) {
			t.Fatalf("%q: %+v", s, e)
		}
		if (e.Kind == Alien) != (e.Rune != 0) && e.Rune != 0 {
			t.Fatalf("%q: %+v", s, e)
		}
	})
}

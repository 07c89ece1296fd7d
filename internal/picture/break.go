package picture

import "strings"

// halves breaks a text into two lines whose wider one is as narrow as can be; ok is false where it cannot be broken.
// Latin breaks at spaces; an address, which has none, after a slash; Chinese anywhere but before closing and after
// opening marks, and a quarter dearer unless the place reads as a pause.
func halves(s *shaped, text string) (first, second string, ok bool) {
	runes := []rune(text)
	sum := s.advances(len(runes))
	han, spaces := hasHan(runes), strings.ContainsRune(text, ' ')
	best, at := 0.0, 0
	for i := 1; i < len(runes); i++ {
		if !mayBreak(runes[i-1], runes[i], !han && !spaces) {
			continue
		}
		a, b := sum[i], sum[len(runes)]-sum[i]
		if runes[i-1] == ' ' {
			a = sum[i-1]
		}
		cost := max(a, b)
		if han && !pause(runes[i-1], runes[i]) {
			cost *= 1.25
		}
		if at == 0 || cost < best {
			best, at = cost, i
		}
	}
	if at == 0 {
		return "", "", false
	}
	return strings.TrimSpace(string(runes[:at])), strings.TrimSpace(string(runes[at:])), true
}

// advances gives the width in em before each rune of a text of n, in logical order.
func (s *shaped) advances(n int) []float64 {
	sum := make([]float64, n+1)
	for _, g := range s.glyphs {
		sum[g.cluster+1] += g.advance
	}
	for i := 0; i < n; i++ {
		sum[i+1] += sum[i]
	}
	return sum
}

func mayBreak(before, after rune, address bool) bool {
	switch {
	case strings.ContainsRune("，。、；：）》」』】”’？！·", after), strings.ContainsRune("（《「『【“‘", before), extends(after):
		return false
	case before == ' ':
		return true
	case address:
		return before == '/'
	}
	return after != ' ' && (isHan(before) || isHan(after))
}

// pause tells where a Chinese title may break without looking torn.
func pause(before, after rune) bool {
	return strings.ContainsRune("（和与及", after) || strings.ContainsRune("、·：）", before)
}

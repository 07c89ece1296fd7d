package picture

import (
	"slices"
	"unicode"
)

// span is a stretch of a text that one font sets.
type span struct {
	from, to int // runes
	face     *face
}

// cover settles which font sets what, into s.spans: the whole text in the first font that has all of it; else each word
// whole; else each stretch of one script; else, as the last resort, cluster by cluster. It returns the first rune that
// no font has, or that has no place on a certificate, else 0.
func (s *setter) cover(t *typeface) rune {
	s.spans = s.spans[:0]
	for _, r := range s.runes {
		if r == 0 {
			return '␀' // U+2400, which stands for it: 0 says that everything can be drawn
		}
		if unseen(r) {
			return r
		}
	}
	fonts := t.other
	if hasHan(s.runes) {
		fonts = t.han
	}
	if f := s.firstWith(fonts, s.runes); f != nil {
		s.spans = append(s.spans, span{0, len(s.runes), f})
		return 0
	}
	for from := 0; from < len(s.runes); {
		to := wordEnd(s.runes, from)
		if r := s.coverWord(fonts, from, to); r != 0 {
			return r
		}
		from = to
	}
	return 0
}

func (s *setter) coverWord(fonts []*face, from, to int) rune {
	for _, end := range []func([]rune, int) int{wordEnd, scriptEnd, clusterEnd} {
		mark, ok := len(s.spans), true
		for i := from; i < to && ok; {
			j := min(end(s.runes, i), to)
			f := s.firstWith(fonts, s.runes[i:j])
			ok = f != nil
			s.span(i, j, f)
			i = j
		}
		if ok {
			return 0
		}
		s.spans = s.spans[:mark]
		if mark > 0 {
			s.spans[mark-1].to = from // span may have lengthened it
		}
	}
	return s.missing(fonts, from, to)
}

// missing finds the rune to name: the first that no font has, else the first of the first cluster that no one font has.
func (s *setter) missing(fonts []*face, from, to int) rune {
	for _, r := range s.runes[from:to] {
		if s.firstWith(fonts, []rune{r}) == nil {
			return r
		}
	}
	for i := from; i < to; i = clusterEnd(s.runes, i) {
		if j := clusterEnd(s.runes, i); s.firstWith(fonts, s.runes[i:j]) == nil {
			return s.runes[j-1]
		}
	}
	return s.runes[from]
}

// span adds a stretch, or lengthens the last one where the font is the same.
func (s *setter) span(from, to int, f *face) {
	if n := len(s.spans); n > 0 && s.spans[n-1].face == f {
		s.spans[n-1].to = to
		return
	}
	s.spans = append(s.spans, span{from, to, f})
}

func (s *setter) firstWith(fonts []*face, text []rune) *face {
next:
	for _, f := range fonts {
		if s.trying = f; slices.Contains(s.broken, f) {
			continue
		}
		for _, r := range text {
			if !ignorable(r) && !f.has(r) {
				continue next
			}
		}
		return f
	}
	return nil
}

// wordEnd finds the end of the word at i, the spaces after it included.
func wordEnd(text []rune, i int) int {
	for i < len(text) && !unicode.IsSpace(text[i]) {
		i++
	}
	for i < len(text) && unicode.IsSpace(text[i]) {
		i++
	}
	return i
}

// scriptEnd finds the end of the stretch at i that is Chinese throughout or not Chinese throughout.
func scriptEnd(text []rune, i int) int {
	first := isHan(text[i])
	for i++; i < len(text) && (isHan(text[i]) == first || extends(text[i])); i++ {
	}
	return i
}

// clusterEnd finds the end of the character at i, its marks included.
func clusterEnd(text []rune, i int) int {
	for i++; i < len(text) && (extends(text[i]) || text[i-1] == 0x200D); i++ {
	}
	return i
}

func extends(r rune) bool { return unicode.IsMark(r) || r == 0x200C || r == 0x200D }

// ignorable runes need no glyph: joiners, which Persian and Indic names use, and variation selectors.
func ignorable(r rune) bool {
	return r == 0x200C || r == 0x200D || r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF
}

// unseen runes draw nothing or turn the order of others about, so a certificate with one would not say what it shows:
// controls, line ends, format characters but the joiners, private use, unassigned; and what stands for broken text.
func unseen(r rune) bool {
	if ignorable(r) {
		return false
	}
	return !unicode.IsGraphic(r) || r == 0x2028 || r == 0x2029 || r == unicode.ReplacementChar
}

// hasHan tells whether a text is to be set as Chinese.
func hasHan(text []rune) bool {
	for _, r := range text {
		if isHan(r) {
			return true
		}
	}
	return false
}

// isHan tells characters, radicals, kana, and the full-width punctuation that goes with them.
func isHan(r rune) bool {
	switch {
	case r < 0x2E80:
		return false
	case r <= 0x9FFF, r >= 0xF900 && r <= 0xFAFF, r >= 0xFF00 && r <= 0xFFEF, r >= 0x20000 && r <= 0x3FFFF:
		return true
	}
	return false
}

package picture

import (
	"unicode"
	"unicode/utf8"
)

// speech finds what each glyph of a line says, as far as one glyph says something by itself.
type speech struct {
	item    *item
	offsets []int  // of each rune in the text, and its end
	starts  []bool // runes that begin a cluster
}

// read takes a line apart.
func (s *speech) read(it *item) {
	s.item = it
	s.offsets, s.starts = s.offsets[:0], s.starts[:0]
	for at, r := range it.text {
		_ = r
		s.offsets, s.starts = append(s.offsets, at), append(s.starts, false)
	}
	s.offsets = append(s.offsets, len(it.text))
	for i := range it.glyphs {
		if c := int(it.glyphs[i].cluster); c < len(s.starts) {
			s.starts[c] = true
		}
	}
}

// cluster gives the runes that the cluster of a glyph stands for.
func (s *speech) cluster(g int) (from, to int) {
	from = int(s.item.glyphs[g].cluster)
	if from >= len(s.starts) {
		return from, from
	}
	for to = from + 1; to < len(s.starts) && !s.starts[to]; to++ {
	}
	return from, to
}

// of gives the text of a glyph. Several glyphs of one cluster say its characters one by one where they are those that the
// font has for them, else the widest says all of it and the others, marks mostly, "".
func (s *speech) of(g int) string {
	from, to := s.cluster(g)
	if from >= to {
		return ""
	}
	glyphs := s.item.glyphs
	first, last := g, g+1
	for first > 0 && glyphs[first-1].cluster == glyphs[g].cluster {
		first--
	}
	for last < len(glyphs) && glyphs[last].cluster == glyphs[g].cluster {
		last++
	}
	whole := s.item.text[s.offsets[from]:s.offsets[to]]
	if last-first == 1 {
		return whole
	}
	if last-first == to-from && s.nominal(first, from, to-from) {
		k := from + g - first
		return s.item.text[s.offsets[k]:s.offsets[k+1]]
	}
	widest := first
	for i := first; i < last; i++ {
		if f := glyphs[i].face.embedded; f.Width(uint16(glyphs[i].id)) > f.Width(uint16(glyphs[widest].id)) {
			widest = i
		}
	}
	if g == widest {
		return whole
	}
	return ""
}

// nominal tells whether n glyphs are those of n runes, one by one.
func (s *speech) nominal(glyph, rune, n int) bool {
	for i := range n {
		r, _ := utf8.DecodeRuneInString(s.item.text[s.offsets[rune+i]:])
		g := &s.item.glyphs[glyph+i]
		if id, ok := g.face.font.NominalGlyph(r); !ok || id != g.id {
			return false
		}
	}
	return true
}

// stacked tells lines of scripts that stack letters and marks, or draw vowels around them: from where the glyphs stand,
// readers find neither the letters' order nor the words. Those of India, Ceylon, Tibet, Burma, Siam, Laos and Cambodia.
func stacked(text string) bool {
	for _, r := range text {
		if r >= 0x0900 && r <= 0x109F || r >= 0x1780 && r <= 0x17FF || r >= 0x1900 && r <= 0x1CFF {
			return true
		}
	}
	return false
}

// bothWays tells texts with letters or figures of both directions. In which order their stretches are to be read depends
// on where the text begins, which nobody can tell from the glyphs: the structure says it.
func bothWays(text string) bool {
	left, right := false, false
	for _, r := range text {
		if rightToLeft(r) {
			right = true
		} else if unicode.IsLetter(r) || unicode.IsDigit(r) {
			left = true
		}
	}
	return left && right
}

package picture

import (
	"math"
	"slices"
	"unicode"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	ot "github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// typeface is the list of fonts that a layout's face name stands for: one for texts with any Chinese, one for others.
// Each goes on with every other loaded font, so that a character is refused only when nothing has it.
type typeface struct {
	han, other []*face
	key        string // tells lists apart, for the cache
}

// shaped is a text turned into glyphs, in em units, so that it serves at every size.
type shaped struct {
	glyphs []glyph // in visual order
	width  float64 // em, without tracking
	rise   float64 // em, of the ink above the baseline
	fall   float64 // em, of the ink below it
	gaps   int     // places where tracking goes: between clusters, but not between letters that are joined
}

// glyph is one glyph of a shaped text.
type glyph struct {
	face    *face
	id      font.GID
	cluster int     // index of its first rune in the text
	advance float64 // em
	dx, dy  float64 // em, dy upwards
	first   bool    // it begins a cluster, in visual order
	gap     bool    // tracking goes before it
}

type shapeKey struct {
	fonts    string // the typeface's key
	language string
	tracked  bool // no ligatures
	text     string
}

// Features beyond the default ones. A tracked text has no ligatures, because a ligature cannot be spaced (CSS Text 3
// §8.2 says the same). chws sets neighbouring Chinese punctuation close.
var (
	tight = []shaping.FontFeature{{Tag: ot.MustNewTag("chws"), Value: 1}}
	loose = []shaping.FontFeature{{Tag: ot.MustNewTag("chws"), Value: 1}, {Tag: ot.MustNewTag("liga"), Value: 0}}
)

// shape turns a text into glyphs. The error is a rune that nothing can draw, else 0.
func (fs *Fonts) shape(t *typeface, language, text string, tracked bool) (*shaped, rune) {
	k := shapeKey{t.key, language, tracked, text}
	s, ok, aging := fs.shaped.get(k)
	if ok && !aging {
		return s, 0
	}
	if !ok {
		set := fs.pool.Get().(*setter)
		defer fs.pool.Put(set)
		var missing rune
		if s, missing = set.shape(t, language, text, tracked); missing != 0 {
			return nil, missing
		}
	}
	fs.shaped.put(k, s, len(s.glyphs)+8)
	return s, 0
}

// shape sets a text. A font that is broken where this text needs it sets no part of it.
func (s *setter) shape(t *typeface, lang, text string, tracked bool) (*shaped, rune) {
	s.broken = s.broken[:0]
	for {
		if out, missing, ok := s.attempt(t, lang, text, tracked); ok {
			return out, missing
		}
	}
}

// attempt leaves the font that it fell over in s.broken. The library trusts the files that it reads, and panics where they
// contradict themselves; which they may do in any glyph, so that no check at loading finds all of it in reasonable time.
func (s *setter) attempt(t *typeface, lang, text string, tracked bool) (out *shaped, missing rune, ok bool) {
	s.trying = nil
	defer func() {
		if fault := recover(); fault != nil {
			if s.trying == nil || slices.Contains(s.broken, s.trying) {
				panic(fault) // not a font's
			}
			s.broken = append(s.broken, s.trying)
			s.shaper = newShaper(len(s.faces))
		}
	}()
	out, missing = s.set(t, lang, text, tracked)
	return out, missing, true
}

func (s *setter) set(t *typeface, lang, text string, tracked bool) (*shaped, rune) {
	s.runes = append(s.runes[:0], []rune(text)...)
	if r := s.cover(t); r != 0 {
		return nil, r
	}
	rtl := startsRightToLeft(s.runes)
	dir, base := di.DirectionLTR, bidi.LeftToRight
	if rtl {
		dir, base = di.DirectionRTL, bidi.RightToLeft
	}
	in := shaping.Input{Text: s.runes, RunEnd: len(s.runes), Direction: dir, Size: fixed.I(1000), Language: formsOf(lang, s.runes)}
	s.outs = s.outs[:0]
	mixed := rtl
	for _, run := range s.seg.Split(in, oneFace{s.face(s.spans[0].face)}) {
		mixed = mixed || run.Direction == di.DirectionRTL
		s.shapeRun(run, tracked)
	}
	if mixed {
		s.reorder(base)
	}
	return s.gather()
}

// oneFace keeps the segmenter from choosing faces: the spans have settled them already.
type oneFace struct{ face *font.Face }

func (o oneFace) ResolveFace(rune) *font.Face { return o.face }

// shapeRun shapes a run of one direction and script, span by span.
func (s *setter) shapeRun(run shaping.Input, tracked bool) {
	start, end := run.RunStart, run.RunEnd
	run.FontFeatures = tight
	if tracked {
		run.FontFeatures = loose
	}
	for _, sp := range s.spans {
		run.RunStart, run.RunEnd = max(start, sp.from), min(end, sp.to)
		if run.RunStart >= run.RunEnd {
			continue
		}
		s.trying = sp.face
		run.Face = s.face(sp.face)
		run.Size = fixed.I(int(sp.face.upem)) // one unit a font unit: nothing is rounded
		out := s.shaper.ShapeNoExtents(run)
		if !wideScript(run.Script) {
			s.narrow(out.Glyphs, sp.face)
		}
		out.Size = fixed.Int26_6(sp.face.index) // remembered for gather; a size means nothing in em units
		s.outs = append(s.outs, out)
	}
}

// narrow replaces the wide quotes of a Chinese font within a Latin word.
func (s *setter) narrow(glyphs []shaping.Glyph, f *face) {
	for i := range glyphs {
		if to, ok := f.narrow[glyphs[i].GlyphID]; ok {
			glyphs[i].GlyphID = to
			glyphs[i].Advance = fixed.Int26_6(math.Round(float64(s.face(f).HorizontalAdvance(to)) * 64))
		}
	}
}

// reorder puts the runs into visual order, for texts with any right-to-left run: from the highest level down to the lowest
// odd one, what stands at least so high is turned about (UAX #9 L2). The shaping library's own way knows directions and no
// levels, which puts figures that follow a Hebrew word of an English line into the wrong place.
func (s *setter) reorder(base bidi.Direction) {
	runs := s.bidi.Segment(s.runes, base)
	levels, top := make([]bidi.Level, len(s.outs)), bidi.Level(0)
	for k := range runs.NumRuns() {
		run := runs.Run(k)
		for i := range s.outs {
			if at := s.outs[i].Runes.Offset; at >= run.Start && at < run.End {
				levels[i], top = run.Level, max(top, run.Level)
			}
		}
	}
	for level := top; level > 0; level-- {
		for i := 0; i < len(levels); i++ {
			from := i
			for i < len(levels) && levels[i] >= level {
				i++
			}
			slices.Reverse(s.outs[from:i])
			slices.Reverse(levels[from:i])
		}
	}
}

// gather turns the outputs into em units.
func (s *setter) gather() (*shaped, rune) {
	n := 0
	for i := range s.outs {
		n += len(s.outs[i].Glyphs)
	}
	res := &shaped{glyphs: make([]glyph, 0, n)}
	last := -1
	for i := range s.outs {
		f := s.fonts.fonts[int(s.outs[i].Size)]
		s.trying = f
		em := 64 * f.upem
		for _, g := range s.outs[i].Glyphs {
			c := g.TextIndex()
			if g.GlyphID == 0 && !ignorable(s.runes[c]) {
				return nil, s.runes[c]
			}
			one := glyph{face: f, id: g.GlyphID, cluster: c, first: c != last,
				advance: float64(g.Advance) / em, dx: float64(g.XOffset) / em, dy: float64(g.YOffset) / em}
			if g.GlyphID == 0 { // a joiner that the font lacks: nothing, and no box
				one.id, one.advance = font.EmptyGlyph, 0
			}
			if one.first && last >= 0 && !(joined(s.runes[c]) && joined(s.runes[last])) {
				one.gap = true
				res.gaps++
			}
			last = c
			if !f.sound {
				s.face(f).GlyphDataOutline(one.id) // what cannot be painted is not set
			}
			if e, ok := s.face(f).GlyphExtents(one.id); ok {
				top := float64(e.YBearing)/f.upem + one.dy
				res.rise, res.fall = max(res.rise, top), max(res.fall, -float64(e.Height)/f.upem-top)
			}
			res.width += one.advance
			res.glyphs = append(res.glyphs, one)
		}
	}
	return res, 0
}

// at gives the width in pixels at a size, with tracking in em.
func (s *shaped) at(size, tracking float64) float64 {
	return size * (s.width + tracking*float64(s.gaps))
}

// text gives the cluster of the text that was shaped which the i-th glyph stands for.
func (s *shaped) text(of string, i int) string {
	from := s.glyphs[i].cluster
	to := len(of)
	for _, g := range s.glyphs {
		if g.cluster > from && g.cluster < to {
			to = g.cluster
		}
	}
	runes := []rune(of)
	return string(runes[from:min(to, len(runes))])
}

// startsRightToLeft finds the base direction by the first strong character (UAX #9 P2).
func startsRightToLeft(text []rune) bool {
	for _, r := range text {
		if rightToLeft(r) {
			return true
		}
		if unicode.IsLetter(r) {
			return false
		}
	}
	return false
}

func rightToLeft(r rune) bool {
	return r >= 0x0590 && r <= 0x08FF || r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFC || r >= 0x10800 && r <= 0x10FFF || r >= 0x1E800 && r <= 0x1EFFF
}

// joined tells letters that hang together, which no tracking may tear apart (CSS Text 3 §8.2): those of Arabic, Syriac,
// N’Ko, Mandaic and Mongolian, and those that a line runs through at their head, of Devanagari, Bengali and Gurmukhi.
func joined(r rune) bool {
	switch {
	case r < 0x0600:
		return false
	case r <= 0x085F, r >= 0x0860 && r <= 0x08FF, r >= 0x0900 && r <= 0x0A7F:
		return true
	}
	return r >= 0x1800 && r <= 0x18AF || r >= 0xFB50 && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFC || ignorable(r)
}

// formsOf gives the language that a text's local forms are chosen by: the layout's, else what its letters say, else
// Chinese, as certificates here are.
func formsOf(layout string, text []rune) language.Language {
	if layout != "" {
		return language.NewLanguage(layout)
	}
	for _, r := range text {
		switch {
		case r >= 0x3041 && r <= 0x30FF && r != '・':
			return "ja"
		case r >= 0xAC00 && r <= 0xD7A3:
			return "ko"
		}
	}
	return "zh-hans"
}

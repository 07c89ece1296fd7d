package picture

import (
	"github.com/go-text/typesetting/font"
	ot "github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"
	"github.com/go-text/typesetting/language"
)

// narrowForms finds the forms of ‘ ’ “ ” … that belong into a Latin word. Chinese fonts draw these as wide as a
// character, which tears O’Brien apart, and give the narrow forms as the feature pwid.
//
// The feature is looked up here because the shaper cannot be asked for it: go-text v0.3.5 leaves out part of a lookup
// that covers a range of 64 glyphs or more and others after it (setDigest.addRange returns once one of its three filters
// is full), and pwid covers the full-width letters before the quotes.
func narrowForms(f *font.Font) map[font.GID]font.GID {
	wide := map[font.GID]bool{}
	for _, r := range "‘’“”…" {
		if g, ok := f.NominalGlyph(r); ok {
			wide[g] = true
		}
	}
	out := map[font.GID]font.GID{}
	for _, feature := range f.GSUB.Features {
		if feature.Tag != ot.MustNewTag("pwid") {
			continue
		}
		for _, lookup := range feature.LookupListIndices {
			if int(lookup) >= len(f.GSUB.Lookups) {
				continue
			}
			for _, table := range f.GSUB.Lookups[lookup].Subtables {
				substitutes(table, wide, out)
			}
		}
	}
	return out
}

// substitutes gathers what a lookup makes of some glyphs.
func substitutes(table tables.GSUBLookup, glyphs map[font.GID]bool, out map[font.GID]font.GID) {
	single, ok := table.(tables.SingleSubs)
	if !ok {
		return
	}
	for g := range glyphs {
		switch data := single.Data.(type) {
		case tables.SingleSubstData1:
			if _, ok := data.Coverage.Index(tables.GlyphID(g)); ok {
				out[g] = font.GID(uint16(int(g) + int(data.DeltaGlyphID)))
			}
		case tables.SingleSubstData2:
			if i, ok := data.Coverage.Index(tables.GlyphID(g)); ok && i < len(data.SubstituteGlyphIDs) {
				out[g] = font.GID(data.SubstituteGlyphIDs[i])
			}
		}
	}
}

// wideScript tells the scripts whose punctuation is as wide as a character.
func wideScript(s language.Script) bool {
	switch s {
	case language.Han, language.Hiragana, language.Katakana, language.Bopomofo, language.Hangul, language.Common:
		return true
	}
	return false
}

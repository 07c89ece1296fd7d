package pdf

import "hash/fnv"

// Face is what a document uses of a font: its own glyphs, whose codes run on from First, which is 1 at least, and glyphs that
// other documents use too, with codes that come after those. No two faces of a document have a code in common, so that one
// map serves all of them.
type Face struct {
	First       int
	Own         *Subset
	SharedFirst int
	Shared      *Shared // nil: none
}

// parts are its subsets and their first codes.
func (f *Face) parts(each func(s *Subset, first int)) {
	each(f.Own, f.First)
	if f.Shared != nil {
		each(&f.Shared.Subset, f.SharedFirst)
	}
}

// Fonts writes the fonts of a document and what their codes stand for.
func (w *Writer) Fonts(faces []Face) ([]Ref, error) {
	unicode, err := w.unicode(faces)
	if err != nil {
		return nil, err
	}
	refs := make([]Ref, len(faces))
	for i := range faces {
		if refs[i], err = w.font(&faces[i], unicode); err != nil {
			return nil, err
		}
	}
	return refs, nil
}

// font writes a Type 0 font whose codes are glyphs (§9.7).
func (w *Writer) font(f *Face, unicode Ref) (Ref, error) {
	font, name := f.Own.font, f.name()
	t := &w.file
	if err := t.write(w, f); err != nil {
		return 0, err
	}
	data := w.Reserve()
	w.Open(data)
	w.Raw("<</Length1 ")
	w.Int(t.size)
	w.Stream(t.packed, true)
	w.Close()

	descriptor := w.Reserve()
	w.Open(descriptor)
	w.Raw("<</Type/FontDescriptor/FontName/")
	w.Raw(name)
	w.Raw("/Flags 4/ItalicAngle 0/StemV 80/Ascent ")
	w.Int(font.ascent)
	w.Raw("/Descent ")
	w.Int(font.descent)
	w.Raw("/CapHeight ")
	w.Int(font.capitals)
	w.Raw("/FontBBox[")
	for i, v := range t.all {
		if i > 0 {
			w.Raw(" ")
		}
		w.Int(v * 1000 / unitsPerEm)
	}
	w.Raw("]/FontFile2 ")
	w.Ref(data)
	w.Raw(">>")
	w.Close()

	top := w.Reserve()
	w.Open(top)
	w.Raw("<</Type/Font/Subtype/Type0/BaseFont/")
	w.Raw(name)
	w.Raw("/Encoding/Identity-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/")
	w.Raw(name)
	w.Raw("/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/CIDToGIDMap/Identity/FontDescriptor ")
	w.Ref(descriptor)
	w.widths(f)
	w.Raw(">>]/ToUnicode ")
	w.Ref(unicode)
	w.Raw(">>")
	w.Close()
	return top, nil
}

// widths writes the widths of a face's glyphs (§9.7.4.3). Without a word on it a glyph has the default, an em, as most
// Chinese characters have.
func (w *Writer) widths(f *Face) {
	const em = 1000 // the default, where DW is not given
	w.Raw("/W[")
	open := false
	f.parts(func(s *Subset, first int) {
		if open {
			w.Raw("]")
			open = false
		}
		for i, id := range s.glyphs {
			v := s.font.Width(id)
			switch {
			case v == em && open:
				w.Raw("]")
				open = false
				continue
			case v == em:
				continue
			case open:
				w.Raw(" ")
			default:
				w.Int(first + i)
				w.Raw("[")
				open = true
			}
			w.Int(v)
		}
	})
	if open {
		w.Raw("]")
	}
	w.Raw("]")
}

// name is the font's, with six capitals before it that depend on what is in the subset (§9.6.4).
func (f *Face) name() string {
	h := fnv.New64a()
	var b [3]byte
	f.parts(func(s *Subset, _ int) {
		for i, g := range s.glyphs {
			b[0], b[1], b[2] = byte(g>>8), byte(g), byte(s.details[i])
			h.Write(b[:])
		}
	})
	v := h.Sum64()
	var tag [6]byte
	for i := range tag {
		tag[i] = byte('A' + v%26)
		v /= 26
	}
	return string(tag[:]) + "+" + f.Own.font.name
}

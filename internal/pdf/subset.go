package pdf

import "hash/fnv"

// Subset gathers the glyphs of one font that a document uses. A glyph's code in the document is its place here.
type Subset struct {
	font   *Font
	glyphs []uint16 // of the font, by code; the first is .notdef
	texts  []string // what each stands for; "" where it is only a part of another
	codes  map[uint16]uint16
	file   trueTypeFile
}

// Use makes the subset empty, for a font.
func (s *Subset) Use(f *Font) {
	s.font = f
	s.glyphs, s.texts = append(s.glyphs[:0], 0), append(s.texts[:0], "")
	if s.codes == nil {
		s.codes = map[uint16]uint16{}
	}
	clear(s.codes)
}

// Add gives the code of a glyph that stands for a text. exact is false where the document has the glyph already for
// another text: then what is drawn has to say its text itself, as ActualText (ISO 32000-1 §14.9.4).
func (s *Subset) Add(glyph uint16, text string) (code uint16, exact bool) {
	code, ok := s.codes[glyph]
	if !ok {
		code = s.add(glyph, text)
	}
	return code, s.texts[code] == text
}

// Find gives the code of a glyph that was added for this very text.
func (s *Subset) Find(glyph uint16, text string) (code uint16, ok bool) {
	code, ok = s.codes[glyph]
	return code, ok && text != "" && s.texts[code] == text
}

// Has gives the code of a glyph that was added.
func (s *Subset) Has(glyph uint16) (code uint16, ok bool) {
	code, ok = s.codes[glyph]
	return code, ok
}

func (s *Subset) add(glyph uint16, text string) uint16 {
	code := uint16(len(s.glyphs))
	s.codes[glyph] = code
	s.glyphs, s.texts = append(s.glyphs, glyph), append(s.texts, text)
	return code
}

// component gives the code of a glyph that others are made of.
func (s *Subset) component(glyph uint16) uint16 {
	if code, ok := s.codes[glyph]; ok {
		return code
	}
	return s.add(glyph, "")
}

// Embedded is a subset made ready for documents.
type Embedded struct {
	font         *Font
	name         string // with the six letters that tell subsets apart (§9.6.4)
	file         []byte // packed
	length       int    // of the file, unpacked
	box          [4]int // of its glyphs, in thousandths of an em
	widths, cmap []byte // cmap is packed
}

// Size is about how many bytes of a document it takes.
func (e *Embedded) Size() int { return len(e.file) + len(e.cmap) + len(e.widths) }

// Embed makes a subset ready, in e's memory.
func (w *Writer) Embed(s *Subset, e *Embedded) error { return w.embed(s, e, w.Pack) }

// EmbedOnce makes a subset ready that many documents will hold.
func (w *Writer) EmbedOnce(s *Subset, e *Embedded) error {
	return w.embed(s, e, func(data []byte) ([]byte, error) { return PackOnce(data), nil })
}

func (w *Writer) embed(s *Subset, e *Embedded, pack func([]byte) ([]byte, error)) error {
	f := s.font
	var file []byte
	if f.outlines != nil {
		file = s.file.write(f, s)
		for i, v := range s.file.box {
			e.box[i] = f.thousandths(v)
		}
	} else {
		file, e.box = cffFile(f, s)
	}
	e.font, e.length = f, len(file)
	e.name = s.tag() + "+" + f.name
	packed, err := pack(file)
	if err != nil {
		return err
	}
	e.file = append(e.file[:0], packed...)
	b := Buffer{e.widths[:0]}
	b.Raw("[0[")
	for i, id := range s.glyphs {
		if i > 0 {
			b.Raw(" ")
		}
		b.Int(f.Width(id))
	}
	b.Raw("]]")
	e.widths = b.B
	w.scratch.Reset()
	s.appendMap(&w.scratch)
	packed, err = pack(w.scratch.B)
	e.cmap = append(e.cmap[:0], packed...)
	return err
}

// tag is six capitals that depend on what is in the subset.
func (s *Subset) tag() string {
	h := fnv.New64a()
	var b [2]byte
	for _, g := range s.glyphs {
		b[0], b[1] = byte(g>>8), byte(g)
		h.Write(b[:])
	}
	v := h.Sum64()
	var out [6]byte
	for i := range out {
		out[i] = byte('A' + v%26)
		v /= 26
	}
	return string(out[:])
}

// appendMap writes the ToUnicode map (§9.10.3).
func (s *Subset) appendMap(b *Buffer) {
	b.Raw("/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n/CMapName/Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n")
	const most = 100 // entries of one block (Adobe Technical Note 5411)
	for from := 0; from < len(s.texts); {
		to, n := from, 0
		for ; to < len(s.texts) && n < most; to++ {
			if s.texts[to] != "" {
				n++
			}
		}
		if n > 0 {
			b.Int(n)
			b.Raw(" beginbfchar\n")
			for code := from; code < to; code++ {
				if s.texts[code] != "" {
					b.Raw("<")
					b.Hex16(uint16(code))
					b.Raw("><")
					b.UTF16(s.texts[code])
					b.Raw(">\n")
				}
			}
			b.Raw("endbfchar\n")
		}
		from = to
	}
	b.Raw("endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend")
}

// Font writes an embedded font: a Type 0 font whose codes are glyphs (§9.7), and returns it.
func (w *Writer) Font(e *Embedded) Ref {
	f := e.font
	kind, file, key := "/CIDFontType2", "/FontFile2 ", "/Length1 "
	if f.outlines == nil {
		kind, file, key = "/CIDFontType0", "/FontFile3 ", ""
	}
	data, descriptor, descendant, unicode, top := w.Reserve(), w.Reserve(), w.Reserve(), w.Reserve(), w.Reserve()

	w.Open(data)
	w.Raw("<<")
	if key != "" {
		w.Raw(key)
		w.Int(e.length)
	} else {
		w.Raw("/Subtype/CIDFontType0C")
	}
	w.Stream(e.file, true)
	w.Close()

	w.Open(descriptor)
	w.Raw("<</Type/FontDescriptor/FontName/")
	w.Raw(e.name)
	w.Raw("/Flags 4/ItalicAngle 0/StemV 80/Ascent ")
	w.Int(f.ascent)
	w.Raw("/Descent ")
	w.Int(f.descent)
	w.Raw("/CapHeight ")
	w.Int(f.capitals)
	w.Raw("/FontBBox[")
	for i, v := range e.box {
		if i > 0 {
			w.Raw(" ")
		}
		w.Int(v)
	}
	w.Raw("]")
	w.Raw(file)
	w.Ref(data)
	w.Raw(">>")
	w.Close()

	w.Open(descendant)
	w.Raw("<</Type/Font/Subtype")
	w.Raw(kind)
	w.Raw("/BaseFont/")
	w.Raw(e.name)
	w.Raw("/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000/W")
	w.B = append(w.B, e.widths...)
	if key != "" {
		w.Raw("/CIDToGIDMap/Identity")
	}
	w.Raw("/FontDescriptor ")
	w.Ref(descriptor)
	w.Raw(">>")
	w.Close()

	w.Open(unicode)
	w.Raw("<<")
	w.Stream(e.cmap, true)
	w.Close()

	w.Open(top)
	w.Raw("<</Type/Font/Subtype/Type0/BaseFont/")
	w.Raw(e.name)
	w.Raw("/Encoding/Identity-H/DescendantFonts[")
	w.Ref(descendant)
	w.Raw("]/ToUnicode ")
	w.Ref(unicode)
	w.Raw(">>")
	w.Close()
	return top
}

package pdf

// unicode writes the map of what codes stand for (§9.10.3), one for all fonts of a document.
func (w *Writer) unicode(faces []Face) (Ref, error) {
	b := &w.scratch
	b.Reset()
	b.Raw("/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n/CMapName/Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n")
	for i := range faces {
		faces[i].parts(func(s *Subset, first int) { b.ranges(s.texts, first) })
	}
	b.Raw("endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend")
	packed, err := w.Pack(b.B)
	if err != nil {
		return 0, err
	}
	r := w.Reserve()
	w.Open(r)
	w.Raw("<<")
	w.Stream(packed, true)
	w.Close()
	return r, nil
}

// ranges lists what codes stand for from first on. The codes of a range differ in their last byte alone (Adobe Technical
// Note 5411).
func (b *Buffer) ranges(texts []string, first int) {
	for len(texts) > 0 {
		n := min(len(texts), 256-first&255)
		b.Raw("1 beginbfrange\n<")
		b.Hex16(uint16(first))
		b.Raw("><")
		b.Hex16(uint16(first + n - 1))
		b.Raw(">[")
		for _, text := range texts[:n] {
			b.Raw("<")
			b.UTF16(text)
			b.Raw(">")
		}
		b.Raw("]\nendbfrange\n")
		texts, first = texts[n:], first+n
	}
}

package picture

import "laurel/internal/pdf"

// tags is the structure of a document (ISO 32000-1 §14.7): a heading, paragraphs, figures, in the order of reading.
type tags struct {
	marks    int // marked-content sequences so far
	elements []tag
	headed   bool
}

// tag is one structure element.
type tag struct {
	kind       string
	first, n   int    // its marked-content sequences
	alt, lang  string // "" for none
	words      string // of all its lines
	text       int    // of its lines
	axis, base float64
}

func (t *tags) reset() { t.marks, t.elements, t.headed = 0, t.elements[:0], false }

// titleField is the field whose first text is the document's heading.
const titleField = "title"

// text begins a line. Lines of one text are one paragraph.
func (t *tags) text(b *pdf.Buffer, it *item) {
	if n := len(t.elements); n > 0 && t.elements[n-1].text == it.said.text && it.said.text != 0 {
		t.elements[n-1].n++
		t.elements[n-1].words += " " + it.text
		t.mark(b, t.elements[n-1].kind)
		return
	}
	kind := "P"
	if it.said.field == titleField && !t.headed {
		kind, t.headed = "H1", true
	}
	t.elements = append(t.elements, tag{kind: kind, first: t.marks, n: 1, text: it.said.text, words: it.text, lang: languageOf(it), axis: it.box.x, base: it.box.y})
	t.mark(b, kind)
}

// figure begins a picture that a text stands for.
func (t *tags) figure(b *pdf.Buffer, alt string) {
	t.elements = append(t.elements, tag{kind: "Figure", first: t.marks, n: 1, alt: alt, axis: -1})
	t.mark(b, "Figure")
}

func (t *tags) mark(b *pdf.Buffer, kind string) {
	b.Raw("/")
	b.Raw(kind)
	b.Raw("<</MCID ")
	b.Int(t.marks)
	b.Raw(">>BDC\n")
	t.marks++
}

func (t *tags) end(b *pdf.Buffer) { b.Raw("EMC\n") }

// languageOf tells a line's language as far as its script does: kana are Japanese, Hangul is Korean, any other Chinese is
// Chinese; the layout's own words without any are English. A name in Latin letters may be of any language, and has the
// document's.
func languageOf(it *item) string {
	if l := formsOf("", []rune(it.text)); l != "zh-hans" {
		return string(l)
	}
	if _, han := countHan(it.text); han {
		return "zh-CN"
	}
	if it.said.fixed || it.said.field == titleField {
		return "en"
	}
	return ""
}

// order puts the elements into the order of reading: that of the layout, but texts on one axis from the top down, since a
// layout may have to place a text before one that stands above it.
func (t *tags) order() {
	for i := 1; i < len(t.elements); i++ {
		for k := i; k > 0 && t.elements[k].axis >= 0 && t.elements[k].axis == t.elements[k-1].axis && t.elements[k].base < t.elements[k-1].base; k-- {
			t.elements[k], t.elements[k-1] = t.elements[k-1], t.elements[k]
		}
	}
}

// write writes the tree and returns its root. language is the document's, which elements do not repeat.
func (t *tags) write(w *pdf.Writer, page pdf.Ref, language string) pdf.Ref {
	t.order()
	root, top := w.Reserve(), w.Reserve()
	parents := make([]pdf.Ref, t.marks)
	refs := make([]pdf.Ref, len(t.elements))
	for i := range t.elements {
		e := &t.elements[i]
		refs[i] = w.Reserve()
		w.Open(refs[i])
		w.Raw("<</S/")
		w.Raw(e.kind)
		w.Raw("/P ")
		w.Ref(top)
		w.Raw("/Pg ")
		w.Ref(page)
		if e.alt != "" {
			w.Raw("/Alt")
			w.Text(e.alt)
		}
		if bothWays(e.words) {
			w.Raw("/ActualText")
			w.Text(e.words)
		}
		if e.lang != "" && e.lang != language {
			w.Raw("/Lang(")
			w.Raw(e.lang)
			w.Raw(")")
		}
		w.Raw("/K[")
		for k := range e.n {
			parents[e.first+k] = refs[i]
			if k > 0 {
				w.Raw(" ")
			}
			w.Int(e.first + k)
		}
		w.Raw("]>>")
		w.Close()
	}
	list := func(refs []pdf.Ref) {
		for i, r := range refs {
			if i > 0 {
				w.Raw(" ")
			}
			w.Ref(r)
		}
	}
	w.Open(top)
	w.Raw("<</S/Document/P ")
	w.Ref(root)
	w.Raw("/K[")
	list(refs)
	w.Raw("]>>")
	w.Close()
	w.Open(root)
	w.Raw("<</Type/StructTreeRoot/K ")
	w.Ref(top)
	w.Raw("/ParentTree<</Nums[0[")
	list(parents)
	w.Raw("]]>>/ParentTreeNextKey 1>>")
	w.Close()
	return root
}

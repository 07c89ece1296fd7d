package picture

import (
	"strconv"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"

	"laurel/internal/pdf"
)

// maxFixed bounds the subsets that a Fonts keeps for documents to share, in bytes.
const maxFixed = 8 << 20

// embedding is what one document uses of one face: the glyphs of what many documents show, in a font that is made ready
// once and kept, and the others, in a font of this document. Both depend on what the document shows alone, so that the
// same document has the same fonts wherever it is made.
type embedding struct {
	face      *face
	key       []byte // the glyphs to share, and what they say
	fixed     *fixedFont
	own       pdf.Subset
	ownUsed   bool
	embedded  pdf.Embedded
	refs      [2]pdf.Ref // of fixed and own
	number    int        // in document.used
	inUse     bool
	collected pdf.Subset
}

type fixedFont struct {
	subset   pdf.Subset
	embedded pdf.Embedded
}

type fixedKey struct {
	face   *face
	glyphs string
}

// embedding gives what the document uses of a face, which it uses from now on.
func (d *document) embedding(f *face) *embedding {
	for len(d.faces) <= f.index {
		d.faces = append(d.faces, &embedding{})
	}
	e := d.faces[f.index]
	if e.inUse {
		return e
	}
	e.face, e.inUse, e.number, e.ownUsed, e.fixed = f, true, len(d.used), false, nil
	e.key = e.key[:0]
	e.own.Use(f.embedded)
	e.collected.Use(f.embedded)
	d.used = append(d.used, e)
	return e
}

// useFonts gathers the glyphs of what other documents show too, and finds their fonts.
func (d *document) useFonts() error {
	for _, e := range d.faces {
		e.inUse = false
	}
	for i := range d.picture.items {
		it := &d.picture.items[i]
		switch {
		case it.kind == itemGlyphs && (!it.own || it.said.fixed): // the layout's own words are on every picture, wherever they stand
			d.speech.read(it)
			for g := range it.glyphs {
				d.collect(it.glyphs[g].face, it.glyphs[g].id, d.speech.of(g))
			}
		case it.kind == itemStamp && !it.own:
			for _, p := range d.drawing(it.stamp).parts {
				if p.glyph != nil {
					d.collect(p.glyph.face, p.glyph.id, p.glyph.text)
				}
			}
		}
	}
	for _, e := range d.used {
		if err := e.findFixed(d); err != nil {
			return err
		}
	}
	return nil
}

func (d *document) collect(f *face, id font.GID, text string) {
	if !drawn(id) {
		return
	}
	e := d.embedding(f)
	if _, ok := e.collected.Has(uint16(id)); ok {
		return
	}
	if text == "" {
		text = unspoken
	}
	e.collected.Add(uint16(id), text)
	e.key = append(append(append(e.key, byte(id>>8), byte(id)), text...), 0)
}

// findFixed finds the font to share, or makes it ready.
func (e *embedding) findFixed(d *document) error {
	if len(e.key) == 0 {
		return nil
	}
	fonts := d.picture.layout.fonts
	f, ok, aging := fonts.fixed.get(fixedKey{e.face, string(e.key)})
	if !ok {
		f = &fixedFont{}
		f.subset.Use(e.face.embedded)
		for at := 0; at < len(e.key); {
			id := uint16(e.key[at])<<8 | uint16(e.key[at+1])
			from := at + 2
			for at = from; e.key[at] != 0; at++ {
			}
			f.subset.Add(id, string(e.key[from:at]))
			at++
		}
		if err := d.EmbedOnce(&f.subset, &f.embedded); err != nil {
			return err
		}
	}
	if !ok || aging {
		fonts.fixed.put(fixedKey{e.face, string(e.key)}, f, f.embedded.Size()+len(e.key)+512)
	}
	e.fixed = f
	return nil
}

// code gives the font, 0 for the one to share and 1 for the document's own, and the code in it of a glyph.
func (e *embedding) code(id font.GID, text string) (font int, code uint16, exact bool) {
	if e.fixed != nil {
		if code, ok := e.fixed.subset.Find(uint16(id), text); ok {
			return 0, code, true
		}
	}
	e.ownUsed = true
	code, exact = e.own.Add(uint16(id), text)
	return 1, code, exact
}

func (d *document) writeFonts() error {
	for _, e := range d.used {
		if e.fixed != nil {
			e.refs[0] = d.Font(&e.fixed.embedded)
		}
		if e.ownUsed {
			if err := d.Embed(&e.own, &e.embedded); err != nil {
				return err
			}
			e.refs[1] = d.Font(&e.embedded)
		}
	}
	return nil
}

// fontNames are those of a page's resources: F and a face's number for what is shared, G for the rest.
var fontNames = [2]string{"/F", "/G"}

// list adds the fonts to a page's resources.
func (e *embedding) list(w *pdf.Writer) {
	for i, there := range [2]bool{e.fixed != nil, e.ownUsed} {
		if there {
			w.Raw(fontNames[i])
			w.Int(e.number)
			w.Raw(" ")
			w.Ref(e.refs[i])
		}
	}
}

// drawn tells glyphs that leave a mark or make a space; a joiner that no font has is .notdef, and nothing.
func drawn(id font.GID) bool { return id != 0 && id != font.EmptyGlyph && id <= 0xFFFF }

// embeddable reads what documents embed of a face: its file, and its outlines as they are traced where the file has none
// of TrueType's.
func (f *face) embeddable(fs *Fonts, file []byte, member int) (err error) {
	f.embedded, err = pdf.NewFont(psName(f.name), file, member, func(glyph uint16) []opentype.Segment {
		s := fs.pool.Get().(*setter)
		defer fs.pool.Put(s)
		data, ok := s.face(f).GlyphDataOutline(font.GID(glyph))
		if !ok {
			return nil
		}
		return append([]opentype.Segment(nil), data.Segments...)
	})
	return err
}

// psName tells the members of a collection apart.
func psName(name string) string {
	for i := range len(name) {
		if name[i] == '#' {
			if _, err := strconv.Atoi(name[i+1:]); err == nil {
				return name[:i] + "-" + name[i+1:]
			}
		}
	}
	return name
}

package picture

import (
	"fmt"
	"strconv"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"

	"laurel/internal/pdf"
)

// maxShared bounds the subsets that a Fonts keeps for documents to share, in bytes.
const maxShared = 8 << 20

// embedding is what one document uses of one face: glyphs of what many documents show, which are packed once and kept,
// and others, which are this document's own. Both depend on what the document shows alone, so that the same document has
// the same fonts wherever it is made.
type embedding struct {
	face      *face
	wanted    []wanted            // to share
	key       []byte              // of those
	large     map[uint16]struct{} // glyphs that are shown in large text too
	most      int                 // glyphs that it can come to have
	inUse     bool
	number    int // in document.used
	collected pdf.Subset
	own       pdf.Subset
	pdf.Face
	ref pdf.Ref
}

// wanted is a glyph to share, and what it says.
type wanted struct {
	id   uint16
	text string
}

type sharedKey struct {
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
	e.face, e.inUse, e.number, e.most, e.Face = f, true, len(d.used), 0, pdf.Face{Own: &e.own}
	e.wanted = e.wanted[:0]
	if e.large == nil {
		e.large = map[uint16]struct{}{}
	}
	clear(e.large)
	e.own.Use(f.embedded)
	e.collected.Use(f.embedded)
	d.used = append(d.used, e)
	return e
}

// useFonts gathers the glyphs of what other documents show too, and gives every face its codes.
func (d *document) useFonts() error {
	for _, e := range d.faces {
		e.inUse = false
	}
	for i := range d.picture.items {
		it := &d.picture.items[i]
		shared := it.kind == itemGlyphs && (!it.own || it.said.fixed) // the layout's own words are on every picture, wherever they stand
		switch it.kind {
		case itemGlyphs:
			if shared {
				d.speech.read(it)
			}
			for g := range it.glyphs {
				text := ""
				if shared {
					text = d.speech.of(g)
				}
				d.collect(it.glyphs[g].face, it.glyphs[g].id, it.size, text, shared)
			}
		case itemStamp:
			for _, p := range d.drawing(it.stamp).parts {
				if p.glyph != nil {
					d.collect(p.glyph.face, p.glyph.id, p.glyph.size, p.glyph.text, !it.own)
				}
			}
		}
	}
	first := 1
	for _, e := range d.used {
		e.most = (e.most + 63) &^ 63                 // so that other texts have the same codes, mostly, for what is packed with them
		e.First, e.SharedFirst = first, first+e.most // own glyphs are as many as that at the most
		e.share(d)
		first += 2 * e.most
	}
	if first > maxFontCodes {
		return fmt.Errorf("more than %d glyphs", maxFontCodes)
	}
	return nil
}

// maxFontCodes bounds the glyphs that a picture shows, each as often as it does: codes have 16 bits.
const maxFontCodes = 1 << 16

// collect counts a glyph, and notes one to share.
func (d *document) collect(f *face, id font.GID, size float64, text string, shared bool) {
	if !drawn(id) {
		return
	}
	e := d.embedding(f)
	e.most++
	if size*d.picture.variant.points() > pdf.SmallText {
		e.large[uint16(id)] = struct{}{}
	}
	if !shared || e.collected.Has(uint16(id)) {
		return
	}
	if text == "" {
		text = unspoken
	}
	e.collected.Add(uint16(id), text, true)
	e.wanted = append(e.wanted, wanted{uint16(id), text})
}

// share finds the glyphs to share, or makes them ready.
func (e *embedding) share(d *document) {
	if len(e.wanted) == 0 {
		return
	}
	e.key = e.key[:0]
	for _, g := range e.wanted {
		size := byte('L')
		if e.small(g.id) {
			size = 'S'
		}
		e.key = append(append(append(e.key, byte(g.id>>8), byte(g.id), size), g.text...), 0)
	}
	fonts := d.picture.layout.fonts
	s, ok, aging := fonts.shared.get(sharedKey{e.face, string(e.key)})
	if !ok {
		s = &pdf.Shared{}
		s.Use(e.face.embedded)
		for _, g := range e.wanted {
			s.Add(g.id, g.text, e.small(g.id))
		}
		s.Pack()
	}
	if !ok || aging {
		fonts.shared.put(sharedKey{e.face, string(e.key)}, s, s.Size()+len(e.key)+512)
	}
	e.Shared = s
}

// small tells glyphs that are shown as small text alone.
func (e *embedding) small(id uint16) bool {
	_, large := e.large[id]
	return !large
}

// code gives the code of a glyph in the face's font.
func (e *embedding) code(id font.GID, text string) (code uint16, exact bool) {
	if e.Shared != nil {
		if place, ok := e.Shared.Find(uint16(id), text); ok {
			return uint16(e.SharedFirst + place), true
		}
	}
	place, exact := e.own.Add(uint16(id), text, e.small(uint16(id)))
	return uint16(e.First + place), exact
}

func (d *document) writeFonts() error {
	faces := make([]pdf.Face, len(d.used))
	for i, e := range d.used {
		faces[i] = e.Face
	}
	refs, err := d.Fonts(faces)
	for i, r := range refs {
		d.used[i].ref = r
	}
	return err
}

// drawn tells glyphs that leave a mark or make a space; a joiner that no font has is .notdef, and nothing.
func drawn(id font.GID) bool { return id != 0 && id != font.EmptyGlyph && id <= 0xFFFF }

// embeddable reads what documents embed of a face: its file, and its outlines as they are traced.
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

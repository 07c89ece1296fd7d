package pdf

import (
	"bytes"
	"encoding/binary"
)

// fontFile is the memory of writing a TrueType font of the glyphs that a document uses, with the tables that a PDF needs of
// a font (ISO 32000-1 §9.9) and no others. The glyphs that other documents have too come last: they are packed already.
type fontFile struct {
	glyphs
	out, loca, metrics []byte
	packed             []byte
	size               int    // of the file, unpacked
	all                [4]int // the box of its glyphs
}

const (
	tableCount  = 6
	directories = 12 + 16*tableCount
)

// write packs the font of a face (RFC 1950).
func (t *fontFile) write(w *Writer, face *Face) error {
	shared := face.Shared
	if shared == nil {
		b, err := t.begin(w, face)
		t.finish(b, nil)
		return err
	}
	alone := len(face.Own.glyphs) == 0
	b, ok := shared.start(face.SharedFirst)
	if !ok || !alone {
		var err error
		if b, err = t.begin(w, face); err != nil {
			return err
		}
		if alone {
			kept := b
			kept.packed = bytes.Clone(b.packed)
			shared.keep(face.SharedFirst, kept)
		}
	}
	t.finish(b, shared.packed)
	return nil
}

// finish puts a packed file together.
func (t *fontFile) finish(b start, glyphs []byte) {
	t.size, t.all = b.sums.size, b.box
	t.packed = append(append(append(t.packed[:0], 0x78, 0x9C), b.packed...), glyphs...)
	t.packed = binary.BigEndian.AppendUint32(t.packed, b.sums.adler)
}

// begin packs what lies before the shared glyphs. The result holds until the next call.
func (t *fontFile) begin(w *Writer, face *Face) (start, error) {
	f := face.Own.font
	t.reset()
	t.add(face.Own)
	t.loca, t.metrics = t.loca[:0], t.metrics[:0]
	t.lay(face.First, &t.glyphs, 0)
	rest := sums{adler: 1}
	if s := face.Shared; s != nil {
		t.lay(face.SharedFirst, &s.table, uint32(len(t.glyf)))
		t.grow(s.table.box, s.table.points, s.table.contours)
		rest = s.sums
	}
	size := len(t.glyf) + rest.size
	wide := size >= 1<<17
	t.loca = binary.BigEndian.AppendUint32(t.loca, uint32(size))
	binary.BigEndian.PutUint16(t.metrics, uint16(f.units(f.advance(0))))
	if !wide {
		t.loca = narrow(t.loca)
	}
	if t.box[0] > t.box[2] {
		t.box = [4]int{}
	}
	all := t.assemble(f, wide, rest)
	packed, err := w.deflate(t.out, face.Shared == nil)
	return start{packed, all, t.box}, err
}

// lay gives glyphs their numbers, from first on: glyphs before it that have none yet are blank. They lie from an offset on
// in the table glyf.
func (t *fontFile) lay(first int, g *glyphs, from uint32) {
	for len(t.metrics) < 4*first {
		t.metrics = append(t.metrics, 0, 0, 0, 0)
		t.loca = binary.BigEndian.AppendUint32(t.loca, from)
	}
	at := from
	for _, end := range g.ends {
		t.loca = binary.BigEndian.AppendUint32(t.loca, at)
		at = from + end
	}
	t.metrics = append(t.metrics, g.hmtx...)
}

// assemble puts the file together, but for the glyphs that follow.
func (t *fontFile) assemble(f *Font, wide bool, rest sums) sums {
	n := len(t.metrics) / 4
	t.out = append(t.out[:0], make([]byte, directories)...)
	copy(t.out, []byte{0, 1, 0, 0, 0, tableCount, 0, 64, 0, 2, 0, 32})
	head := t.table(1, "head", t.head(wide))
	t.table(2, "hhea", t.hhea(f, n))
	t.table(3, "hmtx", t.metrics)
	t.table(4, "loca", t.loca)
	t.table(5, "maxp", t.maxp(n))
	t.entry(0, "glyf", len(t.out), len(t.glyf)+rest.size, checksum(t.glyf)+rest.words)
	t.out = append(t.out, t.glyf...)
	binary.BigEndian.PutUint32(t.out[head+8:], 0xB1B0AFBA-checksum(t.out)-rest.words)
	return sumsOf(t.out).and(rest)
}

// table writes a table and its entry in the directory, and gives where it begins.
func (t *fontFile) table(i int, name string, data []byte) int {
	from := len(t.out)
	t.out = append(t.out, data...)
	for len(t.out)&3 != 0 {
		t.out = append(t.out, 0)
	}
	t.entry(i, name, from, len(data), checksum(t.out[from:]))
	return from
}

func (t *fontFile) entry(i int, name string, from, size int, sum uint32) {
	e := t.out[12+16*i:]
	copy(e, name)
	binary.BigEndian.PutUint32(e[4:], sum)
	binary.BigEndian.PutUint32(e[8:], uint32(from))
	binary.BigEndian.PutUint32(e[12:], uint32(size))
}

// words writes numbers of 16 bits.
func words(vs ...int) []byte {
	out := make([]byte, 0, 64)
	for _, v := range vs {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	return out
}

func (t *fontFile) head(wide bool) []byte {
	long := 0
	if wide {
		long = 1
	}
	return words(1, 0, 0, 0, 0, 0, 0x5F0F, 0x3CF5, 3, unitsPerEm, 0, 0, 0, 0, 0, 0, 0, 0, t.box[0], t.box[1], t.box[2], t.box[3], 0, 8, 2, long, 0)
}

func (t *fontFile) hhea(f *Font, n int) []byte {
	return words(1, 0, f.ascent*unitsPerEm/1000, f.descent*unitsPerEm/1000, 0, unitsPerEm, t.box[0], 0, t.box[2], 1, 0, 0, 0, 0, 0, 0, 0, n)
}

func (t *fontFile) maxp(n int) []byte {
	return words(1, 0, n, t.points, t.contours, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
}

// narrow turns 32-bit offsets into 16-bit halves of them, in place.
func narrow(loca []byte) []byte {
	for i := range len(loca) / 4 {
		binary.BigEndian.PutUint16(loca[2*i:], uint16(binary.BigEndian.Uint32(loca[4*i:])/2))
	}
	return loca[:len(loca)/2]
}

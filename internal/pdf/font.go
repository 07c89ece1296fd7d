package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/go-text/typesetting/font/opentype"
)

// ErrFont says that a font file lacks what embedding needs, or contradicts itself.
var ErrFont = errors.New("font cannot be embedded")

// Font is a font that documents embed: whichever outlines it has (TrueType, CFF, CFF2), those of the glyphs used are written
// anew as TrueType outlines, without instructions, on a coarser grid and with no more points than they need. Safe for
// concurrent use.
type Font struct {
	name     string // PostScript name
	upem     float64
	ascent   int // in thousandths of an em, as all metrics here
	descent  int
	capitals int // their height
	glyphs   int
	hmtx     []byte
	long     int // glyphs with an advance of their own in hmtx
	trace    Trace
	written  written
}

// written are glyphs as documents hold them. All of the glyphs that many certificates need find room.
type written struct {
	sync.Mutex
	glyphs map[writtenKey]*glyph
	size   int
}

type writtenKey struct {
	id     uint16
	detail detail
}

// maxWritten bounds what is kept of a font, in bytes.
const maxWritten = 2 << 20

// Trace gives the outline of a glyph in font units.
type Trace func(glyph uint16) []opentype.Segment

// NewFont reads what embedding needs of a font file: of its member-th font where it is a collection. name stands for it
// in documents. The font's tables are not copied.
func NewFont(name string, file []byte, member int, trace Trace) (*Font, error) {
	t, err := tablesOf(file, member)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrFont, name, err)
	}
	f := &Font{name: postScriptName(name), trace: trace}
	if err := f.readMetrics(t); err != nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrFont, name, err)
	}
	return f, nil
}

// tablesOf lists the tables of a font file (OpenType, Font file, Table directory).
func tablesOf(file []byte, member int) (map[string][]byte, error) {
	at := 0
	if len(file) >= 12 && string(file[:4]) == "ttcf" {
		n := int(binary.BigEndian.Uint32(file[8:]))
		if member >= n || len(file) < 12+4*n || n > 1<<16 {
			return nil, fmt.Errorf("a collection without a member %d", member)
		}
		at = int(binary.BigEndian.Uint32(file[12+4*member:]))
	}
	if at < 0 || at > len(file)-12 {
		return nil, errors.New("no table directory")
	}
	n := int(binary.BigEndian.Uint16(file[at+4:]))
	if len(file)-at-12 < 16*n {
		return nil, errors.New("the table directory breaks off")
	}
	out := make(map[string][]byte, n)
	for i := range n {
		e := file[at+12+16*i:]
		from, size := uint64(binary.BigEndian.Uint32(e[8:])), uint64(binary.BigEndian.Uint32(e[12:]))
		if from+size > uint64(len(file)) {
			return nil, fmt.Errorf("table %q reaches beyond the end", e[:4])
		}
		out[string(e[:4])] = file[from : from+size : from+size]
	}
	return out, nil
}

func (f *Font) readMetrics(t map[string][]byte) error {
	for name, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 6} {
		if len(t[name]) < least {
			return fmt.Errorf("table %q is missing or too short", name)
		}
	}
	f.upem = float64(u16(t["head"], 18))
	if f.upem < 16 {
		return errors.New("it has no units")
	}
	f.ascent, f.descent = f.thousandths(i16(t["hhea"], 4)), f.thousandths(i16(t["hhea"], 6))
	f.capitals = f.ascent
	if os2 := t["OS/2"]; len(os2) >= 90 && u16(os2, 0) >= 2 {
		f.capitals = f.thousandths(i16(os2, 88))
	}
	f.glyphs, f.long, f.hmtx = u16(t["maxp"], 4), u16(t["hhea"], 34), t["hmtx"]
	if f.long == 0 || f.long > f.glyphs || len(f.hmtx) < 4*f.long {
		return errors.New("table \"hmtx\" is missing or too short")
	}
	size := 2 // of an entry of loca
	if i16(t["head"], 50) != 0 {
		size = 4
	}
	if t["glyf"] != nil && len(t["loca"]) < size*(f.glyphs+1) {
		return errors.New("table \"loca\" is missing or too short")
	}
	return nil
}

func (f *Font) thousandths(units int) int {
	return int(math.Round(float64(units) * 1000 / f.upem))
}

// advance is a glyph's width in font units.
func (f *Font) advance(glyph uint16) int {
	return u16(f.hmtx, 4*min(int(glyph), f.long-1))
}

// Width is a glyph's width as documents give it: in whole thousandths of an em.
func (f *Font) Width(glyph uint16) int { return f.thousandths(f.advance(glyph)) }

// units turns font units into those of the fonts that documents hold.
func (f *Font) units(v int) int { return int(math.Round(float64(v) * unitsPerEm / f.upem)) }

// glyph gives a glyph as documents hold it.
func (f *Font) glyph(id uint16, d detail) *glyph {
	w := &f.written
	w.Lock()
	g := w.glyphs[writtenKey{id, d}]
	w.Unlock()
	if g != nil {
		return g
	}
	g = newGlyph(contours(f.trace(id), unitsPerEm/f.upem), d)
	w.Lock()
	defer w.Unlock()
	if size := len(g.data) + 128; w.size+size <= maxWritten {
		if w.glyphs == nil {
			w.glyphs = map[writtenKey]*glyph{}
		}
		w.glyphs[writtenKey{id, d}] = g
		w.size += size
	}
	return g
}

func u16(b []byte, at int) int { return int(binary.BigEndian.Uint16(b[at:])) }
func i16(b []byte, at int) int { return int(int16(binary.BigEndian.Uint16(b[at:]))) }

// postScriptName keeps of a name what may stand in a PostScript name.
func postScriptName(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return "Font"
	}
	return string(out[:min(len(out), 56)])
}

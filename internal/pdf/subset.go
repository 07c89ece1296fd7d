package pdf

import (
	"bytes"
	"sync"

	"github.com/klauspost/compress/flate"
)

// Subset gathers glyphs of one font. A glyph's code in a document is its place here, from the first code on.
type Subset struct {
	font    *Font
	glyphs  []uint16 // of the font
	texts   []string // what each stands for
	details []detail
	places  map[uint16]int
}

// Use makes the subset empty, for a font.
func (s *Subset) Use(f *Font) {
	s.font = f
	s.glyphs, s.texts, s.details = s.glyphs[:0], s.texts[:0], s.details[:0]
	if s.places == nil {
		s.places = map[uint16]int{}
	}
	clear(s.places)
}

// Len is how many glyphs it has.
func (s *Subset) Len() int { return len(s.glyphs) }

// Add gives the place of a glyph that stands for a text. exact is false where the subset has the glyph already for another
// text: then what is drawn has to say its text itself, as ActualText (ISO 32000-1 §14.9.4). small says that it is shown as
// small text alone.
func (s *Subset) Add(glyph uint16, text string, small bool) (place int, exact bool) {
	place, ok := s.places[glyph]
	if !ok {
		place = len(s.glyphs)
		s.places[glyph] = place
		s.glyphs, s.texts, s.details = append(s.glyphs, glyph), append(s.texts, text), append(s.details, fine)
		if small {
			s.details[place] = coarse
		}
	}
	return place, s.texts[place] == text
}

// Find gives the place of a glyph that was added for this very text.
func (s *Subset) Find(glyph uint16, text string) (place int, ok bool) {
	place, ok = s.places[glyph]
	return place, ok && text != "" && s.texts[place] == text
}

// Has tells whether a glyph was added.
func (s *Subset) Has(glyph uint16) bool {
	_, ok := s.places[glyph]
	return ok
}

// Shared is a subset that many documents hold, its glyphs packed once.
type Shared struct {
	Subset
	table  glyphs
	sums   sums   // of the glyphs in the table glyf
	packed []byte // those, deflated (RFC 1951)

	mu     sync.Mutex
	starts map[int]start // of files of these glyphs alone, by the code of the first
}

// start is what lies before the glyphs in a font file, deflated, and what is to be known of the file.
type start struct {
	packed []byte
	sums   sums // of the whole file
	box    [4]int
}

const maxStarts = 16 // of a Shared

func (s *Shared) start(first int) (start, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.starts[first]
	return b, ok
}

func (s *Shared) keep(first int, b start) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.starts == nil {
		s.starts = map[int]start{}
	}
	if len(s.starts) < maxStarts {
		s.starts[first] = b
	}
}

// Pack packs the glyphs of a subset, which does not change any more.
func (s *Shared) Pack() {
	s.table.reset()
	s.table.add(&s.Subset)
	s.sums = sumsOf(s.table.glyf)
	var out bytes.Buffer
	z, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	z.Write(s.table.glyf) // a bytes.Buffer takes all
	z.Close()
	s.packed, s.table.glyf = out.Bytes(), nil
}

// Size is about how many bytes of memory it takes.
func (s *Shared) Size() int { return len(s.packed) + 64*len(s.glyphs) + maxStarts*512 }

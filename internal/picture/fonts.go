package picture

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"

	"laurel/internal/pdf"
)

// maxFontFile is the size in bytes above which a file of a font folder is refused; the largest collections have 120 MB.
const maxFontFile = 256 << 20

// Font is one font file, by the name that layouts and errors use for it: "NotoSansSC-Regular.ttf", a folder before the
// name and the ending do not count.
type Font struct {
	Name string
	Data []byte
}

// Fonts are parsed fonts, with the caches of what was shaped and painted with them. Safe for concurrent use.
type Fonts struct {
	fonts  []*face
	byName map[string]*face
	pool   sync.Pool // of *setter: neither go-text's shaper nor its faces may be shared
	shaped *cache[shapeKey, *shaped]
	masks  *cache[maskKey, *mask]
	codes  codes
	shared *cache[sharedKey, *pdf.Shared]
}

// face is one font. Its font.Font is read-only and safe to share; a font.Face is not, so each setter has its own.
type face struct {
	index  int // in Fonts.fonts
	name   string
	font   *font.Font
	upem   float64
	narrow map[font.GID]font.GID // the forms of wide quotes within a Latin word
	sound  bool                  // one of ours: its outlines are known to be right

	embedded *pdf.Font // what documents embed of it
}

func (f *face) has(r rune) bool {
	_, ok := f.font.NominalGlyph(r)
	return ok
}

// LoadFonts parses the embedded fonts and every TTF, OTF and TTC file in dirs and their sub-folders, in the order of
// their paths. Embedded fonts come first in the search for a character. Parse once and share: a font of 4 MB takes
// some 10 ms. A folder that cannot be read or a file that is no font is an error.
func LoadFonts(embedded []Font, dirs ...string) (*Fonts, error) {
	fs := &Fonts{byName: map[string]*face{}}
	for _, f := range embedded {
		if err := fs.add(f); err != nil {
			return nil, err
		}
	}
	for _, f := range fs.fonts {
		f.sound = true
	}
	for _, dir := range dirs {
		if err := fs.addDir(dir); err != nil {
			return nil, err
		}
	}
	if len(fs.fonts) == 0 {
		return nil, fmt.Errorf("no fonts: neither embedded ones nor any below %s", strings.Join(dirs, ", "))
	}
	fs.pool.New = func() any { return newSetter(fs) }
	fs.shaped = newCache[shapeKey, *shaped](maxShaped)
	fs.masks = newCache[maskKey, *mask](maxMasks)
	fs.codes = codes{newCache[string, [][]bool](maxCodes)}
	fs.shared = newCache[sharedKey, *pdf.Shared](maxShared)
	return fs, nil
}

// add parses a file; the members of a collection are named NAME, NAME#1, NAME#2…. A name that is taken is skipped: the
// first file of a name wins, as the first folder of a search path does.
func (fs *Fonts) add(f Font) (err error) {
	defer func() { // the library panics where a table leads out of itself
		if fault := recover(); fault != nil {
			err = fmt.Errorf("font %s: it is broken (%v); take it out of the folder, or fetch it anew", f.Name, fault)
		}
	}()
	name := fontName(f.Name)
	if fs.byName[name] != nil {
		return nil
	}
	faces, err := parseFonts(f.Data)
	if err != nil {
		return fmt.Errorf("font %s: %w; TrueType, OpenType and collections of them can be used (WOFF cannot)", f.Name, err)
	}
	for i, fc := range faces {
		n := name
		if i > 0 {
			n += "#" + strconv.Itoa(i)
		}
		one := &face{index: len(fs.fonts), name: n, font: fc.Font, upem: float64(fc.Upem()), narrow: narrowForms(fc.Font)}
		if err := one.embeddable(fs, f.Data, i); err != nil {
			return fmt.Errorf("font %s: %w", f.Name, err)
		}
		fs.fonts = append(fs.fonts, one)
		fs.byName[n] = one
	}
	return nil
}

// parseFonts reads a font file. Some of each font's glyphs are traced, which finds what was cut off or overwritten.
func parseFonts(data []byte) ([]*font.Face, error) {
	faces, err := font.ParseTTC(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	for _, f := range faces {
		if f.Upem() == 0 {
			return nil, errors.New("it is broken (no units to an em)")
		}
		it := f.Cmap.Iter()
		for n := 0; n < traced && it.Next(); n++ {
			_, glyph := it.Char()
			f.GlyphExtents(glyph)
			f.GlyphDataOutline(glyph)
		}
	}
	return faces, nil
}

// traced is the number of glyphs of a font that are tried out at loading.
const traced = 256

func (fs *Fonts) addDir(dir string) error {
	files, err := fontFiles(dir)
	if err != nil {
		return fmt.Errorf("font folder: %w", err)
	}
	for _, p := range files {
		data, err := os.ReadFile(p)
		if err != nil {
			return fmt.Errorf("font: %w", err)
		}
		if err := fs.add(Font{Name: p, Data: data}); err != nil {
			return err
		}
	}
	return nil
}

// fontFiles lists the font files of a folder by path, so that the search order is the same on every machine.
func fontFiles(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch strings.ToLower(filepath.Ext(p)) {
		case ".ttf", ".otf", ".ttc", ".otc":
		default:
			return nil
		}
		info, err := os.Stat(p) // follows links: installed fonts often are links
		if err != nil {
			return err
		}
		if info.Size() > maxFontFile {
			return fmt.Errorf("%s has %d bytes; a font file may have %d", p, info.Size(), maxFontFile)
		}
		if info.Mode().IsRegular() {
			files = append(files, p)
		}
		return nil
	})
	sort.Strings(files)
	return files, err
}

func fontName(file string) string {
	base := filepath.Base(file)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// names lists what a layout can name.
func (fs *Fonts) names() []string {
	out := make([]string, len(fs.fonts))
	for i, f := range fs.fonts {
		out[i] = f.name
	}
	return out
}

// setter is what one goroutine shapes and reads outlines with.
type setter struct {
	fonts  *Fonts
	faces  []*font.Face // by face.index, made when first needed
	shaper *shaping.HarfbuzzShaper
	seg    shaping.Segmenter
	bidi   bidi.Paragraph
	runes  []rune
	spans  []span
	outs   []shaping.Output
	trying *face   // the font that is read from just now
	broken []*face // fonts that cannot set the text at hand
}

func newSetter(fs *Fonts) *setter {
	return &setter{fonts: fs, faces: make([]*font.Face, len(fs.fonts)), shaper: newShaper(len(fs.fonts))}
}

func newShaper(fonts int) *shaping.HarfbuzzShaper {
	s := new(shaping.HarfbuzzShaper)
	s.SetFontCacheSize(fonts + 1)
	return s
}

func (s *setter) face(f *face) *font.Face {
	if s.faces[f.index] == nil {
		s.faces[f.index] = font.NewFace(f.font)
	}
	return s.faces[f.index]
}

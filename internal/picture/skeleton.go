package picture

import "io"

// Font is one font file, by the name that errors use for it: TTF, OTF or TTC.
type Font struct {
	Name string
	Data []byte
}

// Fonts are parsed fonts, safe for concurrent use.
type Fonts struct{}

// LoadFonts parses the embedded fonts and every TTF, OTF and TTC file below dirs. Parse once and share: a font of 4 MB
// takes some 20 ms.
func LoadFonts(embedded []Font, dirs ...string) (*Fonts, error) { panic("not written yet") }

// Layout is a compiled layout, safe for concurrent use.
type Layout struct{}

// Compile reads a layout. Errors read WHERE:LINE:COL: what, and what to do.
func Compile(where string, yaml []byte, fonts *Fonts) (*Layout, error) { panic("not written yet") }

// Values are the texts a layout asks for, by name.
type Values map[string]any

// Compose shapes and places every text. The error is a *TextError (ErrGlyph, ErrOverflow) where a text cannot be set.
func (l *Layout) Compose(v Values) (*Picture, error) { panic("not written yet") }

// Picture is one composed certificate.
type Picture struct{}

// PNG paints the picture.
func (p *Picture) PNG(w io.Writer) error { panic("not written yet") }

// Bake puts one uncompressed iTXt chunk with the text before IEND.
func Bake(png []byte, keyword, text string) ([]byte, error) { panic("not written yet") }

// Unbake gives the text of the one iTXt chunk with this keyword.
func Unbake(png []byte, keyword string) (string, error) { panic("not written yet") }

package picture

import (
	"image"
	"math"

	"github.com/go-text/typesetting/font"
)

// The display list: what a picture consists of, in the order of painting, free of any painter. Coordinates are pixels,
// y down, as in the layout.

// item is one thing of the list that depends on values.
type item struct {
	kind    itemKind
	own     bool      // it is not the same in other pictures that share the shared values
	colour  uint8     // glyphs, bar, path, code
	size    float64   // glyphs: pixels an em
	text    string    // glyphs: what they say; code: what it encodes
	glyphs  []placed  // glyphs
	said    said      // glyphs
	box     box       // bar, code; glyphs: where the anchor of the line stands
	anchors [2]anchor // code: where it stands in its box, horizontally and vertically
	stamp   *stamp    // stamp
	path    path      // path
	width   float64   // path: of its stroke; 0 fills
}

type itemKind uint8

const (
	itemGlyphs itemKind = iota
	itemBar             // a filled box
	itemCode            // a QR code in a box
	itemStamp           // an ornament that repeats from picture to picture
	itemPath            // a filled or stroked path over whatever lies below
)

// said tells what a line of text belongs to.
type said struct {
	text  int    // counts the texts of a picture: the lines of one share it
	field string // what the text says, as errors name it
	fixed bool   // the layout's own words, the same on every picture
}

// placed is a glyph at its place on the baseline.
type placed struct {
	face    *face
	id      font.GID
	cluster int32 // index of the first rune in the text that it stands for
	x, y    float64
}

type box struct{ x, y, w, h float64 }

// stamp is an ornament drawn at (x, y), a whole number of pixels from where its figures lie.
type stamp struct {
	key    stampKey
	x, y   int
	bounds image.Rectangle // of the figures, not a tight one, before they are moved
	says   string          // the words in it; "" for an ornament that says nothing
	alt    string          // what it shows; "" for an ornament
	draw   func() []figure
}

// stampKey tells stamps apart that look different; a painter may keep what it made of one.
type stampKey struct {
	variant *variant
	element int
	a, b    string
}

// figure is one filled or stroked path, or one turned glyph.
type figure struct {
	path   path
	colour uint8
	width  float64 // of the stroke; 0 fills
	glyph  *turned
	weave  *weave // nil: the path does not repeat itself
	model  *model // nil: it has a shape of its own

	evenOdd bool      // it fills what its path encloses an odd number of times
	shade   *gradient // nil: it fills with its colour
	picture *bitmap   // nil: it is no picture; else the path is the picture's edge
}

// weave says how paths repeat themselves: all curves of a woven ornament are one round of one curve, moved or turned a
// step again and again. A painter that writes shapes down need write only that round.
type weave struct {
	at     func(k int) point // points of the round, and around it, on a smooth curve
	every  int               // points of a round
	from   affine            // where the first one lies
	by     affine            // the step to the next
	n      int               // how many there are
	within box               // what they may cover; none: they end by themselves
}

// model is a shape of which a path is a copy, stretched, turned and moved; or the mirror image of such a copy.
type model struct {
	path     path
	place    affine
	scale    float64 // by which place makes lines wider; 0: not at all
	mirrored bool
	axis     float64 // the x about which
}

func moved(x, y float64) affine { return affine{1, 0, 0, 1, x, y} }

// rotated is by an angle in radians clockwise.
func rotated(angle float64) affine {
	sin, cos := math.Sincos(angle)
	return affine{cos, sin, -sin, cos, 0, 0}
}

// turned is a glyph whose baseline is turned by an angle, in radians clockwise.
type turned struct {
	placed
	size, angle float64
	text        string // what it stands for
}

// path is a list of closed or open figures.
type path []segment

type segment struct {
	op segmentOp
	p  [3]point
}

type segmentOp uint8

const (
	moveTo segmentOp = iota
	lineTo
	cubicTo
	closePath
)

type point struct{ x, y float64 }

func (p *path) move(x, y float64) { *p = append(*p, segment{moveTo, [3]point{{x, y}}}) }
func (p *path) line(x, y float64) { *p = append(*p, segment{lineTo, [3]point{{x, y}}}) }
func (p *path) close()            { *p = append(*p, segment{op: closePath}) }
func (p *path) cubic(a, b, c point) {
	*p = append(*p, segment{cubicTo, [3]point{a, b, c}})
}

// woven marks figures of one weave.
func woven(figures []figure, w *weave) []figure {
	for i := range figures {
		figures[i].weave = w
	}
	return figures
}

// points is a polygon, closed or not.
func points(pts []point, closed bool) path {
	p := make(path, 0, len(pts)+1)
	for i, q := range pts {
		if i == 0 {
			p.move(q.x, q.y)
		} else {
			p.line(q.x, q.y)
		}
	}
	if closed {
		p.close()
	}
	return p
}

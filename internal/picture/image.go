package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	_ "image/png" // a picture may be one
	"math"
	"path/filepath"
	"strings"
	"sync"

	"github.com/goccy/go-yaml/ast"
	scaler "golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"laurel/internal/pdf"
)

// Bounds of the pictures that a layout may show.
const (
	maxImageFile   = 16 << 20 // bytes
	maxImagePixels = 50 << 20
)

// bitmap is a picture of pixels in its place on the sheet.
type bitmap struct {
	*pixels
	tints []uint8 // the palette's colours for it
}

// pixels are what the variants of a layout have of a picture in common.
type pixels struct {
	source image.Image
	part   image.Rectangle // of the source that is shown
	at     box
	photo  bool // it came as JPEG

	once, onceGrey sync.Once
	object, grey   *pdf.Image
	onceSource     sync.Once
	greySource     image.Image
}

// image reads `image: FILE` with `in: [x, y, width, height]`, and adds what it shows: pixels of a PNG or JPEG, or the
// paths of an SVG.
func (r *reader) image(f *fields) (figures []figure, alt string) {
	p := f.numbers("in", 4)
	room := box{p[0], p[1], p[2], p[3]}
	alt = f.text("alt", "")
	fit, most := r.imageFit(f), r.count(f, "tints", 32)
	at := f.get("image")
	name, ok := scalar(at)
	if !ok || room.w <= 0 || room.h <= 0 {
		r.fail(f.at, "image: needs the name of a file beside the layout, and in: [x, y, width, height]")
		return nil, alt
	}
	return r.imageFile(at, name, room, fit, most), alt
}

// imageFit is how a picture fills its box.
type imageFit struct {
	cover                bool
	horizontal, vertical anchor
}

func (r *reader) imageFit(f *fields) imageFit {
	fit := imageFit{horizontal: anchorMiddle, vertical: anchorMiddle}
	switch t := f.text("fit", "contain"); t {
	case "contain":
	case "cover":
		fit.cover = true
	default:
		r.fail(f.get("fit"), "fit: %q; have: contain (all of it), cover (all of the box)", t)
	}
	if f.has("anchor") {
		fit.horizontal = r.anchor(f)
	}
	if f.flag("foot") {
		fit.vertical = anchorEnd
	}
	return fit
}

// imageFile opens a picture and places it.
func (r *reader) imageFile(at ast.Node, name string, room box, fit imageFit, most int) []figure {
	data, where, err := r.imageData(name)
	if err != nil {
		r.fail(at, "image: %v", err)
		return nil
	}
	if strings.EqualFold(filepath.Ext(name), ".svg") {
		figures, err := r.svg(at, data, room, fit)
		if err != nil {
			r.fail(at, "image: %s: %v", where, err)
		}
		return figures
	}
	key := fmt.Sprint(name, room, fit)
	shown, ok := r.shown[key]
	if !ok {
		if shown, err = newPixels(data, room, fit); err != nil {
			r.fail(at, "image: %s: %v", where, err)
			return nil
		}
		r.shown[key] = shown
	}
	b := &bitmap{pixels: shown}
	if p := r.variant.palette; !p.full {
		w, h := int(math.Ceil(b.at.w)), int(math.Ceil(b.at.h))
		sheet := image.NewRGBA(image.Rect(0, 0, w, h))
		draw.Draw(sheet, sheet.Rect, image.NewUniform(p.colours[p.ground]), image.Point{}, draw.Src)
		b.paint(sheet, b.at.x, b.at.y, false)
		for _, c := range tints(sheet, most) {
			b.tints = append(b.tints, p.tint(c))
		}
		r.checkPalette(at)
	}
	return []figure{{path: rectangle(b.at, 0), picture: b}}
}

func (r *reader) imageData(name string) (data []byte, where string, err error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".svg":
	default:
		return nil, name, fmt.Errorf("%q is none of .png, .jpg and .svg", name)
	}
	if r.files == nil {
		return nil, name, fmt.Errorf("there are no files to look for %q in", name)
	}
	data, where, err = r.files(name)
	if err == nil && len(data) > maxImageFile {
		err = fmt.Errorf("%s has %d bytes; a picture may have %d", where, len(data), maxImageFile)
	}
	return data, where, err
}

// newPixels reads a PNG or JPEG and places it in its room. Of a larger one, only as many pixels are kept as can be seen.
func newPixels(data []byte, room box, fit imageFit) (*pixels, error) {
	c, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("no PNG or JPEG: %w", err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width*c.Height > maxImagePixels {
		return nil, fmt.Errorf("%d × %d pixels; a picture may have %d", c.Width, c.Height, maxImagePixels)
	}
	source, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("broken: %w", err)
	}
	b := &pixels{source: source, part: source.Bounds(), photo: format == "jpeg"}
	b.at = fit.place(room, float64(c.Width), float64(c.Height))
	if fit.cover {
		b.crop(room)
	}
	if w, h := b.finest(); w < b.part.Dx() || h < b.part.Dy() {
		b.source, b.part = b.sized(w, h, false), image.Rect(0, 0, w, h)
	}
	return b, nil
}

// place gives the box that a picture of a size has in its room.
func (fit imageFit) place(room box, w, h float64) box {
	k := math.Min(room.w/w, room.h/h)
	if fit.cover {
		k = math.Max(room.w/w, room.h/h)
	}
	out := box{room.x, room.y, w * k, h * k}
	shift := func(a anchor, free float64) float64 {
		return map[anchor]float64{anchorStart: 0, anchorMiddle: .5, anchorEnd: 1}[a] * free
	}
	out.x += shift(fit.horizontal, room.w-out.w)
	out.y += shift(fit.vertical, room.h-out.h)
	return out
}

// crop leaves away what reaches over the room.
func (b *pixels) crop(room box) {
	k := float64(b.part.Dx()) / b.at.w // source pixels a pixel
	from := image.Pt(b.part.Min.X+int(math.Round((room.x-b.at.x)*k)), b.part.Min.Y+int(math.Round((room.y-b.at.y)*k)))
	size := image.Pt(int(math.Round(room.w*k)), int(math.Round(room.h*k)))
	b.part = image.Rectangle{from, from.Add(size)}.Intersect(b.part)
	b.at = room
}

// paint draws the picture on a sheet whose upper left corner is (dx, dy).
func (b *pixels) paint(sheet *image.RGBA, dx, dy float64, grey bool) {
	kx, ky := b.at.w/float64(b.part.Dx()), b.at.h/float64(b.part.Dy())
	move := f64.Aff3{kx, 0, b.at.x - dx - kx*float64(b.part.Min.X), 0, ky, b.at.y - dy - ky*float64(b.part.Min.Y)}
	source := b.source
	if grey {
		source = b.inGrey()
	}
	scaler.CatmullRom.Transform(sheet, move, source, b.part, draw.Over, nil)
}

// inGrey is the source in the grey of its luminance, made when first needed.
func (b *pixels) inGrey() image.Image {
	b.onceSource.Do(func() {
		out := image.NewRGBA(b.source.Bounds())
		draw.Draw(out, out.Rect, b.source, out.Rect.Min, draw.Src)
		for i := 0; i < len(out.Pix); i += 4 {
			v := grey(out.Pix[i], out.Pix[i+1], out.Pix[i+2])
			out.Pix[i], out.Pix[i+1], out.Pix[i+2] = v, v, v
		}
		b.greySource = out
	})
	return b.greySource
}

// finest is how many pixels of a picture a document has for each of the layout's at most: 274 an inch on A4.
const finest = 2

// finest gives the most pixels that are of use.
func (b *pixels) finest() (w, h int) {
	return min(b.part.Dx(), int(math.Ceil(finest*b.at.w))), min(b.part.Dy(), int(math.Ceil(finest*b.at.h)))
}

// sized gives what is shown of the picture in a number of pixels.
func (b *pixels) sized(w, h int, grey bool) *image.RGBA {
	sheet := image.NewRGBA(image.Rect(0, 0, w, h))
	whole := &pixels{source: b.source, part: b.part, at: box{0, 0, float64(w), float64(h)}}
	whole.paint(sheet, 0, 0, grey)
	return sheet
}

// embedded gives what documents hold of the picture, made when first needed.
func (b *pixels) embedded(grey bool) *pdf.Image {
	if grey {
		b.onceGrey.Do(func() { b.grey = b.embed(true) })
		return b.grey
	}
	b.once.Do(func() { b.object = b.embed(false) })
	return b.object
}

func (b *pixels) embed(grey bool) *pdf.Image {
	w, h := b.finest()
	sheet := b.sized(w, h, grey)
	if b.photo {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, sheet, &jpeg.Options{Quality: 85}); err == nil {
			return &pdf.Image{Width: w, Height: h, JPEG: out.Bytes()}
		}
	}
	return pdf.NewImage(sheet)
}

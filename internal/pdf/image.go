package pdf

import (
	"image"
	"image/draw"
)

// Image is a picture of pixels that many documents hold.
type Image struct {
	Width, Height int
	JPEG          []byte // the file, which documents hold as it is; nil: the packed pixels below
	pixels, alpha []byte // alpha is nil where nothing shines through
}

// NewImage packs pixels.
func NewImage(premultiplied *image.RGBA) *Image {
	img := image.NewNRGBA(premultiplied.Rect)
	draw.Draw(img, img.Rect, premultiplied, img.Rect.Min, draw.Src)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	pixels, alpha, clear := make([]byte, 0, h*(1+3*w)), make([]byte, 0, h*(1+w)), false
	above := make([]byte, 4*w)
	for y := range h {
		row := img.Pix[y*img.Stride:][:4*w]
		pixels, alpha = append(pixels, 2), append(alpha, 2) // PNG's filter Up
		for x := 0; x < len(row); x += 4 {
			pixels = append(pixels, row[x]-above[x], row[x+1]-above[x+1], row[x+2]-above[x+2])
			alpha = append(alpha, row[x+3]-above[x+3])
			clear = clear || row[x+3] != 255
		}
		above = row
	}
	out := &Image{Width: w, Height: h, pixels: PackOnce(pixels)}
	if clear {
		out.alpha = PackOnce(alpha)
	}
	return out
}

// Size is about how many bytes of a document it takes.
func (i *Image) Size() int { return len(i.JPEG) + len(i.pixels) + len(i.alpha) + 256 }

// Image writes a picture (ISO 32000-1 §8.9.5).
func (w *Writer) Image(i *Image) Ref {
	mask := Ref(0)
	if i.alpha != nil {
		mask = w.Reserve()
		w.Open(mask)
		w.imageHead(i, "/DeviceGray")
		w.pixels(i.alpha, i.Width, 1)
		w.Close()
	}
	r := w.Reserve()
	w.Open(r)
	w.imageHead(i, "/DeviceRGB")
	if mask != 0 {
		w.Raw("/SMask ")
		w.Ref(mask)
	}
	if i.JPEG != nil {
		w.Raw("/Filter/DCTDecode")
		w.Stream(i.JPEG, false)
	} else {
		w.pixels(i.pixels, i.Width, 3)
	}
	w.Close()
	return r
}

func (w *Writer) imageHead(i *Image, space string) {
	w.Raw("<</Type/XObject/Subtype/Image/BitsPerComponent 8/ColorSpace")
	w.Raw(space)
	w.Raw("/Width ")
	w.Int(i.Width)
	w.Raw("/Height ")
	w.Int(i.Height)
}

func (w *Writer) pixels(packed []byte, width, colours int) {
	w.Raw("/DecodeParms<</Predictor 15/Colors ")
	w.Int(colours)
	w.Raw("/Columns ")
	w.Int(width)
	w.Raw(">>")
	w.Stream(packed, true)
}

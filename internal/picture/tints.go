package picture

import (
	"image"
	"image/color"
	"slices"
)

// tints chooses at most n colours that stand for all of a picture's, by cutting the box of its colours in two at the
// median of its longest side, again and again. The same picture gives the same colours.
func tints(img *image.RGBA, n int) []color.RGBA {
	counts := map[[3]uint8]int{}
	for i := 0; i+3 < len(img.Pix); i += 4 {
		counts[[3]uint8{img.Pix[i], img.Pix[i+1], img.Pix[i+2]}]++
	}
	all := make([]tint, 0, len(counts))
	for c, k := range counts {
		all = append(all, tint{c, k})
	}
	slices.SortFunc(all, func(a, b tint) int { return slices.Compare(a.c[:], b.c[:]) })
	boxes := []tintBox{newTintBox(all)}
	for len(boxes) < n {
		at := 0
		for i := range boxes {
			if boxes[i].worth() > boxes[at].worth() {
				at = i
			}
		}
		if boxes[at].worth() == 0 {
			break
		}
		a, b := boxes[at].cut()
		boxes[at] = a
		boxes = append(boxes, b)
	}
	out := make([]color.RGBA, len(boxes))
	for i := range boxes {
		out[i] = boxes[i].mean()
	}
	return out
}

type tint struct {
	c [3]uint8
	n int // pixels of this colour
}

type tintBox struct {
	of           []tint
	side, length int // the longest side
	pixels       int
}

func newTintBox(of []tint) tintBox {
	b := tintBox{of: of}
	for side := range 3 {
		lo, hi := 255, 0
		for i := range of {
			lo, hi = min(lo, int(of[i].c[side])), max(hi, int(of[i].c[side]))
		}
		if hi-lo > b.length {
			b.side, b.length = side, hi-lo
		}
	}
	for i := range of {
		b.pixels += of[i].n
	}
	return b
}

// worth says how much is won by cutting a box: wide ones with many pixels come first.
func (b *tintBox) worth() int { return b.length * b.length * min(b.pixels, 1<<16) }

func (b *tintBox) cut() (tintBox, tintBox) {
	slices.SortStableFunc(b.of, func(x, y tint) int { return int(x.c[b.side]) - int(y.c[b.side]) })
	half, at := 0, 0
	for at < len(b.of)-2 && half+b.of[at].n <= b.pixels/2 {
		half += b.of[at].n
		at++
	}
	at++
	return newTintBox(b.of[:at]), newTintBox(b.of[at:])
}

func (b *tintBox) mean() color.RGBA {
	var sum [3]int
	for _, t := range b.of {
		for c := range 3 {
			sum[c] += int(t.c[c]) * t.n
		}
	}
	n := max(b.pixels, 1)
	return color.RGBA{uint8((sum[0] + n/2) / n), uint8((sum[1] + n/2) / n), uint8((sum[2] + n/2) / n), 255}
}

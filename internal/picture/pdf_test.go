package picture

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"laurel/internal/pdf"
)

func infoOf(v Values) pdf.Info {
	return pdf.Info{Title: v["title_zh"].(string) + " · " + v["name"].(string), Author: v["issuer"].(string),
		Language: map[string]string{"zh": "zh-CN", "en": "en"}[v["lang"].(string)], Created: time.Date(2026, 3, 1, 2, 3, 4, 0, time.UTC)}
}

func credentialFile() pdf.Attachment {
	return pdf.Attachment{Name: "credential.json", MediaType: "application/vc+ld+json", Description: "Signed credential",
		Modified: time.Date(2026, 3, 1, 2, 3, 4, 0, time.UTC), Data: must(os.ReadFile("../../credential/testdata/course.json"))}
}

func pdfOf(t testing.TB, layout string, v Values) []byte {
	t.Helper()
	p, err := layouts()[layout].Compose(v)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := p.PDF(&b, infoOf(v), credentialFile()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// objectsOf gives the objects of a document that are no streams, as they lie in its object stream.
func objectsOf(t *testing.T, doc []byte) []byte {
	t.Helper()
	_, rest, ok := bytes.Cut(doc, []byte("/Type/ObjStm"))
	_, rest, ok2 := bytes.Cut(rest, []byte("stream\n"))
	if !ok || !ok2 {
		t.Fatal("no object stream")
	}
	return must(io.ReadAll(must(zlib.NewReader(bytes.NewReader(rest)))))
}

// finer is how many times finer than the picture poppler draws a page here: it moves large glyphs to whole pixels.
const finer = 4

// pageImage is the page of a document as poppler draws it, at the picture's own size.
func pageImage(t testing.TB, doc []byte, w, h int) *image.RGBA {
	t.Helper()
	cmd := exec.Command(tool(t, "poppler-utils", "pdftoppm"), "-scale-to-x", strconv.Itoa(finer*w), "-scale-to-y", strconv.Itoa(finer*h), "-singlefile", "-")
	cmd.Stdin = bytes.NewReader(doc)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var pw, ph, most int
	if n, err := fmt.Sscanf(string(out[:min(len(out), 32)]), "P6\n%d %d\n%d\n", &pw, &ph, &most); n != 3 || pw != finer*w || ph != finer*h || most != 255 {
		t.Fatalf("pdftoppm: %d %d %d: %v", pw, ph, most, err)
	}
	pix := out[len(out)-3*pw*ph:]
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			for c := range 3 {
				sum := 0
				for j := range finer {
					for i := range finer {
						sum += int(pix[3*((finer*y+j)*pw+finer*x+i)+c])
					}
				}
				img.Pix[y*img.Stride+4*x+c] = uint8(sum / (finer * finer))
			}
			img.Pix[y*img.Stride+4*x+3] = 255
		}
	}
	return img
}

// Picture and document agree to a fraction of a pixel: each glyph's ink has its centre in the same place, and what is
// anywhere on the page is within a pixel of it on the picture. The PNG has glyphs at quarters of a pixel.
func TestPictureAndDocumentDifferOnlyByAntiAliasing(t *testing.T) {
	for _, p := range pictures {
		if !slices.Contains([]string{"classical-course-zh", "classical-exam-en", "long-names", "modern-long-en", "modern-exam-zh", "modern-revoked-zh"}, p.name) {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			pic := composed(t, layouts()[p.layout], p.values)
			png := decode(t, paint(t, p.layout, p.values))
			page := pageImage(t, pdfOf(t, p.layout, p.values), png.Rect.Dx(), png.Rect.Dy())
			for i := range pic.items {
				if len(pic.items[i].glyphs) > 0 {
					sameLine(t, pic, &pic.items[i], png, page)
				}
			}
			if n := strays(png, page) + strays(page, png); n > 10 {
				t.Errorf("%d pixels are of a colour that the other has nowhere near", n)
			}
		})
	}
}

func sameLine(t *testing.T, pic *Picture, it *item, png, page image.Image) {
	set := pic.layout.fonts.pool.Get().(*setter)
	defer pic.layout.fonts.pool.Put(set)
	c := pic.variant.palette.colours[it.colour]
	bright := int(c.R)+int(c.G)+int(c.B) > 600
	var sumX, sumY, n float64
	for g := range it.glyphs {
		m, x, y := set.maskAt(&it.glyphs[g], it.size)
		if m.w == 0 {
			continue
		}
		ax, ay := centre(png, m, x, y, bright)
		bx, by := centre(page, m, x, y, bright)
		dx, dy := bx-ax+.5/finer, by-ay // poppler rounds down
		if math.Hypot(dx, dy) > .4 {
			t.Errorf("%q: glyph %d lies %.2f, %.2f pixels off", it.text, g, dx, dy)
		}
		sumX, sumY, n = sumX+dx, sumY+dy, n+1
	}
	if math.Hypot(sumX, sumY)/n > .2 {
		t.Errorf("%q lies %.2f, %.2f pixels off", it.text, sumX/n, sumY/n)
	}
}

// centre of the ink of a glyph: of what differs from the paper around it, within a pixel of its mask. Ink may be bright.
func centre(img image.Image, m *mask, x, y int, bright bool) (cx, cy float64) {
	light := func(x, y int) float64 {
		r, g, b, _ := img.At(x, y).RGBA()
		v := float64(2*r+5*g+b) / 8
		if bright {
			return -v
		}
		return v
	}
	covered := func(i, j int) bool {
		for v := max(0, j-1); v <= min(m.h-1, j+1); v++ {
			for u := max(0, i-1); u <= min(m.w-1, i+1); u++ {
				if m.pix[v*m.w+u] != 0 {
					return true
				}
			}
		}
		return false
	}
	most, sum := math.Inf(-1), 0.0
	for pass := range 2 {
		for j := -1; j <= m.h; j++ {
			for i := -1; i <= m.w; i++ {
				if !covered(i, j) {
					continue
				}
				px, py := x+m.x+i, y+m.y+j
				if pass == 0 {
					most = max(most, light(px, py))
					continue
				}
				ink := most - light(px, py)
				sum, cx, cy = sum+ink, cx+ink*float64(px), cy+ink*float64(py)
			}
		}
	}
	return cx / sum, cy / sum
}

// strays counts the pixels of a whose colour is not between those of b around the same place.
func strays(a, b image.Image) int {
	r, n := a.Bounds(), 0
	const slack = 56 // of 255: coverage is rounded to the palette's steps, and measured in other ways
	pa, pb := rgb(a), rgb(b)
	w := r.Dx()
	for y := 1; y < r.Dy()-1; y++ {
		for x := 1; x < w-1; x++ {
			for c := range 3 {
				lo, hi := 255, 0
				for j := -1; j <= 1; j++ {
					for i := -1; i <= 1; i++ {
						v := int(pb[3*((y+j)*w+x+i)+c])
						lo, hi = min(lo, v), max(hi, v)
					}
				}
				if v := int(pa[3*(y*w+x)+c]); v < lo-slack || v > hi+slack {
					n++
					break
				}
			}
		}
	}
	return n
}

func rgb(img image.Image) []byte {
	r := img.Bounds()
	out := make([]byte, 0, 3*r.Dx()*r.Dy())
	for y := range r.Dy() {
		for x := range r.Dx() {
			r, g, b, _ := img.At(x, y).RGBA()
			out = append(out, byte(r>>8), byte(g>>8), byte(b>>8))
		}
	}
	return out
}

// A document depends on what it shows, not on what was made before it: the fonts of the layouts' own words are kept.
func TestTheSameDocumentIsTheSameBytes(t *testing.T) {
	other := load()
	for i := len(pictures) - 1; i >= 0; i-- {
		p := pictures[i]
		var b bytes.Buffer
		if err := composed(t, other[p.layout], p.values).PDF(&b, infoOf(p.values), credentialFile()); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), pdfOf(t, p.layout, p.values)) {
			t.Errorf("%s: two documents differ", p.name)
		}
	}
}

func TestManyDocumentsAreWrittenAtOnce(t *testing.T) {
	fresh := load()
	want := make([][]byte, len(pictures))
	for i, p := range pictures {
		want[i] = pdfOf(t, p.layout, p.values)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range pictures {
				k := (i*7 + g*3) % len(pictures)
				pic, err := fresh[pictures[k].layout].Compose(pictures[k].values)
				if err != nil {
					t.Error(err)
					return
				}
				var b bytes.Buffer
				if err := pic.PDF(&b, infoOf(pictures[k].values), credentialFile()); err != nil || !bytes.Equal(b.Bytes(), want[k]) {
					t.Errorf("%s: written among others it differs (%v)", pictures[k].name, err)
				}
			}
		})
	}
	wg.Wait()
}

// LAUREL_PICTURES=DIR go test -run Look ./internal/picture writes the documents for looking at, too.
func TestLookPDF(t *testing.T) {
	dir := os.Getenv("LAUREL_PICTURES")
	if dir == "" {
		t.Skip("LAUREL_PICTURES names no folder to write the pictures to")
	}
	for _, p := range pictures {
		if err := os.WriteFile(filepath.Join(dir, p.name+".pdf"), pdfOf(t, p.layout, p.values), 0o644); err != nil {
			t.Error(err)
		}
	}
}

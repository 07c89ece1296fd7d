package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	stdpng "image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"laurel/internal/pdf"
)

// album are pictures that a layout may show.
var album = sync.OnceValue(func() map[string][]byte {
	photo := image.NewRGBA(image.Rect(0, 0, 1200, 848))
	for y := range 848 {
		for x := range 1200 {
			u, v := float64(x)/1200, float64(y)/848
			grain := float64((x*7919+y*104729)%23) / 6
			photo.SetRGBA(x, y, color.RGBA{uint8(225 + 20*math.Sin(5*u) + grain), uint8(218 + 24*math.Sin(4*v+2*u) + grain), uint8(205 + 30*math.Cos(3*u*v+1) + grain), 255})
		}
	}
	var jpg, logo, name bytes.Buffer
	if err := jpeg.Encode(&jpg, photo, &jpeg.Options{Quality: 90}); err != nil {
		panic(err)
	}
	seal := image.NewNRGBA(image.Rect(0, 0, 240, 240))
	for y := range 240 {
		for x := range 240 {
			if d := math.Hypot(float64(x)-119.5, float64(y)-119.5); d < 118 {
				seal.SetNRGBA(x, y, color.NRGBA{uint8(30 + x/2), 90, uint8(160 - y/3), uint8(min(255, 16*(118-d)))})
			}
		}
	}
	if err := stdpng.Encode(&logo, seal); err != nil {
		panic(err)
	}
	hand := image.NewNRGBA(image.Rect(0, 0, 400, 120))
	for x := range 380 {
		y := 60 + 38*math.Sin(float64(x)/17)*math.Cos(float64(x)/61)
		for j := range 120 {
			if d := math.Abs(float64(j) - y); d < 4 {
				hand.SetNRGBA(x+10, j, color.NRGBA{24, 40, 110, uint8(255 - 50*d)})
			}
		}
	}
	if err := stdpng.Encode(&name, hand); err != nil {
		panic(err)
	}
	return map[string][]byte{"photo.jpg": jpg.Bytes(), "seal.png": logo.Bytes(), "hand.png": name.Bytes(), "logo.svg": []byte(logoSVG)}
})

// logoSVG has what the drawing programs of designers write: groups, relative and run-together numbers, arcs, even-odd.
const logoSVG = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><title>Logo</title>
<g transform="translate(48 48) rotate(45)"><rect x="-30" y="-30" width="60" height="60" rx="8" fill="#0B7285"/></g>
<path fill-rule="evenodd" style="fill:#fff" d="M48 22a26 26 0 1 1-.1 0zm0 14c-6.6 0-12 5.4-12 12s5.4 12 12 12 12-5.4 12-12-5.4-12-12-12z"/>
<g fill="none" stroke="#E8590C" stroke-width="3"><path d="M12 84h72M12 12q36-14 72 0t0 4"/><polyline points="20,76 48,64 76,76"/></g></svg>`

func albumFiles(name string) ([]byte, string, error) {
	if data, ok := album()[name]; ok {
		return data, name, nil
	}
	return layoutFiles(name)
}

// withPictures is the classical layout with a logo in the place of its wreath, a seal and a signature of its own; over a
// photograph or not.
func withPictures(photographic bool) *Layout {
	if photographic {
		return overPhotograph()
	}
	return inPalette()
}

var (
	inPalette      = sync.OnceValue(func() *Layout { return pictured(false) })
	overPhotograph = sync.OnceValue(func() *Layout { return pictured(true) })
)

func pictured(photographic bool) *Layout {
	text := string(must(os.ReadFile("../../templates/layouts/classical.yaml")))
	first := "elements:\n"
	if photographic {
		text = strings.Replace(text, "ground: paper}", "ground: paper, photographic: true}", 1)
		first += "  - {image: photo.jpg, in: [0, 0, 1600, 1131], fit: cover}\n"
	}
	text = strings.Replace(text, "elements:\n", first, 1)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "  - {wreath:") || strings.HasPrefix(l, "  - {rosette: {landscape: [800,") || strings.HasPrefix(l, "  - {round_seal:") {
			lines[i] = ""
		}
	}
	text = strings.Join(lines, "\n") + `
  - {image: logo.svg, in: [690, 126, 220, 96]}
  - {image: seal.png, in: [1270, 744, 184, 184], alt: "Seal of Example Academy", tints: 24}
  - {gradient: [560, 1010, 480, 6], from: gold, to: main, along: right, round: 3}
  - signature: [1020, 780, 190]
    picture: hand.png
    colour: soft
    name: {text: "{issuer}", field: issuer, face: display, size: 18, least: 10, max: 200, colour: ink}
    title: {text: "Head of Training", face: sans, size: 15, colour: soft}
`
	return must(CompileWith("pictures.yaml", []byte(text), layouts()["classical"].fonts, albumFiles))
}

func pngOf(t testing.TB, l *Layout, v Values) []byte {
	t.Helper()
	var b bytes.Buffer
	p, err := l.Compose(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.PNG(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// LAUREL_PICTURES=DIR go test -run Look ./internal/picture writes these too.
func TestLookAtPicturesInPictures(t *testing.T) {
	dir := os.Getenv("LAUREL_PICTURES")
	if dir == "" {
		t.Skip("LAUREL_PICTURES names no folder to write the pictures to")
	}
	for _, photographic := range []bool{false, true} {
		for state, v := range map[string]Values{"valid": {}, "revoked": revoked} {
			l := withPictures(photographic)
			p := composed(t, l, sample(v))
			var doc bytes.Buffer
			if err := p.PDF(&doc, infoOf(sample()), credentialFile()); err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(dir, fmt.Sprintf("images-%v-%s", photographic, state))
			if err := os.WriteFile(name+".png", pngOf(t, l, sample(v)), 0o644); err != nil {
				t.Error(err)
			}
			if err := os.WriteFile(name+".pdf", doc.Bytes(), 0o644); err != nil {
				t.Error(err)
			}
		}
	}
}

// What is pre-compressed and put together is what is painted in one go.
func TestPhotographicPicturesAreWhatTheyWouldBeInOneGo(t *testing.T) {
	l := withPictures(true)
	for _, v := range []Values{sample(), sample(longest), sample(revoked)} {
		p := composed(t, l, v)
		var draft bytes.Buffer
		if err := p.Draft(&draft); err != nil {
			t.Fatal(err)
		}
		a, b := must(stdpng.Decode(&draft)), must(stdpng.Decode(bytes.NewReader(pngOf(t, l, v))))
		if !bytes.Equal(rgb(a), rgb(b)) {
			t.Error("the picture in strips is another one")
		}
	}
}

func TestARevokedPhotographIsGrey(t *testing.T) {
	for _, photographic := range []bool{false, true} {
		img := must(stdpng.Decode(bytes.NewReader(pngOf(t, withPictures(photographic), sample(revoked)))))
		for y := 100; y < 1131; y++ {
			for x := range 1600 {
				r, g, b, _ := img.At(x, y).RGBA()
				r, g, b = r>>8, g>>8, b>>8
				line := r >= g && g >= b && g-b < 12 // the lines across it are red
				if max(r, g, b)-min(r, g, b) > 1 && !line {
					t.Fatalf("photographic %v: at %d, %d it is coloured: %v", photographic, x, y, img.At(x, y))
				}
			}
		}
	}
}

// Pictures within pictures stand in documents where the PNG has them, and qpdf, mutool and poppler find nothing wrong.
func TestPicturesAreInDocumentsToo(t *testing.T) {
	for _, photographic := range []bool{false, true} {
		l, v := withPictures(photographic), sample()
		if photographic {
			v = sample(revoked) // in grey
		}
		p := composed(t, l, v)
		var doc bytes.Buffer
		if err := p.PDF(&doc, pdf.Info{Title: "pictures", Language: "en"}); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "certificate.pdf")
		if err := os.WriteFile(file, doc.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		judge(t, "", "qpdf", "--check", file)
		judge(t, "ICC support is not available", "mutool", "draw", "-q", "-r", "30", "-o", filepath.Join(t.TempDir(), "page.png"), file)
		if !bytes.Contains(objectsOf(t, doc.Bytes()), []byte("/Alt(Seal of Example Academy)")) {
			t.Error("the seal has no text for those who cannot see it")
		}
		png := must(stdpng.Decode(bytes.NewReader(pngOf(t, l, v))))
		page := pageImage(t, doc.Bytes(), 1600, 1131)
		if n := strays(png, page) + strays(page, png); n > 40 {
			t.Errorf("photographic %v: %d pixels are of a colour that the other has nowhere near", photographic, n)
		}
	}
}

func TestPngcheckReadsPhotographicPictures(t *testing.T) {
	file := filepath.Join(t.TempDir(), "certificate.png")
	if err := os.WriteFile(file, pngOf(t, withPictures(true), sample()), 0o600); err != nil {
		t.Fatal(err)
	}
	judge(t, "", "pngcheck", "-q", file)
}

func TestAPictureThatCannotBeShownIsRefusedByItsLine(t *testing.T) {
	svg := func(body string) []byte {
		return []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">` + body + `</svg>`)
	}
	files := map[string][]byte{
		"broken.png": []byte("\x89PNG\r\n\x1a\nnot really"), "empty.jpg": nil, "cut.jpg": album()["photo.jpg"][:4000],
		"text.svg": svg("<text>Logo</text>"), "clear.svg": svg(`<path d="M0 0h9v9z" opacity=".5"/>`), "path.svg": svg(`<path d="M0 0 L"/>`),
		"start.svg": svg(`<path d="L1 1"/>`), "paint.svg": svg(`<rect width="4" height="4" fill="url(#a)"/>`), "none.svg": []byte("<html></html>"), "open.svg": []byte("<svg><g>"),
	}
	open := func(name string) ([]byte, string, error) {
		if data, ok := files[name]; ok {
			return data, "looks/layouts/" + name, nil
		}
		return albumFiles(name)
	}
	for element, want := range map[string]string{
		`{image: broken.png, in: [0, 0, 9, 9]}`:             "no PNG or JPEG",
		`{image: empty.jpg, in: [0, 0, 9, 9]}`:              "no PNG or JPEG",
		`{image: cut.jpg, in: [0, 0, 9, 9]}`:                "broken",
		`{image: text.svg, in: [0, 0, 9, 9]}`:               "<text> is not understood",
		`{image: clear.svg, in: [0, 0, 9, 9]}`:              "solid colours",
		`{image: path.svg, in: [0, 0, 9, 9]}`:               "a number is missing",
		`{image: start.svg, in: [0, 0, 9, 9]}`:              `path command 'L'`,
		`{image: paint.svg, in: [0, 0, 9, 9]}`:              `"url(#a)" is no colour`,
		`{image: none.svg, in: [0, 0, 9, 9]}`:               "one <svg> is the outermost",
		`{image: open.svg, in: [0, 0, 9, 9]}`:               "needs a viewBox",
		`{image: logo.gif, in: [0, 0, 9, 9]}`:               `"logo.gif" is none of .png, .jpg and .svg`,
		`{image: absent.png, in: [0, 0, 9, 9]}`:             "absent.png",
		`{image: seal.png, in: [0, 0, 0, 9]}`:               "in: [x, y, width, height]",
		`{image: seal.png, in: [0, 0, 9, 9], fit: stretch}`: `fit: "stretch"; have: contain`,
		"{image: photo.jpg, in: [0, 0, 900, 600], tints: 200}\n  - {image: seal.png, in: [0, 0, 99, 99], tints: 99}": "give it fewer tints",
		`{image: seal.png, in: [0, 0, 9, 9], colour: ink}`:                                                           `unknown key "colour"`,
		`{gradient: [0, 0, 9, 9], from: ink, to: red}`:                                                               `no colour "red"`,
		`{gradient: [0, 0, 9, 9], from: ink, to: white, along: up}`:                                                  `along: "up"; have: down, right, diagonal`,
		`{signature: [0, 0, 9], colour: ink, name: {text: a, face: body}}`:                                           "size goes from 4",
	} {
		_, err := CompileWith("bare.yaml", []byte(bareList+"  - "+element+"\n"), layouts()["modern"].fonts, open)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), fmt.Sprintf("bare.yaml:%d:", 7+strings.Count(element, "\n"))) {
			t.Errorf("%s gives %v; want bare.yaml:7:…%s", element, err, want)
		}
	}
}

func FuzzSVG(f *testing.F) {
	f.Add([]byte(logoSVG))
	f.Add([]byte(`<svg width="4" height="4"><path d="M1 1a1 2 30 0 1 2 2T1 1z"/></svg>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &svgReader{colour: func(color.RGBA) uint8 { return 0 }}
		figures, err := s.read(data)
		if err == nil {
			bounds(figures)
		}
	})
}

// BenchmarkPhotographic is a picture over a photograph.
func BenchmarkPhotographic(b *testing.B) {
	l := withPictures(true)
	var size counter
	for i := range 20 {
		p, _ := l.Compose(varied(20 * i))
		_ = p.PNG(&size)
	}
	timed(b, func(i int) {
		p, err := l.Compose(varied(2_000_000 + i))
		if err != nil {
			b.Fatal(err)
		}
		size = 0
		if err := p.PNG(&size); err != nil {
			b.Fatal(err)
		}
	})
	b.ReportMetric(float64(size), "filebytes")
}

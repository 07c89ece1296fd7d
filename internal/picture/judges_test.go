package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	stdpng "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/draw"
)

// tool gives the path of another people's program; a machine without it skips the test, in CI it fails.
func tool(t testing.TB, pack string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	what := fmt.Sprintf("%s is not installed: install the package %s", names[0], pack)
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
	return ""
}

// written writes pictures to files, those of the goldens, each with a text baked in.
func written(t *testing.T) (files []string) {
	t.Helper()
	dir := t.TempDir()
	for _, p := range pictures[:goldens] {
		png, err := Bake(paint(t, p.layout, p.values), "openbadgecredential", strings.Repeat(`{"name":"张伟"}`, 250))
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, p.name+".png")
		if err := os.WriteFile(name, png, 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	photograph := filepath.Join(dir, "photographic.png")
	if err := os.WriteFile(photograph, pngOf(t, withPictures(true), sample()), 0o644); err != nil {
		t.Fatal(err)
	}
	return append(files, photograph)
}

func TestPngcheckFindsNothingWrong(t *testing.T) {
	files := written(t)
	out, err := exec.Command(tool(t, "pngcheck", "pngcheck"), append([]string{"-q"}, files...)...).CombinedOutput()
	if err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// Pillow reads PNG by an implementation of its own, and its pixels are those that Go reads.
func TestPillowReadsTheSamePixels(t *testing.T) {
	python := tool(t, "python3", "/usr/bin/python3", "python3")
	if exec.Command(python, "-c", "import PIL").Run() != nil {
		tool(t, "python3-pil", "Pillow")
	}
	const sum = "import sys,hashlib\nfrom PIL import Image\nfor f in sys.argv[1:]: print(hashlib.sha256(Image.open(f).convert('RGB').tobytes()).hexdigest())"
	files := written(t)
	out, err := exec.Command(python, append([]string{"-c", sum}, files...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for i, got := range strings.Fields(string(out)) {
		if want := rgbSum(t, files[i]); got != want {
			t.Errorf("%s: Pillow reads other pixels than Go", filepath.Base(files[i]))
		}
	}
}

func TestChromiumShowsTheSamePixels(t *testing.T) {
	chromium := tool(t, "chromium", "chromium", "chromium-browser", "google-chrome")
	dir := t.TempDir()
	png := paint(t, "classical", sample())
	page := `<!doctype html><style>*{margin:0}img{display:block}</style><img src="data:image/png;base64,` + base64.StdEncoding.EncodeToString(png) + `">`
	if err := os.WriteFile(filepath.Join(dir, "page.html"), []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	shot := filepath.Join(dir, "shot.png")
	out, err := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--window-size=1600,1131", "--screenshot="+shot, "file://"+filepath.Join(dir, "page.html")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, want := read(t, shot), decode(t, png)
	for y := range want.Rect.Max.Y {
		for x := range want.Rect.Max.X {
			if a, b := color.RGBAModel.Convert(got.At(x, y)), color.RGBAModel.Convert(want.At(x, y)); a != b {
				t.Fatalf("at %d, %d Chromium shows %v, want %v", x, y, a, b)
			}
		}
	}
}

// The code is read from a print at 300 dpi, and from a copy 600 pixels wide after JPEG has been at it, as messengers send
// pictures on.
func TestTheCodeIsReadFromAPrintAndFromASmallCopy(t *testing.T) {
	zbar := tool(t, "zbar-tools", "zbarimg")
	dir := t.TempDir()
	var files []string
	for _, p := range pictures[:goldens] {
		img := decode(t, paint(t, p.layout, p.values))
		small := filepath.Join(dir, p.name+"-small.jpg")
		large := filepath.Join(dir, p.name+"-300dpi.png")
		var jpg bytes.Buffer
		if err := jpeg.Encode(&jpg, scaled(img, 600), &jpeg.Options{Quality: 60}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(small, jpg.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, small)
		if strings.HasPrefix(p.name, "modern-course") || strings.HasPrefix(p.name, "classical-course") { // large ones take long
			writePNG(t, large, scaled(img, img.Rect.Dx()*3508/1600))
			files = append(files, large)
		}
	}
	for _, f := range files {
		out, err := exec.Command(zbar, "-q", "--raw", f).Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != sample()["url"] {
			t.Errorf("%s: zbarimg reads %q (%v), want %s", filepath.Base(f), got, err, sample()["url"])
		}
	}
}

func scaled(img image.Image, width int) *image.RGBA {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, width, b.Dy()*width/b.Dx()))
	draw.CatmullRom.Scale(out, out.Rect, img, b, draw.Src, nil)
	return out
}

func writePNG(t *testing.T, name string, img image.Image) {
	t.Helper()
	var b bytes.Buffer
	if err := (&stdpng.Encoder{CompressionLevel: stdpng.BestSpeed}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) image.Image {
	t.Helper()
	img, err := stdpng.Decode(bytes.NewReader(must(os.ReadFile(name))))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func rgbSum(t *testing.T, name string) string {
	t.Helper()
	img := read(t, name)
	b := img.Bounds()
	h := sha256.New()
	for y := range b.Dy() {
		for x := range b.Dx() {
			r, g, bl, _ := img.At(x, y).RGBA()
			h.Write([]byte{byte(r >> 8), byte(g >> 8), byte(bl >> 8)})
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

package picture

import (
	"fmt"
	"image"
	"image/color"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"
)

// address is one of n bytes, with all that addresses have in them.
func addressOf(n int) string {
	return strings.Repeat("https://certs.example.org/c/7F3K-9QXM-2T8W-RB7Q/?a=%41&b=~_.", 2)[:n]
}

// Every length from 1 byte to 106 is read by zbar, another people's program.
func TestCodesOfEveryLengthAreRead(t *testing.T) {
	zbar := tool(t, "zbar-tools", "zbarimg")
	dir := t.TempDir()
	args := []string{"-q", "--raw"}
	var want []string
	for n := 1; n <= maxCode; n++ {
		code, err := modules(addressOf(n))
		if err != nil {
			t.Fatal(err)
		}
		const m = 4
		img := image.NewRGBA(image.Rect(0, 0, m*(len(code)+8), m*(len(code)+8)))
		for y := range img.Rect.Dy() {
			for x := range img.Rect.Dx() {
				i, j := x/m-4, y/m-4
				img.Set(x, y, color.White)
				if i >= 0 && j >= 0 && i < len(code) && j < len(code) && code[j][i] {
					img.Set(x, y, color.Black)
				}
			}
		}
		name := filepath.Join(dir, fmt.Sprintf("%03d.png", n))
		writePNG(t, name, img)
		args, want = append(args, name), append(want, addressOf(n))
	}
	out, err := exec.Command(zbar, args...).Output()
	if got := strings.Split(strings.TrimSpace(string(out)), "\n"); err != nil || !slices.Equal(got, want) {
		t.Errorf("zbarimg (%v) reads %d of %d codes right", err, same(got, want), len(want))
	}
}

func same(a, b []string) (n int) {
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			n++
		}
	}
	return n
}

// A library's code of the same version has the same modules but for the mask and the format that tells it: data in bytes,
// their places, their error correction. Lower case alone keeps it from other modes.
func TestCodesAreThoseOfALibraryButForTheMask(t *testing.T) {
	for n := 10; n <= maxCode; n += 3 {
		text := strings.Repeat("abcdefghijklmnopqrstuvwxyz_~", 4)[:n]
		q, err := qrcode.New(text, qrcode.Medium)
		if err != nil {
			t.Fatal(err)
		}
		q.DisableBorder = true
		theirs := q.Bitmap()
		ours, err := modules(text)
		if err != nil {
			t.Fatal(err)
		}
		if len(ours) != len(theirs) {
			t.Fatalf("%d bytes: %d modules, the library has %d", n, len(ours), len(theirs))
		}
		v := qrVersions[(len(ours)-17)/4-1]()
		if !slices.ContainsFunc(v.masks[:], func(mask qrGrid) bool { return differBy(v, ours, theirs, &mask) }) &&
			!slices.ContainsFunc(v.masks[:], func(mask qrGrid) bool {
				return slices.ContainsFunc(v.masks[:], func(other qrGrid) bool {
					for i := range mask.rows {
						other.rows[i] ^= mask.rows[i]
					}
					return differBy(v, ours, theirs, &other)
				})
			}) {
			t.Errorf("%d bytes: no two masks turn the library's code into ours", n)
		}
	}
}

func differBy(v *qrVersion, a, b [][]bool, mask *qrGrid) bool {
	for _, at := range v.order {
		if x, y := at&63, at>>6; (a[y][x] != b[y][x]) != mask.dark(x, y) {
			return false
		}
	}
	return true
}

func BenchmarkCode(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		timed(b, func(i int) {
			if _, err := modules(varied(i)["url"].(string)); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("library", func(b *testing.B) {
		timed(b, func(i int) {
			q, err := qrcode.New(varied(i)["url"].(string), qrcode.Medium)
			if err != nil {
				b.Fatal(err)
			}
			q.Bitmap()
		})
	})
}

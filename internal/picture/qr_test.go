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

// What is the library's is its data in bytes, their places and their error correction.
func TestCodesOfEveryLengthAreThoseOfTheLibraryButForTheMask(t *testing.T) {
	for n := 10; n <= maxCode; n += 3 {
		text := strings.Repeat("abcdefghijklmnopqrstuvwxyz_~", 4)[:n]
		theirs, err := library(text)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := modules(text)
		if err != nil {
			t.Fatal(err)
		}
		v := qrVersions[(len(ours)-17)/4-1]()
		if !v.agrees || !v.sameButForMask(ours, theirs) {
			t.Errorf("%d bytes: no two masks turn the library's code into ours", n)
		}
	}
}

func TestAVersionThatTheLibraryDoesNotAgreeWithIsLeftToIt(t *testing.T) {
	v := newQRVersion(4, 32, 2, 18)
	v.order[0], v.order[1] = v.order[1], v.order[0]
	if v.judged() {
		t.Error("a code with two bits in each other's places passes")
	}
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
			if _, err := library(varied(i)["url"].(string)); err != nil {
				b.Fatal(err)
			}
		})
	})
}

package picture

import "testing"

// A document's QR code has every dark module of the code, and no light one.
func TestRectanglesCoverACodeExactly(t *testing.T) {
	fonts := layouts()["classical"].fonts
	for i := range 50 {
		code := must(fonts.Code(varied(i)["url"].(string)))
		got := make([][]bool, len(code))
		for j := range got {
			got[j] = make([]bool, len(code))
		}
		for _, b := range cover(nil, code) {
			x0, y0 := b.place()
			w, h := b.size()
			for y := y0; y < y0+h; y++ {
				for x := x0; x < x0+w; x++ {
					got[y][x] = true
				}
			}
		}
		for y := range code {
			for x := range code[y] {
				if got[y][x] != code[y][x] {
					t.Fatalf("code %d: the module %d, %d is %v", i, x, y, got[y][x])
				}
			}
		}
	}
}

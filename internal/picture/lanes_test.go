package picture

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// crowded is a layout whose texts, ornaments and codes lie anywhere: over lines, over each other, across strips and edges.
func crowded(rnd *rand.Rand) string {
	w, h := 200+rnd.IntN(500), 100+rnd.IntN(400)
	var b strings.Builder
	fmt.Fprintf(&b, `canvas: {size: [%d, %d], ground: white}
colours: {white: "#FFFFFF", ink: "#102030", red: "#C04020"}
ramps: [[white, ink, 9], [white, red, 7], [red, ink, 5]]
faces: {body: [NotoSansSC-Regular], serif: [NotoSerif-Regular, NotoSerifSC-SemiBold]}
values: [name, number, url, word, leaves]
shared: [word]
elements:
`, w, h)
	x, y := func() int { return rnd.IntN(w+40) - 20 }, func() int { return rnd.IntN(h+40) - 20 }
	pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
	if rnd.IntN(2) == 0 { // a border that repeats itself downwards
		at := rnd.IntN(w)
		fmt.Fprintf(&b, "  - {guilloche: [%d.5, -40, %d.5, %d], amplitude: %d, strands: 4, step: 8, colour: red, width: 0.8}\n", at, at, h+40, 4+rnd.IntN(30))
	}
	for range 3 + rnd.IntN(12) {
		switch rnd.IntN(8) {
		case 0:
			fmt.Fprintf(&b, "  - {line: [%d, %d, %d, %d], colour: %s, width: %d}\n", x(), y(), x(), y(), pick("ink", "red"), 1+rnd.IntN(6))
		case 1:
			fmt.Fprintf(&b, "  - {box: [%d, %d, %d, %d], fill: %s}\n", x(), y(), 1+rnd.IntN(w), 1+rnd.IntN(h/2), pick("ink", "red", "white"))
		case 2:
			fmt.Fprintf(&b, "  - {qr: \"{url}\", in: [%d, %d, 100, 100], colour: %s}\n", rnd.IntN(w-100), rnd.IntN(max(1, h-100)), pick("ink", "red"))
		case 3:
			inks := []string{"ink", "red", "ink", "white"}[rnd.IntN(2):] // white leaves show what is below
			fmt.Fprintf(&b, "  - {branch: [%d, %d, %d], symbols: \"{leaves}\", cells: [%s]}\n", x(), y(), 9+rnd.IntN(40), strings.Repeat(fmt.Sprintf("[%s], ", strings.Join(inks[:3], ", ")), 8))
		default:
			fmt.Fprintf(&b, "  - {text: %q, face: %s, size: %d, x: %d, y: %d, colour: %s}\n", pick("{name}", "{number}", "{word}", "{name} {number}"), pick("body", "serif"), 8+rnd.IntN(70), x(), y(), pick("ink", "red"))
		}
	}
	return b.String()
}

// allPainted is a picture's rows with everything painted one after the other, and nothing taken from anywhere.
func allPainted(t *testing.T, p *Picture) []byte {
	t.Helper()
	layer := p.variant.layer(p.layout.fonts)
	set := p.layout.fonts.pool.Get().(*setter)
	c := sheet{setter: set, layout: p.layout, variant: p.variant, inks: layer.inks, rows: p.variant.rows(layer)}
	for _, own := range []bool{false, true} {
		if err := c.paint(p.items, own); err != nil {
			t.Fatal(err)
		}
	}
	return c.pix
}

// soil leaves rubbish in the memory that the next picture is painted in.
func soil(rnd *rand.Rand) {
	m := painters.Get().(*painter)
	for i := range m.pix {
		m.pix[i] = byte(rnd.IntN(9))
	}
	painters.Put(m)
}

func TestAPictureShowsWhatIsPaintedWhereverItsPartsMeet(t *testing.T) {
	fonts := layouts()["classical"].fonts
	for seed := range uint64(150) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		yaml := crowded(rnd)
		l, err := Compile("crowded.yaml", []byte(yaml), fonts)
		if err != nil {
			t.Fatalf("%v\n%s", err, yaml)
		}
		for range 3 {
			name := []string{"王伟", "李明 Ada", "fjord AVAToj", "张𬱖", "gÅÇj"}[rnd.IntN(5)]
			number := fmt.Sprintf("%04X-%04X", rnd.IntN(1<<16), rnd.IntN(1<<16))
			leaves := fmt.Sprintf("%08X%08X", rnd.Uint32(), rnd.Uint32())
			p, err := l.Compose(Values{"leaves": leaves, "name": name, "number": number, "url": "https://a.example/" + number, "word": "颁发 Award"})
			if err != nil {
				continue // too long for the sheet
			}
			var png, again bytes.Buffer
			for _, out := range []*bytes.Buffer{&png, &again} {
				soil(rnd)
				if err := p.PNG(out); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(png.Bytes(), again.Bytes()) {
				t.Fatalf("layout %d, name %s: painted twice, it is two files\n%s", seed, name, yaml)
			}
			img, rows := decode(t, png.Bytes()), allPainted(t, p)
			for y := range img.Rect.Dy() {
				if got, want := img.Pix[y*img.Stride:][:img.Rect.Dx()], rows[y*(img.Rect.Dx()+1)+1:][:img.Rect.Dx()]; !bytes.Equal(got, want) {
					t.Fatalf("layout %d, name %s, row %d is not as it was painted\n%s", seed, name, y, yaml)
				}
			}
		}
	}
}

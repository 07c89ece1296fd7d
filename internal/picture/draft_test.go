package picture

import (
	"bytes"
	"image/color"
	stdpng "image/png"
	"io"
	"strings"
	"testing"
)

func TestADraftShowsTheSamePixels(t *testing.T) {
	for name, l := range layouts() {
		for what, v := range map[string]Values{"a course": sample(), "an exam": sample(english, exam), "a revoked award": sample(honour, revoked)} {
			p := must(l.Compose(v))
			var whole, draft bytes.Buffer
			if err := p.PNG(&whole); err != nil {
				t.Fatal(err)
			}
			if err := p.Draft(&draft); err != nil {
				t.Fatal(err)
			}
			a, b := must(stdpng.Decode(&whole)), must(stdpng.Decode(&draft))
			if a.Bounds() != b.Bounds() {
				t.Fatalf("%s, %s: %v and %v", name, what, a.Bounds(), b.Bounds())
			}
			for y := range a.Bounds().Dy() {
				for x := range a.Bounds().Dx() {
					if color.RGBAModel.Convert(a.At(x, y)) != color.RGBAModel.Convert(b.At(x, y)) {
						t.Fatalf("%s, %s: another colour at %d, %d", name, what, x, y)
					}
				}
			}
		}
	}
}

// A painter that leaves out what it does not know would make a certificate that says less than its list.
func TestAnItemOfAnUnknownKindIsAnErrorOfEveryPainter(t *testing.T) {
	p := composed(t, layouts()["modern"], sample())
	p.items = append(p.items, item{kind: 99, own: true})
	for painter, err := range map[string]error{"PNG": p.PNG(io.Discard), "Draft": p.Draft(io.Discard), "PDF": p.PDF(io.Discard, infoOf(sample()))} {
		if err == nil || !strings.Contains(err.Error(), "unknown kind 99") {
			t.Errorf("%s: %v", painter, err)
		}
	}
}

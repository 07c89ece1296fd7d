package picture

import (
	"bytes"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"laurel/internal/pdf"
)

// FuzzLayout compiles whatever somebody may write into a layout: it compiles, and then paints or refuses the sample, or
// the error names the file and a line. Nothing panics.
func FuzzLayout(f *testing.F) {
	files, _ := filepath.Glob("../../templates/layouts/*.yaml")
	for _, name := range append(files, "../../cmd/certgen/scaffold/layout.yaml") {
		f.Add(must(os.ReadFile(name)))
	}
	f.Add([]byte(bare))
	f.Add([]byte(bareList + everyElement))
	fonts := layouts()["classical"].fonts
	f.Fuzz(func(t *testing.T, yaml []byte) {
		if len(yaml) > 64<<10 {
			return
		}
		l, err := CompileWith("fuzz.yaml", yaml, fonts, albumFiles)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.Contains(line, ".yaml:") && strings.HasPrefix(line, "fuzz") {
					t.Fatalf("an error without a line: %s", line)
				}
			}
			return
		}
		if w, h := l.Size(); w*h > 4<<20 || len(l.variants) > 64 {
			return // right, and too much for one round
		}
		p, err := l.Compose(sample())
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := p.Draft(&out); err != nil {
			t.Fatalf("what composes does not paint: %v", err)
		}
		if err := p.PDF(&out, pdf.Info{Title: "fuzz", Language: "en"}); err != nil {
			t.Fatalf("what composes makes no document: %v", err)
		}
	})
}

// bareList is bare with its elements one a line.
var bareList = strings.TrimSuffix(strings.Replace(bare, "elements: [", "elements:\n  - ", 1), "]\n") + "\n"

// everyElement is one of each kind, to be put behind bareList.
const everyElement = `  - {line: [10, 10, 200, 10], colour: ink, width: 2}
  - {box: [10, 20, 200, 30], fill: ink, stroke: white, round: 4}
  - {lozenge: [400, 40, 9], colour: ink}
  - {disc: [440, 40, 9], colour: ink}
  - {rosette: [500, 60, 30], colour: ink}
  - {wreath: [600, 60, 30], dark: ink, light: ink}
  - {guilloche: [10, 600, 700, 600], colour: ink}
  - {qr: "{name}", in: [700, 400, 200, 200], colour: ink}
  - {image: logo.svg, in: [0, 0, 90, 90]}
  - {image: seal.png, in: [100, 0, 90, 90], alt: Seal}
  - {gradient: [0, 200, 90, 90], from: ink, to: white, round: 4}
  - {signature: [0, 400, 90], picture: hand.png, colour: ink, name: {text: "{name}", face: body, size: 9, colour: ink}}
  - {round_seal: [200, 500, 60], ring: "{name}", middle: "{name}", face: body, colour: ink, paper: white}
`

// FuzzValues composes texts of any kind: each is set without a box, or refused as a text that cannot be.
func FuzzValues(f *testing.F) {
	for _, p := range scripts {
		f.Add(p.values["name"].(string), p.values["achievement"].(string), "示例学院")
	}
	f.Add("O’Brien “Mac” fflein", strings.Repeat("危", 80), "A\u202eB")
	f.Add("שלום abc 12 مرحبا", "（）《》", "e\u0301\u0323\u200d")
	f.Add("\xff\xfe", "\x00", "\n")
	f.Add("0", "\x00", "0")
	f.Fuzz(func(t *testing.T, name, achievement, issuer string) {
		for _, layout := range []string{"classical", "modern"} {
			p, err := scriptLayouts()[layout].Compose(sample(Values{"name": name, "achievement": achievement, "issuer": issuer}))
			var text *TextError
			if err != nil {
				if !errors.As(err, &text) || text.Field == "" || text.Err == ErrGlyph && text.Rune == 0 {
					t.Fatalf("%q: %v", name, err)
				}
				continue
			}
			for _, it := range p.items {
				for _, g := range it.glyphs {
					if g.id == 0 {
						t.Fatalf("%q is set with a box", it.text)
					}
				}
			}
			var doc, pic bytes.Buffer
			if err := p.Draft(&pic); err != nil {
				t.Fatal(err)
			}
			if _, err := png.Decode(&pic); err != nil {
				t.Fatal(err)
			}
			if err := p.PDF(&doc, pdf.Info{Title: name, Author: issuer, Language: "en"}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzFont loads whatever lies in a font folder. A broken font is refused when it is loaded; one that is not refused sets
// and paints a text, on a picture and in a document, or says that it has no glyph for it.
func FuzzFont(f *testing.F) {
	files, _ := filepath.Glob("testdata/fonts/*/*.tt?")
	for _, name := range files {
		f.Add(must(os.ReadFile(name)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 128<<10 {
			return
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "Fuzz.ttf"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		fonts, err := LoadFonts(nil, dir)
		if err != nil {
			return
		}
		l, err := Compile("fuzz.yaml", []byte(fontLayout), fonts)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"محمد عبد", "홍길동", "श्रीकृष्ण", "น้ำทิพย์", "コーヒー髙", "אברהם", "Ab1"} {
			p, err := l.Compose(Values{"name": name})
			if err != nil {
				continue
			}
			var out bytes.Buffer
			if err := p.Draft(&out); err != nil {
				t.Fatal(err)
			}
			if err := p.PDF(&out, pdf.Info{Title: "fuzz", Language: "en"}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

const fontLayout = `canvas: {size: [400, 100], ground: white}
colours: {white: "#FFFFFF", ink: "#000000"}
faces: {body: [Fuzz]}
values: [name]
elements: [{text: "{name}", face: body, size: 40, x: 20, y: 60, colour: ink}]
`

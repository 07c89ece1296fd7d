package picture

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"laurel/internal/pdf"
)

// scriptLayouts are the layouts with fonts of an operator's folder for the scripts that the embedded fonts lack.
var scriptLayouts = sync.OnceValue(func() map[string]*Layout { return load("testdata/fonts/scripts") })

// scripts are pictures of names in the world's scripts, each looked at.
var scripts = []struct {
	name, layout string
	values       Values
}{
	{"script-arabic", "classical", sample(english, Values{"name": "عبدالرحمن القحطاني", "achievement": "أساسيات السلامة المهنية 101"})},
	{"script-hebrew", "modern", sample(english, exam, Values{"name": "נעמי בן־דוד (Naomi)", "achievement": "בטיחות 101: Safety לכולם"})},
	{"script-devanagari", "classical", sample(english, exam, Values{"name": "श्रीकृष्ण त्रिपाठी", "achievement": "कार्यस्थल सुरक्षा के मूल सिद्धान्त"})},
	{"script-thai", "modern", sample(english, Values{"name": "น้ำทิพย์ ศรีสุวรรณ", "achievement": "ความปลอดภัยในการทำงานขั้นพื้นฐาน"})},
	{"script-korean", "classical", sample(Values{"name": "남궁하늘", "achievement": "산업안전보건 기초 과정"})},
	{"script-japanese", "modern", sample(exam, Values{"name": "髙橋さくら", "achievement": "職長・安全衛生責任者のための基礎"})},
	{"script-vietnamese", "classical", sample(english, Values{"name": "Nguyễn Thị Ánh Tuyết", "achievement": "An toàn lao động và sơ cấp cứu"})},
	{"script-marks", "modern", sample(english, Values{"name": "Ṣẹ́gun Ọláyínká", "achievement": "Ààbò lẹ́nu iṣẹ́ ẹ̀rọ, M̃ṹ"})},
	{"script-supplementary", "classical", sample(Values{"name": "𠮷𬱖", "achievement": "古籍修复（𬱖、𠮷、䶮、㛃）"})},
}

func paintScript(t testing.TB, layout string, v Values) []byte {
	t.Helper()
	var b bytes.Buffer
	p, err := scriptLayouts()[layout].Compose(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.PNG(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestScriptsAreSetAsTheyWereLookedAt(t *testing.T) {
	for _, p := range scripts {
		sameAsGolden(t, p.name, paintScript(t, p.layout, p.values))
	}
}

func TestLookScripts(t *testing.T) {
	dir := os.Getenv("LAUREL_PICTURES")
	if dir == "" {
		t.Skip("LAUREL_PICTURES names no folder to write the pictures to")
	}
	for _, p := range scripts {
		if err := os.WriteFile(filepath.Join(dir, p.name+".png"), paintScript(t, p.layout, p.values), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// Documents of every script are what other people's programs read: the very text, in the order in which it is spoken.
func TestDocumentsOfEveryScriptAreRead(t *testing.T) {
	for _, c := range scripts {
		p := composed(t, scriptLayouts()[c.layout], c.values)
		var out bytes.Buffer
		if err := p.PDF(&out, pdf.Info{Title: c.name, Language: "zh-CN"}); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "certificate.pdf")
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		judge(t, "", "qpdf", "--check", file)
		text := strings.NewReplacer("\u202a", "", "\u202b", "", "\u202c", "").Replace(judge(t, "", "pdftotext", file, "-"))
		for _, key := range []string{"name", "achievement"} {
			want := c.values[key].(string)
			parts := []string{want}
			if bothWays(want) { // readers find each stretch; the structure has them in order
				parts = strings.FieldsFunc(want, func(r rune) bool { return !rightToLeft(r) && !unicode.Is(unicode.Latin, r) })
				var said pdf.Buffer
				said.Text(want)
				if !bytes.Contains(objectsOf(t, out.Bytes()), append([]byte("/ActualText"), said.B...)) {
					t.Errorf("%s: the structure does not say %q", c.name, want)
				}
			}
			for _, part := range parts {
				if !strings.Contains(text, part) {
					t.Errorf("%s: %q is not in\n%s", c.name, part, text)
				}
			}
		}
		if !strings.HasSuffix(c.name, "arabic") && !strings.HasSuffix(c.name, "thai") { // what takes long
			continue
		}
		png := decode(t, paintScript(t, c.layout, c.values))
		page := pageImage(t, out.Bytes(), png.Rect.Dx(), png.Rect.Dy())
		if n := strays(png, page) + strays(page, png); n > 20 {
			t.Errorf("%s: %d pixels of picture and document are of a colour that the other has nowhere near", c.name, n)
		}
	}
}

// boxless fails where a picture has a glyph that no font meant for its text: a box, or nothing at all.
func boxless(t *testing.T, p *Picture, text string) {
	t.Helper()
	set := p.layout.fonts.pool.Get().(*setter)
	defer p.layout.fonts.pool.Put(set)
	shown := ""
	for _, it := range p.items {
		if it.said.field != "recipient.name" {
			continue
		}
		shown += it.text
		for i := range it.glyphs {
			g := &it.glyphs[i]
			if g.id == 0 {
				t.Errorf("%s: glyph %d is a box", text, i)
			}
		}
		if p.ink(it).Empty() {
			t.Errorf("%s leaves no ink", text)
		}
	}
	if bare := strings.NewReplacer(" ", "").Replace; bare(shown) != bare(text) {
		t.Errorf("%s is shown as %s", text, shown)
	}
}

func TestEveryCharacterOfTheStandardTableIsSet(t *testing.T) {
	var all []rune
	for line := range strings.Lines(string(must(os.ReadFile("testdata/tgh.txt")))) {
		if !strings.HasPrefix(line, "#") {
			all = append(all, []rune(strings.TrimSpace(line))...)
		}
	}
	if len(all) != 8105 {
		t.Fatalf("the table has %d characters", len(all))
	}
	for _, layout := range []string{"classical", "modern"} {
		l := layouts()[layout]
		set := l.fonts.pool.Get().(*setter)
		for from := 0; from < len(all); from += 8 {
			name := string(all[from:min(from+8, len(all))])
			p, err := l.Compose(sample(Values{"name": name, "achievement": name}))
			if err != nil {
				t.Error(err)
				continue
			}
			for _, it := range p.lines(name, "《"+name) {
				for i := range it.glyphs {
					g := &it.glyphs[i]
					data, ok := set.face(g.face).GlyphDataOutline(g.id)
					if g.id == 0 || !ok || len(data.Segments) == 0 {
						t.Errorf("%s: %q has no outline in %s", layout, []rune(it.text)[g.cluster], g.face.name)
					}
				}
			}
		}
	}
}

// realNames gives the names of testdata/names.txt by script.
func realNames(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for line := range strings.Lines(string(must(os.ReadFile("testdata/names.txt")))) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 4 {
			t.Fatalf("names.txt: %q", line)
		}
		for _, given := range strings.Fields(f[2]) {
			for _, family := range strings.Fields(f[3]) {
				out[f[0]] = append(out[f[0]], strings.NewReplacer("G", given, "F", family).Replace(f[1]))
			}
		}
	}
	return out
}

func TestNamesInTwelveScriptsAreSet(t *testing.T) {
	n, all := 0, realNames(t)
	for script, list := range all {
		for _, name := range list {
			n++
			for _, layout := range []string{"classical", "modern"} {
				p, err := scriptLayouts()[layout].Compose(sample(Values{"name": name}))
				if err != nil {
					t.Errorf("%s: %v", script, err)
					continue
				}
				boxless(t, p, name)
			}
		}
	}
	if n < 500 || len(all) < 12 {
		t.Errorf("%d names in %d scripts", n, len(all))
	}
}

func TestNamesOfEveryScriptStayApartFromOtherTexts(t *testing.T) {
	for script, list := range realNames(t) {
		for i := 0; i < len(list); i += 11 { // another given and family name each time
			for _, layout := range []string{"classical", "modern", "classical-portrait", "modern-portrait", "card"} {
				for _, name := range []string{list[i], list[i] + " " + list[(i+5)%len(list)]} {
					p, err := scriptLayouts()[layout].Compose(sample(english, Values{"name": name, "achievement": list[i]}))
					if errors.Is(err, ErrOverflow) {
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					apart(t, p, layout+" "+script+" "+name)
				}
			}
		}
	}
}

// Without the folder a name is either set, or refused by the field and by a character that it really has.
func TestNamesThatTheEmbeddedFontsLackAreRefusedByCharacter(t *testing.T) {
	refused := 0
	for script, list := range realNames(t) {
		for _, name := range list {
			p, err := layouts()["classical"].Compose(sample(Values{"name": name}))
			if err == nil {
				boxless(t, p, name)
				continue
			}
			refused++
			var e *TextError
			if !errors.As(err, &e) || e.Field != "recipient.name" || e.Err == ErrGlyph && !strings.ContainsRune(name, e.Rune) || !strings.Contains(err.Error(), strconv.Quote(name)) {
				t.Errorf("%s: %s: %v", script, name, err)
			}
			if e != nil && e.Rune != 0 && utf8.RuneLen(e.Rune) == 1 {
				t.Errorf("%s: %s is refused for %q", script, name, e.Rune)
			}
		}
	}
	if refused == 0 {
		t.Error("no name is refused: the test says nothing")
	}
}

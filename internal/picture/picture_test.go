package picture

import (
	"bytes"
	"image"
	stdpng "image/png"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// layouts are the real fonts and layouts, loaded once for all tests: that takes longer than most of them.
var layouts = sync.OnceValue(func() map[string]*Layout { return load() })

func embedded() []Font {
	var fonts []Font
	files, _ := filepath.Glob("../../templates/fonts/*.ttf")
	for _, f := range files {
		fonts = append(fonts, Font{f, must(os.ReadFile(f))})
	}
	return fonts
}

func load(dirs ...string) map[string]*Layout {
	loaded := must(LoadFonts(embedded(), dirs...))
	out := map[string]*Layout{}
	for _, name := range []string{"classical", "modern", "classical-portrait", "modern-portrait", "card"} {
		data, where, err := layoutFiles(name + ".yaml")
		out[name] = must(CompileWith(where, must(data, err), loaded, layoutFiles))
	}
	return out
}

func layoutFiles(name string) ([]byte, string, error) {
	where := "../../templates/layouts/" + name
	data, err := os.ReadFile(where)
	return data, where, err
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// sample are the values of a Chinese course certificate, with changes.
func sample(changes ...Values) Values {
	v := Values{
		"lang": "zh", "kind": "course",
		"number": "7F3K-9QXM-2T8W-RB7Q", "url": "https://certs.example.org/c/7F3K-9QXM-2T8W-RB7Q/", "address": "certs.example.org/c/7F3K-9QXM-2T8W-RB7Q/",
		"name": "张伟", "achievement": "安全生产基础", "title_zh": "结业证书", "title_en": "Certificate of Completion",
		"result": "100%", "issued_zh": "2026年3月1日", "issued_en": "1 March 2026", "until_zh": "2028年3月1日", "until_en": "1 March 2028",
		"issuer": "示例学院 Example Academy", "year": "2026",
	}
	for _, c := range changes {
		maps.Copy(v, c)
	}
	return v
}

var (
	english = Values{"lang": "en", "name": "Alexandra Müller", "achievement": "Occupational Safety Foundations"}
	exam    = Values{"kind": "exam", "title_zh": "考试合格证书", "title_en": "Certificate of Examination", "result": "92.5 / 100"}
	honour  = Values{"kind": "achievement", "title_zh": "荣誉证书", "title_en": "Certificate of Honour", "result": "", "until_zh": "", "until_en": ""}
	revoked = Values{"state": "revoked", "state_date": "2026年5月4日", "state_reason": "", "replacement": ""}
	longest = Values{"name": "Maria Alexandra Fernanda von Hohenberg-Castellanos y Villanueva",
		"achievement": "危险化学品经营单位主要负责人与安全生产管理人员安全知识和管理能力再培训（2026 年春季班）", "result": ""}
)

// goldens is the number of pictures, from the first, that are held to a file in testdata.
const goldens = 10

// pictures are the certificates that are looked at.
var pictures = []struct {
	name, layout string
	values       Values
}{
	{"classical-course-zh", "classical", sample()},
	{"classical-exam-en", "classical", sample(english, exam)},
	{"long-names", "classical", sample(longest)},
	{"modern-achievement-en", "modern", sample(english, honour, Values{"achievement": "Safety Instructor of the Year"})},
	{"modern-course-zh", "modern", sample()},
	{"classical-portrait-zh", "classical-portrait", sample(honour, Values{"name": "欧阳思远", "achievement": "年度安全生产标兵"})},
	{"modern-portrait-zh", "modern-portrait", sample(exam)},
	{"share-card", "card", sample()},
	{"modern-revoked-zh", "modern", sample(exam, revoked)},
	{"classical-suspended-zh", "classical", sample(exam, revoked, Values{"state": "suspended"})},
	{"classical-achievement-zh", "classical", sample(honour, Values{"name": "欧阳思远", "achievement": "年度安全生产标兵"})},
	{"classical-course-en", "classical", sample(english)},
	{"classical-exam-zh", "classical", sample(exam, Values{"name": "阿卜杜热合曼·阿卜杜外力·买买提依明江"})},
	{"classical-achievement-en", "classical", sample(english, honour, Values{"name": "Nguyễn Thị Ánh Tuyết"})},
	{"modern-exam-zh", "modern", sample(exam, Values{"name": "䶮𬱖"})},
	{"modern-exam-en", "modern", sample(english, exam, Values{"name": "Jürgen Müßig"})},
	{"modern-achievement-zh", "modern", sample(honour, Values{"achievement": "年度安全生产标兵"})},
	{"modern-course-en", "modern", sample(english, Values{"until_en": ""})},
	{"modern-long-en", "modern", sample(english, exam, longest, Values{"achievement": "Safety knowledge and management of persons in charge of enterprises that trade in dangerous chemicals", "result": "92.5 / 100"})},
	{"classical-portrait-course-zh", "classical-portrait", sample()},
	{"classical-portrait-exam-en", "classical-portrait", sample(english, exam)},
	{"classical-portrait-long-en", "classical-portrait", sample(english, exam, longest, Values{"achievement": "Safety knowledge and management of persons in charge of enterprises that trade in dangerous chemicals", "result": "92.5 / 100"})},
	{"classical-portrait-revoked-zh", "classical-portrait", sample(revoked)},
	{"modern-portrait-course-zh", "modern-portrait", sample()},
	{"modern-portrait-exam-en", "modern-portrait", sample(english, exam)},
	{"modern-portrait-achievement-en", "modern-portrait", sample(english, honour, Values{"name": "Nguyễn Thị Ánh Tuyết", "achievement": "Safety Instructor of the Year"})},
	{"modern-portrait-long-zh", "modern-portrait", sample(exam, longest, Values{"result": "92.5 / 100"})},
	{"modern-portrait-long-en", "modern-portrait", sample(english, exam, longest, Values{"achievement": "Safety knowledge and management of persons in charge of enterprises that trade in dangerous chemicals", "result": "92.5 / 100"})},
	{"modern-portrait-revoked-zh", "modern-portrait", sample(revoked)},
	{"card-exam-en", "card", sample(english, exam)},
	{"card-achievement-zh", "card", sample(honour, Values{"name": "欧阳思远", "achievement": "年度安全生产标兵"})},
	{"card-achievement-en", "card", sample(english, honour)},
	{"card-long-zh", "card", sample(exam, longest, Values{"result": "92.5 / 100"})},
	{"card-long-en", "card", sample(english, longest, Values{"achievement": "Safety knowledge and management of persons in charge of enterprises that trade in dangerous chemicals", "result": "100%"})},
	{"card-revoked-zh", "card", sample(revoked)},
	{"card-superseded-en", "card", sample(english, revoked, Values{"state": "superseded", "state_date": "4 May 2026", "state_reason": "信息更正 Facts corrected", "replacement": "4N8C-Z0VH-K6PE-3YQ7"})},
	{"modern-superseded-en", "modern", sample(english, revoked, Values{"state": "superseded", "state_date": "4 May 2026", "state_reason": "信息更正 Facts corrected", "replacement": "4N8C-Z0VH-K6PE-3YQ7"})},
	{"classical-revoked-zh", "classical", sample(revoked, Values{"state_reason": "颁发有误 Issued in error"})},
	{"classical-superseded-en", "classical", sample(english, revoked, Values{"state": "superseded", "state_date": "4 May 2026", "replacement": "4N8C-Z0VH-K6PE-3YQ7"})},
	{"modern-long-zh", "modern", sample(exam, longest, Values{"name": "阿卜杜热合曼·阿卜杜外力·买买提依明江", "result": "92.5 / 100"})},
}

func paint(t testing.TB, layout string, v Values) []byte {
	t.Helper()
	p, err := layouts()[layout].Compose(v)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := p.PNG(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// LAUREL_PICTURES=DIR go test -run Look ./internal/picture writes the pictures for looking at.
func TestLook(t *testing.T) {
	dir := os.Getenv("LAUREL_PICTURES")
	if dir == "" {
		t.Skip("LAUREL_PICTURES names no folder to write the pictures to")
	}
	for _, p := range pictures {
		if err := os.WriteFile(filepath.Join(dir, p.name+".png"), paint(t, p.layout, p.values), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// The goldens were looked at beside the drafts, at full size. A change that is meant: copy what TestLook writes over
// them, and look.
func TestPicturesAreAsTheyWereLookedAt(t *testing.T) {
	for _, p := range pictures[:goldens] {
		sameAsGolden(t, p.name, paint(t, p.layout, p.values))
	}
}

func sameAsGolden(t *testing.T, name string, png []byte) {
	t.Helper()
	want, err := os.ReadFile("testdata/" + name + ".png")
	if err != nil {
		t.Fatal(err)
	}
	a, b := decode(t, png), decode(t, want)
	if !a.Rect.Eq(b.Rect) {
		t.Fatalf("%s: %v, golden %v", name, a.Rect, b.Rect)
	}
	differ, first := 0, image.Point{}
	for y := range a.Rect.Max.Y {
		for x := range a.Rect.Max.X {
			if a.At(x, y) != b.At(x, y) {
				if differ++; differ == 1 {
					first = image.Pt(x, y)
				}
			}
		}
	}
	if differ > 0 {
		t.Errorf("%s: %d pixels differ from the golden, the first at %v", name, differ, first)
	}
}

func decode(t *testing.T, png []byte) *image.Paletted {
	t.Helper()
	img, err := stdpng.Decode(bytes.NewReader(png))
	if err != nil {
		t.Fatal(err)
	}
	p, ok := img.(*image.Paletted)
	if !ok {
		t.Fatalf("%T is not a paletted picture", img)
	}
	return p
}

func TestAPictureHasAtMost64ColoursAndABandsOwnAndThePapersSize(t *testing.T) {
	for _, p := range pictures {
		img := decode(t, paint(t, p.layout, p.values))
		most := 64
		if p.values["state"] != nil {
			most += maxColoursOfBand
		}
		if n := len(img.Palette); n > most {
			t.Errorf("%s: %d colours", p.name, n)
		}
		if want := (image.Point{1600, 1131}); img.Rect.Size() != want && img.Rect.Size() != (image.Point{want.Y, want.X}) && p.layout != "card" {
			t.Errorf("%s: %v", p.name, img.Rect)
		}
	}
}

func TestTheSameValuesGiveTheSameBytes(t *testing.T) {
	other := load() // nothing shared with the layouts that painted before, in another order
	for i := len(pictures) - 1; i >= 0; i-- {
		p := pictures[i]
		pic, err := other[p.layout].Compose(p.values)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := pic.PNG(&b); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), paint(t, p.layout, p.values)) {
			t.Errorf("%s: two paintings differ", p.name)
		}
	}
}

func TestManyPaintAtOnce(t *testing.T) {
	fresh := load()
	want := make([][]byte, goldens)
	for i, p := range pictures[:goldens] {
		want[i] = paint(t, p.layout, p.values)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range goldens {
				k := (i*7 + g*3) % goldens
				pic, err := fresh[pictures[k].layout].Compose(pictures[k].values)
				if err != nil {
					t.Error(err)
					return
				}
				var b bytes.Buffer
				if err := pic.PNG(&b); err != nil || !bytes.Equal(b.Bytes(), want[k]) {
					t.Errorf("%s: painted among others it differs (%v)", pictures[k].name, err)
				}
			}
		})
	}
	wg.Wait()
}

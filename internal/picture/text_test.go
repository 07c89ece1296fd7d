package picture

import (
	"errors"
	"image"
	"slices"
	"strings"
	"testing"
)

// composed gives the display list of a layout.
func composed(t *testing.T, l *Layout, v Values) *Picture {
	t.Helper()
	p, err := l.Compose(v)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// lines finds the lines of text that begin with one of some words.
func (p *Picture) lines(texts ...string) []item {
	var out []item
	for _, it := range p.items {
		if it.kind == itemGlyphs && slices.ContainsFunc(texts, func(s string) bool { return strings.HasPrefix(it.text, s) }) {
			out = append(out, it)
		}
	}
	return out
}

// ink is the box of pixels that a line covers.
func (p *Picture) ink(it item) image.Rectangle {
	s := p.layout.fonts.pool.Get().(*setter)
	defer p.layout.fonts.pool.Put(s)
	var r image.Rectangle
	for i := range it.glyphs {
		m, x, y := s.maskAt(&it.glyphs[i], it.size)
		r = r.Union(image.Rect(x+m.x, y+m.y, x+m.x+m.w, y+m.y+m.h))
	}
	return r
}

func TestACharacterThatNoFontHasIsRefusedByName(t *testing.T) {
	for _, c := range []struct {
		why, value, text, field string
		want                    rune
	}{
		{"an emoji", "name", "张伟🎓", "recipient.name", '🎓'},
		{"a script of no embedded font", "name", "محمد", "recipient.name", 'م'},
		{"a syllable among Chinese", "achievement", "安全한基础", "achievement.name", '한'},
		{"a rare character outside the standard list", "name", "𠀀", "recipient.name", '𠀀'},
		{"a control character", "name", "Al\x07ice", "recipient.name", '\x07'},
		{"a line end", "achievement", "one\ntwo", "achievement.name", '\n'},
		{"a bidi override, which would turn the order about", "name", "A\u202eBC", "recipient.name", '\u202e'},
		{"a zero-width space", "name", "A\u200bB", "recipient.name", '\u200b'},
		{"private use", "name", "A\ue000", "recipient.name", '\ue000'},
		{"the replacement character of broken text", "name", "A\xffB", "recipient.name", '\ufffd'},
		{"the issuer's name", "issuer", "Академия ☃", "issuer", '☃'},
	} {
		for _, layout := range []string{"classical", "modern"} {
			_, err := layouts()[layout].Compose(sample(Values{c.value: c.text}))
			var e *TextError
			if !errors.As(err, &e) || !errors.Is(err, ErrGlyph) || e.Field != c.field || e.Rune != c.want {
				t.Errorf("%s, %s: %v; want ErrGlyph of %s at %q", c.why, layout, err, c.field, c.want)
			}
		}
	}
}

func TestATextThatDoesNotFitIsRefused(t *testing.T) {
	for _, c := range []struct{ why, value, text, field string }{
		{"a name of 200 letters", "name", strings.Repeat("Wolfeschlegel ", 15), "recipient.name"},
		{"a name without a place to break", "name", strings.Repeat("Wolfeschlegel", 8), "recipient.name"},
		{"a Chinese title of 120 characters", "achievement", strings.Repeat("危险化学品经营单位安全", 11), "achievement.name"},
		{"an issuer of 200 characters", "issuer", strings.Repeat("示例学院", 50), "issuer"},
		{"an address beyond QR version 6", "url", "https://" + strings.Repeat("long.", 20) + "example.org/c/7F3K-9QXM-2T8W-RB7Q/", "url"},
		{"a result of 60 digits", "result", strings.Repeat("123456", 10), "result"},
	} {
		for _, layout := range []string{"classical", "modern"} {
			_, err := layouts()[layout].Compose(sample(Values{c.value: c.text}))
			var e *TextError
			if !errors.As(err, &e) || !errors.Is(err, ErrOverflow) || e.Field != c.field || e.Text == "" {
				t.Errorf("%s, %s: %v; want ErrOverflow of %s", c.why, layout, err, c.field)
			}
		}
	}
}

func TestANameShrinksThenTakesTwoLines(t *testing.T) {
	for _, c := range []struct {
		layout, name string
		lines        int
		size         float64
	}{
		{"classical", "张伟", 1, 104},
		{"classical", "Alexandra Müller", 1, 104},
		{"classical", "阿卜杜热合曼·阿卜杜外力·买买提依明江", 1, 65.5},
		{"classical", "Maria Alexandra Fernanda von Hohenberg-Castellanos y Villanueva", 2, 55},
		{"modern", "张伟", 1, 148},
		{"modern", "Alexandra Müller", 1, 124.5},
		{"modern", "Maria Alexandra Fernanda von Hohenberg-Castellanos y Villanueva", 2, 60},
		{"modern", "阿卜杜热合曼·阿卜杜外力·买买提依明江", 2, 72},
	} {
		p := composed(t, layouts()[c.layout], sample(Values{"name": c.name}))
		got := p.lines(c.name[:3], "Hohenberg", "阿卜杜外力")
		if len(got) != c.lines {
			t.Errorf("%s %s: %d lines, want %d", c.layout, c.name, len(got), c.lines)
			continue
		}
		if got[0].size != c.size {
			t.Errorf("%s %s: %v px, want %v", c.layout, c.name, got[0].size, c.size)
		}
	}
}

func TestTextsStayApartAndOnTheSheet(t *testing.T) {
	names := []string{"张伟", "阿卜杜热合曼·阿卜杜外力·买买提依明江", "Maria Alexandra Fernanda von Hohenberg-Castellanos y Villanueva", "Nguyễn Thị Ánh Tuyết", "Jürgen Müßig", "䶮", "𬱖", "Łukasz Żółkiewski"}
	titles := []string{"安全", longest["achievement"].(string), "Safety knowledge and management of persons in charge of enterprises that trade in dangerous chemicals"}
	for _, layout := range []string{"classical", "modern", "classical-portrait", "modern-portrait", "card"} {
		for _, kind := range []Values{{}, exam, honour} {
			for _, lang := range []string{"zh", "en"} {
				for i, name := range names {
					v := sample(kind, Values{"lang": lang, "name": name, "achievement": titles[i%len(titles)]})
					apart(t, composed(t, layouts()[layout], v), layout+" "+lang+" "+name)
				}
			}
		}
	}
}

// apart checks, pixel by pixel, that no text touches another, the code's quiet zone, or the outer 35 pixels.
func apart(t *testing.T, p *Picture, what string) {
	t.Helper()
	set := p.layout.fonts.pool.Get().(*setter)
	defer p.layout.fonts.pool.Put(set)
	w, h := p.Size()
	owner := make([]uint8, w*h) // of each pixel, the item, counted from 1
	var zone image.Rectangle
	for _, it := range p.items {
		if it.kind == itemCode {
			m, x, y := it.codePlace(33)
			zone = image.Rect(x-4*m, y-4*m, x+37*m, y+37*m)
		}
	}
	for i, it := range p.items {
		what := what + ": " + it.text
		me := uint8(i + 1)
		for g := range it.glyphs {
			m, x, y := set.maskAt(&it.glyphs[g], it.size)
			for k, level := range m.pix {
				at := image.Pt(x+m.x+k%m.w, y+m.y+k/m.w)
				if level == 0 {
					continue
				}
				if !at.In(image.Rect(35, 35, w-35, h-35)) || at.In(zone) {
					t.Errorf("%s: at %v it is too near the edge, or within the code's quiet zone", what, at)
					return
				}
				if o := owner[at.Y*w+at.X]; o != 0 && o != me {
					t.Errorf("%s: at %v it touches %s", what, at, p.items[o-1].text)
					return
				}
				owner[at.Y*w+at.X] = me
			}
		}
	}
}

func TestMissingFactsLeaveNoHole(t *testing.T) {
	l := layouts()["classical"]
	for _, c := range []struct {
		values Values
		ys     []float64
	}{
		{Values{}, []float64{882, 924, 966}},
		{Values{"result": ""}, []float64{903, 945}},
		{Values{"result": "", "until_zh": ""}, []float64{924}},
	} {
		p := composed(t, l, sample(c.values))
		var ys []float64
		for _, it := range p.lines("完成率", "颁发日期", "有效期至") {
			ys = append(ys, it.glyphs[0].y)
		}
		if !slices.Equal(ys, c.ys) {
			t.Errorf("%v: labels at %v, want %v", c.values, ys, c.ys)
		}
	}
	p := composed(t, layouts()["modern"], sample(Values{"result": ""}))
	if got := p.lines("颁发日期"); len(got) != 1 || got[0].glyphs[0].x < 410 || got[0].glyphs[0].x > 414 {
		t.Errorf("the first fact does not move up to the left edge: %v", got)
	}
}

func TestATextIsSetInOneFontWhereOneHasAllOfIt(t *testing.T) {
	l := layouts()["classical"]
	for _, c := range []struct {
		name string
		want []string // fonts in order
	}{
		{"张伟", []string{"NotoSerifSC-SemiBold"}},
		{"Jürgen Müßig", []string{"NotoSerifSC-SemiBold"}},
		{"Nguyễn Thị Ánh Tuyết", []string{"NotoSerifSC-SemiBold"}},
		{"Łukasz Kowalski", []string{"NotoSerif-SemiBold"}},
		{"张 Łukasz 伟", []string{"NotoSerifSC-SemiBold", "NotoSerif-SemiBold", "NotoSerifSC-SemiBold"}},
		{"张Łukasz伟", []string{"NotoSerifSC-SemiBold", "NotoSerif-SemiBold", "NotoSerifSC-SemiBold"}},
		{"Łé②", []string{"NotoSerif-SemiBold", "NotoSerifSC-SemiBold"}},
		{"䶮𬱖", []string{"NotoSerifSC-SemiBold"}},
	} {
		it := composed(t, l, sample(Values{"name": c.name})).lines(c.name)
		if len(it) != 1 {
			t.Fatalf("%s: %d lines", c.name, len(it))
		}
		var got []string
		for _, g := range it[0].glyphs {
			if len(got) == 0 || got[len(got)-1] != g.face.name {
				got = append(got, g.face.name)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: set in %v, want %v", c.name, got, c.want)
		}
	}
}

func TestALatinWordKeepsItsNarrowQuotes(t *testing.T) {
	l := layouts()["classical"]
	width := func(name string) float64 {
		it := composed(t, l, sample(Values{"name": name})).lines(name)[0]
		return (it.glyphs[2].x - it.glyphs[1].x) / it.size
	}
	if w := width("O’Brien"); w > .4 {
		t.Errorf("the apostrophe of O’Brien is %.2f em wide", w)
	}
	if w := width("张“伟”"); w < .9 {
		t.Errorf("a Chinese quotation mark is %.2f em wide", w)
	}
}

func TestRightToLeftNamesStandInVisualOrder(t *testing.T) {
	l := load("testdata/fonts/arabic")["classical"]
	p := composed(t, l, sample(Values{"name": "محمد عبد"}))
	it := p.lines("محمد")
	if len(it) != 1 {
		t.Fatalf("%d lines", len(it))
	}
	s, missing := l.fonts.shape(&typeface{han: l.fonts.fonts, other: l.fonts.fonts, key: "test"}, "", "李 محمد Müller", false)
	if missing != 0 {
		t.Fatalf("no font has %q", missing)
	}
	var order []int
	for _, g := range s.glyphs {
		order = append(order, g.cluster)
	}
	if want := []int{0, 1, 5, 4, 3, 2, 6, 7, 8, 9, 10, 11, 12}; !slices.Equal(order, want) {
		t.Errorf("from left to right the letters are %v, want %v", order, want)
	}
	s, _ = l.fonts.shape(&typeface{han: l.fonts.fonts, other: l.fonts.fonts, key: "test"}, "", "محمد 2026 عبد", false)
	order = order[:0]
	for _, g := range s.glyphs {
		order = append(order, g.cluster)
	}
	order = slices.Compact(order) // a dot is a glyph of its own
	if want := []int{12, 11, 10, 9, 5, 6, 7, 8, 4, 3, 2, 1, 0}; !slices.Equal(order, want) {
		t.Errorf("figures in an Arabic text: %v, want %v", order, want)
	}
}

func TestFontFoldersAddCharacters(t *testing.T) {
	for _, c := range []struct{ dir, name, font string }{
		{"testdata/fonts/arabic", "محمد عبد الرحمن", "NotoSansArabic-Subset"},
		{"testdata/fonts/korean", "홍길동", "Collection#1"}, // CFF outlines, the second font of a collection
		{"testdata/fonts", "李 محمد 홍길동", "NotoSerifSC-SemiBold"},
	} {
		l := load(c.dir)["classical"]
		p := composed(t, l, sample(Values{"name": c.name}))
		it := p.lines(c.name)
		if len(it) != 1 || it[0].glyphs[0].face.name != c.font && it[0].glyphs[len(it[0].glyphs)-1].face.name != c.font {
			t.Errorf("%s: %d lines, first glyph of %s", c.name, len(it), it[0].glyphs[0].face.name)
		}
		if r := p.ink(it[0]); r.Dx() < 150 || r.Dy() < 40 {
			t.Errorf("%s: painted on %v: nothing to be seen", c.name, r)
		}
	}
}

func TestLinesBreakWhereTheyRead(t *testing.T) {
	set := layouts()["classical"]
	for _, c := range []struct{ text, first, second string }{
		{"Maria Alexandra Fernanda von Hohenberg-Castellanos y Villanueva", "Maria Alexandra Fernanda von", "Hohenberg-Castellanos y Villanueva"},
		{longest["achievement"].(string), "危险化学品经营单位主要负责人与安全生产管理人员安全知识", "和管理能力再培训（2026 年春季班）"},
		{"阿卜杜热合曼·阿卜杜外力·买买提依明江", "阿卜杜热合曼·", "阿卜杜外力·买买提依明江"},
		{"安全生产，", "安全", "生产，"},
		{"《安全》", "《安", "全》"},
		{"certs.example.org/c/7F3K-9QXM-2T8W-RB7Q/", "certs.example.org/c/", "7F3K-9QXM-2T8W-RB7Q/"},
		{"Wolfeschlegelsteinhausen", "", ""},
	} {
		s, _ := set.fonts.shape(&typeface{han: set.fonts.fonts, other: set.fonts.fonts, key: "break"}, "", c.text, false)
		if a, b, ok := halves(s, c.text); a != c.first || b != c.second || ok != (c.first != "") {
			t.Errorf("%s: %q | %q, want %q | %q", c.text, a, b, c.first, c.second)
		}
	}
}

func TestMarksAroundAnEmptyTextAreLeftOut(t *testing.T) {
	p := composed(t, layouts()["classical"], sample(Values{"achievement": ""}))
	if got := p.lines("《"); len(got) != 0 {
		t.Errorf("%q is drawn", got[0].text)
	}
}

func TestATitleOfOneLanguageStandsInForTheOther(t *testing.T) {
	p := composed(t, layouts()["modern"], sample(Values{"title_zh": ""}))
	if got := p.lines("Certificate of Completion"); len(got) != 1 || got[0].size != 60 {
		t.Errorf("%v", got)
	}
}

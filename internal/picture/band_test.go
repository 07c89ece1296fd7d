package picture

import (
	"image"
	"image/color"
	"strings"
	"testing"
)

func TestARevokedPictureIsGreyUnderItsBand(t *testing.T) {
	for _, layout := range []string{"classical", "modern"} {
		for _, state := range []string{"revoked", "superseded"} {
			img := decode(t, paint(t, layout, sample(revoked, Values{"state": state, "replacement": "4N8C-Z0VH-K6PE-3YQ7"})))
			p := layouts()[layout].variants[0].bands[state].palette
			for i, c := range img.Palette {
				if c := c.(color.RGBA); i < int(p.above) && (c.R != c.G || c.G != c.B) {
					t.Errorf("%s %s: colour %d is %v, which is not grey", layout, state, i, c)
				}
			}
			if got, want := img.At(2, 2), color.Color(p.colours[p.above]); got != want {
				t.Errorf("%s %s: the band is %v, want %v", layout, state, got, want)
			}
		}
	}
}

func TestASuspendedPictureIsTheSameBelowItsBand(t *testing.T) {
	for layout, height := range map[string]int{"classical": 89, "modern": 72} {
		plain, banded := decode(t, paint(t, layout, sample())), decode(t, paint(t, layout, sample(revoked, Values{"state": "suspended"})))
		for y := range plain.Rect.Max.Y {
			same := true
			for x := range plain.Rect.Max.X {
				same = same && plain.At(x, y) == banded.At(x, y)
			}
			if same != (y >= height) {
				t.Errorf("%s: row %d: the same %v; the band is %d pixels high", layout, y, same, height)
				break
			}
		}
	}
}

// The code must lead to the page and the number must be read, of a revoked certificate above all.
func TestABandAndItsLinesMissCodeAndNumber(t *testing.T) {
	for _, layout := range []string{"classical", "modern"} {
		for _, kind := range []Values{{}, exam, honour} {
			plain := composed(t, layouts()[layout], sample(kind))
			zones := codeAndNumber(plain)
			a, b := decode(t, paint(t, layout, sample(kind))), decode(t, paint(t, layout, sample(kind, revoked)))
			for _, zone := range zones {
				for y := zone.Min.Y; y < zone.Max.Y; y++ {
					for x := zone.Min.X; x < zone.Max.X; x++ {
						if a.ColorIndexAt(x, y) != b.ColorIndexAt(x, y) {
							t.Fatalf("%s: the band or a line covers %d, %d of %v", layout, x, y, zone)
						}
					}
				}
			}
		}
	}
}

func codeAndNumber(p *Picture) []image.Rectangle {
	var zones []image.Rectangle
	for _, it := range p.items {
		if it.kind == itemCode {
			m, x, y := it.codePlace(33)
			zones = append(zones, image.Rect(x-4*m, y-4*m, x+37*m, y+37*m))
		}
	}
	for _, it := range p.lines("7F3K", "certs.") {
		zones = append(zones, p.ink(it))
	}
	return zones
}

func TestABandSaysWhenWhyAndWhat(t *testing.T) {
	p := composed(t, layouts()["classical"], sample(revoked, Values{"state": "superseded", "state_reason": "信息更正 Facts corrected", "replacement": "4N8C-Z0VH-K6PE-3YQ7"}))
	for _, want := range []string{"已换发", "REPLACED", "2026年5月4日 · 信息更正 Facts corrected · 已由新证书取代 · Replaced by 4N8C-Z0VH-K6PE-3YQ7"} {
		if len(p.lines(want)) != 1 {
			t.Errorf("no line %q", want)
		}
	}
	p = composed(t, layouts()["classical"], sample(revoked, Values{"state": "superseded", "state_date": ""}))
	if len(p.lines("已由新证书取代")) != 1 {
		t.Error("what has no value does not leave the line")
	}
}

// A statement must get onto its picture: one that did not fit would leave the page as it was, and the rest unpublished.
func TestEveryStatementFitsIntoEveryBand(t *testing.T) {
	for _, layout := range []string{"classical", "classical-portrait", "modern", "modern-portrait", "card"} {
		for _, date := range []string{"2026年12月30日", "30 September 2026"} {
			for _, state := range []string{"revoked", "suspended", "superseded"} {
				for _, reason := range []string{"", "未达到颁发要求 Requirements not met"} {
					p := composed(t, layouts()[layout], sample(revoked, Values{"state": state, "state_date": date, "state_reason": reason, "replacement": "4N8C-Z0VH-K6PE-3YQ7"}))
					printed := ""
					for _, it := range p.lines("") {
						printed += it.text + "\n"
					}
					for _, want := range map[string][]string{
						"revoked": {date, reason, "已撤销", "REVOKED", "本证书已被撤销，不再有效", "No longer valid"}, "suspended": {date, reason, "已暂停", "SUSPENDED", "Not valid until reinstated"},
						"superseded": {date, "已换发", "REPLACED", "已由新证书取代", "Replaced by 4N8C-Z0VH-K6PE-3YQ7"},
					}[state] {
						if !strings.Contains(printed, want) {
							t.Errorf("%s, %s, %s, %q: no %q", layout, state, date, reason, want)
						}
					}
					wide, _ := p.Size()
					words := p.lines("REVOKED", "SUSPENDED", "REPLACED")
					for _, it := range p.lines(date, "本证书已", "本证书暂", "已由新", "Not valid", "No longer", "Replaced by") {
						if ink, band := p.ink(it), p.ink(words[0]); ink.Overlaps(band) || ink.Max.X > wide-20 || ink.Min.Y < 3 {
							t.Errorf("%s, %s, %s, %q: the line stands at %v, the word at %v", layout, state, date, reason, ink, band)
						}
					}
				}
			}
		}
	}
}

// The least layout has a narrow band and one face; what has no room or no glyph goes, and the band stays.
func TestABandIsThereWhateverDoesNotFitIntoIt(t *testing.T) {
	l, err := Compile("bare.yaml", []byte(bare+"bands: {height: 20, states: {revoked: {colour: \"#224466\", words: [\"\\U0001F512\", GONE], line: [\"{state_date}\", \"{state_reason}\"]}}}\n"), layouts()["modern"].fonts)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("for a reason that nobody has room for ", 9)
	p := composed(t, l, sample(revoked, Values{"state_reason": long}))
	if len(p.lines("GONE")) != 1 || len(p.lines("2026年5月4日")) != 1 || len(p.lines("nobody")) != 0 {
		t.Error("the band has other words than those that have room and glyphs")
	}
	if p := composed(t, l, sample(revoked, Values{"state": "suspended"})); len(p.lines("SUSPENDED")) != 1 {
		t.Error("a layout with one state of its own has lost the others")
	}
}

func TestAStateThatNobodyKnowsIsRefused(t *testing.T) {
	_, err := layouts()["modern"].Compose(sample(revoked, Values{"state": "lost"}))
	if err == nil || !strings.Contains(err.Error(), `"lost" is none of revoked, superseded, suspended`) {
		t.Errorf("state lost: %v", err)
	}
	v := sample(revoked)
	delete(v, "state_date")
	if _, err := layouts()["modern"].Compose(v); err == nil || !strings.Contains(err.Error(), "state_date") {
		t.Errorf("a state without its date: %v", err)
	}
	if _, err := layouts()["modern"].Compose(sample(Values{"state": ""})); err != nil {
		t.Errorf("an empty state: %v", err)
	}
}

// A layout that says nothing of bands has them all the same.
func TestEveryLayoutHasBands(t *testing.T) {
	l, err := Compile("bare.yaml", []byte(bare), layouts()["modern"].fonts)
	if err != nil {
		t.Fatal(err)
	}
	if p := composed(t, l, sample(revoked)); len(p.lines("已撤销")) != 1 {
		t.Error("no band on a layout without bands of its own")
	}
	for text, want := range map[string]string{
		"bands: {height: 5}\n":                        "bare.yaml:6:8: bands: height goes from 20 pixels to half of the sheet",
		"bands: {cross: left}\n":                      "bare.yaml:6:16: bands: cross is up or down",
		"bands: {states: {gone: {words: [a, b]}}}\n":  `bare.yaml:6:24: bands: colour: "" is no colour`,
		"bands: {sans: bold}\n":                       `bare.yaml:6:15: no face "bold"`,
		"bands: {states: {gone: {worlds: [a, b]}}}\n": `bare.yaml:6:25: unknown key "worlds"; did you mean "words"?`,
	} {
		if _, err := Compile("bare.yaml", []byte(bare+text), layouts()["modern"].fonts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v; want %s", text, err, want)
		}
	}
	own := bare + "bands: {states: {archived: {colour: \"#224466\", words: [存档, ARCHIVED], line: [\"{state_date}\"]}}}\n"
	l, err = Compile("bare.yaml", []byte(own), layouts()["modern"].fonts)
	if err != nil {
		t.Fatal(err)
	}
	if p := composed(t, l, sample(revoked, Values{"state": "archived"})); len(p.lines("ARCHIVED")) != 1 {
		t.Error("no band of the layout's own state")
	}
}

// bare is the least that a layout can be.
const bare = `canvas: {size: [1000, 700], ground: white}
colours: {white: "#FFFFFF", ink: "#000000"}
faces: {body: [NotoSansSC-Regular]}
values: [name]
elements: [{text: "{name}", face: body, size: 40, x: 60, y: 300, colour: ink}]
`

package templates

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
)

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestTheEmbeddedTemplatesAreTheThreeTypesInBothLanguages(t *testing.T) {
	s, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	if got := len(s.Certificates()); got != len(Types) {
		t.Errorf("%d embedded templates, want %d", got, len(Types))
	}
	for _, typ := range Types {
		c, ok := s.Certificate(typ)
		if !ok || c.Type != typ || s.Default(typ) == nil {
			t.Fatalf("no embedded template for %s", typ)
		}
		for name, text := range map[string]Text{"title": c.Title, "description": c.Description} {
			if !han(text.Zh) || han(text.En) || text.En == "" {
				t.Errorf("%s: %s is not in both languages: %q", typ, name, text)
			}
		}
		var zh, en bool
		for paragraph := range strings.SplitSeq(c.Narrative(), "\n\n") {
			zh, en = zh || han(paragraph), en || !han(paragraph)
		}
		if !zh || !en {
			t.Errorf("%s: its criteria are not in both languages: %q", typ, c.Narrative())
		}
		if strings.Contains(c.Narrative(), "{{") {
			t.Errorf("%s: its criteria were not filled in: %q", typ, c.Narrative())
		}
		if !c.Validity.IsZero() {
			t.Errorf("%s expires by default: %v", typ, c.Validity)
		}
	}
	course, _ := s.Certificate("course")
	if !strings.Contains(course.Narrative(), course.PassRate+"%") {
		t.Errorf("the criteria of a course do not name its pass rate %s: %q", course.PassRate, course.Narrative())
	}
}

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

const exam = `---
type: exam
title: {zh: 合格证, en: Pass}
description:
  zh: 说明
  en: Description
pass:
  score: 60.50
  max: 120
validity: 1y6mo
layout: classical
language: zh
---
{{.Title.Zh}}：{{.PassScore}} / {{.MaxScore}}，{{.PassPercent}}%
`

func TestATemplateIsReadWithAllItsSettings(t *testing.T) {
	c, err := parseCertificate("my-exam", "my-exam.md", []byte(exam), []string{"classical"})
	if err != nil {
		t.Fatal(err)
	}
	want := Certificate{ID: "my-exam", Where: "my-exam.md", Type: "exam", Layout: "classical", Language: "zh",
		Title: Text{"合格证", "Pass"}, Description: Text{"说明", "Description"}, PassScore: "60.5", MaxScore: "120",
		Validity: Period{Years: 1, Months: 6}, Criteria: "{{.Title.Zh}}：{{.PassScore}} / {{.MaxScore}}，{{.PassPercent}}%", narrative: "合格证：60.5 / 120，50.42%"}
	if *c != want {
		t.Errorf("got  %+v\nwant %+v", *c, want)
	}
	withBOM := "\ufeff" + strings.ReplaceAll(exam, "\n", "\r\n")
	windows, err := parseCertificate("my-exam", "my-exam.md", []byte(withBOM), nil)
	if err != nil || *windows != want {
		t.Errorf("saved by a Windows editor: %+v, %v", windows, err)
	}
}

func TestAMistakeInATemplateIsNamedWithItsPlaceAndWhatToDo(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"a misspelt key", "layout:", "layuot:", `t.md:11:1: unknown key "layuot"; did you mean "layout"?`},
		{"a misspelt key leaves the right one missing", "layout:", "layuot:", "t.md:2:1: layout is missing; add it"},
		{"a key that nothing is near", "layout:", "colour: red\nlayout:", `t.md:11:1: unknown key "colour"; known are `},
		{"a misspelt inner key", "score:", "scoer:", `t.md:8:3: unknown key "pass.scoer"; did you mean "pass.score"?`},
		{"an unknown layout", "layout: classical", "layout: clasical", `t.md:11:9: unknown layout "clasical"; did you mean "classical"?`},
		{"an unknown type", "type: exam", "type: exams", `t.md:2:7: unknown type "exams"; did you mean "exam"?`},
		{"a missing language of a title", "en: Pass}", "fr: Réussi}", "title.en is missing"},
		{"a number where text belongs", "zh: 说明", "zh: 12", "t.md:5:7: description.zh is a number; it must be text"},
		{"text where a number belongs", "score: 60.50", "score: sixty", "t.md:8:10: pass.score is text; it must be a number"},
		{"a list where a mapping belongs", "pass:\n  score: 60.50\n  max: 120", "pass: [60, 120]", "t.md:7:7: pass is a list; it must be a mapping"},
		{"three decimals", "60.50", "60.505", "at most two decimals"},
		{"a negative score", "60.50", "-1", "must be a number from 0"},
		{"a hexadecimal score", "60.50", "0x3c", "must be a number from 0"},
		{"a score above the highest", "60.50", "120.5", "t.md:8:3: the pass score 120.5 is above the highest score 120"},
		{"no pass rule for an exam", "pass:\n  score: 60.50\n  max: 120\n", "", "an exam needs a pass rule"},
		{"a pass rule for an achievement", "type: exam", "type: achievement", "an achievement has no pass rule"},
		{"a validity nobody can read", "1y6mo", "eighteen months", `t.md:10:11: validity is "eighteen months"; write years, months or days`},
		{"a validity of four hundred years", "1y6mo", "400y", "at most 100 years"},
		{"a duplicate key", "layout: classical", "layout: classical\nlayout: classical", "t.md:12:1: not YAML"},
		{"broken YAML", "title: {zh: 合格证", "title: {zh: 合格证, {", "t.md:3:"},
		{"no front matter", "---\ntype: exam", "type: exam", "t.md:1:1: no front matter"},
		{"front matter without an end", "language: zh\n---", "language: zh", "t.md:1:1: the front matter does not end"},
		{"an empty title", "en: Pass}", "en: ''}", "title.en is empty"},
		{"a bidirectional override in a title", "en: Pass}", `en: "Pa\u202ess"}`, "control character"},
		{"an unknown value in the criteria", "{{.PassScore}}", "{{.Passscore}}", "t.md:14:"},
		{"a broken action in the criteria", "{{.PassScore}}", "{{.PassScore", "t.md:14:1: "},
		{"no criteria", "{{.Title.Zh}}：{{.PassScore}} / {{.MaxScore}}，{{.PassPercent}}%", "", "t.md:14:1: no criteria"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(exam, c.old, c.new, 1)
			if text == exam {
				t.Fatal("the case changes nothing")
			}
			_, err := parseCertificate("t", "t.md", []byte(text), []string{"classical", "modern"})
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	if _, err := parseCertificate("t", "t.md", []byte("---\ntype: \xff\n---\n"), nil); err == nil || !strings.HasPrefix(err.Error(), "t.md:2:7: not UTF-8") {
		t.Errorf("bytes that are not UTF-8: %v", err)
	}
}

func TestAPeriodEndsOnTheLastDayOfAShortMonth(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	for _, c := range []struct {
		from string
		p    Period
		want string
	}{
		{"2026-03-01", Period{Years: 2}, "2028-03-01"},
		{"2028-02-29", Period{Years: 1}, "2029-02-28"},
		{"2026-01-31", Period{Months: 1}, "2026-02-28"},
		{"2026-11-30", Period{Months: 3}, "2027-02-28"},
		{"2026-12-31", Period{Days: 1}, "2027-01-01"},
		{"2026-03-01", Period{Years: 1, Months: 6, Days: 10}, "2027-09-11"},
	} {
		from, err := time.ParseInLocation(time.DateOnly, c.from, zone)
		if err != nil {
			t.Fatal(err)
		}
		got := c.p.After(from.Add(10*time.Hour + 3*time.Minute))
		if want := c.want + "T10:03:00+08:00"; got.Format(time.RFC3339) != want {
			t.Errorf("%s + %+v = %s, want %s", c.from, c.p, got.Format(time.RFC3339), want)
		}
	}
}

func TestTheUsersFolderLiesOverTheEmbeddedOneFileByFile(t *testing.T) {
	dir := t.TempDir()
	own := strings.Replace(exam, "layout: classical", "layout: mine", 1)
	write(t, dir, "certificates/exam.md", own)
	write(t, dir, "certificates/driving.md", own)
	write(t, dir, "certificates/.driving.md.swp", "an editor's")
	write(t, dir, "certificates/driving.md~", "an editor's")
	write(t, dir, "layouts/mine.yaml", "a: 1\n")
	write(t, dir, "README.md", "not a template")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := s.Certificate("exam"); !ok || c.Title.En != "Pass" || c.Where != filepath.Join(dir, "certificates", "exam.md") {
		t.Errorf("the user's exam is not in force: %+v", c)
	}
	if d := s.Default("exam"); d.Title.En == "Pass" {
		t.Error("the user's exam stands in for templates that are gone; the embedded one should")
	}
	if _, ok := s.Certificate("driving"); !ok || len(s.Certificates()) != len(Types)+1 {
		t.Errorf("%d templates, want the three embedded and one more", len(s.Certificates()))
	}
	if _, ok := s.Certificate("course"); !ok {
		t.Error("a file that the folder does not have is not the embedded one")
	}
	if data, where, err := s.Read("layouts/mine.yaml"); err != nil || string(data) != "a: 1\n" || where != filepath.Join(dir, "layouts", "mine.yaml") {
		t.Errorf("Read: %q, %q, %v", data, where, err)
	}
	if _, _, err := s.Read("layouts/none.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is nowhere: %v", err)
	}
	write(t, dir, "layouts/mine.yaml", "a: 2\n")
	if data, _, _ := s.Read("layouts/mine.yaml"); string(data) != "a: 1\n" {
		t.Error("a later edit shows in an older set")
	}
}

func TestABadFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "missing")); err == nil {
		t.Error("a missing folder was opened")
	}
	write(t, dir, "certificates/My Exam.md", exam)
	write(t, dir, "certificates/other.md", "nothing")
	_, err := Open(dir)
	for _, want := range []string{"My Exam.md:1:1: a certificate template is called ID.md", "other.md:1:1: no front matter"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %q", err, want)
		}
	}
}

func TestOnlyLowerCaseLettersDigitsAndDashesMakeAnID(t *testing.T) {
	for _, good := range []string{"course", "a", "safety-2026", strings.Repeat("x", 64)} {
		if !ValidID(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{"", "-a", "a-", "Course", "a.b", "a/b", "..", "课程", "a b", strings.Repeat("x", 65)} {
		if ValidID(bad) {
			t.Errorf("%q is accepted", bad)
		}
	}
}

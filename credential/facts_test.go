package credential

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestADocumentTellsTheFactsItWasBuiltFrom(t *testing.T) {
	type told struct {
		Number                                         Number
		Base, Recipient, Kind, Template, Achievement   string
		TitleZh, TitleEn, Issued, Expires, Value, Most string
		Required                                       string
		List                                           int
		Index                                          uint32
	}
	common := told{
		Number: testNumber, Base: testBase, Recipient: "张伟", Kind: "course", Template: "course", Achievement: "C-301/春",
		TitleZh: "结业证书", TitleEn: "Certificate of Completion", Issued: "2026-03-01", Value: "100", Most: "100", Required: "100",
		Index: 4711,
	}
	exam := common
	exam.Recipient, exam.Kind, exam.Template, exam.Achievement = examFacts().RecipientName, "exam", "exam", "E-501"
	exam.TitleZh, exam.TitleEn, exam.Expires = "考试合格证书", "Certificate of Achievement in an Exam", "2028-03-01"
	exam.Value, exam.Required = "92.5", "60"
	merit := common
	merit.Kind, merit.Template, merit.TitleZh, merit.TitleEn = "achievement", "achievement", "荣誉证书", "Certificate of Merit"
	merit.Value, merit.Most, merit.Required = "", "", ""
	for name, want := range map[string]told{"course": common, "exam": exam, "achievement": merit} {
		c, err := Decode(signed(t, sampleFacts()[name]))
		if err != nil {
			t.Fatal(err)
		}
		got := told{
			Number: c.Number(), Base: c.Base(), Recipient: c.Recipient(), Kind: c.Kind(), Template: c.TemplateID(),
			Achievement: c.AchievementID(), Issued: c.Issued(), Expires: c.Expires(), Required: c.Required(),
		}
		got.TitleZh, got.TitleEn = c.Titles()
		got.Value, got.Most = c.Result()
		got.List, got.Index = c.StatusPlace()
		if got != want {
			t.Errorf("%s tells\n%+v, want\n%+v", name, got, want)
		}
	}
}

func TestDatesAreWrittenInTheIssuersZone(t *testing.T) {
	f := courseFacts()
	f.ValidFrom = time.Date(2026, 2, 28, 23, 59, 59, 999_999_999, time.UTC)
	f.ValidUntil = time.Date(2027, 2, 28, 16, 0, 0, 0, time.UTC)
	c := New(f)
	if c.ValidFrom != "2026-03-01T07:59:59+08:00" || c.AwardedDate != c.ValidFrom || c.Issued() != "2026-03-01" {
		t.Errorf("issued %s, awarded %s", c.ValidFrom, c.AwardedDate)
	}
	if c.ValidUntil != "2027-03-01T00:00:00+08:00" || c.Expires() != "2027-03-01" {
		t.Errorf("valid until %s", c.ValidUntil)
	}
}

func TestTabsOfMarkdownBecomeSpaces(t *testing.T) {
	f := courseFacts()
	f.Criteria, f.Description = "1.\tone\n\n\tcode", "a\tb"
	c := New(f)
	if c.Subject.Achievement.Criteria.Narrative != "1.    one\n\n    code" || c.Subject.Achievement.Description != "a    b" {
		t.Errorf("%q, %q", c.Subject.Achievement.Criteria.Narrative, c.Subject.Achievement.Description)
	}
}

func TestHostsThatLookLikeAPathAreNotTakenForOne(t *testing.T) {
	for _, base := range []string{"https://c", "https://a", "https://status", "http://localhost:8081"} {
		f := examFacts()
		f.BaseURL = base
		c := New(f)
		if err := c.check(); err != nil {
			t.Errorf("%s: %v", base, err)
		}
		if list, index := c.StatusPlace(); c.Base() != base || c.TemplateID() != "exam" || list != 0 || index != 4711 {
			t.Errorf("%s: %s, %s, %d, %d", base, c.Base(), c.TemplateID(), list, index)
		}
	}
}

func TestSignRefusesFactsThatMakeNoGoodDocument(t *testing.T) {
	for name, change := range map[string]func(*Facts){
		"an unknown type":                        func(f *Facts) { f.Type = "diploma" },
		"no type":                                func(f *Facts) { f.Type = "" },
		"a base address with a path":             func(f *Facts) { f.BaseURL += "/certs" },
		"a base address with a slash":            func(f *Facts) { f.BaseURL += "/" },
		"an IP address":                          func(f *Facts) { f.BaseURL = "https://192.0.2.1" },
		"no number":                              func(f *Facts) { f.Number = "" },
		"a number that is not canonical":         func(f *Facts) { f.Number = "7f3k9qxm2t8wrb7q" },
		"a number with a typo":                   func(f *Facts) { f.Number = "8F3K-9QXM-2T8W-RB7Q" },
		"no recipient":                           func(f *Facts) { f.RecipientName = "" },
		"no issuer":                              func(f *Facts) { f.IssuerName = "" },
		"no achievement name":                    func(f *Facts) { f.AchievementName = "" },
		"no achievement id":                      func(f *Facts) { f.AchievementID = "" },
		"no criteria":                            func(f *Facts) { f.Criteria = "" },
		"no template":                            func(f *Facts) { f.Template = "" },
		"a template with a slash":                func(f *Facts) { f.Template = "a/b" },
		"a template that leads up":               func(f *Facts) { f.Template = ".." },
		"a tab in a name":                        func(f *Facts) { f.RecipientName = "a\tb" },
		"a control character in a name":          func(f *Facts) { f.RecipientName = "a\x1bb" },
		"a DEL in a title":                       func(f *Facts) { f.TitleZh = "a\x7fb" },
		"a noncharacter in a name":               func(f *Facts) { f.RecipientName = "a\uffffb" },
		"the other noncharacter in the criteria": func(f *Facts) { f.Criteria = "\ufffe" },
		"a NUL in the description":               func(f *Facts) { f.Description = "\x00" },
		"invalid UTF-8 in a name":                func(f *Facts) { f.RecipientName = "a\xff" },
		"invalid UTF-8 in an id":                 func(f *Facts) { f.AchievementID = "a\xff" },
		"an end before the start":                func(f *Facts) { f.ValidUntil = f.ValidFrom.Add(-time.Second) },
		"an end at the start":                    func(f *Facts) { f.ValidUntil = f.ValidFrom },
		"a year of five digits":                  func(f *Facts) { f.ValidFrom = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC) },
		"an offset beyond XML Schema's":          func(f *Facts) { f.Zone = time.FixedZone("", 15*3600) },
		"a status index beyond the list":         func(f *Facts) { f.StatusIndex = StatusListSize },
		"a negative status list":                 func(f *Facts) { f.StatusList = -1 },
		"a score over the maximum":               func(f *Facts) { f.Score = "100.01" },
		"a score without maximum":                func(f *Facts) { f.MaxScore = "" },
		"a negative score":                       func(f *Facts) { f.Score = "-1" },
		"an exponent":                            func(f *Facts) { f.Score = "1e1" },
		"three decimals":                         func(f *Facts) { f.Score = "92.555" },
		"a trailing zero":                        func(f *Facts) { f.Score = "92.50" },
		"a trailing point":                       func(f *Facts) { f.Score = "92." },
		"a leading zero":                         func(f *Facts) { f.Score = "092" },
		"a plus sign":                            func(f *Facts) { f.Score = "+92" },
		"a wide digit":                           func(f *Facts) { f.Score = "９" },
		"a huge number":                          func(f *Facts) { f.MaxScore = "1000000000" },
		"a required score that is no number":     func(f *Facts) { f.RequiredScore = "sixty" },
	} {
		f := examFacts()
		change(&f)
		if doc, err := Sign(New(f), testKey, testMethod, testCreated); !errors.Is(err, ErrFormat) || doc != nil {
			t.Errorf("%s: %v\n%s", name, err, doc)
		} else if strings.Contains(err.Error(), "%!") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignAcceptsWhatIsUnusualButGood(t *testing.T) {
	for name, change := range map[string]func(*Facts){
		"an empty description":             func(f *Facts) { f.Description = "" },
		"line ends, and NEL and LS":        func(f *Facts) { f.Criteria = "a\nb\r\nc\u0085d\u2028e" },
		"syntax of JSON, HTML and N-Quads": func(f *Facts) { f.RecipientName = `"}\\<b>&amp; "@en .` },
		"an id of spaces and slashes":      func(f *Facts) { f.AchievementID = " /#?%25 " },
		"an exam without a result":         func(f *Facts) { f.Score = "" },
		"no least score":                   func(f *Facts) { f.RequiredScore = "" },
		"a score of nothing":               func(f *Facts) { f.Score = "0" },
		"two decimals":                     func(f *Facts) { f.Score = "92.05" },
		"a score that is the maximum":      func(f *Facts) { f.Score = "100" },
	} {
		f := examFacts()
		change(&f)
		c := New(f)
		doc, err := Sign(c, testKey, testMethod, testCreated)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := VerifyPublished(doc, testKeys)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got.Proof = nil
		if !reflect.DeepEqual(got, c) {
			t.Errorf("%s: read back as\n%+v, was\n%+v", name, got, c)
		}
	}
}

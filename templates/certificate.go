package templates

import (
	"slices"
	"time"
)

// Types are the types of certificates, in the order in which they are listed.
var Types = []string{"course", "exam", "achievement"}

// Text is a text in the two languages of every certificate, in NFC.
type Text struct{ Zh, En string }

// Both returns the two texts in one string, Chinese first, as signed documents carry them.
func (t Text) Both() string {
	if t.Zh == t.En {
		return t.Zh
	}
	return t.Zh + " / " + t.En
}

// Certificate is one certificate template, read from certificates/ID.md: front matter in YAML, criteria in Markdown.
type Certificate struct {
	ID       string // the file's name without .md: 1 to 64 of a–z, 0–9 and -
	Type     string // course, exam or achievement
	Layout   string // the picture: layouts/LAYOUT.yaml
	Language string // of the picture: zh, en, or auto for the language of the achievement's name

	Files Files // which are made of each certificate; "": as the settings of the site say

	Title       Text
	Description Text

	// Pass rule and default scale, as decimal strings of at most two decimals; "" where the type has none.
	PassRate  string // course: least completion rate in percent, 0 to 100
	PassScore string // exam: least score
	MaxScore  string // exam: highest score where the request names none

	Validity Period // zero: never expires
	Criteria string // Markdown with text/template actions, in both languages

	Where     string // the file, as named in errors
	narrative string
}

// Narrative returns the criteria as Markdown with the template's values filled in: what is signed into a credential as
// criteria.narrative. It is computed once, when the template is read.
func (c *Certificate) Narrative() string { return c.narrative }

// Period is a span of calendar years, months and days.
type Period struct{ Years, Months, Days int }

// IsZero reports whether the period is empty, which in a template means that certificates never expire.
func (p Period) IsZero() bool { return p == Period{} }

// After returns the time one period after t, in t's zone. Where the month has no such day, the month's last day stands
// in for it: one year after 29 February is 28 February, one month after 31 January the last of February.
func (p Period) After(t time.Time) time.Time {
	y, m, d := t.Date()
	first := time.Date(y+p.Years, m+time.Month(p.Months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	hour, minute, second := t.Clock()
	return time.Date(first.Year(), first.Month(), min(d, last)+p.Days, hour, minute, second, t.Nanosecond(), t.Location())
}

// ValidID reports whether s can be a template's id: 1 to 64 of a–z, 0–9 and -, no dash at either end.
func ValidID(s string) bool {
	if len(s) == 0 || len(s) > 64 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func validType(s string) bool { return slices.Contains(Types, s) }

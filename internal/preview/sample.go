package preview

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"laurel/credential"
	"laurel/internal/picture"
	"laurel/templates"
)

// sample is a certificate that nobody holds: what is hard to set in a layout.
type sample struct {
	Key               string // short, long, rare, rtl, revoked, or own for what the designer has typed
	Name, Achievement string
	expires           bool // also where the template has no validity, so that every layout is seen with its date
	band              picture.Values
}

// Sample keys, in the order of the gallery.
var sampleKeys = []string{"short", "long", "rare", "rtl", "revoked"}

const ownSample = "own"

// samples are those of a language.
func samples(language string) []sample {
	if language == "zh" {
		return []sample{
			{Key: "short", Name: "张伟", Achievement: "安全生产基础"},
			{Key: "long", Name: "阿卜杜热合曼·买买提江·吐尔逊", Achievement: "特种设备安全管理和作业人员（起重机械指挥）复审培训", expires: true},
			{Key: "rare", Name: "王䶮𬱖", Achievement: "古籍修复（燹、彧、喆）"},
			{Key: "rtl", Name: "محمد بن عبد الرحمن", Achievement: "安全生产基础"},
			{Key: "revoked", Name: "张伟", Achievement: "安全生产基础", band: band("2026年5月4日")},
		}
	}
	return []sample{
		{Key: "short", Name: "Ann Lee", Achievement: "First Aid at Work"},
		{Key: "long", Name: "María Fernanda Guadalupe de los Ángeles Hernández Villaseñor", Achievement: "Occupational Health and Safety Management Systems: Internal Auditor", expires: true},
		{Key: "rare", Name: "王䶮𬱖 Nguyễn Thị Ngọc Ánh", Achievement: "Žižkov–Łódź Crane Signalling"},
		{Key: "rtl", Name: "محمد بن عبد الرحمن", Achievement: "First Aid at Work"},
		{Key: "revoked", Name: "Ann Lee", Achievement: "First Aid at Work", band: band("4 May 2026")},
	}
}

// band are the values of a picture whose certificate was revoked.
func band(date string) picture.Values {
	return picture.Values{"state": "revoked", "state_date": date, "state_reason": "颁发有误 Issued in error", "replacement": ""}
}

// maxOwn bounds what a designer may type, in characters.
const maxOwn = 300

// own is what somebody has typed; a part that is empty is the short sample's.
func own(language, name, achievement string) (s sample, ok bool) {
	name, achievement = clean(name), clean(achievement)
	if name == "" && achievement == "" {
		return s, false
	}
	s = samples(language)[0]
	s.Key = ownSample
	if name != "" {
		s.Name = name
	}
	if achievement != "" {
		s.Achievement = achievement
	}
	return s, true
}

// clean brings a text to the form that requests must have.
func clean(s string) string {
	s = strings.Join(strings.Fields(norm.NFC.String(strings.ToValidUTF8(s, ""))), " ")
	if utf8.RuneCountInString(s) > maxOwn {
		s = string([]rune(s)[:maxOwn])
	}
	return s
}

// sampleNumber is a number as any other; the pictures that show it as leaves look as they will.
const sampleNumber = credential.Number("7F3K-9QXM-2T8W-RB5H")

// issued is the sample date, in an issuer's own zone.
var issued = time.Date(2026, 3, 1, 10, 0, 0, 0, time.FixedZone("", 8*3600))

// facts are what a certificate of a template states for a sample. The criteria are left out: no picture shows them.
func (g *Gallery) facts(t *templates.Certificate, s sample) credential.Facts {
	f := credential.Facts{
		BaseURL: g.o.BaseURL, IssuerName: g.o.IssuerName, Number: sampleNumber, Template: t.ID, Type: t.Type,
		TitleZh: t.Title.Zh, TitleEn: t.Title.En, RecipientName: s.Name, AchievementID: "sample", AchievementName: s.Achievement,
		ValidFrom: issued, Zone: issued.Location(),
	}
	switch t.Type {
	case "course":
		f.Rate, f.RequiredRate = "100", t.PassRate
	case "exam":
		f.Score, f.MaxScore, f.RequiredScore = goodScore(t), t.MaxScore, t.PassScore
	}
	switch {
	case !t.Validity.IsZero():
		f.ValidUntil = t.Validity.After(issued)
	case s.expires:
		f.ValidUntil = issued.AddDate(2, 0, 0)
	}
	return f
}

// goodScore is 92.5 % of the full mark, or the full mark where that would not pass.
func goodScore(t *templates.Certificate) string {
	most, ok1 := new(big.Rat).SetString(t.MaxScore)
	pass, ok2 := new(big.Rat).SetString(t.PassScore)
	if !ok1 || !ok2 {
		return t.MaxScore
	}
	score := new(big.Rat).Mul(most, big.NewRat(925, 1000))
	if score.Cmp(pass) < 0 {
		return t.MaxScore
	}
	f, _ := score.Float64()
	return strconv.FormatFloat(float64(int(f*100))/100, 'f', -1, 64)
}

// order is a sample's place in the gallery.
func (s sample) order() int {
	if i := slices.Index(sampleKeys, s.Key); i >= 0 {
		return i
	}
	return -1 // what was typed comes first
}

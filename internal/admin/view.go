package admin

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"laurel/internal/issuer"
)

// View is what a page shows.
type View struct {
	Lang    string // zh or en
	Address string // of the page, without its language
	Host    string // the issuer's
	User    string // who has signed in; "" is nobody
	CSRF    string
	At      string // which part of the site this is
	May     May
	Now     time.Time
	Zone    *time.Location

	Said   string  // what has just been done; a key of said
	Faults []Fault // what is wrong with what was sent
	Body   any     // of the page
}

// May says what somebody may do, so that pages offer nothing else.
type May struct{ Read, Issue, Change, Replace bool }

// Fault is a field that was refused; Field "" is the whole.
type Fault struct{ Field, Name, Message string }

// T chooses the text of the page's language.
func (v *View) T(zh, en string) string {
	if v.Lang == "zh" {
		return zh
	}
	return en
}

// Tag is the page's language as HTML writes it.
func (v *View) Tag() string { return v.T("zh-CN", "en") }

// In is the page's own address in a language.
func (v *View) In(lang string) string {
	address, query, _ := strings.Cut(v.Address, "?")
	if query != "" {
		query += "&"
	}
	return address + "?" + query + "lang=" + lang
}

// Fault returns what is wrong with a field; "" for nothing.
func (v *View) Fault(field string) string {
	for _, f := range v.Faults {
		if f.Field == field {
			return f.Message
		}
	}
	return ""
}

var said = map[string][2]string{
	"issued":     {"证书已颁发。", "The certificate has been issued."},
	"before":     {"这份证书早已颁发，内容相同；没有再次颁发。", "This certificate had been issued before, with the same facts; nothing was issued again."},
	"revoked":    {"证书已撤销。", "The certificate has been revoked."},
	"suspended":  {"证书已暂停。", "The certificate has been suspended."},
	"valid":      {"证书已恢复。", "The certificate has been reinstated."},
	"unchanged":  {"状态本来就是这样，没有改动。", "It had that status already; nothing was changed."},
	"replaced":   {"新证书已颁发，原证书已撤销并指向它。", "The new certificate has been issued; the old one is revoked and points to it."},
	"signed-out": {"您已退出。", "You have signed out."},
	"ended":      {"会话已结束，请重新登录。", "Your session has ended. Sign in again."},
}

// Notice is what has just been done, in words.
func (v *View) Notice() string {
	words, ok := said[v.Said]
	if !ok {
		return ""
	}
	return v.T(words[0], words[1])
}

// word is what a table has for a key, or the key itself.
func (v *View) word(of map[string][2]string, key string) string {
	words, ok := of[key]
	if !ok {
		return key
	}
	return v.T(words[0], words[1])
}

// Status is a status in words.
func (v *View) Status(s string) string { return v.word(statuses, s) }

var statuses = map[string][2]string{
	"valid":      {"有效", "Valid"},
	"suspended":  {"已暂停", "Suspended"},
	"revoked":    {"已撤销", "Revoked"},
	"expired":    {"已过期", "Expired"},
	"superseded": {"已换发", "Replaced"},
	"erased":     {"已抹除", "Erased"},
}

// Happened is a change of the status in words.
func (v *View) Happened(status, code string) string {
	switch {
	case code == "superseded":
		return v.T("换发", "Replaced")
	case code == "erased":
		return v.T("抹除", "Erased")
	case status == "valid":
		return v.T("恢复", "Reinstated")
	case status == "suspended":
		return v.T("暂停", "Suspended")
	}
	return v.T("撤销", "Revoked")
}

// Code is a public reason in words.
func (v *View) Code(c string) string { return v.word(reasons, c) }

var reasons = map[string][2]string{
	"unspecified":  {"不公开原因", "No public reason"},
	"error":        {"颁发有误", "Issued in error"},
	"misconduct":   {"违规", "Misconduct"},
	"requirements": {"不再符合要求", "Requirements no longer met"},
	"request":      {"应本人或单位要求", "At the holder’s or organisation’s request"},
	"review":       {"正在复核", "Under review"},
	"cleared":      {"复核通过", "Cleared"},
	"superseded":   {"已更正并换发", "Corrected and replaced"},
	"erased":       {"内容已抹除", "Content erased"},
}

// Kind is a type of certificates in words.
func (v *View) Kind(k string) string { return v.word(kinds, k) }

var kinds = map[string][2]string{
	"course":      {"课程", "Course"},
	"exam":        {"考试", "Exam"},
	"achievement": {"成就", "Achievement"},
}

// State is how far a certificate has come.
func (v *View) State(s string) string {
	if s == "published" {
		return v.T("已发布", "Published")
	}
	return v.T("已记录，发布中", "Recorded, being published")
}

// Moment is a time in the issuer's zone.
func (v *View) Moment(t time.Time) string {
	t = t.In(v.Zone)
	if v.Lang == "zh" {
		return t.Format("2006年1月2日 15:04")
	}
	return t.Format("2 January 2006, 15:04")
}

// Day is a date in the issuer's zone.
func (v *View) Day(t time.Time) string {
	t = t.In(v.Zone)
	if v.Lang == "zh" {
		return t.Format("2006年1月2日")
	}
	return t.Format("2 January 2006")
}

// Machine is a time as programs read it.
func (v *View) Machine(t time.Time) string { return t.In(v.Zone).Format(time.RFC3339) }

// Since is how long ago a time was; "" for the zero time.
func (v *View) Since(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := max(0, v.Now.Sub(t))
	for _, u := range []struct {
		unit         time.Duration
		zh, one, all string
	}{{24 * time.Hour, "天", "day", "days"}, {time.Hour, "小时", "hour", "hours"}, {time.Minute, "分钟", "minute", "minutes"}, {time.Second, "秒", "second", "seconds"}} {
		n := int(d / u.unit)
		if n == 0 && u.unit > time.Second {
			continue
		}
		words := u.all
		if n == 1 {
			words = u.one
		}
		return v.T(fmt.Sprintf("%d %s", n, u.zh), fmt.Sprintf("%d %s", n, words))
	}
	return ""
}

// Bytes is an amount of storage.
func (v *View) Bytes(n uint64) string {
	size, unit := float64(n), "B"
	for _, u := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if size < 1024 {
			break
		}
		size, unit = size/1024, u
	}
	return fmt.Sprintf("%.3g %s", size, unit)
}

// Picture is a PNG within the page.
func (v *View) Picture(base64 string) template.URL {
	return template.URL("data:image/png;base64," + base64) // the alphabet of base64 ends no attribute
}

// Row is a status as a list shows it: its words, and the name that its colour goes by.
type Row struct{ Class, Words string }

// Standing is the status of a certificate.
func (v *View) Standing(r *issuer.Receipt) Row {
	s := r.Status
	switch {
	case Erased(r):
		s = "erased"
	case r.ReplacedBy != "":
		s = "superseded"
	}
	return Row{s, v.Status(s)}
}

// Erased reports whether nothing personal is left of a certificate.
func Erased(r *issuer.Receipt) bool {
	return len(r.History) > 0 && r.History[len(r.History)-1].Code == "erased"
}

// Rows is what the part that lists certificates takes.
func (v *View) Rows(items []*issuer.Receipt) any {
	return struct {
		View  *View
		Items []*issuer.Receipt
	}{v, items}
}

package site

import (
	"maps"
	"strings"

	"laurel/credential"
	"laurel/internal/picture"
	"laurel/templates"
)

// reasonWords are the words for a public reason, as bands and pages have them. A code that says nothing, or what the
// status itself says, has none.
type reasonWords struct{ Code, Zh, En string }

// reasons are the reasons that have words (credential.StatusCodes).
func reasons() []reasonWords {
	return []reasonWords{
		{"error", "颁发有误", "Issued in error"},
		{"misconduct", "存在违规行为", "Misconduct"},
		{"requirements", "未达到颁发要求", "Requirements not met"},
		{"request", "依申请", "On request"},
		{"review", "正在复核", "Under review"},
		{"cleared", "复核通过", "Cleared on review"},
		{credential.CodeErased, "内容已删除", "Content erased"},
	}
}

func reasonOf(code string) reasonWords {
	for _, r := range reasons() {
		if r.Code == code {
			return r
		}
	}
	return reasonWords{Code: code}
}

// InSentence is the English of a reason within a sentence.
func (r reasonWords) InSentence() string { return strings.ToLower(r.En) }

// both is a reason in both languages, for a band.
func (r reasonWords) both() string { return strings.TrimSpace(r.Zh + " " + r.En) }

// statedData is the statement in force that stands against a certificate, for its page.
type statedData struct {
	Standing           string // revoked, suspended or superseded
	Code, Time         string // as signed
	DayZh, DayEn       string
	ReasonZh, ReasonEn string // "" for none
	Replacement        string // a number, of superseded
	ReplacementURL     string // its page, from the root
}

// Signed is the statement as it was signed: status, reason and time.
func (s *statedData) Signed() string {
	status := s.Standing
	if status == Superseded {
		status = Revoked
	}
	return status + " " + s.Code + " " + s.Time
}

// stated are the data of the statement in force; nil where nothing stands against the certificate.
func (p Papers) stated() *statedData {
	state := p.Standing()
	if state == "" {
		return nil
	}
	last := p.Statements.Last()
	reason := reasonOf(last.Code)
	s := &statedData{
		Standing: state, Code: last.Code, Time: last.Time, DayZh: dateZh(dayOf(last)), DayEn: dateEn(dayOf(last)),
		ReasonZh: reason.Zh, ReasonEn: reason.InSentence(), Replacement: string(last.Replacement),
	}
	if s.Replacement != "" {
		s.ReplacementURL = CertificateURL("", last.Replacement)
	}
	return s
}

// dayOf is the day of a statement, in the issuer's own time.
func dayOf(s credential.Statement) string {
	day, _, _ := strings.Cut(s.Time, "T")
	return day
}

// bandedValues are the values of a picture, with those of a band where the statements call for one.
func bandedValues(t *templates.Certificate, p Papers) picture.Values {
	values := pictureValues(t, p.Credential)
	if state := p.Standing(); state != "" {
		last := p.Statements.Last()
		day := dateEn(dayOf(last))
		if values["lang"] == "zh" {
			day = dateZh(dayOf(last))
		}
		maps.Copy(values, picture.Values{
			"state": state, "state_date": day, "state_reason": reasonOf(last.Code).both(), "replacement": string(last.Replacement),
		})
	}
	return values
}

package issuer

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/templates"
)

// futureLeeway is how far a caller's clock may run ahead.
const futureLeeway = 60 * time.Second

// plan is a request that is fit to be granted: everything normalised, every rule held.
type plan struct {
	template    *templates.Certificate
	recipient   Person
	achievement Item
	occasion    string
	result      record.Result
	required    string // least result
	issuedAt    time.Time
	expiresAt   time.Time // zero: never
	stated      struct{ issued, expires bool }
	natural     record.NaturalKey

	organisation string
}

// planner gathers everything that is wrong with a request, so that its caller mends it in one go.
type planner struct{ errors []FieldError }

func (p *planner) fault(at, message, value string) {
	p.errors = append(p.errors, FieldError{Location: at, Message: message, Value: value})
}

func (p *planner) text(at, value string, most int) string {
	clean, why := cleanText(value, most)
	if why != "" {
		p.fault(at, why, value)
	}
	return clean
}

// plan checks a request against its template's rules. The error is an *InvalidError.
func (i *Issuer) plan(req Request, now time.Time) (*plan, error) {
	set := i.builder.Renderer().Templates()
	var p planner
	var out plan
	t, known := set.Certificate(req.Template)
	if !known {
		p.fault("template", "unknown template; there are "+strings.Join(templateIDs(set), ", "), req.Template)
	}
	out.template = t
	out.recipient = Person{ID: p.text("recipient.id", req.Recipient.ID, maxID), Name: p.text("recipient.name", req.Recipient.Name, maxName)}
	out.recipient.Email = p.email(req.Recipient.Email)
	out.achievement = Item{ID: p.text("achievement.id", req.Achievement.ID, maxID), Name: p.text("achievement.name", req.Achievement.Name, maxAchievement)}
	if req.Occasion != "" {
		out.occasion = p.text("occasion", req.Occasion, maxID)
	}
	if req.Organisation != "" {
		out.organisation = p.text("organisation", req.Organisation, maxID)
	}
	p.times(&out, req, now.In(i.zone))
	if known {
		p.result(&out, t, req.Result)
		if out.expiresAt.IsZero() && !t.Validity.IsZero() {
			out.expiresAt = t.Validity.After(out.issuedAt)
		}
	}
	if len(p.errors) > 0 {
		return nil, &InvalidError{Errors: p.errors}
	}
	out.natural = record.NaturalKeyOf(req.Template, out.achievement.ID, out.recipient.ID, out.occasion)
	return &out, nil
}

func templateIDs(set *templates.Set) []string {
	var ids []string
	for _, c := range set.Certificates() {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	return ids
}

// email takes a plain address; it stays in the record and is never published.
func (p *planner) email(s string) string {
	if s == "" {
		return ""
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > maxEmail {
		p.fault("recipient.email", "must be a plain e-mail address, as name@example.org", s)
	}
	return s
}

func (p *planner) times(out *plan, req Request, now time.Time) {
	out.issuedAt = now.Truncate(time.Second)
	if req.IssuedAt != nil {
		out.stated.issued = true
		out.issuedAt = req.IssuedAt.In(now.Location()).Truncate(time.Second)
		if out.issuedAt.After(now.Add(futureLeeway)) {
			p.fault("issued_at", "lies in the future", req.IssuedAt.Format(time.RFC3339))
		}
		p.year("issued_at", out.issuedAt)
	}
	if req.ExpiresAt != nil {
		out.stated.expires = true
		out.expiresAt = req.ExpiresAt.In(now.Location()).Truncate(time.Second)
		if !out.expiresAt.After(out.issuedAt) {
			p.fault("expires_at", "must be later than issued_at", req.ExpiresAt.Format(time.RFC3339))
		}
		p.year("expires_at", out.expiresAt)
	}
}

func (p *planner) year(at string, t time.Time) {
	if t.Year() < 1900 || t.Year() > 9998 { // the zone may add a day; documents have four digits
		p.fault(at, "must lie between the years 1900 and 9998", t.Format(time.RFC3339))
	}
}

// result checks the result against what the template's type has and what its rule asks.
func (p *planner) result(out *plan, t *templates.Certificate, r *Result) {
	if r == nil {
		r = &Result{}
	}
	p.foreign(t.Type, r)
	switch t.Type {
	case "course":
		p.course(out, t, r)
	case "exam":
		p.exam(out, t, r)
	}
}

// foreign refuses results that the type does not have: they would be lost without a word.
func (p *planner) foreign(kind string, r *Result) {
	for _, f := range []struct {
		at    string
		value *string
		of    string
	}{
		{"result.completion_rate", r.CompletionRate, "course"}, {"result.score", r.Score, "exam"}, {"result.max_score", r.MaxScore, "exam"},
	} {
		if f.value != nil && f.of != kind {
			p.fault(f.at, "a certificate of type "+kind+" has none; leave it out", *f.value)
		}
	}
}

func (p *planner) course(out *plan, t *templates.Certificate, r *Result) {
	rate, ok := p.decimal("result.completion_rate", r.CompletionRate)
	if !ok {
		return
	}
	required, _ := parseDecimal(t.PassRate)
	switch {
	case rate > 100*100:
		p.fault("result.completion_rate", "must be at most 100", *r.CompletionRate)
	case rate < required:
		p.fault("result.completion_rate", fmt.Sprintf("is below %v, which the template %s requires", required, t.ID), *r.CompletionRate)
	}
	out.result = record.Result{CompletionRate: rate.String()}
	if t.PassRate != "" {
		out.required = required.String()
	}
}

func (p *planner) exam(out *plan, t *templates.Certificate, r *Result) {
	score, ok := p.decimal("result.score", r.Score)
	most, why := parseDecimal(t.MaxScore)
	if r.MaxScore != nil {
		if most, why = parseDecimal(*r.MaxScore); why == "" && most == 0 {
			why = "must be greater than 0"
		}
		if why != "" {
			p.fault("result.max_score", why, *r.MaxScore)
		}
	} else if t.MaxScore == "" {
		why = "is missing, and the template " + t.ID + " gives none"
		p.fault("result.max_score", why, "")
	}
	if !ok || why != "" {
		return
	}
	pass, _ := parseDecimal(t.PassScore)
	scale, _ := parseDecimal(t.MaxScore)
	required := pass.scaled(scale, most)
	switch {
	case score > most:
		p.fault("result.score", fmt.Sprintf("is over the highest score, %v", most), *r.Score)
	case score < required:
		p.fault("result.score", fmt.Sprintf("is below %v of %v, which the template %s requires", required, most, t.ID), *r.Score)
	}
	out.result = record.Result{Score: score.String(), MaxScore: most.String()}
	if t.PassScore != "" {
		out.required = required.String()
	}
}

func (p *planner) decimal(at string, s *string) (hundredths, bool) {
	if s == nil {
		p.fault(at, "is missing", "")
		return 0, false
	}
	n, why := parseDecimal(*s)
	if why != "" {
		p.fault(at, why, *s)
	}
	return n, why == ""
}

// restates reports whether a request says nothing else than a record does. What it leaves open, such as the
// date, it does not contradict.
func (p *plan) restates(r *record.Record) bool {
	return p.recipient.Name == r.Recipient.Name && p.achievement.Name == r.Achievement.Name && p.result == r.Result &&
		(p.recipient.Email == "" || p.recipient.Email == r.Recipient.Email) &&
		(p.organisation == "" || p.organisation == r.Organisation) &&
		(!p.stated.issued || p.issuedAt.Equal(r.IssuedAt)) && (!p.stated.expires || p.expiresAt.Equal(r.ExpiresAt))
}

// facts are what the document of a plan states.
func (p *plan) facts(i *Issuer, n credential.Number, list int, index uint32) credential.Facts {
	f := credential.Facts{
		BaseURL: i.settings.BaseURL, IssuerName: i.settings.IssuerName, Number: n, Template: p.template.ID, Type: p.template.Type,
		TitleZh: p.template.Title.Zh, TitleEn: p.template.Title.En, Description: p.template.Description.Zh + " / " + p.template.Description.En,
		Criteria: p.template.Narrative(), RecipientName: p.recipient.Name, AchievementID: p.achievement.ID, AchievementName: p.achievement.Name,
		ValidFrom: p.issuedAt, ValidUntil: p.expiresAt, Zone: i.zone, StatusList: list, StatusIndex: index,
	}
	switch p.template.Type {
	case "course":
		f.Rate, f.RequiredRate = p.result.CompletionRate, p.required
	case "exam":
		f.Score, f.MaxScore, f.RequiredScore = p.result.Score, p.result.MaxScore, p.required
	}
	return f
}

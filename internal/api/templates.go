package api

import (
	"net/http"
	"strconv"
)

// TemplateList is the answer of GET /v1/templates.
type TemplateList struct {
	Items []Template `json:"items"`
}

// Template is a kind of certificate.
type Template struct {
	ID          string   `json:"id"`
	Type        string   `json:"type" enum:"course,exam,achievement"`
	Title       TextPair `json:"title"`
	Description TextPair `json:"description"`
	PassRate    *string  `json:"pass_rate" doc:"Of a course: the least completion rate, in percent."`
	PassScore   *string  `json:"pass_score" doc:"Of an exam: the least score."`
	MaxScore    *string  `json:"max_score" doc:"Of an exam: the highest score, where a request names none."`
	Validity    *string  `json:"validity" doc:"How long certificates are valid, as an ISO 8601 duration; null without end." example:"P2Y"`
}

// TextPair is a text in both languages.
type TextPair struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// templates answers GET /v1/templates.
func (s *service) templates(w http.ResponseWriter, r *http.Request, _ principal) error {
	q := params(r)
	kind := q.oneOf("type", "course", "exam", "achievement")
	if err := q.refused(); err != nil {
		return err
	}
	list := TemplateList{Items: []Template{}}
	for _, c := range s.issuer.Templates().Certificates() {
		if kind != "" && c.Type != kind {
			continue
		}
		list.Items = append(list.Items, Template{
			ID: c.ID, Type: c.Type, Title: TextPair(c.Title), Description: TextPair(c.Description),
			PassRate: orNull(c.PassRate), PassScore: orNull(c.PassScore), MaxScore: orNull(c.MaxScore),
			Validity: duration(c.Validity.Years, c.Validity.Months, c.Validity.Days),
		})
	}
	return reply(w, http.StatusOK, list)
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// duration writes a period as ISO 8601 does; nil where it is empty.
func duration(years, months, days int) *string {
	text := "P"
	for _, part := range []struct {
		n    int
		unit string
	}{{years, "Y"}, {months, "M"}, {days, "D"}} {
		if part.n != 0 {
			text += strconv.Itoa(part.n) + part.unit
		}
	}
	if text == "P" {
		return nil
	}
	return &text
}

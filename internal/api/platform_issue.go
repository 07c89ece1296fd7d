package api

import (
	"errors"
	"net/http"

	"laurel/internal/issuer"
)

// platformIssueCourse answers POST /issue/course.
func (s *service) platformIssueCourse(w http.ResponseWriter, r *http.Request, p principal) error {
	q := fastParams(r)
	earned := issuer.Item{ID: q.id("course_id"), Name: q.must("course_name")}
	return s.platformIssue(w, r, p, q, "course", earned, &issuer.Result{CompletionRate: q.decimal("completion_rate", "100")})
}

// platformIssueExam answers POST /issue/exam.
func (s *service) platformIssueExam(w http.ResponseWriter, r *http.Request, p principal) error {
	q := fastParams(r)
	earned := issuer.Item{ID: q.id("exam_id"), Name: q.must("exam_name")}
	result := &issuer.Result{Score: q.decimal("score", ""), MaxScore: q.decimal("max_score", "")}
	if _, given := q.text("score"); !given {
		q.must("score")
	}
	return s.platformIssue(w, r, p, q, "exam", earned, result)
}

// platformIssueAchievement answers POST /issue/achievement.
func (s *service) platformIssueAchievement(w http.ResponseWriter, r *http.Request, p principal) error {
	q := fastParams(r)
	return s.platformIssue(w, r, p, q, "achievement", issuer.Item{ID: q.must("achievement_id"), Name: q.must("achievement_name")}, nil)
}

func (s *service) platformIssue(w http.ResponseWriter, r *http.Request, p principal, q *fastQuery, kind string, earned issuer.Item, result *issuer.Result) error {
	who, err := platformRecipient(q, p)
	if err == nil {
		err = q.refused()
	}
	if err != nil {
		return err
	}
	req := issuer.Request{Template: s.templateOf(kind), Recipient: who, Achievement: earned, Result: result}
	req.Organisation, _ = q.text("organisation")
	req.Occasion, _ = q.text("occasion")
	receipt, _, err := s.grant(r.Context(), req, p, issuer.Call{})
	if p, ok := errors.AsType[*Problem](err); ok && p.Status == http.StatusUnprocessableEntity {
		return refused(http.StatusBadRequest, "%s", reasons(kind, p.Errors))
	}
	if err != nil {
		return err
	}
	return success(w, s.platformCertificate(receipt))
}

// platformRecipient is whom a certificate is for: the signed-in person, or whom user_id and user_name say.
func platformRecipient(q *fastQuery, p principal) (issuer.Person, error) {
	id, withID := q.text("user_id")
	name, withName := q.text("user_name")
	switch {
	case withID && withName:
		return issuer.Person{ID: id, Name: name}, nil
	case withID && p.user != "" && id == p.user, !withID && !withName && p.user != "":
		if p.name == "" {
			return issuer.Person{}, refused(http.StatusBadRequest, "登录信息中没有用户姓名，请提供 user_id 和 user_name")
		}
		return issuer.Person{ID: p.user, Name: p.name}, nil
	case withID || withName:
		return issuer.Person{}, refused(http.StatusBadRequest, "user_id 和 user_name 必须同时提供")
	}
	return issuer.Person{}, refused(http.StatusBadRequest, "使用 API 令牌颁发证书时，必须提供 user_id 和 user_name")
}

// templateOf is the template that a type's certificates are made of here: the one of its name, or else the first.
func (s *service) templateOf(kind string) string {
	first := ""
	for _, c := range s.issuer.Templates().Certificates() {
		switch {
		case c.Type != kind:
		case c.ID == kind:
			return kind
		case first == "":
			first = c.ID
		}
	}
	return first
}

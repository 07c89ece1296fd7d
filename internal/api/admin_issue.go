package api

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"laurel/internal/admin"
	"laurel/internal/issuer"
	"laurel/templates"
)

// formField is a field of the form that issues.
type formField struct {
	Name, Label, Hint, Value, Type, Mode, Fault string
	Required                                    bool
}

// formGroup is fields that belong together; Of is the type of certificates that alone has them.
type formGroup struct {
	Legend, Of string
	Fields     []formField
}

type issueBody struct {
	Title, Action, Button, Picture string
	Templates                      []*templates.Certificate
	Groups                         []formGroup
	Values                         map[string]string
	Reasoned                       bool
}

// fieldLabel is how a field of a request is called on the pages.
func fieldLabel(v *admin.View, kind, field string) string {
	switch field {
	case "template":
		return v.T("模板", "Template")
	case "recipient.id":
		return v.T("持证人编号", "Recipient’s id")
	case "recipient.name":
		return v.T("持证人姓名", "Name of the recipient")
	case "recipient.email":
		return v.T("邮箱", "E-mail")
	case "achievement.id":
		return v.T("课程、考试或荣誉的编号", "Id of the course, exam or award")
	case "achievement.name":
		return v.T("课程、考试或荣誉的名称", "Name of the course, exam or award")
	case "result.completion_rate":
		return v.T("完成率（%）", "Completion in percent")
	case "result.score":
		return v.T("成绩", "Score")
	case "result.max_score":
		return v.T("满分", "Highest score")
	case "organisation":
		return v.T("所属机构", "Organisation")
	case "occasion":
		return v.T("批次", "Occasion")
	case "expires_at":
		return v.T("有效期至", "Valid until")
	case "reason":
		return v.T("说明", "Why")
	}
	return fieldName(kind, field)
}

// groups are the fields of the form, with what was typed into them.
func formGroups(v *admin.View, values map[string]string) []formGroup {
	f := func(name, hint string, required bool) formField {
		return formField{Name: name, Label: fieldLabel(v, "", name), Hint: hint, Value: values[name], Type: "text", Fault: v.Fault(name), Required: required}
	}
	number := func(name, hint string) formField {
		one := f(name, hint, false)
		one.Mode = "decimal"
		return one
	}
	email, until := f("recipient.email", v.T("选填，不公开。", "Optional; not public."), false), f("expires_at", v.T("选填，格式 2028-03-01；不填则按模板。", "Optional, as 2028-03-01; else as the template says."), false)
	email.Type = "email"
	return []formGroup{
		{Legend: v.T("持证人", "Recipient"), Fields: []formField{f("recipient.name", "", true), f("recipient.id", v.T("平台上的编号，不公开。", "On your platform; not public."), true), email}},
		{Legend: v.T("内容", "Achievement"), Fields: []formField{f("achievement.name", "", true), f("achievement.id", "", true)}},
		{Legend: v.T("结果", "Result"), Of: "course", Fields: []formField{number("result.completion_rate", "")}},
		{Legend: v.T("结果", "Result"), Of: "exam", Fields: []formField{number("result.score", ""), number("result.max_score", v.T("选填，不填则按模板。", "Optional; else as the template says."))}},
		{Legend: v.T("其他", "Further"), Fields: []formField{until, f("organisation", v.T("选填，不公开。", "Optional; not public."), false), f("occasion", v.T("选填。同一人再次获得同一证书时，用来区分。", "Optional. It tells a second award of the same thing to the same person from the first."), false)}},
	}
}

func formFields() []string {
	return []string{"template", "recipient.id", "recipient.name", "recipient.email", "achievement.id", "achievement.name", "result.completion_rate", "result.score", "result.max_score", "expires_at", "organisation", "occasion"}
}

// requestOf reads the form that issues. What it cannot mean is a fault of its field.
func (s *service) requestOf(v *admin.View, r *http.Request) (req issuer.Request, values map[string]string) {
	values = map[string]string{}
	for _, name := range formFields() {
		values[name] = strings.TrimSpace(r.PostForm.Get(name))
	}
	number := func(name string) *string {
		if text := strings.TrimSuffix(values[name], "%"); text != "" {
			return &text
		}
		return nil
	}
	req = issuer.Request{
		Template: values["template"], Recipient: issuer.Person{ID: values["recipient.id"], Name: values["recipient.name"], Email: values["recipient.email"]},
		Achievement: issuer.Item{ID: values["achievement.id"], Name: values["achievement.name"]}, Occasion: values["occasion"], Organisation: values["organisation"],
	}
	if result := (issuer.Result{CompletionRate: number("result.completion_rate"), Score: number("result.score"), MaxScore: number("result.max_score")}); result != (issuer.Result{}) {
		req.Result = &result
	}
	if text := values["expires_at"]; text != "" {
		until, err := time.ParseInLocation(time.DateOnly, text, s.issuer.Zone())
		if err != nil {
			v.Faults = append(v.Faults, admin.Fault{Field: "expires_at", Name: fieldLabel(v, "", "expires_at"), Message: v.T("请写成 2028-03-01 的样子。", "write it as 2028-03-01.")})
		} else {
			until = until.AddDate(0, 0, 1).Add(-time.Second) // that day included
			req.ExpiresAt = &until
		}
	}
	return req, values
}

// adminIssueForm answers GET /admin/issue.
func (s *service) adminIssueForm(w http.ResponseWriter, r *http.Request, p principal) error {
	s.rememberLanguage(w, r)
	return s.showIssue(w, http.StatusOK, s.view(r, p, "issue"), p, map[string]string{"result.completion_rate": "100"}, nil)
}

func (s *service) showIssue(w http.ResponseWriter, status int, v *admin.View, p principal, values map[string]string, picture []byte) error {
	return s.showForm(w, status, v, p, issueBody{Title: v.T("颁发证书", "Issue a certificate"), Action: admin.Base + "/issue", Button: v.T("颁发", "Issue"), Values: values}, picture)
}

func (s *service) showForm(w http.ResponseWriter, status int, v *admin.View, p principal, body issueBody, picture []byte) error {
	body.Groups, body.Picture = formGroups(v, body.Values), base64.StdEncoding.EncodeToString(picture)
	for _, t := range s.issuer.Templates().Certificates() {
		if body.Reasoned && t.ID != body.Values["template"] { // which a correction does not change
			continue
		}
		if p.mayIssue(&issuer.Request{Template: t.ID, Organisation: p.organisation}) == nil {
			body.Templates = append(body.Templates, t)
		}
	}
	v.Body = body
	return s.show(w, status, "issue", v)
}

// adminIssue answers POST /admin/issue; with preview it shows the picture alone.
func (s *service) adminIssue(w http.ResponseWriter, r *http.Request, p principal) error {
	v := s.view(r, p, "issue")
	v.Address = admin.Base + "/issue"
	req, values := s.requestOf(v, r)
	again := func(status int, values map[string]string, picture []byte) error {
		return s.showIssue(w, status, v, p, values, picture)
	}
	if len(v.Faults) > 0 {
		return again(http.StatusUnprocessableEntity, values, nil)
	}
	if r.URL.Query().Get("preview") != "" {
		picture, err := s.draft(p, req)
		return s.answerForm(r, v, again, values, picture, err)
	}
	receipt, first, err := s.grant(r.Context(), req, p, issuer.Call{})
	if err != nil {
		return s.answerForm(r, v, again, values, nil, err)
	}
	said := "issued"
	if !first {
		said = "before"
	}
	to := admin.Base + "/certificates/" + string(receipt.Number) + "?said=" + said
	if !v.May.Read {
		to = admin.Base + "/issue?said=" + said
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// answerForm shows a form again, with the picture or with what is wrong.
func (s *service) answerForm(r *http.Request, v *admin.View, again form, values map[string]string, picture []byte, err error) error {
	if err == nil {
		return again(http.StatusOK, values, picture)
	}
	refused := asProblem(r, s.log, err)
	if refused.Status >= http.StatusInternalServerError {
		return err
	}
	v.Faults = faultsFor(v, refused, "")
	return again(refused.Status, values, nil)
}

// form shows a form again.
type form func(status int, values map[string]string, picture []byte) error

// draft paints what a caller may issue.
func (s *service) draft(p principal, req issuer.Request) ([]byte, error) {
	if err := p.mayIssue(&req); err != nil {
		return nil, err
	}
	data, err := s.issuer.Draft(req)
	return data, issueProblem(err)
}

// adminPreview answers POST /admin/preview: the picture of what the form asks for, or in words what is wrong with it. It
// is a POST so that nobody's name stands in an address.
func (s *service) adminPreview(w http.ResponseWriter, r *http.Request, p principal) error {
	v := s.view(r, p, "issue")
	req, _ := s.requestOf(v, r)
	var data []byte
	if len(v.Faults) == 0 {
		var err error
		if data, err = s.draft(p, req); err != nil {
			refused := asProblem(r, s.log, err)
			if refused.Status != http.StatusUnprocessableEntity {
				return err
			}
			v.Faults = faultsFor(v, refused, "")
		}
	}
	if len(v.Faults) == 0 {
		sendFile(w, "image/png", data)
		return nil
	}
	parts := make([]string, len(v.Faults))
	for i, f := range v.Faults {
		parts[i] = f.Name + v.T("：", ": ") + f.Message
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusUnprocessableEntity)
	_, _ = w.Write([]byte(strings.Join(parts, "\n")))
	return nil
}

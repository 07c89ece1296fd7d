package api

import (
	"net/http"
	"strings"
	"time"

	"laurel/internal/admin"
	"laurel/internal/issuer"
)

// valuesOf fills the form with what a certificate says.
func valuesOf(v *admin.View, c *issuer.Receipt) map[string]string {
	values := map[string]string{
		"template": c.Template, "recipient.id": c.Recipient.ID, "recipient.name": c.Recipient.Name, "recipient.email": c.Recipient.Email,
		"achievement.id": c.Achievement.ID, "achievement.name": c.Achievement.Name, "organisation": c.Organisation, "occasion": c.Occasion,
	}
	if c.Result != nil {
		values["result.completion_rate"], values["result.score"], values["result.max_score"] = string(c.Result.CompletionRate), string(c.Result.Score), string(c.Result.MaxScore)
	}
	if c.ExpiresAt != nil {
		values["expires_at"] = c.ExpiresAt.In(v.Zone).Format(time.DateOnly)
	}
	return values
}

// adminReplacementForm answers GET /admin/certificates/{number}/replacement.
func (s *service) adminReplacementForm(w http.ResponseWriter, r *http.Request, p principal) error {
	s.rememberLanguage(w, r)
	old, err := s.find(r, p)
	if err != nil {
		return err
	}
	v := s.view(r, p, "certificates")
	return s.showReplacement(w, http.StatusOK, v, p, old, valuesOf(v, old), nil)
}

func (s *service) showReplacement(w http.ResponseWriter, status int, v *admin.View, p principal, old *issuer.Receipt, values map[string]string, picture []byte) error {
	return s.showForm(w, status, v, p, issueBody{
		Title: v.T("更正并换发 ", "Correct and replace ") + string(old.Number), Action: admin.Base + "/certificates/" + string(old.Number) + "/replacement",
		Button: v.T("换发", "Replace it"), Values: values, Reasoned: true,
	}, picture)
}

// adminReplace answers POST /admin/certificates/{number}/replacement; with preview it shows the picture alone.
func (s *service) adminReplace(w http.ResponseWriter, r *http.Request, p principal) error {
	old, err := s.find(r, p)
	if err != nil {
		return err
	}
	v := s.view(r, p, "certificates")
	v.Address = admin.Base + "/certificates/" + string(old.Number) + "/replacement"
	req, values := s.requestOf(v, r)
	values["reason"] = strings.TrimSpace(r.PostForm.Get("reason"))
	again := func(status int, values map[string]string, picture []byte) error {
		return s.showReplacement(w, status, v, p, old, values, picture)
	}
	if r.URL.Query().Get("preview") != "" {
		picture, err := s.draft(p, req)
		return s.answerForm(r, v, again, values, picture, err)
	}
	if values["reason"] == "" {
		v.Faults = append(v.Faults, admin.Fault{Field: "reason", Name: v.T("换发原因", "Why"), Message: v.T("不能为空。", "is missing.")})
	}
	if len(v.Faults) > 0 {
		return again(http.StatusUnprocessableEntity, values, nil)
	}
	receipt, _, err := s.issuer.Replace(r.Context(), old.Number, s.correction(p, req, values["expires_at"] == valuesOf(v, old)["expires_at"], values["reason"]), issuer.Call{Principal: p.id, Reach: p.readsOnIssue()})
	if err != nil {
		return s.answerForm(r, v, again, values, nil, replacementProblem(err))
	}
	to := admin.Base + "/certificates/" + string(receipt.Number) + "?said=replaced"
	if !v.May.Read {
		to = admin.Base + "?said=replaced"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// correction puts what the form says in the place of what the certificate says. The day of issue stays, and so does the
// moment of the end where its day does.
func (s *service) correction(p principal, form issuer.Request, sameEnd bool, why string) issuer.Correction {
	return issuer.Correction{Reason: why, Apply: func(req *issuer.Request) error {
		issued, ends := req.IssuedAt, req.ExpiresAt
		*req = form
		if req.IssuedAt = issued; sameEnd {
			req.ExpiresAt = ends
		}
		return p.mayIssue(req)
	}}
}

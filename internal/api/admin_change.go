package api

import (
	"net/http"
	"strings"

	"laurel/credential"
	"laurel/internal/admin"
	"laurel/internal/issuer"
)

// way is a change of the status that a page offers: "revoked error" is the status and its public reason.
type way struct{ Value, Label string }

// waysOf are the changes that a certificate can undergo.
func waysOf(v *admin.View, c *issuer.Receipt) (all []way) {
	add := func(status, verb string) {
		for _, code := range credential.StatusCodes(status) {
			if code == credential.CodeSuperseded || code == credential.CodeErased {
				continue
			}
			all = append(all, way{status + " " + code, verb + v.T("：", ": ") + v.Code(code)})
		}
	}
	if c.Status == "revoked" {
		return nil
	}
	if c.Status == "suspended" {
		add("valid", v.T("恢复", "Reinstate"))
	} else {
		add("suspended", v.T("暂停", "Suspend"))
	}
	add("revoked", v.T("撤销（不可恢复）", "Revoke, for good"))
	return all
}

// adminStatus answers POST /admin/certificates/{number}/status.
func (s *service) adminStatus(w http.ResponseWriter, r *http.Request, p principal) error {
	found, err := s.find(r, p)
	if err != nil {
		return err
	}
	status, code, _ := strings.Cut(r.PostForm.Get("way"), " ")
	change := issuer.Status{Status: status, Code: code, Reason: strings.TrimSpace(r.PostForm.Get("reason"))}
	v := s.view(r, p, "certificates")
	v.Address = admin.Base + "/certificates/" + string(found.Number)
	if status == "" {
		v.Faults = append(v.Faults, admin.Fault{Field: "way", Name: v.T("操作", "What to do"), Message: v.T("请选择一项。", "choose one.")})
	}
	if change.Reason == "" {
		v.Faults = append(v.Faults, admin.Fault{Field: "reason", Name: v.T("内部说明", "Why"), Message: v.T("不能为空。", "is missing.")})
	}
	if len(v.Faults) > 0 {
		return s.showCertificate(w, http.StatusUnprocessableEntity, v, p.show(found), r.PostForm.Get("way"), change.Reason)
	}
	_, changed, err := s.issuer.SetStatus(r.Context(), found.Number, change, issuer.Call{Principal: p.id})
	if err != nil {
		refused := asProblem(r, s.log, statusProblem(err))
		if refused.Status >= http.StatusInternalServerError {
			return statusProblem(err)
		}
		v.Faults = faultsFor(v, refused, found.Type)
		if now, err := s.issuer.Get(r.Context(), found.Number); err == nil {
			found = now
		}
		return s.showCertificate(w, refused.Status, v, p.show(found), r.PostForm.Get("way"), change.Reason)
	}
	said := status
	if !changed {
		said = "unchanged"
	}
	http.Redirect(w, r, v.Address+"?said="+said, http.StatusSeeOther)
	return nil
}

// faultsFor puts what was refused beside the fields of a form, in the page's language.
func faultsFor(v *admin.View, p *Problem, kind string) (all []admin.Fault) {
	for _, f := range p.Errors {
		field := strings.TrimPrefix(f.Location, "body.")
		message := f.Message
		if v.Lang == "zh" {
			message = reason(f.Message) + "。"
		}
		all = append(all, admin.Fault{Field: field, Name: fieldLabel(v, kind, field), Message: message})
	}
	if len(all) == 0 {
		all = []admin.Fault{{Message: v.T(platformMessage(p)+"。", p.Detail)}}
	}
	return all
}

package api

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"laurel/credential"
	"laurel/internal/admin"
	"laurel/internal/issuer"
	"laurel/templates"
)

// adminHome answers GET /admin.
func (s *service) adminHome(w http.ResponseWriter, r *http.Request, p principal) error {
	s.rememberLanguage(w, r)
	v := s.view(r, p, "home")
	body := struct {
		Health issuer.Health
		Recent []*issuer.Receipt
	}{Health: s.issuer.Health()}
	f := issuer.Filter{Limit: 10}
	if v.May.Read && p.narrow(&f) {
		page, err := s.issuer.List(r.Context(), f)
		if err != nil {
			return err
		}
		body.Recent = page.Items
	}
	v.Body = body
	return s.show(w, http.StatusOK, "home", v)
}

// searchPage is how many certificates a search shows at once.
const searchPage = 25

type searchBody struct {
	Query string
	Items []*issuer.Receipt
	Meant credential.Number // where the query is a number with a typo
	Next  string
}

// adminSearch answers GET /admin/certificates: all of them, or those of a number, a name or a recipient's id.
func (s *service) adminSearch(w http.ResponseWriter, r *http.Request, p principal) error {
	s.rememberLanguage(w, r)
	v := s.view(r, p, "certificates")
	q := r.URL.Query()
	body := &searchBody{Query: strings.TrimSpace(q.Get("q"))}
	var before *int64
	if n, err := strconv.ParseInt(q.Get("before"), 10, 64); err == nil && n >= 0 {
		before = &n
	}
	if n, err := credential.ParseNumber(body.Query); err == nil {
		if found, err := s.issuer.Get(r.Context(), n); err == nil && p.sees(found) {
			http.Redirect(w, r, admin.Base+"/certificates/"+string(n), http.StatusSeeOther)
			return nil
		}
	}
	body.Meant = s.meant(r, p, body.Query)
	if err := s.search(r, p, body, before); err != nil {
		return err
	}
	v.Body = body
	return s.show(w, http.StatusOK, "search", v)
}

// meant is the number that a text with a typo in it stands for, where the searcher may see that certificate.
func (s *service) meant(r *http.Request, p principal, text string) credential.Number {
	_, err := credential.ParseNumber(text)
	ne, ok := err.(*credential.NumberError)
	if !ok || ne.Suggestion == "" {
		return ""
	}
	if found, err := s.issuer.Get(r.Context(), ne.Suggestion); err != nil || !p.sees(found) {
		return ""
	}
	return ne.Suggestion
}

func (s *service) search(r *http.Request, p principal, body *searchBody, before *int64) error {
	reach := issuer.Filter{}
	if !p.narrow(&reach) {
		return nil
	}
	if body.Query != "" && before == nil {
		own := issuer.Filter{Recipient: body.Query, Limit: searchPage}
		if p.narrow(&own) {
			page, err := s.issuer.List(r.Context(), own)
			if err != nil {
				return err
			}
			body.Items = page.Items
		}
	}
	found, next, err := s.issuer.Search(r.Context(), body.Query, reach, before, searchPage)
	if err != nil {
		return err
	}
	for _, c := range found {
		if c.Recipient.ID != body.Query {
			body.Items = append(body.Items, c)
		}
	}
	if next != nil {
		body.Next = admin.Base + "/certificates?" + url.Values{"q": {body.Query}, "before": {strconv.FormatInt(*next, 10)}}.Encode()
	}
	return nil
}

type certificateBody struct {
	Receipt     *issuer.Receipt
	Expires     time.Time
	Erased      bool
	Ways        []way
	Way, Reason string
	Replaceable bool
}

// adminCertificate answers GET /admin/certificates/{number}.
func (s *service) adminCertificate(w http.ResponseWriter, r *http.Request, p principal) error {
	s.rememberLanguage(w, r)
	found, err := s.find(r, p)
	if err != nil {
		return err
	}
	return s.showCertificate(w, http.StatusOK, s.view(r, p, "certificates"), p.show(found), "", "")
}

func (s *service) showCertificate(w http.ResponseWriter, status int, v *admin.View, c *issuer.Receipt, chosen, reason string) error {
	body := certificateBody{Receipt: c, Erased: admin.Erased(c), Ways: waysOf(v, c), Way: chosen, Reason: reason, Replaceable: c.Status != "revoked"}
	if c.ExpiresAt != nil {
		body.Expires = *c.ExpiresAt
	}
	v.Body = body
	return s.show(w, status, "certificate", v)
}

// adminTemplates answers GET /admin/templates.
func (s *service) adminTemplates(w http.ResponseWriter, r *http.Request, p principal) error {
	s.rememberLanguage(w, r)
	v := s.view(r, p, "templates")
	v.Body = struct{ Templates []*templates.Certificate }{s.issuer.Templates().Certificates()}
	return s.show(w, http.StatusOK, "templates", v)
}

// adminTemplateImage answers GET /admin/templates/{template}/image: a certificate that nobody holds.
func (s *service) adminTemplateImage(w http.ResponseWriter, r *http.Request, _ principal) error {
	t, ok := s.issuer.Templates().Certificate(r.PathValue("template"))
	if !ok {
		return notFound.problem("There is no such template.")
	}
	req := issuer.Request{Template: t.ID, Recipient: issuer.Person{ID: "sample", Name: "张伟"}, Achievement: issuer.Item{ID: "sample", Name: "安全生产基础"}, Result: goodResult(t)}
	if r.URL.Query().Get("language") == "en" {
		req.Recipient.Name, req.Achievement.Name = "Ann Lee", "First Aid at Work"
	}
	data, err := s.issuer.Draft(req)
	if err != nil {
		return issueProblem(err)
	}
	sendFile(w, "image/png", data)
	return nil
}

// goodResult is a result that passes.
func goodResult(t *templates.Certificate) *issuer.Result {
	full, most := "100", "100"
	switch {
	case t.Type == "course":
		return &issuer.Result{CompletionRate: &full}
	case t.Type == "exam" && t.MaxScore != "":
		return &issuer.Result{Score: &t.MaxScore}
	case t.Type == "exam":
		return &issuer.Result{Score: &full, MaxScore: &most}
	}
	return nil
}

package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/text/language"

	"laurel/internal/admin"
)

// adminOperations are the pages of those who run certd. Who has signed in is known by a session.
func (s *service) adminOperations() []operation {
	at := func(method, path string, h handler) operation {
		return operation{Operation: huma.Operation{Method: method, Path: admin.Base + path, Hidden: true}, handle: h, who: s.signedIn}
	}
	page := func(path string, h handler) operation { return at(http.MethodGet, path, h) }
	form := func(path string, h handler) operation { return at(http.MethodPost, path, s.checkedAs(h, maxForm)) }
	return []operation{
		page("", s.adminHome),
		page("/login", s.adminLogin),
		at(http.MethodPost, "/login", s.adminSignIn),
		form("/logout", s.adminSignOut),
		page("/assets/{name}", s.adminAsset),
		page("/certificates", s.adminSearch),
		page("/certificates/{number}", s.adminCertificate),
		page("/certificates/{number}/image", s.image),
		page("/certificates/{number}/pdf", s.pdf),
		page("/certificates/{number}/credential", s.credential),
		form("/certificates/{number}/status", s.adminStatus),
		page("/certificates/{number}/replacement", s.adminReplacementForm),
		form("/certificates/{number}/replacement", s.adminReplace),
		page("/issue", s.adminIssueForm),
		form("/issue", s.adminIssue),
		form("/preview", s.adminPreview),
		page("/import", s.adminImportForm),
		at(http.MethodPost, "/import", s.checkedAs(s.adminImport, maxUpload)),
		form("/import/issue", s.adminImportIssue),
		page("/templates", s.adminTemplates),
		page("/templates/{template}/image", s.adminTemplateImage),
	}
}

// view is the view of a page for a request and who makes it.
func (s *service) view(r *http.Request, p principal, at string) *admin.View {
	v := &admin.View{
		Lang: pageLanguage(r), Address: r.URL.EscapedPath(), Host: s.issuer.Host(), At: at, Now: s.now(), Zone: s.issuer.Zone(),
		May: admin.May{Read: p.may(s.access["GET /admin/certificates"]), Issue: p.may(issuers), Change: p.may(changers), Replace: p.may(replacers)},
	}
	q := r.URL.Query()
	q.Del("lang")
	if v.Said = q.Get("said"); v.Said != "" {
		q.Del("said")
	}
	if len(q) > 0 {
		v.Address += "?" + q.Encode()
	}
	if one := s.sessions.find(r); one != nil && p.kind != ofNobody {
		v.User, v.CSRF = p.called(), one.csrf
	}
	return v
}

// called is how a principal is called on its own pages.
func (p principal) called() string {
	if p.name != "" {
		return p.name
	}
	return p.id
}

// show answers with a page.
func (s *service) show(w http.ResponseWriter, status int, name string, v *admin.View) error {
	data, err := s.pages.Draw(name, v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", admin.Policy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	w.WriteHeader(status)
	_, _ = w.Write(data)
	return nil
}

// adminAsset answers GET /admin/assets/{name}.
func (s *service) adminAsset(w http.ResponseWriter, r *http.Request, _ principal) error {
	a, ok := s.pages.Asset(r.PathValue("name"))
	if !ok {
		return notFound.problem("There is nothing here.")
	}
	w.Header().Set("Content-Type", a.Type)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(a.Data)
	return nil
}

const languageCookie = "laurel_lang"

// pageLanguage is the language that somebody has chosen, else the one that the browser prefers.
func pageLanguage(r *http.Request) string {
	chosen := r.URL.Query().Get("lang")
	if c, err := r.Cookie(languageCookie); chosen == "" && err == nil {
		chosen = c.Value
	}
	if chosen == "zh" || chosen == "en" {
		return chosen
	}
	tags, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if _, index, confidence := language.NewMatcher([]language.Tag{language.English, language.Chinese}).Match(tags...); confidence > language.No && index == 1 {
		return "zh"
	}
	return "en"
}

// rememberLanguage keeps the language that was chosen with this request.
func (s *service) rememberLanguage(w http.ResponseWriter, r *http.Request) {
	if chosen := r.URL.Query().Get("lang"); chosen == "zh" || chosen == "en" {
		http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: chosen, Path: admin.Base, MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.overTLS(r)})
	}
}

// isAdmin reports whether an address is one of these pages.
func isAdmin(path string) bool { return path == admin.Base || strings.HasPrefix(path, admin.Base+"/") }

// refuseAdmin answers with err as a page; who is not signed in is asked to.
func (s *service) refuseAdmin(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return
	}
	p := asProblem(r, s.log, err)
	if p.Status == http.StatusUnauthorized {
		s.askToSignIn(w, r)
		return
	}
	for name, values := range p.header {
		w.Header()[name] = values
	}
	who, _ := s.signedIn(r)
	v := s.view(r, who, "")
	v.Body = struct {
		Title, Detail string
		English       bool
	}{v.T(refusedTitle(p.Status), p.Title), v.T(refusedDetail(p), p.Detail), false}
	if err := s.show(w, p.Status, "refused", v); err != nil {
		writeProblem(w, r, s.log, err)
	}
}

func refusedTitle(status int) string {
	switch status {
	case http.StatusForbidden:
		return "没有权限"
	case http.StatusNotFound:
		return "没有找到"
	case http.StatusTooManyRequests:
		return "请求过于频繁"
	case http.StatusInternalServerError:
		return "服务器内部错误"
	}
	return "请求无效"
}

func refusedDetail(p *Problem) string {
	switch p.Status {
	case http.StatusForbidden:
		return "登录所用的令牌没有这项权限。"
	case http.StatusNotFound:
		return "这里没有您要找的内容。"
	case http.StatusMethodNotAllowed:
		return "请从页面上操作。"
	case http.StatusRequestEntityTooLarge:
		return "文件太大；更大的文件请用 certd import。"
	}
	return platformMessage(p) + "。"
}

// parsedPages are the pages; they are part of the program, so that an error in them is one of it.
func parsedPages() *admin.Pages {
	p, err := admin.New()
	if err != nil {
		panic(err)
	}
	return p
}

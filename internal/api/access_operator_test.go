package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// operatorTable stands before accessTable, under a head of its own: what those who run certd do. To the pages a principal
// comes by signing in; "login" is being asked to.
const operatorTable = `
operation                                      object  nobody issue read  status admin issue:course read@acme issue@acme revoked learner learner+issue enterprise enterprise@acme chief forged socket status@acme issue+status
GET /admin                                     -       login  200   200   200    200   200          200       200        login   login   login         200        200             200   login  404    200      200
GET /admin/login                               -       200    200   200   200    200   200          200       200        200     200     200           200        200             200   200    404    200      200
POST /admin/login                              -       401    303   303   303    303   303          303       303        401     403     403           303        303             303   401    404    303      303
POST /admin/logout                             -       login  303   303   303    303   303          303       303        login   login   login         303        303             303   login  404    303      303
GET /admin/assets/{name}                       -       404    404   404   404    404   404          404       404        404     404     404           404        404             404   404    404    404      404
GET /admin/certificates                        own     login  403   200   403    403   403          200       403        login   login   login         200        200             200   login  404    403      403
GET /admin/certificates                        other   login  403   200   403    403   403          none      403        login   login   login         200        none            200   login  404    403      403
GET /admin/certificates                        missing login  403   none  403    403   403          none      403        login   login   login         none       none            none  login  404    403      403
GET /admin/certificates/{number}               own     login  403   200   403    403   403          200       403        login   login   login         200        200             200   login  404    403      403
GET /admin/certificates/{number}               other   login  403   200   403    403   403          404       403        login   login   login         200        404             200   login  404    403      403
GET /admin/certificates/{number}               missing login  403   404   403    403   403          404       403        login   login   login         404        404             404   login  404    403      403
GET /admin/certificates/{number}/image         own     login  403   200   403    403   403          200       403        login   login   login         200        200             200   login  404    403      403
GET /admin/certificates/{number}/image         other   login  403   200   403    403   403          404       403        login   login   login         200        404             200   login  404    403      403
GET /admin/certificates/{number}/image         missing login  403   404   403    403   403          404       403        login   login   login         404        404             404   login  404    403      403
GET /admin/certificates/{number}/pdf           own     login  403   200   403    403   403          200       403        login   login   login         200        200             200   login  404    403      403
GET /admin/certificates/{number}/pdf           other   login  403   200   403    403   403          404       403        login   login   login         200        404             200   login  404    403      403
GET /admin/certificates/{number}/pdf           missing login  403   404   403    403   403          404       403        login   login   login         404        404             404   login  404    403      403
GET /admin/certificates/{number}/credential    own     login  403   200   403    403   403          200       403        login   login   login         200        200             200   login  404    403      403
GET /admin/certificates/{number}/credential    other   login  403   200   403    403   403          404       403        login   login   login         200        404             200   login  404    403      403
GET /admin/certificates/{number}/credential    missing login  403   404   403    403   403          404       403        login   login   login         404        404             404   login  404    403      403
POST /admin/certificates/{number}/status       own     login  403   403   303    403   403          403       403        login   login   login         403        403             403   login  404    303      303
POST /admin/certificates/{number}/status       other   login  403   403   303    403   403          403       403        login   login   login         403        403             403   login  404    404      303
POST /admin/certificates/{number}/status       missing login  403   403   404    403   403          403       403        login   login   login         403        403             403   login  404    404      404
GET /admin/certificates/{number}/replacement   own     login  403   403   403    403   403          403       403        login   login   login         403        403             403   login  404    403      200
GET /admin/certificates/{number}/replacement   other   login  403   403   403    403   403          403       403        login   login   login         403        403             403   login  404    403      200
GET /admin/certificates/{number}/replacement   missing login  403   403   403    403   403          403       403        login   login   login         403        403             403   login  404    403      404
POST /admin/certificates/{number}/replacement  own     login  403   403   403    403   403          403       403        login   login   login         403        403             403   login  404    403      303
POST /admin/certificates/{number}/replacement  other   login  403   403   403    403   403          403       403        login   login   login         403        403             403   login  404    403      303
POST /admin/certificates/{number}/replacement  missing login  403   403   403    403   403          403       403        login   login   login         403        403             403   login  404    403      404
GET /admin/issue                               -       login  200   403   403    403   200          403       200        login   login   login         403        403             403   login  404    403      200
POST /admin/issue                              own     login  303   403   403    403   303          403       303        login   login   login         403        403             403   login  404    403      303
POST /admin/issue                              other   login  303   403   403    403   303          403       403        login   login   login         403        403             403   login  404    403      303
POST /admin/issue                              missing login  422   403   403    403   403          403       422        login   login   login         403        403             403   login  404    403      422
POST /admin/preview                            own     login  200   403   403    403   200          403       200        login   login   login         403        403             403   login  404    403      200
POST /admin/preview                            other   login  200   403   403    403   200          403       403        login   login   login         403        403             403   login  404    403      200
POST /admin/preview                            missing login  422   403   403    403   403          403       422        login   login   login         403        403             403   login  404    403      422
GET /admin/import                              -       login  200   403   403    403   200          403       200        login   login   login         403        403             403   login  404    403      200
POST /admin/import                             -       login  422   403   403    403   422          403       422        login   login   login         403        403             403   login  404    403      422
POST /admin/import/issue                       -       login  422   403   403    403   422          403       422        login   login   login         403        403             403   login  404    403      422
GET /admin/templates                           -       login  200   200   200    200   200          200       200        login   login   login         200        200             200   login  404    200      200
GET /admin/templates/{template}/image          own     login  200   200   200    200   200          200       200        login   login   login         200        200             200   login  404    200      200
GET /admin/templates/{template}/image          missing login  404   404   404    404   404          404       404        login   login   login         404        404             404   login  404    404      404

operation                                    object nobody issue read status admin issue:course read@acme issue@acme revoked learner learner+issue enterprise enterprise@acme chief forged socket status@acme issue+status
GET /control/webhooks                        -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404      404
POST /control/webhooks                       -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    400    404      404
DELETE /control/webhooks/{endpoint}          -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404      404
POST /control/webhooks/{endpoint}/rotation   -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404      404
POST /control/webhooks/{endpoint}/enabling   -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404      404
GET /control/webhooks/{endpoint}/deliveries  -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404      404
POST /control/webhooks/{endpoint}/replay     -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404      404
`

var hiddenCSRF = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// onPages makes the request of a cell for the pages: with the session that the principal gets for its token, and, of a
// form, what its page hides in it.
func onPages(t *testing.T, pages http.Handler, operation string, o object, occasion, token string) *http.Request {
	method, path, _ := strings.Cut(operation, " ")
	path = strings.NewReplacer("{number}", o.number, "{template}", o.template, "{name}", "none.css").Replace(path)
	fields := url.Values{"token": {token}}
	switch operation {
	case "GET /admin/certificates":
		path += "?q=" + map[bool]string{false: o.user, true: o.number}[o.template == "nothing"]
	case "POST /admin/certificates/{number}/status":
		fields = url.Values{"way": {"valid unspecified"}, "reason": {"as it is"}}
	case "POST /admin/issue", "POST /admin/preview", "POST /admin/certificates/{number}/replacement":
		fields = url.Values{
			"template": {o.template}, "recipient.id": {o.user}, "recipient.name": {"样例"}, "achievement.id": {"C-1"}, "achievement.name": {"样例"},
			"result.completion_rate": {"100"}, "organisation": {o.organisation}, "occasion": {"pages " + operation[:10] + occasion}, "reason": {"it was wrong"},
		}
	}
	session := signInOnPages(t, pages, token)
	if session != nil {
		fields.Set("csrf", session.csrf)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(fields.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if session != nil {
		r.AddCookie(session.cookie)
	}
	return r
}

type pagesSession struct {
	cookie *http.Cookie
	csrf   string
}

// signInOnPages returns the session that a token gets; nil for none.
func signInOnPages(t *testing.T, pages http.Handler, token string) *pagesSession {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/admin/login", strings.NewReader(url.Values{"token": {token}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	pages.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		return nil
	}
	s := &pagesSession{cookie: w.Result().Cookies()[0]}
	home := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/admin", nil)
	home.AddCookie(s.cookie)
	w = httptest.NewRecorder()
	pages.ServeHTTP(w, home)
	if m := hiddenCSRF.FindStringSubmatch(w.Body.String()); m != nil {
		s.csrf = m[1]
	}
	return s
}

// outcomeOnPages is what a cell of the pages holds: the status, login for being asked to sign in, or none.
func outcomeOnPages(operation string, w *httptest.ResponseRecorder) string {
	to := w.Header().Get("Location")
	switch {
	case w.Code == http.StatusSeeOther && (to == "/admin/login" || strings.HasPrefix(to, "/admin/login?to=")):
		return "login"
	case w.Code == http.StatusOK && operation == "GET /admin/certificates" && !strings.Contains(w.Body.String(), "<td>"):
		return "none"
	}
	return fmt.Sprint(w.Code)
}

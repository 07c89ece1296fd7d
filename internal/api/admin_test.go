package api_test

import (
	"bytes"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"laurel/internal/api"
)

// pages are the pages of a house, asked as a browser would.
type pages struct {
	*house
	handler http.Handler
	*pagesSession
}

func openPages(t *testing.T, token string, changes ...func(*api.Config)) *pages {
	t.Helper()
	h := newHouse(t, changes...)
	p := &pages{house: h, handler: api.New(h.config)}
	if token != "" {
		if p.pagesSession = signInOnPages(t, p.handler, h.tokens[token]); p.pagesSession == nil {
			t.Fatalf("nobody signs in with %s", token)
		}
	}
	return p
}

// ask sends a request; fields make it a form, to which the session adds what its pages hide in one.
func (p *pages) ask(method, path string, fields url.Values, headers ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	r := httptest.NewRequestWithContext(p.t.Context(), method, path, strings.NewReader(fields.Encode()))
	if fields != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if p.pagesSession != nil {
		r.AddCookie(p.cookie)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w
}

func (p *pages) form(more ...string) url.Values {
	v := url.Values{"csrf": {p.csrf}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func TestASessionIsACookieThatNoScriptReadsAndNoOtherSiteSends(t *testing.T) {
	p := openPages(t, "read")
	if c := p.cookie; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/admin" || c.Secure {
		t.Errorf("%+v", c)
	}
	w := p.ask("GET", "/admin", nil)
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		"Cache-Control":           "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/admin/login", strings.NewReader(url.Values{"token": {p.tokens["read"]}}.Encode()))
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-Proto", "https")
	w = httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	if c := w.Result().Cookies(); len(c) != 1 || c[0].Secure {
		t.Errorf("a proxy that is not trusted says that this is TLS, and is believed: %v", c)
	}
}

func TestAFormFromElsewhereDoesNothing(t *testing.T) {
	p := openPages(t, "issue+read")
	fields := p.form("template", "course", "recipient.id", "1", "recipient.name", "A", "achievement.id", "C", "achievement.name", "B", "result.completion_rate", "100")
	without, other := p.form(), p.form()
	for name, v := range fields {
		without[name], other[name] = v, v
	}
	delete(without, "csrf")
	other.Set("csrf", "guessed")
	for what, w := range map[string]*httptest.ResponseRecorder{
		"without the page's token": p.ask("POST", "/admin/issue", without), "with another token": p.ask("POST", "/admin/issue", other),
		"from another origin":         p.ask("POST", "/admin/issue", fields, "Origin", "https://evil.example.org"),
		"from another site":           p.ask("POST", "/admin/issue", fields, "Sec-Fetch-Site", "cross-site"),
		"a sign-in from another site": p.ask("POST", "/admin/login", url.Values{"token": {p.tokens["read"]}}, "Origin", "https://evil.example.org"),
	} {
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: status %d", what, w.Code)
		}
	}
	if w := p.ask("POST", "/admin/issue", fields, "Origin", "http://example.com", "Sec-Fetch-Site", "same-origin"); w.Code != http.StatusSeeOther {
		t.Errorf("from its own page: status %d", w.Code)
	}
}

func TestASessionEndsWithItsTokenItsTimeAndItsSignOut(t *testing.T) {
	now := time.Now()
	p := openPages(t, "read", func(c *api.Config) { c.Now = func() time.Time { return now } })
	in := func() bool { return p.ask("GET", "/admin/certificates", nil).Code == http.StatusOK }
	now = now.Add(50 * time.Minute)
	if !in() {
		t.Fatal("it ended while it was used")
	}
	now = now.Add(61 * time.Minute)
	if in() {
		t.Error("it goes on after an hour of rest")
	}
	p.pagesSession = signInOnPages(t, p.handler, p.tokens["read"])
	for range 9 {
		now = now.Add(55 * time.Minute)
		p.ask("GET", "/admin", nil)
	}
	if in() {
		t.Error("it goes on after eight hours of use")
	}
	p.pagesSession = signInOnPages(t, p.handler, p.tokens["read"])
	if w := p.ask("POST", "/admin/logout", p.form()); w.Code != http.StatusSeeOther || in() {
		t.Errorf("it goes on after its end: status %d", w.Code)
	}
	p.pagesSession = signInOnPages(t, p.handler, p.tokens["read"])
	if err := p.issuer.RevokeToken(t.Context(), "test read"); err != nil {
		t.Fatal(err)
	}
	if in() {
		t.Error("it goes on without its token")
	}
}

func TestSessionsAreBounded(t *testing.T) {
	now := time.Now()
	p := openPages(t, "read", func(c *api.Config) { c.Now = func() time.Time { return now } })
	for range 256 {
		now = now.Add(time.Millisecond)
		signInOnPages(t, p.handler, p.tokens["read"])
	}
	if w := p.ask("GET", "/admin", nil); w.Code != http.StatusSeeOther {
		t.Errorf("the oldest is there still: status %d", w.Code)
	}
}

func TestAPageLeadsBackOnlyToPages(t *testing.T) {
	p := openPages(t, "")
	for to, want := range map[string]string{
		"/admin/issue": "/admin/issue", "https://evil.example.org/": "/admin", "//evil.example.org/admin": "/admin", "/admin/\\evil": "/admin", "/administrator": "/admin", "": "/admin",
	} {
		w := p.ask("POST", "/admin/login", url.Values{"token": {p.tokens["issue"]}, "to": {to}})
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("from %q to %q, want %q", to, got, want)
		}
	}
}

func TestBadTokensOnThePageAreLimitedAsEverywhere(t *testing.T) {
	p := openPages(t, "", func(c *api.Config) { c.Limits.Failures = 3 })
	for i, want := range []int{401, 401, 401, 429} {
		w := p.ask("POST", "/admin/login", url.Values{"token": {"lrl_guessed"}})
		if w.Code != want || len(w.Result().Cookies()) > 0 {
			t.Errorf("attempt %d: status %d", i, w.Code)
		}
	}
}

func TestWhatSomebodyTypesIsTextOnThePage(t *testing.T) {
	p := openPages(t, "issue+read")
	const nasty = `<script>alert(1)</script>"'`
	w := p.ask("POST", "/admin/issue", p.form("template", "course", "recipient.id", nasty, "recipient.name", nasty, "achievement.id", nasty, "achievement.name", nasty))
	if w.Code != http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), "<script>alert") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	w = p.ask("GET", "/admin/certificates?q="+url.QueryEscape(nasty), nil)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "<script>alert") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestAPreviewIssuesNothing(t *testing.T) {
	p := openPages(t, "issue+read")
	fields := p.form("template", "course", "recipient.id", "1042", "recipient.name", "张伟", "achievement.id", "C-301", "achievement.name", "安全生产基础", "result.completion_rate", "100")
	w := p.ask("POST", "/admin/preview", fields)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" || !strings.HasPrefix(w.Body.String(), "\x89PNG") {
		t.Errorf("status %d, %s", w.Code, w.Header().Get("Content-Type"))
	}
	w = p.ask("POST", "/admin/issue?preview=1", fields)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "data:image/png;base64,iVBOR") {
		t.Errorf("without script: status %d", w.Code)
	}
	fields.Set("result.completion_rate", "10")
	if w = p.ask("POST", "/admin/preview", fields, "Accept-Language", "zh-CN"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "完成率（%）：未达到要求") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if w := p.ask("GET", "/admin/certificates", nil); strings.Contains(w.Body.String(), "<td>") {
		t.Error("something was issued")
	}
}

// sendTable sends a table as a browser does.
func (p *pages) sendTable(csv string, headers ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range map[string]string{"csrf": p.csrf, "template": "course"} {
		if err := form.WriteField(name, value); err != nil {
			p.t.Fatal(err)
		}
	}
	file, err := form.CreateFormFile("file", "graduates.csv")
	if err == nil {
		_, err = file.Write([]byte(csv))
	}
	if err := errors.Join(err, form.Close()); err != nil {
		p.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(p.t.Context(), "POST", "/admin/import", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.AddCookie(p.cookie)
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w
}

func TestATableIsCheckedBeforeItsGoodLinesAreIssued(t *testing.T) {
	p := openPages(t, "issue+read")
	const head = "recipient_id,recipient_name,achievement_id,achievement_name,completion_rate\n"
	w := p.sendTable(head + "1,张伟,C-1,安全,100\n2,王芳,C-1,安全,10\n3,李娜,C-1,安全,100,more\n4,赵敏,C-1,安全,90\n")
	for _, want := range []string{"<dd>4</dd>", "<dd>2</dd>", "<td>3</td><td>Completion in percent: is below 80", "<td>4</td><td>has 6 columns", "Issue the other 2"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("status %d: no %q in %s", w.Code, want, w.Body)
		}
	}
	if w := p.ask("GET", "/admin/certificates", nil); strings.Contains(w.Body.String(), "<td>") {
		t.Fatal("it was issued before it was said so")
	}
	w = p.ask("POST", "/admin/import/issue", p.form())
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Issued 2, issued before 0, not issued 0.") || strings.Count(w.Body.String(), "/admin/certificates/") != 2 {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if w := p.ask("POST", "/admin/import/issue", p.form()); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("the same table again, unchecked: status %d", w.Code)
	}
}

func TestATableThatIsNoneIsRefusedInTheLanguageOfThePage(t *testing.T) {
	p := openPages(t, "issue+read")
	for csv, want := range map[string]string{
		"": "首行应是列名", "姓名,recipient_id\n": "不认识列“姓名”", "recipient_id,recipient_id\n": "重复了", "recipient_id\n": "没有内容", "recipient_id\n\"1\n": "引号不成对",
		"recipient_id\n" + strings.Repeat("1\n", 5001): "行数太多",
	} {
		if w := p.sendTable(csv, "Accept-Language", "zh-CN"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%.40q: status %d, no %q in %s", csv, w.Code, want, w.Body)
		}
	}
	if w := p.sendTable(strings.Repeat("x", 5<<20)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a file of 5 MiB: status %d", w.Code)
	}
}

func TestACertificateIsFoundByNumberNameAndRecipient(t *testing.T) {
	p := openPages(t, "read")
	n := string(p.post(issueBody(object{user: "2000", organisation: "globex", template: "course"}, "")).receipt(t).Number)
	for _, q := range []string{"样", "2000"} {
		if w := p.ask("GET", "/admin/certificates?q="+url.QueryEscape(q), nil); !strings.Contains(w.Body.String(), "/admin/certificates/"+n+`"`) {
			t.Errorf("%s: not found", q)
		}
	}
	if w := p.ask("GET", "/admin/certificates?q="+strings.ToLower(strings.ReplaceAll(n, "-", "")), nil); w.Header().Get("Location") != "/admin/certificates/"+n {
		t.Errorf("status %d, to %q", w.Code, w.Header().Get("Location"))
	}
}

package main

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"laurel/certlog"
	"laurel/credential"
	"laurel/internal/durable"
	"laurel/site"
)

const warn = "warn"

// probe looks at a host as visitors and verifiers elsewhere do. What it fetches lies in a folder of its own, as a tree
// to verify from.
type probe struct {
	base   string
	client *http.Client
	copy   string
	found  []hostFinding
}

func newProbe(base string, timeout time.Duration) *probe {
	return &probe{base: base, client: &http.Client{
		Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a redirect is an answer, and what it says matters
		},
	}}
}

func (p *probe) close() {
	if p.copy != "" {
		os.RemoveAll(p.copy)
	}
}

func (p *probe) note(path, what, result, format string, args ...any) {
	p.found = append(p.found, hostFinding{URL: p.base + path, What: what, Result: result, Message: fmt.Sprintf(format, args...)})
}

// all makes all checks. Only what keeps it from looking at all is an error.
func (p *probe) all(ctx context.Context, number credential.Number, maxAge time.Duration, now time.Time) (err error) {
	if p.copy, err = os.MkdirTemp("", "certgen-check-host-"); err != nil {
		return err
	}
	page, err := p.file(ctx, site.IndexPath, true)
	if err != nil {
		return fmt.Errorf("%s cannot be reached: %w", p.base, err)
	}
	for _, path := range assetsIn(page) {
		p.file(ctx, path, true)
	}
	p.file(ctx, site.IconPath, false)
	p.file(ctx, site.RobotsPath, true)
	p.file(ctx, site.DIDPath, true)
	p.file(ctx, site.SettingsPath, true)
	p.file(ctx, site.KeysPath, false)
	p.checkpoint(ctx, maxAge, now)
	p.missing(ctx)
	if number == "" {
		p.note("/c/", "certificate", site.Skip, "not looked at: give the number of one with --number")
		return nil
	}
	p.certificate(ctx, number, now)
	return nil
}

var assetAddress = regexp.MustCompile(`(?:src|href)="/(assets/[^"/]+)"`)

func assetsIn(page []byte) []string {
	var out []string
	for _, m := range assetAddress.FindAllSubmatch(page, -1) {
		if path := string(m[1]); !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	return out
}

// get asks as a script of another origin does.
func (p *probe) get(ctx context.Context, path string) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+path, nil)
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Origin", "https://verifier.invalid")
	resp, err := p.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxInput))
	return resp, data, err
}

// file looks at one file of the tree and keeps a copy. The error is that there was no answer at all.
func (p *probe) file(ctx context.Context, path string, required bool) ([]byte, error) {
	class, ok := site.ClassOf(path)
	if !ok {
		return nil, fmt.Errorf("%s is none of a certificate site's files", path)
	}
	url := "/" + strings.TrimSuffix(path, "index.html")
	resp, data, err := p.get(ctx, url)
	switch {
	case err != nil:
		p.note(url, class.Name, site.Fail, "%v", err)
		return nil, err
	case resp.StatusCode == http.StatusNotFound && !required:
		p.note(url, class.Name, site.Skip, "the site has none")
		return nil, nil
	case resp.StatusCode != http.StatusOK:
		p.note(url, class.Name, site.Fail, "status %d%s; it must be 200", resp.StatusCode, where(resp))
		return nil, nil
	}
	if wrong := wrongHeaders(class, resp.Header); len(wrong) > 0 {
		p.note(url, class.Name, site.Fail, "%s", strings.Join(wrong, "; "))
	} else {
		p.note(url, class.Name, site.Pass, "%s, %s", class.ContentType, class.Cache)
	}
	if strings.HasPrefix(class.ContentType, "text/html") {
		p.everywhere(url, resp.Header)
	}
	return data, durable.WriteFile(filepath.Join(p.copy, filepath.FromSlash(path)), data, 0o600)
}

func where(resp *http.Response) string {
	if to := resp.Header.Get("Location"); to != "" {
		return " to " + to
	}
	return ""
}

// wrongHeaders says what of an answer's headers is not as the class asks.
func wrongHeaders(c site.Class, h http.Header) []string {
	var wrong []string
	got, want := h.Get("Content-Type"), c.ContentType
	gotType, gotParams, err := mime.ParseMediaType(got)
	wantType, wantParams, _ := mime.ParseMediaType(want)
	if err != nil || gotType != wantType || wantParams["charset"] != "" && !strings.EqualFold(gotParams["charset"], wantParams["charset"]) {
		wrong = append(wrong, fmt.Sprintf("Content-Type is %q; it must be %q", got, want))
	}
	if got := strings.Join(h.Values("Cache-Control"), ", "); !slices.Equal(directives(got), directives(c.Cache)) {
		wrong = append(wrong, fmt.Sprintf("Cache-Control is %q; it must be %q", got, c.Cache))
	}
	if got := h.Values("Access-Control-Allow-Origin"); c.Open && !slices.Equal(got, []string{"*"}) {
		wrong = append(wrong, fmt.Sprintf("Access-Control-Allow-Origin is %q; verifiers elsewhere need \"*\"", got))
	}
	return wrong
}

func directives(s string) []string {
	var out []string
	for d := range strings.SplitSeq(s, ",") {
		if d = strings.ToLower(strings.TrimSpace(d)); d != "" {
			out = append(out, d)
		}
	}
	slices.Sort(out)
	return out
}

// everywhere warns of headers that a page should have: it says most of them itself too, so their absence breaks nothing.
func (p *probe) everywhere(url string, h http.Header) {
	for _, e := range site.Everywhere() {
		if h.Get(e[0]) != e[1] {
			p.note(url, e[0], warn, "%q; it should be %q", h.Get(e[0]), e[1])
		}
	}
}

// missing asks for a page that cannot exist, which must answer with the site's own 404 page and its status.
func (p *probe) missing(ctx context.Context) {
	const url = "/c/0000-0000-0000-0000/none/"
	const what = "missing page"
	resp, data, err := p.get(ctx, url)
	switch {
	case err != nil:
		p.note(url, what, site.Fail, "%v", err)
		return
	case resp.StatusCode != http.StatusNotFound:
		p.note(url, what, site.Fail, "status %d%s; it must be 404", resp.StatusCode, where(resp))
		return
	case !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html"):
		p.note(url, what, site.Fail, "Content-Type is %q; serve %s", resp.Header.Get("Content-Type"), site.NotFoundPath)
		return
	}
	if len(assetsIn(data)) == 0 {
		p.note(url, what, site.Fail, "it is the host's own page; serve %s", site.NotFoundPath)
		return
	}
	p.note(url, what, site.Pass, "404 with the site's page")
}

// checkpoint looks at the log, where the site has one.
func (p *probe) checkpoint(ctx context.Context, maxAge time.Duration, now time.Time) {
	const path, what = "log/checkpoint", "freshness"
	p.file(ctx, "log/vkey", false)
	data, err := p.file(ctx, path, false)
	if err != nil || data == nil {
		return
	}
	c, err := certlog.PeekCheckpoint(data)
	if err != nil {
		p.note("/"+path, what, site.Fail, "%v", err)
		return
	}
	at := certlog.PeekTime(data)
	switch age := now.Sub(at); {
	case at.IsZero():
		p.note("/"+path, what, warn, "size %d; it states no time", c.Size)
	case age > maxAge:
		p.note("/"+path, what, site.Fail, "size %d, of %s: %v old; is certd running, and are its files copied here?", c.Size, at.Format(time.RFC3339), age.Round(time.Minute))
	default:
		p.note("/"+path, what, site.Pass, "size %d, of %s", c.Size, at.Format(time.RFC3339))
	}
	if c.Size > 0 {
		p.tile(ctx, c.Size)
	}
}

// tile looks at the first tile of the log's lowest level: full, or as wide as the log is long.
func (p *probe) tile(ctx context.Context, size int64) {
	path := "log/tile/0/000"
	if size < 256 {
		path = fmt.Sprintf("log/tile/0/000.p/%d", size)
	}
	p.file(ctx, path, true)
}

// certificate looks at the files of one certificate and verifies it from what the host has served.
func (p *probe) certificate(ctx context.Context, n credential.Number, now time.Time) {
	folder := "c/" + string(n) + "/"
	p.redirect(ctx, "/"+strings.TrimSuffix(folder, "/"))
	p.file(ctx, site.PagePath(n), true)
	doc, _ := p.file(ctx, site.CredentialPath(n), true)
	for _, name := range []string{"status.json", "certificate.tlog-proof", "certificate.png", "certificate.pdf"} {
		p.file(ctx, folder+name, false)
	}
	if doc == nil {
		return
	}
	c, err := credential.Decode(doc)
	if err != nil {
		p.note("/"+folder, "verification", site.Fail, "%v", err)
		return
	}
	p.file(ctx, site.CriteriaPath(c.TemplateID()), false)
	list, _ := c.StatusPlace()
	for _, purpose := range []string{site.Revocation, site.Suspension} {
		p.file(ctx, site.StatusListPath(purpose, list), true)
	}
	p.verify(n, doc, now)
}

func (p *probe) verify(n credential.Number, doc []byte, now time.Time) {
	url, what := "/c/"+string(n)+"/", "verification"
	trust, settings, err := site.TreeTrust(p.copy)
	if err != nil {
		p.note(url, what, site.Fail, "%v", err)
		return
	}
	if settings.BaseURL != p.base {
		p.note(url, "origin", warn, "a copy: the original lives at %s", settings.BaseURL)
	}
	v := site.Verify(doc, n, true, trust, now)
	var failed []string
	for _, c := range v.Checks {
		if c.Result != site.Pass {
			failed = append(failed, c.Check+": "+c.Message)
		}
	}
	switch v.Verdict {
	case site.Invalid, site.Unavailable:
		p.note(url, what, site.Fail, "%s: %s", v.Verdict, strings.Join(failed, "; "))
	default: // a revoked or expired certificate is as good a proof of the host
		p.note(url, what, site.Pass, "%s", v.Verdict)
	}
}

func (p *probe) redirect(ctx context.Context, url string) {
	resp, _, err := p.get(ctx, url)
	if err != nil {
		p.note(url, "address without its slash", site.Fail, "%v", err)
		return
	}
	to := strings.TrimPrefix(resp.Header.Get("Location"), p.base)
	if resp.StatusCode/100 == 3 && to == url+"/" || resp.StatusCode == http.StatusOK {
		p.note(url, "address without its slash", site.Pass, "status %d%s", resp.StatusCode, where(resp))
		return
	}
	p.note(url, "address without its slash", warn, "status %d%s; send it on to %s/", resp.StatusCode, where(resp), url)
}

package interop

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The harness must see what it is there to see: a page that does everything wrong, and a reader without script.
func TestTheBrowserHarnessSeesErrorsForeignRequestsAndViolations(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "script-src 'self' 'nonce-x'")
		fmt.Fprint(w, `<!doctype html><html data-verdict="unchecked"><link rel="icon" href="data:,"><p data-fact="recipient">张伟</p>
			<script nonce="x">console.error('said so'); document.documentElement.dataset.verdict = navigator.language;
			setTimeout(() => { throw new Error('thrown') });
			fetch('http://127.0.0.1:9/foreign').catch(() => {}).then(() => document.body.dataset.done = 1)</script>
			<script>forbidden()</script></html>`)
	}))
	defer server.Close()
	b := browser(t)

	page := open(t, b, visitor{language: "en", before: "window.early = 'yes'"})
	page.visit(server.URL + "/")
	if got := page.verdict(); got != "en" {
		t.Errorf("verdict %q, want the language asked for", got)
	}
	if got := eval[string](page, "window.early"); got != "yes" {
		t.Errorf("the script before the page's own did not run")
	}
	page.wait("document.body.dataset.done")
	if !page.asked(":9/foreign") {
		t.Error("the foreign request was not seen")
	}
	if got := strings.Join(page.errors, "\n"); !strings.Contains(got, "said so") || !strings.Contains(got, "thrown") {
		t.Errorf("not all errors were seen: %s", got)
	}
	if v := eval[[]string](page, "window.cspViolations"); len(v) != 1 || !strings.Contains(v[0], "inline") {
		t.Errorf("violations %q, want the inline script", v)
	}

	page = open(t, b, visitor{noScript: true})
	page.visit(server.URL + "/")
	if got := eval[string](page, "document.documentElement.dataset.verdict"); got != "unchecked" {
		t.Errorf("verdict %q although scripts are off", got)
	}
	if got := page.fact("recipient"); got != "张伟" {
		t.Errorf("recipient %q", got)
	}
}

package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"laurel/site"
	"laurel/templates"
)

// folder is a small tree to serve.
func folder(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "public")
	for path, text := range map[string]string{
		"index.html": "home", "404.html": "not here", "c/N/index.html": "page", "c/N/credential.json": "{}", "c/N/certificate.png": "0123456789",
		"empty/x.css": "css", ".well-known/did.json": "{}", ".hidden": "secret", ".laurel-1.tmp": "half", "data": "?",
		"_headers": "/*\n  X-All: yes\n  # remark\n\n/c/:number/\n  X-Page: yes\n/c/:number/credential.json\n  Content-Type: application/vc\n  Access-Control-Allow-Origin: *\n/404.html\n  X-Missing: yes\n",
	} {
		name := filepath.Join(dir, filepath.FromSlash(path))
		os.MkdirAll(filepath.Dir(name), 0o755)
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	os.WriteFile(filepath.Join(root, "outside"), []byte("secret"), 0o644)
	os.Symlink(filepath.Join(root, "outside"), filepath.Join(dir, "link"))
	return dir
}

func get(t *testing.T, h http.Handler, method, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "http://host.example"+target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAStaticHostServesFilesAndNothingElse(t *testing.T) {
	h, err := newStatic(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	for _, c := range []struct {
		target string
		status int
		body   string
		header [2]string
	}{
		{"/", 200, "home", [2]string{"Content-Type", "text/html; charset=utf-8"}},
		{"/index.html", 200, "home", [2]string{"X-All", "yes"}},
		{"/c/N/", 200, "page", [2]string{"X-Page", "yes"}},
		{"/c/N", 301, "", [2]string{"Location", "/c/N/"}},
		{"/c/N?a=1", 301, "", [2]string{"Location", "/c/N/?a=1"}},
		{"/c/N/credential.json", 200, "{}", [2]string{"Content-Type", "application/vc"}},
		{"/c/N/credential.json", 200, "{}", [2]string{"Access-Control-Allow-Origin", "*"}},
		{"/c/N/certificate.png", 200, "0123456789", [2]string{"Content-Type", "image/png"}},
		{"/.well-known/did.json", 200, "{}", [2]string{"Content-Type", "application/json"}},
		{"/data", 200, "?", [2]string{"Content-Type", "application/octet-stream"}},
		{"/nothing", 404, "not here", [2]string{"X-Missing", "yes"}},
		{"/nothing", 404, "not here", [2]string{"Content-Type", "text/html; charset=utf-8"}},
		{"/c/N/credential.json/", 404, "not here", [2]string{}},
		{"/empty/", 404, "not here", [2]string{}},
		{"/empty", 404, "not here", [2]string{}},
		{"/c/", 404, "not here", [2]string{}},
		{"/.hidden", 404, "not here", [2]string{}},
		{"/.laurel-1.tmp", 404, "not here", [2]string{}},
		{"/_headers", 404, "not here", [2]string{}},
		{"/link", 404, "not here", [2]string{}},
		{"/../outside", 404, "not here", [2]string{}},
		{"/c/../../outside", 404, "not here", [2]string{}},
		{"/%2e%2e/outside", 404, "not here", [2]string{}},
		{"/..%2foutside", 404, "not here", [2]string{}},
		{`/..%5coutside`, 404, "not here", [2]string{}},
		{"//c/N", 404, "not here", [2]string{}},
		{"/c//N/", 404, "not here", [2]string{}},
		{"/c/N/%00", 404, "not here", [2]string{}},
	} {
		r := get(t, h, "GET", c.target)
		if got := body(t, r); r.StatusCode != c.status || got != c.body {
			t.Errorf("GET %s: %d %q, want %d %q", c.target, r.StatusCode, got, c.status, c.body)
		}
		if c.header[0] != "" && r.Header.Get(c.header[0]) != c.header[1] {
			t.Errorf("GET %s: %s is %q, want %q", c.target, c.header[0], r.Header.Get(c.header[0]), c.header[1])
		}
	}
}

func TestAStaticHostKnowsHeadRangesAndWhatHasNotChanged(t *testing.T) {
	h, err := newStatic(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	if r := get(t, h, "HEAD", "/c/N/certificate.png"); r.StatusCode != 200 || body(t, r) != "" || r.Header.Get("Content-Length") != "10" {
		t.Errorf("HEAD: %d, length %s", r.StatusCode, r.Header.Get("Content-Length"))
	}
	if r := get(t, h, "HEAD", "/nothing"); r.StatusCode != 404 || body(t, r) != "" {
		t.Errorf("HEAD of nothing: %d", r.StatusCode)
	}
	if r := get(t, h, "GET", "/c/N/certificate.png", "Range", "bytes=2-4"); r.StatusCode != 206 || body(t, r) != "234" {
		t.Errorf("a range: %d", r.StatusCode)
	}
	tag := get(t, h, "GET", "/").Header.Get("ETag")
	if r := get(t, h, "GET", "/", "If-None-Match", tag); tag == "" || r.StatusCode != 304 {
		t.Errorf("not changed: %d", r.StatusCode)
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		if r := get(t, h, method, "/"); r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d", method, r.StatusCode)
		}
	}
}

func TestHeadersAreReadAgainWhenTheyChange(t *testing.T) {
	dir := folder(t)
	h, err := newStatic(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	get(t, h, "GET", "/")
	name := filepath.Join(dir, "_headers")
	os.Remove(name)
	if r := get(t, h, "GET", "/"); r.Header.Get("X-All") != "" {
		t.Error("rules of a file that is gone are followed")
	}
	os.WriteFile(name, []byte("/*\n  X-New: yes\n"), 0o644)
	if r := get(t, h, "GET", "/"); r.Header.Get("X-New") != "yes" || r.Header.Get("X-All") != "" {
		t.Errorf("the new rules are not followed: %v", r.Header)
	}
}

// TestOurOwnHeadersGiveEachFileOneCacheLife reads the _headers of a real tree: hosts join what several rules say.
func TestOurOwnHeadersGiveEachFileOneCacheLife(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "public")
	s, err := newSigner("https://certs.example.org")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.tree(dir); err != nil {
		t.Fatal(err)
	}
	set, err := templates.Open("")
	if err != nil {
		t.Fatal(err)
	}
	b, err := site.Open(dir, set, site.Options{Only: []string{site.OnlyHTML}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := b.BuildTree(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	h, err := newStatic(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	err = filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		target := "/" + strings.TrimSuffix(filepath.ToSlash(rel), "index.html")
		if target == "/_headers" || target == "/404.html" {
			return nil
		}
		r := get(t, h, "GET", target)
		life := r.Header.Get("Cache-Control")
		if r.StatusCode != 200 || strings.Count(life, "max-age")+strings.Count(life, "no-cache") != 1 {
			t.Errorf("%s: %d, Cache-Control %q", target, r.StatusCode, life)
		}
		class, ok := site.ClassOf(filepath.ToSlash(rel))
		if !ok || life != class.Cache || r.Header.Get("Content-Type") != class.ContentType || (r.Header.Get("Access-Control-Allow-Origin") == "*") != class.Open {
			t.Errorf("%s: %v; its class is %+v", target, r.Header, class)
		}
		if r.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(r.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s: %v", target, r.Header)
		}
		if strings.HasSuffix(target, ".json") && r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s is %s", target, r.Header.Get("Content-Type"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestServeSaysWhereItListensAndEndsWhenAsked(t *testing.T) {
	dir := folder(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--public", dir, "--listen", "127.0.0.1:0"}, io.Discard, write)
		write.Close()
	}()
	log := bufio.NewReader(read)
	line, err := log.ReadString('\n')
	if err != nil || !strings.Contains(line, `"msg":"listening"`) {
		t.Fatalf("%q, %v", line, err)
	}
	_, rest, _ := strings.Cut(line, `"addr":"`)
	addr, _, _ := strings.Cut(rest, `"`)
	go io.Copy(io.Discard, log)
	r, err := http.Get("http://" + addr + "/c/N/")
	if err != nil || r.StatusCode != 200 || body(t, r) != "page" {
		t.Errorf("%v, %v", r, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("a clean stop is no error: %v", err)
	}
}

func TestATakenPortIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = run(t.Context(), []string{"serve", "--public", folder(t), "--listen", l.Addr().String()}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), l.Addr().String()+" is taken") {
		t.Errorf("got %v", err)
	}
	if err := run(t.Context(), []string{"serve", "--public", filepath.Join(t.TempDir(), "none")}, io.Discard, io.Discard); err == nil {
		t.Error("a missing tree is served")
	}
}

func TestRulesOfAHeadersFileMatchAsHostsMatchThem(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"/*", "/", true}, {"/*", "/a/b", true}, {"/", "/", true}, {"/", "/a", false},
		{"/c/:number/", "/c/N/", true}, {"/c/:number/", "/c/N/x", false}, {"/c/:number/", "/c//", false}, {"/c/:number/", "/c/N", false},
		{"/c/:number/credential.json", "/c/N/credential.json", true}, {"/assets/*", "/assets/", true}, {"/assets/*.css", "/assets/a.css", true},
		{"/assets/*.css", "/assets/a.js", false},
	} {
		if got := match(c.pattern, c.path); got != c.want {
			t.Errorf("%s and %s: %v", c.pattern, c.path, got)
		}
	}
}

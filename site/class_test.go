package site

import (
	"strings"
	"testing"
)

func TestEveryFileOfATreeHasAClass(t *testing.T) {
	for path, want := range map[string]string{
		"assets/page.0011223344556677.css":             "style",
		"assets/verify.0011223344556677.js":            "script",
		"assets/favicon.0011223344556677.svg":          "icon",
		"favicon.ico":                                  "browser icon",
		"_headers":                                     "host rules",
		"robots.txt":                                   "crawler rules",
		"log/tile/0/000":                               "log tile",
		"log/tile/0/x001/234.p/17":                     "log tile",
		"log/tile/entries/000.p/1":                     "log tile",
		".well-known/did.json":                         "issuer's keys",
		"keys.json":                                    "key history",
		"site.json":                                    "settings",
		"status/revocation/0.json":                     "status list",
		"log/vkey":                                     "log key",
		"a/course/index.html":                          "criteria",
		"c/7F3K-9QXM-2T8W-RB5H/credential.json":        "credential",
		"c/7F3K-9QXM-2T8W-RB5H/status.json":            "status statements",
		"c/7F3K-9QXM-2T8W-RB5H/certificate.tlog-proof": "inclusion proof",
		"c/7F3K-9QXM-2T8W-RB5H/certificate.png":        "picture",
		"c/7F3K-9QXM-2T8W-RB5H/certificate.pdf":        "PDF",
		"c/7F3K-9QXM-2T8W-RB5H/index.html":             "verification page",
		"404.html":                                     "not found",
		"index.html":                                   "look-up",
		"log/checkpoint":                               "checkpoint",
	} {
		if c, ok := ClassOf(path); !ok || c.Name != want {
			t.Errorf("%s is of class %q, want %q", path, c.Name, want)
		}
	}
}

func TestWhatIsNoPublicFileHasNoClass(t *testing.T) {
	for _, path := range []string{
		"", "c", "c/", "c/x", "c/x/y/index.html", "c/x/.laurel-00.tmp", "c/.hidden/index.html", "assets/.laurel-00.css", "assets/x.map",
		"index.html/", "status/revocation/0.json/x", "status/.json", "log/tile/", "notes.txt", "c//credential.json", "data/seed", "log/tile",
	} {
		if c, ok := ClassOf(path); ok {
			t.Errorf("%q is of class %q, want none", path, c.Name)
		}
	}
}

func TestWhatAPageNeedsComesBeforeIt(t *testing.T) {
	stage := func(path string) Stage {
		c, ok := ClassOf(path)
		if !ok {
			t.Fatalf("%s has no class", path)
		}
		return c.Stage
	}
	page := stage("c/7F3K-9QXM-2T8W-RB5H/index.html")
	for _, needed := range []string{"assets/page.0011223344556677.css", ".well-known/did.json", "status/revocation/0.json", "c/7F3K-9QXM-2T8W-RB5H/credential.json", "c/7F3K-9QXM-2T8W-RB5H/certificate.png", "a/course/index.html"} {
		if stage(needed) >= page {
			t.Errorf("%s comes with or after the pages that need it", needed)
		}
	}
	if stage("log/tile/0/000") >= stage("log/checkpoint") || page >= stage("log/checkpoint") {
		t.Error("the checkpoint does not come last")
	}
}

func TestRulesForHostsGiveEachFileItsClassOnce(t *testing.T) {
	text := headers()
	patterns := map[string]bool{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "/") {
			pattern := strings.TrimSpace(line)
			if patterns[pattern] {
				t.Errorf("%s stands twice: hosts would join its values", pattern)
			}
			patterns[pattern] = true
			if strings.Count(pattern, "*") > 1 {
				t.Errorf("%s has two wildcards; Cloudflare Pages takes one", pattern)
			}
		}
		if len(line) > 2000 {
			t.Errorf("a line of %d bytes; Cloudflare Pages takes 2,000", len(line))
		}
	}
	if len(patterns) > 100 {
		t.Errorf("%d rules; Cloudflare Pages takes 100", len(patterns))
	}
	for _, want := range []string{
		"/c/:number/credential.json\n  Cache-Control: public, max-age=300\n  Content-Type: application/json\n  Access-Control-Allow-Origin: *\n",
		"/c/:number/\n  Cache-Control: public, max-age=300\n  Content-Type: text/html; charset=utf-8\n\n",
		"/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n\n",
		"/log/checkpoint\n  Cache-Control: no-cache\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no rule\n%s\nin\n%s", want, text)
		}
	}
}

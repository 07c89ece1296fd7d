package interop

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// shotsDir names the environment variable that says where to put screenshots; without it none are made.
const shotsDir = "LAUREL_SHOTS"

// shot is a page in a state worth looking at.
type shot struct {
	name     string
	path     func(*issuedSite) string
	told     bool // of the site whose issuer has said something of its certificates
	change   *change
	noScript bool
	then     func(*tab, *issuedSite) // what the visitor does
}

func certificate(i int) func(*issuedSite) string {
	return func(s *issuedSite) string { return "/c/" + s.receipts[i].Number + "/" }
}

func at(path string) func(*issuedSite) string { return func(*issuedSite) string { return path } }

func verdictShown(b *tab, _ *issuedSite) { b.verdict() }

// explained opens what stands behind each check.
func explained(b *tab, _ *issuedSite) {
	b.verdict()
	eval[any](b, `document.querySelectorAll('details').forEach(d => { d.open = true })`)
}

var shots = []shot{
	{name: "valid-exam", path: certificate(exam), then: verdictShown},
	{name: "valid-course", path: certificate(course), then: verdictShown},
	{name: "valid-long", path: certificate(long), then: verdictShown},
	{name: "expired", path: certificate(lapsed), then: verdictShown},
	{name: "invalid", path: certificate(exam), change: &changes[0], then: verdictShown},
	{name: "unavailable", path: certificate(exam), change: &change{file: []string{"status", "revocation", "0.json"}, edit: remove}, then: verdictShown},
	{name: "log-rewritten", path: certificate(exam), change: &change{file: []string{"log", "checkpoint"}, edit: otherLog(0)}, then: explained},
	{name: "log-without", path: certificate(exam), change: &change{file: []string{"c", "NUMBER", "certificate.tlog-proof"}, edit: remove}, then: explained},
	{name: "log-unavailable", path: certificate(exam), change: &change{file: []string{"log", "checkpoint"}, edit: remove}, then: explained},
	{name: "valid-explained", path: certificate(exam), then: explained},
	{name: "nojs", path: certificate(exam), noScript: true},
	{name: "revoked", told: true, path: certificate(toldRevoked), then: verdictShown},
	{name: "revoked-explained", told: true, path: certificate(toldRevoked), then: explained},
	{name: "suspended", told: true, path: certificate(toldSuspended), then: verdictShown},
	{name: "superseded", told: true, path: certificate(toldReplaced), then: verdictShown},
	{name: "reinstated", told: true, path: certificate(toldReinstated), then: verdictShown},
	{name: "erased", told: true, path: certificate(toldErased), then: verdictShown},
	{name: "revoked-nojs", told: true, path: certificate(toldRevoked), noScript: true},
	{name: "superseded-nojs", told: true, path: certificate(toldReplaced), noScript: true},
	{name: "erased-nojs", told: true, path: certificate(toldErased), noScript: true},
	{name: "lookup", path: at("/")},
	{name: "lookup-typo", path: at("/"), then: func(b *tab, s *issuedSite) {
		typeInto(b, mistyped(s.receipts[exam].Number, 11))
		feedback(b, s.receipts[exam].Number)
	}},
	{name: "lookup-copy", path: at("/"), then: func(b *tab, s *issuedSite) {
		picture, err := os.ReadFile(s.file("c", s.receipts[exam].Number, "certificate.png"))
		b.must(err)
		file := filepath.Join(b.t.TempDir(), "certificate.png")
		b.must(os.WriteFile(file, noted(picture), 0o644))
		drop(b, file)
		b.verdict()
		b.wait(`document.querySelectorAll('#copy img').length === 2`)
	}},
	{name: "lookup-nojs", path: at("/"), noScript: true},
	{name: "notfound", path: at("/c/7f3k9qxm2t8wrb5h/")},
	{name: "criteria", path: at("/a/exam/")},
}

// TestScreenshots makes pictures to be looked at: every page and state, on a desktop and a phone, light and
// dark, in both languages.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv(shotsDir)
	if dir == "" {
		t.Skipf("set %s to a folder to have screenshots made", shotsDir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	usual, told, b := served(t), toldServed(t), browser(t)
	for _, s := range shots {
		t.Run(s.name, func(t *testing.T) {
			site := usual
			if s.told {
				site = told
			}
			if s.change != nil {
				s.change.make(t, site)
			}
			for _, width := range []int64{1280, 360} {
				for _, scheme := range []string{"light", "dark"} {
					for _, language := range []string{"zh-CN", "en"} {
						b := open(t, b, visitor{language: language, width: width, dark: scheme == "dark", noScript: s.noScript})
						b.visit(site.base + s.path(site))
						if s.then != nil {
							s.then(b, site)
						}
						name := s.name + "-" + language[:2] + "-" + strconv.FormatInt(width, 10) + "-" + scheme + ".png"
						capture(b, filepath.Join(dir, name))
					}
				}
			}
		})
	}
}

// capture writes a picture of the whole page.
func capture(b *tab, name string) {
	b.t.Helper()
	// What is shown late, or loaded late, is there before the picture is taken.
	b.wait(`document.readyState === 'complete' && [...document.images].every(i => i.complete)
		&& document.getAnimations().every(a => a.playState !== 'running')`)
	beyond := true
	clip := eval[page.Viewport](b, `({x: 0, y: 0, width: innerWidth, height: document.documentElement.scrollHeight, scale: 1})`)
	result, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &beyond, Clip: &clip})
	b.must(err)
	b.must(os.WriteFile(name, result.Data, 0o644))
}

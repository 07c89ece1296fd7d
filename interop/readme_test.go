package interop

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// readmeDir names the environment variable that says where to put the pictures of README; without it none are made.
const readmeDir = "LAUREL_README_PICTURES"

// TestPicturesOfTheReadme makes what README shows: a valid certificate on a desktop in Chinese, and on a dark phone in
// English, at the address that it would have. Look at them before they are committed.
func TestPicturesOfTheReadme(t *testing.T) {
	dir := os.Getenv(readmeDir)
	if dir == "" {
		t.Skipf("set %s to a folder to have the pictures of README made", readmeDir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	site, err := production()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(http.FileServer(http.Dir(site.public)))
	defer server.Close()
	chrome := browser(t, chromedp.Flag("host-resolver-rules", "MAP certs.example.org:443 "+server.Listener.Addr().String()),
		chromedp.Flag("ignore-certificate-errors", true))
	for _, p := range []struct {
		name    string
		holder  string
		visitor visitor
		height  int
		scale   float64
	}{
		{"desktop", "张伟", visitor{language: "zh-CN", width: 1280}, 840, 1},
		{"phone", "Alexandra Müller", visitor{language: "en", width: 390, dark: true}, 840, 2},
	} {
		t.Run(p.name, func(t *testing.T) {
			b := open(t, chrome, p.visitor)
			b.visit(base + "/c/" + held(t, site, p.holder) + "/")
			if got := b.verdict(); got != "valid" {
				t.Fatalf("the certificate is %s", got)
			}
			b.wait(`document.readyState === 'complete' && [...document.images].every(i => i.complete) && !document.getAnimations().some(a => a.playState === 'running')`)
			clip := page.Viewport{Width: float64(p.visitor.width), Height: float64(p.height), Scale: p.scale}
			result, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Clip: &clip})
			b.must(err)
			b.must(os.WriteFile(filepath.Join(dir, fmt.Sprintf("page-%s.png", p.name)), result.Data, 0o644))
		})
	}
}

// held is the number of a holder's first certificate.
func held(t *testing.T, s *issuedSite, name string) string {
	t.Helper()
	for _, r := range s.receipts {
		if r.Recipient.Name == name {
			return r.Number
		}
	}
	t.Fatalf("nobody is called %s", name)
	return ""
}

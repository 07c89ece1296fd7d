package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds every wait for a page; nothing is judged by how long it took.
const patience = 45 * time.Second

// browser is a headless Chromium with a fresh profile, which ends with the test; more are flags of its own.
func browser(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(chromium(t)),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless, chromedp.NoSandbox, chromedp.NoFirstRun, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("hide-scrollbars", true),
	}, more...)...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		chromedp.Cancel(ctx)
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return ctx
}

// visitor is how a tab looks at a page, the zero value being a desktop that reads Chinese.
type visitor struct {
	language string // as in Accept-Language; "" is zh-CN
	width    int64  // CSS pixels; 0 is 1280
	dark     bool
	noScript bool
	before   string // a script that runs before the page's own
}

// tab is one page and everything that it did.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string // every address asked for
	errors   []string // console errors, exceptions, what the browser logged as an error
}

// noteViolations makes a page remember what its Content-Security-Policy forbade.
const noteViolations = `
	window.cspViolations = [];
	document.addEventListener('securitypolicyviolation', e =>
		window.cspViolations.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sourceFile + ':' + e.lineNumber));
`

// open makes a tab for v.
func open(t *testing.T, browser context.Context, v visitor) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	tab := &tab{t: t, ctx: ctx}
	tab.must(chromedp.Do(ctx))
	tab.must(chromedp.Listen(ctx, tab.note))

	if v.language == "" {
		v.language = "zh-CN"
	}
	if v.width == 0 {
		v.width = 1280
	}
	scheme := "light"
	if v.dark {
		scheme = "dark"
	}
	agent := eval[string](tab, `navigator.userAgent`)
	_, err := chromedp.Call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: v.language})
	tab.must(err)
	_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	tab.must(err)
	_, err = chromedp.Call(ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	tab.must(err)
	tab.must(chromedp.Do(ctx, chromedp.EmulateViewport(v.width, 900)))
	for _, source := range []string{noteViolations, v.before} {
		_, err = chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
		tab.must(err)
	}
	if v.noScript {
		_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		tab.must(err)
	}
	return tab
}

func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// note records what the browser tells.
func (b *tab) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" {
			b.errors = append(b.errors, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		text, _ := json.Marshal(e.ExceptionDetails)
		b.errors = append(b.errors, "exception: "+string(text))
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "assert" || e.Type == "warning" {
			text, _ := json.Marshal(e.Args)
			b.errors = append(b.errors, fmt.Sprintf("console.%s: %s", e.Type, text))
		}
	}
}

// visit goes to an address and waits until it is loaded.
func (b *tab) visit(url string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	b.must(chromedp.Do(ctx, chromedp.Navigate(url)))
}

// wait returns when the expression is true in the page.
func (b *tab) wait(expression string) {
	b.t.Helper()
	var last error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var ok bool
		// A page that is just being replaced by another has no context to ask; the next one has.
		if ok, last = chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+expression+")")); ok {
			return
		}
	}
	b.mu.Lock()
	errors := strings.Join(b.errors, "\n")
	b.mu.Unlock()
	b.t.Fatalf("never came true on %s: %s (%v)\n%s\n%s", b.address(), expression, last, errors, b.text("body"))
}

func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func (b *tab) address() string {
	b.t.Helper()
	return eval[string](b, `location.href`)
}

// text is what a reader sees of the first element of a selector, "" where there is none.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ''`, selector))
}

// fact is the text of a data-fact element, whether visible or not.
func (b *tab) fact(name string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`document.querySelector('[data-fact=%s]')?.textContent ?? ''`, name))
}

// verdict waits for the page to come to one.
func (b *tab) verdict() string {
	b.t.Helper()
	b.wait(`document.documentElement.dataset.verdict !== 'unchecked'`)
	return eval[string](b, `document.documentElement.dataset.verdict`)
}

// checks are the results of the checks by name.
func (b *tab) checks() map[string]string {
	b.t.Helper()
	return eval[map[string]string](b, `Object.fromEntries([...document.querySelectorAll('[data-check]')].map(e => [e.dataset.check, e.dataset.result]))`)
}

// asked reports whether an address that contains part was requested.
func (b *tab) asked(part string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.requests, func(url string) bool { return strings.Contains(url, part) })
}

// pdfViewer is the part of the browser itself that shows a PDF in a frame.
const pdfViewer = "chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai/"

// clean fails the test for every console error, foreign request and CSP violation; errors that contain one
// of the allowed texts are expected.
func (b *tab) clean(origin string, allowed ...string) {
	b.t.Helper()
	for _, v := range eval[[]string](b, `window.cspViolations ?? ['the page replaced its own window']`) {
		b.t.Errorf("Content-Security-Policy violated: %s", v)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.errors {
		if !slices.ContainsFunc(allowed, func(part string) bool { return strings.Contains(e, part) }) {
			b.t.Errorf("console: %s", e)
		}
	}
	for _, url := range b.requests {
		if strings.HasPrefix(url, pdfViewer) {
			continue
		}
		if !strings.HasPrefix(url, origin+"/") && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "blob:"+origin) {
			b.t.Errorf("foreign request: %s", url)
		}
	}
}

// clickOn clicks the element that the expression gives, as a pointer would.
func clickOn(b *tab, expression string) error {
	b.t.Helper()
	type point struct{ X, Y float64 }
	at := eval[point](b, `(e => { e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();
		return {X: r.x + r.width / 2, Y: r.y + r.height / 2} })(`+expression+`)`)
	return chromedp.Do(b.ctx, chromedp.MouseClickXY(at.X, at.Y))
}

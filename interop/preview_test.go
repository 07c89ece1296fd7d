package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// gallery is certgen serve --templates on a folder of its own.
type gallery struct {
	t         *testing.T
	dir, base string
}

// logged is what a program says while it runs.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// show starts a gallery with one layout of its own, as certgen new makes it, for the rest of the test.
func show(t *testing.T) *gallery {
	t.Helper()
	g := &gallery{t: t, dir: filepath.Join(t.TempDir(), "looks")}
	run(t, 0, "certgen", "new", "layout", "plain", "--templates", g.dir)
	log := &logged{}
	cmd := exec.Command(program(t, "certgen"), "serve", "--templates", g.dir, "--listen", "127.0.0.1:0")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGINT)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the gallery did not end cleanly: %v\n%s", err, log)
		}
	})
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for line := range strings.Lines(log.String()) {
			var said struct{ Msg, URL string }
			if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "listening" {
				g.base = strings.TrimSuffix(said.URL, "/")
				return g
			}
		}
	}
	t.Fatalf("the gallery does not listen:\n%s", log)
	return nil
}

// edit saves a file of the folder with the first old replaced.
// line is the number of the first line of a file that holds a text.
func (g *gallery) line(name, text string) int {
	g.t.Helper()
	data, err := os.ReadFile(filepath.Join(g.dir, filepath.FromSlash(name)))
	before, _, found := strings.Cut(string(data), text)
	if err != nil || !found {
		g.t.Fatalf("%s holds no %q, %v", name, text, err)
	}
	return 1 + strings.Count(before, "\n")
}

func (g *gallery) edit(name, old, new string) {
	g.t.Helper()
	path := filepath.Join(g.dir, filepath.FromSlash(name))
	data, err := os.ReadFile(path)
	if err != nil {
		g.t.Fatal(err)
	}
	text := strings.Replace(string(data), old, new, 1)
	if text == string(data) {
		g.t.Fatalf("%s holds no %q", name, old)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		g.t.Fatal(err)
	}
}

func card(id string) string { return fmt.Sprintf(`document.querySelector('[data-id="%s"]')`, id) }

// pictured goes to a card and waits until it shows a picture that is another than version.
func pictured(b *tab, id, version string) string {
	b.t.Helper()
	b.wait(`(c => c && (c.scrollIntoView({block: 'center'}), true))(` + card(id) + `)`)
	b.wait(card(id) + `?.dataset.version !== '` + version + `' && ` + card(id) + `.querySelector('img')?.naturalWidth === 1600`)
	return eval[string](b, card(id)+`.dataset.version`)
}

const layoutFile = "layouts/plain.yaml"

func TestTheGalleryFollowsEditsAndShowsMistakes(t *testing.T) {
	g := show(t)
	b := open(t, browser(t), visitor{language: "en"})
	b.visit(g.base + "/?template=course")
	b.wait(`document.querySelector('#live').textContent === 'Updates as you save'`)
	mine, other := "course/plain/zh/short", "course/classical/zh/short"
	version, untouched := pictured(b, mine, ""), pictured(b, other, "")
	eval[bool](b, `window.sameLoad = true`)

	// An edit: the pictures of that layout are others, those of the next one the same, and the page was not loaded anew.
	g.edit(layoutFile, "size: 120", "size: 96")
	version = pictured(b, mine, version)
	b.wait(`document.querySelector('#live').textContent === 'Updated (8)'`)
	if got := eval[string](b, card(other)+`.dataset.version`); got != untouched {
		t.Error("an edit of one layout changed the pictures of another")
	}

	// A mistake: named with its line, which is shown, and the last good pictures stay.
	g.edit(layoutFile, "size: 96", "sise: 96")
	b.wait(`document.querySelector('#problems').innerText.includes('did you mean "size"')`)
	element, key := fmt.Sprintf(":%d:9", g.line(layoutFile, `- text: "{name}"`)), fmt.Sprintf(":%d:5", g.line(layoutFile, "sise: 96"))
	if got := b.text("#problems .place"); !strings.HasSuffix(got, element) && !strings.HasSuffix(got, key) {
		t.Errorf("the mistake is placed at %q, not at %s or %s", got, element, key)
	}
	if got := eval[string](b, `[...document.querySelectorAll('#problems .at')].map(e => e.textContent).join('\n')`); !strings.Contains(got, "sise: 96") {
		t.Errorf("the line at fault is not shown: %q", got)
	}
	if got := pictured(b, mine, ""); got != version {
		t.Error("a mistake changed a picture")
	}
	if !eval[bool](b, card(mine)+`.matches('.stale') && !`+card(other)+`.matches('.stale')`) {
		t.Error("it is not said which pictures are older than their file")
	}
	g.edit(layoutFile, "sise: 96", "size: 96")
	b.wait(`document.querySelector('#problems').innerText === '' && !document.querySelector('.stale')`)

	// A layout that a long name does not fit: what a caller would be told, under the last good picture.
	long := "course/plain/en/long"
	before := pictured(b, long, "")
	g.edit(layoutFile, "least: 72\n    two: {size: 64, least: 32, leading: 1.15}", "least: 96")
	b.wait(card(long) + `.innerText.includes('does not fit')`)
	if got := pictured(b, long, ""); got != before {
		t.Error("the picture of a name that does not fit is not the last good one")
	}

	// The words of a certificate follow too.
	run(t, 0, "certgen", "new", "certificate", "course", "--from", "course", "--templates", g.dir)
	b.wait(`document.querySelector('.group-head').innerText.includes('yours')`)
	eval[bool](b, `(document.querySelector('.criteria').open = true)`)
	g.edit("certificates/course.md", "The holder has completed", "Whoever holds this has finished")
	b.wait(`document.querySelector('.criteria').innerText.includes('Whoever holds this has finished') && document.querySelector('.criteria').open`)

	// A layout made meanwhile joins, in the choice too.
	run(t, 0, "certgen", "new", "layout", "second", "--from", "modern", "--templates", g.dir)
	pictured(b, "course/second/en/short", "")
	b.wait(`[...document.querySelector('#f-layout').options].some(o => o.value === 'second')`)
	if !eval[bool](b, `window.sameLoad === true`) {
		t.Error("the page was loaded anew")
	}
	b.clean(g.base)
}

func TestTheGalleryShowsWhatOneTypesAndIsReachedByKeyboard(t *testing.T) {
	g := show(t)
	b := open(t, browser(t), visitor{language: "zh-CN"})
	b.visit(g.base + "/")
	b.wait(`document.querySelector('#live').textContent === '保存即更新'`)
	basics(b)

	// The choice narrows without a load, and stands in the address.
	eval[bool](b, `(s => { s.value = 'plain'; s.dispatchEvent(new Event('change', {bubbles: true})); return true })(document.querySelector('#f-layout'))`)
	b.wait(`[...document.querySelectorAll('[data-id]')].every(c => c.dataset.id.includes('/plain/')) && location.search === '?layout=plain'`)
	eval[bool](b, `(document.querySelector('#f-name').focus(), true)`)
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(`<b>Ann</b>`)))
	b.wait(`document.querySelectorAll('[data-id]').length === 6 && [...document.images].every(i => i.alt.includes('<b>Ann</b>'))`)
	b.wait(`document.images[0].naturalWidth === 1600`)

	// By keyboard alone: from the box to a picture, to its page, to the next one, and back.
	eval[bool](b, `(document.querySelector('[data-focus]').focus(), true)`)
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Enter)))
	b.wait(`location.pathname === '/look' && document.images[0].naturalWidth === 1600`)
	b.visit(g.base + "/look?template=course&layout=plain&language=zh&sample=short")
	basics(b)
	eval[bool](b, `(fetch(document.querySelector('iframe').src).then(r => r.text()).then(t => window.beside = t), true)`)
	b.wait(`window.beside?.startsWith('%PDF-')`)
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(kb.ArrowRight))) // right
	b.wait(`location.search.includes('sample=long')`)
	g.edit(layoutFile, "size: 120", "size: 96")
	b.wait(`document.querySelector('#live').textContent === '已更新 (1)'`)
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Escape)))
	b.wait(`location.pathname === '/'`)
	b.clean(g.base)
}

func TestTheGalleryNeedsNoScript(t *testing.T) {
	g := show(t)
	b := open(t, browser(t), visitor{noScript: true})
	b.visit(g.base + "/?layout=plain&sample=short&ui=en")
	if got := eval[int](b, `document.querySelectorAll('[data-id]').length`); got != 6 {
		t.Errorf("%d pictures, want one for each type and language", got)
	}
	if got := b.text("h1"); got != "Template preview" {
		t.Errorf("the heading is %q, although English was asked for", got)
	}
	b.visit(g.base + "/")
	if got := b.text("h1"); got != "Template preview" {
		t.Errorf("the heading is %q: the language was not remembered", got)
	}
}

// basics are what every page owes to people who do not see it or have no pointer.
func basics(b *tab) {
	b.t.Helper()
	for what, expression := range map[string]string{
		"a picture without words":       `[...document.images].filter(i => !i.alt).map(i => i.src)`,
		"a control without a label":     `[...document.querySelectorAll('input:not([type=hidden]),select,textarea,button')].filter(e => !(e.labels?.length || e.innerText || e.ariaLabel)).map(e => e.outerHTML)`,
		"a link without words":          `[...document.querySelectorAll('a')].filter(a => !a.innerText.trim() && !a.querySelector('img[alt]')).map(a => a.outerHTML)`,
		"a name used twice":             `[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)`,
		"an order of one's own":         `[...document.querySelectorAll('[tabindex]')].filter(e => e.tabIndex > 0).map(e => e.outerHTML)`,
		"a page without a language":     `document.documentElement.lang ? [] : ['html']`,
		"another number of h1 than one": `document.querySelectorAll('h1').length === 1 ? [] : ['h1']`,
		"a frame without a title":       `[...document.querySelectorAll('iframe')].filter(f => !f.title).map(f => f.src)`,
		"a page wider than the window":  `document.documentElement.scrollWidth > innerWidth ? [String(document.documentElement.scrollWidth)] : []`,
	} {
		if found := eval[[]string](b, expression); len(found) > 0 {
			b.t.Errorf("%s: %s", what, strings.Join(found, "\n"))
		}
	}
}

// TestScreenshotsOfTheGallery makes pictures to be looked at.
func TestScreenshotsOfTheGallery(t *testing.T) {
	dir := os.Getenv(shotsDir)
	if dir == "" {
		t.Skipf("set %s to a folder to have screenshots made", shotsDir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	g, chrome := show(t), browser(t)
	pages := []struct{ name, path string }{
		{"gallery", "/?layout=plain"}, {"gallery-course", "/?template=course"}, {"gallery-look", "/look?template=course&layout=plain&language=zh&sample=rare"},
	}
	shoot := func(suffix string) {
		for _, p := range pages {
			for _, width := range []int64{1280, 360} {
				for _, scheme := range []string{"light", "dark"} {
					for _, language := range []string{"zh-CN", "en"} {
						name := fmt.Sprintf("%s%s-%s-%d-%s.png", p.name, suffix, language[:2], width, scheme)
						t.Run(name, func(t *testing.T) {
							b := open(t, chrome, visitor{language: language, width: width, dark: scheme == "dark"})
							b.visit(g.base + p.path)
							b.wait(`document.querySelector('#live').textContent !== ''`)
							basics(b)
							eval[bool](b, `([...document.images].forEach(i => { i.loading = 'eager'; i.decoding = 'sync' }), true)`)
							b.wait(`[...document.images].every(i => i.naturalWidth > 0)`)
							capture(b, filepath.Join(dir, name))
						})
					}
				}
			}
		}
	}
	shoot("")
	g.edit(layoutFile, "colour: main", "color: mian")
	time.Sleep(time.Second) // nothing is judged here
	shoot("-mistake")
}

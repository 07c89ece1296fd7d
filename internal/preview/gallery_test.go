package preview

import (
	"bufio"
	"context"
	"fmt"
	"html"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience only bounds a test that fails; no verdict depends on it otherwise.
const patience = 20 * time.Second

// shown is a gallery of a folder, served.
type shown struct {
	testing.TB
	*Gallery
	dir, url string
}

// show serves a folder that holds a copy of the layout classical named mine, after prepare has had its hands on it.
func show(t testing.TB, prepare ...func(dir string)) *shown {
	t.Helper()
	dir := t.TempDir()
	data, err := os.ReadFile("../../templates/layouts/classical.yaml")
	if err != nil {
		t.Fatal(err)
	}
	save(t, dir, "layouts/mine.yaml", string(data))
	for _, p := range prepare {
		p(dir)
	}
	ctx, cancel := context.WithCancel(context.Background())
	g, err := Open(ctx, dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.Run()
	}()
	server := httptest.NewServer(g)
	t.Cleanup(func() {
		cancel()
		<-done
		server.Close()
	})
	return &shown{TB: t, Gallery: g, dir: dir, url: server.URL}
}

func save(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// edit saves the layout with old replaced and returns once the gallery has taken it.
func (s *shown) edit(old, new string) {
	s.Helper()
	before, changed := s.follow()
	data, err := os.ReadFile(filepath.Join(s.dir, "layouts", "mine.yaml"))
	if err != nil {
		s.Fatal(err)
	}
	text := strings.Replace(string(data), old, new, 1)
	if text == string(data) {
		s.Fatalf("the layout holds no %q", old)
	}
	save(s, s.dir, "layouts/mine.yaml", text)
	select {
	case <-changed:
	case <-time.After(patience):
		s.Fatal("the edit was not noticed")
	}
	if s.state().serial == before.serial {
		s.Fatal("a later state has the serial of an earlier one")
	}
}

func (s *shown) get(path string) (status int, body string) {
	s.Helper()
	res, err := http.Get(s.url + path)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		s.Fatal(err)
	}
	return res.StatusCode, string(data)
}

// versions are the pictures' versions by the cards' ids.
func (s *shown) versions() map[string]string {
	out := map[string]string{}
	for _, c := range s.state().cards {
		out[c.ID()] = c.version
	}
	return out
}

func TestEveryTemplateIsShownInEveryLayoutLanguageAndSample(t *testing.T) {
	s := show(t)
	got := s.versions()
	for _, template := range []string{"course", "exam", "achievement"} {
		for _, layout := range []string{"classical", "modern", "mine"} {
			for _, language := range []string{"zh", "en"} {
				for _, sample := range []string{"short", "long", "rare"} {
					id := strings.Join([]string{template, layout, language, sample}, "/")
					if got[id] == "" {
						t.Errorf("%s is not shown", id)
					}
				}
			}
		}
	}
	_, page := s.get("/")
	if strings.Contains(page, `class="refused"`) {
		t.Error("a sample cannot be set in a built-in layout")
	}
	if !strings.Contains(page, "Right-to-left names are not shown") {
		t.Error("it is not said that the built-in fonts have no right-to-left script")
	}
	path := regexp.MustCompile(`src="(/picture\.png[^"]*sample=long[^"]*)"`).FindStringSubmatch(page)[1]
	_, data := s.get(html.UnescapeString(path))
	if m, err := png.DecodeConfig(strings.NewReader(data)); err != nil || m.Width != 1600 {
		t.Errorf("%s: %v, %v", path, m, err)
	}
}

func TestEveryPictureHasItsPDF(t *testing.T) {
	s := show(t)
	_, page := s.get("/look?template=course&layout=mine&language=zh&sample=short")
	src := regexp.MustCompile(`<iframe src="(/picture\.pdf[^"#]*)#`).FindStringSubmatch(page)
	if src == nil {
		t.Fatal("no PDF beside the picture")
	}
	res, err := http.Get(s.url + html.UnescapeString(src[1]))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil || !strings.HasPrefix(string(data), "%PDF-") || res.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("%v, %s: %.20q", err, res.Header.Get("Content-Type"), data)
	}
	if got := res.Header.Get("Content-Security-Policy"); got != "frame-ancestors 'self'" {
		t.Errorf("its policy is %q: no page of ours may frame it, or any may", got)
	}
	if got := res.Header.Get("Content-Disposition"); got != "inline; filename=course-mine-zh.pdf" {
		t.Errorf("it is offered as %q", got)
	}
}

func TestAnEditOfALayoutMakesItsOwnPicturesNewAndNoOthers(t *testing.T) {
	s := show(t)
	before := s.versions()
	s.edit("size: 104", "size: 100")
	for id, version := range s.versions() {
		if mine := strings.Contains(id, "/mine/"); mine == (version == before[id]) {
			t.Errorf("%s: version %s before and %s after", id, before[id], version)
		}
	}
}

func TestAMistakeIsShownWithItsLineAndTheLastGoodPicturesStay(t *testing.T) {
	s := show(t)
	before := s.versions()
	s.edit("size: 104", "size: big")
	_, page := s.get("/?ui=en")
	for _, want := range []string{"layouts/mine.yaml:", "The last edit has a mistake", "size: big", "last good state"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for id, version := range s.versions() {
		if version != before[id] {
			t.Errorf("%s is another picture", id)
		}
	}
	s.edit("size: big", "size: 104")
	if _, page := s.get("/"); strings.Contains(page, "mistake") {
		t.Error("the mistake is mended and still shown")
	}
}

func TestAFolderThatBeginsWithAMistakeIsShownOnceItIsMended(t *testing.T) {
	s := show(t, func(dir string) {
		path := filepath.Join(dir, "layouts", "mine.yaml")
		data, _ := os.ReadFile(path)
		os.WriteFile(path, []byte(strings.Replace(string(data), "canvas:", "canvass:", 1)), 0o644)
	})
	status, page := s.get("/")
	if status != http.StatusOK || !strings.Contains(page, "There is no good picture yet") || !strings.Contains(page, "layouts/mine.yaml:") {
		t.Errorf("status %d, and the mistake is not shown", status)
	}
	s.edit("canvass:", "canvas:")
	if len(s.state().cards) == 0 || len(s.state().problems) > 0 {
		t.Error("it is mended and not shown")
	}
}

func TestATextThatDoesNotFitAnyMoreKeepsItsLastGoodPicture(t *testing.T) {
	s := show(t)
	const id = "course/mine/en/long"
	before := s.versions()[id]
	s.edit("    two: {size: 55, least: 34, leading: 1.14, rise: 116}\n", "")
	for _, c := range s.state().cards {
		if c.ID() != id {
			continue
		}
		if c.Err == nil || !strings.Contains(c.Err.Error(), "does not fit") || !c.Shown() || c.version != before {
			t.Errorf("error %v, version %s after %s", c.Err, c.version, before)
		}
		return
	}
	t.Errorf("%s is gone", id)
}

// A picture that a layout shows is saved like the layout itself.
func TestASavedLogoIsShownAtOnce(t *testing.T) {
	const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#224466"/></svg>`
	s := show(t, func(dir string) { save(t, dir, "layouts/logo.svg", logo) })
	const id = "course/mine/en/short"
	plain := s.versions()[id]
	s.edit("elements:\n", "elements:\n  - {image: logo.svg, in: [100, 120, 60, 60]}\n")
	with := s.versions()[id]
	before, changed := s.follow()
	save(t, s.dir, "layouts/logo.svg", strings.Replace(logo, "#224466", "#884422", 1))
	select {
	case <-changed:
	case <-time.After(patience):
		t.Fatal("the logo was not noticed")
	}
	if after := s.versions()[id]; plain == with || with == after || s.state().serial == before.serial {
		t.Errorf("versions %s, with the logo %s, with another one %s", plain, with, after)
	}
}

func TestWhatADesignerTypesIsSetInEveryLook(t *testing.T) {
	s := show(t)
	_, page := s.get("/?ui=en&template=exam&name=%C5%81%C3%B3d%C5%BA%20%3Cb%3E")
	if n := strings.Count(page, "<article"); n != 12 {
		t.Errorf("%d pictures, want six layouts in two languages", n)
	}
	if strings.Contains(page, "Łódź <b>") || !strings.Contains(page, "Łódź &lt;b&gt;") {
		t.Error("what was typed is not shown as text")
	}
	src := regexp.MustCompile(`src="(/picture\.png[^"]*sample=own[^"]*)"`).FindStringSubmatch(page)
	if src == nil {
		t.Fatal("no picture of it")
	}
	if status, data := s.get(html.UnescapeString(src[1])); status != http.StatusOK || !strings.HasPrefix(data, "\x89PNG") {
		t.Errorf("its picture answers %d", status)
	}
	_, again := s.get("/?ui=en&template=exam&name=%C5%81%C3%B3d%C5%BA%20%3Cb%3E")
	if !strings.Contains(again, src[1]) {
		t.Error("the same text has another address the next time, so an edit elsewhere would make it flicker")
	}
	_, page = s.get("/?name=%F0%9F%8E%93")
	if !strings.Contains(page, "no font has") {
		t.Error("a character that no font has is not named")
	}
}

func TestPagesElsewhereCannotReadTheGallery(t *testing.T) {
	s := show(t)
	for host, want := range map[string]int{"evil.example.org": 403, "evil.example.org:8090": 403, "localhost:8090": 200, "127.0.0.1:8090": 200, "[::1]:8090": 200} {
		req, err := http.NewRequest(http.MethodGet, s.url+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("asked as %s it answers %d, want %d", host, res.StatusCode, want)
		}
		if !strings.HasPrefix(res.Header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'") {
			t.Error("no policy")
		}
	}
	for _, path := range []string{"/look?template=../../etc&layout=x", "/picture.png?template=course&layout=mine&language=fr&sample=short", "/page/gallery.html", "/gallery.go"} {
		if status, _ := s.get(path); status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
	}
}

func TestAnErrorIsTakenApartIntoPlacesAndWords(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, "layouts/a.yaml", "one\n二三x\nthree\n")
	file := filepath.Join(dir, "layouts", "a.yaml")
	got := problems(dir, fmt.Errorf("%s:2:3: first\nand more of it\n/etc/passwd:1:1: second", file))
	if len(got) != 2 || got[0].Message != "first\nand more of it" || got[0].Line != 2 || got[0].Column != 3 {
		t.Fatalf("%+v", got)
	}
	if e := got[0].Excerpt; len(e) != 3 || !e[1].At || e[1].Marker != "　　" {
		t.Errorf("the lines around it: %+v", e)
	}
	if got[1].Excerpt != nil {
		t.Error("a file outside the folder was shown")
	}
}

// BenchmarkFromEditToPicture is what a designer waits for: from a saved layout, through the watch and the event, to the
// picture that the page asks for. cpu-ms/op is the work in it; the rest is waiting, mostly for the editor to be done.
func BenchmarkFromEditToPicture(b *testing.B) {
	s := show(b)
	res, err := http.Get(s.url + "/events")
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	events := bufio.NewScanner(res.Body)
	next := func() string {
		for events.Scan() {
			if serial, ok := strings.CutPrefix(events.Text(), "data: "); ok {
				return serial
			}
		}
		b.Fatal("the events ended")
		return ""
	}
	next()
	picture := regexp.MustCompile(`src="(/picture\.png[^"]*)"`)
	from := processorTime(b)
	for i := 0; b.Loop(); i++ {
		sizes := []string{"size: 104", "size: 100"}
		s.edit(sizes[i%2], sizes[(i+1)%2])
		next()
		_, page := s.get("/?layout=mine&template=course&language=zh&sample=short")
		s.get(html.UnescapeString(picture.FindStringSubmatch(page)[1]))
	}
	b.ReportMetric(float64((processorTime(b)-from).Milliseconds())/float64(b.N), "cpu-ms/op")
}

// processorTime is what this process has used of all cores.
func processorTime(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

package preview

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"

	"golang.org/x/text/language"

	"laurel/templates"
)

func parsePages() (*template.Template, error) {
	return template.New("").ParseFS(pageFiles, "page/*.html")
}

// view is the dot of a page.
type view struct {
	Lang     string // zh or en, of the page's own words
	Dir      string
	Serial   string
	Problems []problem
	Filter   filter
	Groups   []group
	Shown    int
	Total    int
	Unset    []sample
	Look     *card // of the page of one card
	Before   *card
	After    *card

	state *state
	query url.Values
}

// filter is what somebody wants to see; "" is everything.
type filter struct {
	Template, Layout, Language, Sample string
	Name, Achievement                  string // what the designer has typed

	Templates []*templates.Certificate
	Layouts   []string
}

// group is the cards of one template.
type group struct {
	Template *templates.Certificate
	Cards    []*card
}

// Criteria is the template's Markdown as its page shows it.
func (v *view) Criteria(t *templates.Certificate) (template.HTML, error) {
	return v.state.renderer.Criteria(t)
}

// T chooses the text of the page's language.
func (v *view) T(zh, en string) string {
	if v.Lang == "zh" {
		return zh
	}
	return en
}

// LanguageAddress is the page's own address in the other language.
func (v *view) LanguageAddress(to string) string {
	q := url.Values{}
	for key, values := range v.query {
		q[key] = values
	}
	q.Set("ui", to)
	return "?" + q.Encode()
}

// cardView is the dot of the parts that show a card.
type cardView struct {
	View *view
	Card *card
}

// With is the view with one card.
func (v *view) With(c *card) cardView { return cardView{v, c} }

// Stale reports whether a card is shown as it was before a mistake.
func (v *view) Stale(c *card) bool {
	return slices.ContainsFunc(v.Problems, func(p problem) bool { return p.concerns(c) })
}

// File is the path of a certificate template or a layout in the folder; Own says whether it is there, or built in.
func (v *view) File(kind, name string) string {
	path := kind + "/" + name + ".yaml"
	if kind == "certificates" {
		path = kind + "/" + name + ".md"
	}
	return path
}

func (v *view) Own(path string) bool { return v.state.set != nil && v.state.set.Own(path) }

// Kind and SampleName are words of the page.
func (v *view) Kind(typ string) string {
	return map[string]string{"course": v.T("课程", "course"), "exam": v.T("考试", "exam"), "achievement": v.T("荣誉", "achievement")}[typ]
}

func (v *view) SampleName(key string) string {
	return map[string]string{
		"short": v.T("短姓名", "short name"), "long": v.T("长姓名", "long name"), "rare": v.T("生僻字", "rare characters"),
		"rtl": v.T("从右向左的文字", "right-to-left name"), "revoked": v.T("已撤销", "revoked"), ownSample: v.T("您输入的文字", "your own text"),
	}[key]
}

func (v *view) LanguageName(code string) string {
	return map[string]string{"zh": v.T("中文版", "Chinese"), "en": v.T("英文版", "English")}[code]
}

func (v *view) SampleKeys() []string { return sampleKeys }

// Languages are those that certificates come in.
func (v *view) Languages() []string { return []string{"zh", "en"} }

const languageCookie = "laurel-preview-language"

var pageLanguages = language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese})

// pageLanguage is what the visitor has chosen, now or before, else what the browser asks for.
func pageLanguage(w http.ResponseWriter, r *http.Request) string {
	if chosen := r.URL.Query().Get("ui"); chosen == "zh" || chosen == "en" {
		http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: chosen, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteStrictMode})
		return chosen
	}
	if c, err := r.Cookie(languageCookie); err == nil && (c.Value == "zh" || c.Value == "en") {
		return c.Value
	}
	if _, i := language.MatchStrings(pageLanguages, r.Header.Get("Accept-Language")); i == 1 {
		return "zh"
	}
	return "en"
}

func (g *Gallery) view(w http.ResponseWriter, r *http.Request, s *state) *view {
	dir, err := filepath.Abs(g.dir)
	if err != nil {
		dir = g.dir
	}
	q := r.URL.Query()
	v := &view{
		Lang: pageLanguage(w, r), Dir: dir, Serial: s.serial, Problems: s.problems, Total: len(s.cards), Unset: s.unset, state: s, query: q,
		Filter: filter{Template: q.Get("template"), Layout: q.Get("layout"), Language: q.Get("language"), Sample: q.Get("sample"),
			Name: clean(q.Get("name")), Achievement: clean(q.Get("achievement"))},
	}
	if s.renderer != nil {
		v.Filter.Templates, v.Filter.Layouts = s.renderer.Templates().Certificates(), s.renderer.Layouts()
	}
	return v
}

func (g *Gallery) serveGallery(w http.ResponseWriter, r *http.Request) {
	s := g.state()
	v := g.view(w, r, s)
	for _, c := range g.chosen(s, v.Filter) {
		if n := len(v.Groups); n == 0 || v.Groups[n-1].Template.ID != c.Template.ID {
			v.Groups = append(v.Groups, group{Template: c.Template})
		}
		last := &v.Groups[len(v.Groups)-1]
		last.Cards = append(last.Cards, c)
		v.Shown++
	}
	g.execute(w, "gallery.html", v)
}

// chosen are the cards that a filter lets through. What the designer has typed takes the place of the samples.
func (g *Gallery) chosen(s *state, f filter) (out []*card) {
	typed := f.Name != "" || f.Achievement != ""
	for _, c := range s.cards {
		if f.Template != "" && f.Template != c.Template.ID || f.Layout != "" && f.Layout != c.Layout || f.Language != "" && f.Language != c.Language {
			continue
		}
		switch {
		case !typed && (f.Sample == "" || f.Sample == c.Sample.Key):
			out = append(out, c)
		case typed && c.Sample.Key == sampleKeys[0]:
			out = append(out, g.ownCard(s, c.Template.ID, c.Layout, c.Language, f.Name, f.Achievement))
		}
	}
	return out
}

// serveLook shows one card at its full size, PNG beside PDF.
func (g *Gallery) serveLook(w http.ResponseWriter, r *http.Request) {
	s := g.state()
	v := g.view(w, r, s)
	if v.Look = g.find(s, r); v.Look == nil {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
	} else if i := slices.Index(s.cards, v.Look); i >= 0 {
		if i > 0 {
			v.Before = s.cards[i-1]
		}
		if i+1 < len(s.cards) {
			v.After = s.cards[i+1]
		}
	}
	g.execute(w, "look.html", v)
}

func (g *Gallery) execute(w http.ResponseWriter, name string, v *view) {
	var b bytes.Buffer
	if err := g.page.ExecuteTemplate(&b, name, v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

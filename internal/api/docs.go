package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's template and style
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsHTML string

//go:embed docs.css
var docsCSS string

// docs is the human form of the OpenAPI document: one page, which loads nothing else.
type docs struct {
	page   []byte
	policy string
}

func newDocs(doc *huma.OpenAPI) (*docs, error) {
	t, err := template.New("docs.html").Funcs(template.FuncMap{"shape": shape, "fields": fields}).Parse(docsHTML)
	if err != nil {
		return nil, err
	}
	type problem struct {
		Name, Title, Advice string
		Status              int
	}
	var problems []problem
	for _, k := range kinds() {
		problems = append(problems, problem{k.name, k.title, k.advice, k.status})
	}
	var page bytes.Buffer
	err = t.Execute(&page, map[string]any{"Doc": doc, "Groups": groups(doc), "Problems": problems, "Style": template.CSS(docsCSS)})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(docsCSS))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return &docs{page: page.Bytes(), policy: policy}, nil
}

func (d *docs) serve(w http.ResponseWriter, _ *http.Request, _ principal) error {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", d.policy)
	h.Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(d.page)
	return nil
}

type group struct {
	Name       string
	Operations []*huma.Operation
}

// groups gathers the operations by their tag, paths in order.
func groups(doc *huma.OpenAPI) []group {
	var all []group
	for _, path := range sortedKeys(doc.Paths) {
		item := doc.Paths[path]
		for _, op := range []*huma.Operation{item.Post, item.Get} {
			if op == nil {
				continue
			}
			i := slices.IndexFunc(all, func(g group) bool { return g.Name == op.Tags[0] })
			if i < 0 {
				i = len(all)
				all = append(all, group{Name: op.Tags[0]})
			}
			all[i].Operations = append(all[i].Operations, op)
		}
	}
	slices.SortStableFunc(all, func(a, b group) int { return rank(a.Name) - rank(b.Name) })
	return all
}

func rank(tag string) int {
	return slices.Index([]string{tagCertificates, tagTemplates, tagService}, tag)
}

type field struct {
	Name     string
	Required bool
	Schema   *huma.Schema
}

// fields lists an object's members, required ones first.
func fields(s *huma.Schema) []field {
	var all []field
	for _, name := range sortedKeys(s.Properties) {
		all = append(all, field{name, slices.Contains(s.Required, name), s.Properties[name]})
	}
	slices.SortStableFunc(all, func(a, b field) int {
		switch {
		case a.Required == b.Required:
			return 0
		case a.Required:
			return -1
		}
		return 1
	})
	return all
}

// shape says in a few words what a value looks like.
func shape(s *huma.Schema) template.HTML {
	if s == nil {
		return ""
	}
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		name = template.HTMLEscapeString(name)
		return template.HTML(fmt.Sprintf(`<a href="#schema-%s"><code>%s</code></a>`, name, name))
	}
	if s.Type == "array" {
		return "list of " + shape(s.Items)
	}
	words := s.Type
	if s.Format != "" {
		words += ", " + s.Format
	}
	if len(s.Enum) > 0 {
		var choices []string
		for _, e := range s.Enum {
			choices = append(choices, fmt.Sprint(e))
		}
		words = strings.Join(choices, " | ")
	}
	if s.Minimum != nil {
		words += fmt.Sprintf(", at least %v", *s.Minimum)
	}
	if s.Maximum != nil {
		words += fmt.Sprintf(", at most %v", *s.Maximum)
	}
	if s.Default != nil {
		words += fmt.Sprintf(", else %v", s.Default)
	}
	if s.Nullable {
		words += " or null"
	}
	return template.HTML(template.HTMLEscapeString(words))
}

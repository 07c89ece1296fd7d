package site

import (
	"bytes"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"laurel/credential"
	"laurel/internal/picture"
	"laurel/templates"
)

// Renew returns a renderer by other templates which takes over what has not changed: fonts, which take long to parse,
// and compiled layouts with all that they keep. Errors are those of NewRenderer; the older renderer stays good.
func (r *Renderer) Renew(t *templates.Set) (*Renderer, error) { return newRenderer(t, r.fontDirs, r) }

// Layouts returns the names of the layouts, sorted.
func (r *Renderer) Layouts() []string { return slices.Sorted(maps.Keys(r.layouts)) }

// Layout returns a compiled layout by its name, nil where there is none. It stays the same through Renew for as long as
// neither its file nor any font changes.
func (r *Renderer) Layout(name string) *picture.Layout { return r.layouts[name].Layout }

// ComposeAs is Compose with another layout and language (zh, en) than those of the certificate's template, and more
// values, such as those of a band: what somebody looks at who designs one.
func (r *Renderer) ComposeAs(c *credential.Credential, layout, language string, more picture.Values) (*picture.Picture, error) {
	l, ok := r.layouts[layout]
	if !ok {
		return nil, fmt.Errorf("layout %q not found; have: %s", layout, strings.Join(r.Layouts(), ", "))
	}
	values := pictureValues(&templates.Certificate{Language: language}, c)
	maps.Copy(values, more)
	return l.Compose(values)
}

// DraftPDF writes what ComposeAs gave as the PDF that it will be, but for the credential, which nobody has signed.
func (r *Renderer) DraftPDF(c *credential.Credential, language string, p *picture.Picture) ([]byte, error) {
	var out bytes.Buffer
	err := p.PDF(&out, pdfInfo(c, language))
	return out.Bytes(), err
}

// Criteria renders the criteria of a template as its page shows them.
func (r *Renderer) Criteria(t *templates.Certificate) (template.HTML, error) {
	return r.narrative(t.Narrative())
}

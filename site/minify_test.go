package site

import (
	"html/template"
	"strings"
	"testing"
)

func TestAPageLosesWhatBrowsersDoNotShowAndNothingElse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"indentation", "<ul>\n  <li>a  b</li>\n\n  <li> {{.}} </li>\n</ul>\n", "<ul>\n<li>a  b</li>\n<li>   x\n  y </li>\n</ul>\n"},
		{"inside of actions", "{{if .}}\n    <p>a</p>\n{{else}}\n  <p>b</p>\n{{end}}", "\n<p>a</p>\n"},
		{"where it is shown", "<pre>\n  a\n    b</pre>\n  <p>", "<pre>\n  a\n    b</pre>\n  <p>"},
		{"a script by its address", "<script defer src=\"/a.js\"></script>\n  <p>", "<script defer src=\"/a.js\"></script>\n<p>"},
	} {
		page := template.Must(template.New("page").Parse(c.text))
		minify(page)
		var out strings.Builder
		if err := page.Execute(&out, "  x\n  y"); err != nil || out.String() != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, out.String(), err, c.want)
		}
	}
}

package site

import (
	"bytes"
	"html/template"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// newMarkdown returns the renderer of criteria: CommonMark with tables, made harmless. HTML is not parsed, so that it
// stands on the page as the text it is; pictures give way to their description; a link leads to http, https, mailto or
// a place on the same site, or is no link. Headings begin below the page's own two levels.
func newMarkdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(without(parser.DefaultBlockParsers(), parser.NewHTMLBlockParser())...),
			parser.WithInlineParsers(without(parser.DefaultInlineParsers(), parser.NewRawHTMLParser())...),
			parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
			parser.WithASTTransformers(util.Prioritized(tame{}, 1000)),
		)),
		// Alignment by attribute: the pages' Content-Security-Policy allows no inline style.
		goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))),
	)
}

// without leaves out the parser of one type; goldmark makes a new value of it for each list, so types are compared.
func without(all []util.PrioritizedValue, drop any) []util.PrioritizedValue {
	return slices.DeleteFunc(all, func(v util.PrioritizedValue) bool {
		return reflect.TypeOf(v.Value) == reflect.TypeOf(drop)
	})
}

// render converts Markdown to HTML that may stand on a page of ours.
func render(md goldmark.Markdown, source string) (template.HTML, error) {
	var out bytes.Buffer
	if err := md.Convert([]byte(source), &out); err != nil {
		return "", err
	}
	return template.HTML(out.String()), nil
}

// tame changes the parsed criteria before they are rendered.
type tame struct{}

// Transform implements parser.ASTTransformer.
func (tame) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	source := reader.Source()
	var images, links []ast.Node
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = min(n.Level+2, 6)
			n.SetAttributeString("lang", []byte(language(n, source)))
		case *ast.Paragraph, *ast.ListItem, *ast.CodeBlock, *ast.FencedCodeBlock, *east.TableRow, *east.TableHeader:
			n.SetAttributeString("lang", []byte(language(n, source)))
		case *ast.Image:
			images = append(images, n)
		case *ast.Link:
			// As it will be written, its escapes and entities resolved: they can hide a scheme.
			if !goodLink(string(util.URLEscape(n.Destination, true))) {
				links = append(links, n)
			} else {
				n.SetAttributeString("rel", []byte("noopener noreferrer nofollow"))
			}
		case *ast.AutoLink:
			if !goodLink(string(n.URL(source))) {
				links = append(links, n)
			} else {
				n.SetAttributeString("rel", []byte("noopener noreferrer nofollow"))
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range append(images, links...) {
		unwrap(n, source)
	}
}

// unwrap puts what a node says in its place.
func unwrap(n ast.Node, source []byte) {
	parent := n.Parent()
	if auto, ok := n.(*ast.AutoLink); ok {
		label := ast.NewString(auto.Label(source))
		label.SetRaw(true) // escaped as it is, without a second look at entities
		parent.InsertBefore(parent, n, label)
	}
	for child := n.FirstChild(); child != nil; {
		next := child.NextSibling()
		parent.InsertBefore(parent, n, child)
		child = next
	}
	parent.RemoveChild(parent, n)
}

// goodLink reports whether a link may lead there: http, https, mailto, or a path or fragment of this site.
func goodLink(dest string) bool {
	u, err := url.Parse(strings.TrimSpace(dest))
	if err != nil || strings.IndexFunc(dest, unicode.IsControl) >= 0 {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	case "":
		return u.Host == "" && !strings.HasPrefix(dest, "//")
	}
	return false
}

// language tells the two languages of criteria apart, block by block, so that screen readers and line breaking follow.
func language(n ast.Node, source []byte) string {
	zh := false
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		var b []byte
		switch n := n.(type) {
		case *ast.Text:
			b = n.Segment.Value(source)
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				b = append(b, line.Value(source)...)
			}
		}
		if hasHan(string(b)) {
			zh = true
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	if zh {
		return "zh-CN"
	}
	return "en"
}

package site

import (
	"html/template"
	"regexp"
	"text/template/parse"
)

var (
	// indentation is what browsers show as one space; comments are taken out by html/template itself.
	indentation = regexp.MustCompile(`\s*\n\s*`)
	// preserved are elements in which white space is shown, or means something.
	preserved = regexp.MustCompile(`(?i)<(?:pre|textarea|style)[\s>]|<script[^>]*>[^<]`)
)

// minify takes out of a parsed page what browsers do not show. It works on what was parsed, so that errors still name the
// places of the file. It changes only what the template itself says, never a value.
func minify(page *template.Template) {
	for _, t := range page.Templates() {
		if t.Tree != nil && !preserved.MatchString(t.Tree.Root.String()) {
			minifyList(t.Tree.Root)
		}
	}
}

func minifyList(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
			n.Text = indentation.ReplaceAllLiteral(n.Text, []byte("\n"))
		case *parse.IfNode:
			minifyList(n.List)
			minifyList(n.ElseList)
		case *parse.WithNode:
			minifyList(n.List)
			minifyList(n.ElseList)
		case *parse.RangeNode:
			minifyList(n.List)
			minifyList(n.ElseList)
		}
	}
}

package preview

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// problem is a mistake in a template, with the lines around it.
type problem struct {
	File         string // as the user knows it; "" where no file is at fault
	Line, Column int    // from 1
	Message      string
	Excerpt      []excerptLine

	name string // of the file within the folder: layouts/NAME.yaml
}

// excerptLine is a line of the file at fault.
type excerptLine struct {
	Number int
	Text   string
	At     bool   // the mistake is here
	Marker string // spaces up to the column, for a mark beneath
}

// mostProblems are as many as somebody reads at once.
const mostProblems = 12

var placed = regexp.MustCompile(`^(.+?):(\d+):(\d+): (.*)$`)

// problems takes an error apart, whose lines read FILE:LINE:COL: what, and what to do; a line that does not belongs to
// the one before.
func problems(dir string, err error) []problem {
	var out []problem
	for line := range strings.SplitSeq(strings.TrimSpace(err.Error()), "\n") {
		m := placed.FindStringSubmatch(line)
		switch {
		case m != nil && len(out) < mostProblems:
			p := problem{File: m[1], Message: m[4]}
			p.Line, _ = strconv.Atoi(m[2])
			p.Column, _ = strconv.Atoi(m[3])
			p.excerpt(dir)
			out = append(out, p)
		case m != nil:
		case len(out) > 0:
			out[len(out)-1].Message += "\n" + line
		default:
			out = append(out, problem{Message: line})
		}
	}
	return out
}

// String is the problem as a line of an editor's error list.
func (p problem) String() string {
	if p.Line == 0 {
		return p.Message
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column) + ": " + p.Message
}

// excerpt reads the lines around the mistake, if the file lies in the folder that is on show.
func (p *problem) excerpt(dir string) {
	rel, err := filepath.Rel(dir, p.File)
	if err != nil || !filepath.IsLocal(rel) {
		return
	}
	p.name = filepath.ToSlash(rel)
	data, err := os.ReadFile(p.File)
	if err != nil || len(data) > 1<<20 {
		return
	}
	lines := strings.Split(strings.ToValidUTF8(string(data), "�"), "\n")
	for n := max(1, p.Line-2); n <= min(len(lines), p.Line+1); n++ {
		l := excerptLine{Number: n, Text: strings.TrimRight(lines[n-1], "\r"), At: n == p.Line}
		if l.At {
			l.Marker = marker(l.Text, p.Column)
		}
		p.Excerpt = append(p.Excerpt, l)
	}
}

// marker is as wide as the text before the column: full-width characters take two places.
func marker(text string, column int) string {
	var b strings.Builder
	for i, r := range []rune(text) {
		if i >= column-1 {
			break
		}
		if r >= 0x1100 {
			b.WriteRune('　')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// concerns reports whether a card is shown in an older state than its files because of the problem.
func (p problem) concerns(c *card) bool {
	return p.name == "layouts/"+c.Layout+".yaml" || p.name == "certificates/"+c.Template.ID+".md"
}

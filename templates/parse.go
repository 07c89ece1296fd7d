package templates

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// parseCertificate reads one certificate template. layouts are the names a template may use; nil allows any, for the
// embedded defaults that stand in for a template that is gone, whatever layouts the user's folder holds.
func parseCertificate(id, where string, data []byte, layouts []string) (*Certificate, error) {
	if i := invalidUTF8(data); i >= 0 {
		line, col := position(data, i)
		return nil, fmt.Errorf("%s:%d:%d: not UTF-8; save the file as UTF-8", where, line, col)
	}
	front, body, first, err := split(where, data)
	if err != nil {
		return nil, err
	}
	c := &Certificate{ID: id, Where: where, Language: "auto"}
	d := &decoder{where: where, shift: 1}
	root := d.parse(front)
	typ := d.required(root, "type", c.decodeType)
	d.required(root, "title", func(d *decoder, v node) { c.Title = d.text(v, "title", 100) })
	d.required(root, "description", func(d *decoder, v node) { c.Description = d.text(v, "description", 1000) })
	d.optional(root, "pass", func(d *decoder, v node) { c.decodePass(d, v) })
	d.optional(root, "validity", func(d *decoder, v node) { c.Validity = d.period(v) })
	d.required(root, "layout", func(d *decoder, v node) { c.Layout = d.name(v, "layout", layouts) })
	d.optional(root, "language", func(d *decoder, v node) { c.Language = d.name(v, "language", []string{"auto", "zh", "en"}) })
	d.optional(root, "files", func(d *decoder, v node) { c.Files = d.files(v) })
	d.unknown(root)
	if typ && c.Type == "exam" && c.PassScore == "" {
		d.failAt(root, `an exam needs a pass rule; add "pass: {score: 60, max: 100}"`)
	}
	if typ && c.Type == "course" && c.PassRate == "" {
		d.failAt(root, `a course needs a pass rule; add "pass: {rate: 100}"`)
	}
	if err := errors.Join(d.errs...); err != nil {
		return nil, err
	}
	c.Criteria = strings.TrimSpace(norm.NFC.String(body))
	c.narrative, err = c.fill(first, body)
	return c, err
}

func (c *Certificate) decodeType(d *decoder, v node) { c.Type = d.name(v, "type", Types) }

// decodePass reads the pass rule. The type stands before it in no particular order, so it is looked up by its key.
func (c *Certificate) decodePass(d *decoder, v node) {
	if !validType(c.Type) {
		return
	}
	m := d.mapping(v, "pass")
	if m == nil {
		return
	}
	switch c.Type {
	case "course":
		d.required(m, "rate", func(d *decoder, v node) { c.PassRate = d.decimal(v, "pass.rate", 100) })
	case "exam":
		c.MaxScore = "100"
		d.optional(m, "max", func(d *decoder, v node) { c.MaxScore = d.decimal(v, "pass.max", 1e6) })
		d.required(m, "score", func(d *decoder, v node) { c.PassScore = d.decimal(v, "pass.score", 1e6) })
		if less(c.MaxScore, c.PassScore) {
			d.failAt(m, fmt.Sprintf("the pass score %s is above the highest score %s; lower score or raise max", c.PassScore, c.MaxScore))
		}
	default:
		d.failAt(m, "an achievement has no pass rule; remove pass")
		return
	}
	d.unknown(m)
}

// split separates the front matter between two lines of three dashes from the Markdown after it; first is the line
// number at which that Markdown begins.
func split(where string, data []byte) (front []byte, body string, first int, err error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return nil, "", 0, fmt.Errorf("%s:1:1: no front matter; begin the file with a line ---, the settings, and another line ---", where)
	}
	end := strings.Index("\n"+rest, "\n---\n")
	if end < 0 {
		return nil, "", 0, fmt.Errorf("%s:1:1: the front matter does not end; close it with a line ---", where)
	}
	front = []byte(rest[:end])
	return front, rest[end+len("---\n"):], 3 + bytes.Count(front, []byte("\n")), nil
}

// values are what the criteria of a template may name in {{…}}.
type values struct {
	ID, Type                      string
	Title, Description            Text
	PassRate, PassScore, MaxScore string
	PassPercent                   string // of the full mark, on whatever scale an exam was marked
}

// percent is a share of a whole as a decimal with at most two decimals, or "".
func percent(part, whole string) string {
	p, ok1 := new(big.Rat).SetString(part)
	w, ok2 := new(big.Rat).SetString(whole)
	if !ok1 || !ok2 || w.Sign() == 0 {
		return ""
	}
	return trim(p.Mul(p.Quo(p, w), big.NewRat(100, 1)).FloatString(2))
}

// trim drops trailing zeros behind the point.
func trim(decimal string) string {
	if !strings.Contains(decimal, ".") {
		return decimal
	}
	return strings.TrimRight(strings.TrimRight(decimal, "0"), ".")
}

var templateError = regexp.MustCompile(`^template: [^:]*:(\d+)(?::(\d+))?: (?s:(.*))$`)

// fill executes the criteria. They are padded with empty lines to their own line in the file, so that the positions in
// errors of text/template are the file's.
func (c *Certificate) fill(first int, body string) (string, error) {
	t, err := template.New("criteria").Option("missingkey=error").Parse(strings.Repeat("\n", first-1) + body)
	var out bytes.Buffer
	if err == nil {
		err = t.Execute(&out, values{
			ID: c.ID, Type: c.Type, Title: c.Title, Description: c.Description,
			PassRate: c.PassRate, PassScore: c.PassScore, MaxScore: c.MaxScore, PassPercent: percent(c.PassScore, c.MaxScore),
		})
	}
	if err != nil {
		return "", c.fillError(err)
	}
	narrative := strings.TrimSpace(norm.NFC.String(out.String()))
	if narrative == "" {
		return "", fmt.Errorf("%s:%d:1: no criteria; say in Markdown, in both languages, what the certificate stands for", c.Where, first)
	}
	if r := badRune(narrative); r >= 0 {
		return "", fmt.Errorf("%s:%d:1: the criteria hold the control character U+%04X; remove it", c.Where, first, r)
	}
	return narrative, nil
}

func (c *Certificate) fillError(err error) error {
	m := templateError.FindStringSubmatch(err.Error())
	if m == nil {
		return fmt.Errorf("%s:1:1: %v", c.Where, err)
	}
	line, _ := strconv.Atoi(m[1])
	col, _ := strconv.Atoi(m[2])
	return fmt.Errorf("%s:%d:%d: %s; the criteria may use {{.PassRate}}, {{.PassScore}}, {{.MaxScore}}, {{.PassPercent}}, {{.Title.Zh}}, {{.Title.En}}", c.Where, line, col+1, m[3])
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

func position(data []byte, offset int) (line, col int) {
	before := data[:offset]
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

// badRune returns the first control or bidirectional override character of a text, or -1; line feed and tab are fine.
func badRune(s string) rune {
	i := strings.IndexFunc(s, func(r rune) bool {
		switch {
		case r == '\n' || r == '\t':
			return false
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			return true
		case r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff:
			return true
		}
		return false
	})
	if i < 0 {
		return -1
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return r
}

// suggest returns the known word nearest to one that was misspelt, or "" where none is near.
func suggest(word string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if d := distance(strings.ToLower(word), k); d < least && d < len(k) {
			best, least = k, d
		}
	}
	return best
}

// distance is the Levenshtein distance in bytes, enough for keys.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

func oneOf(words []string) string {
	sorted := slices.Clone(words)
	slices.Sort(sorted)
	return strings.Join(sorted, ", ")
}

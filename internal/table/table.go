// Package table reads requests from tables that people make: a .csv with a line for each, whose first line names the
// columns, or a file that holds a request in JSON on each line. What a request may say, it does not know.
package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Row is one request of a table.
type Row struct {
	Line    int    // counted from 1, as editors do
	Request []byte // one line of JSON
}

// RowError is a line that is no request.
type RowError struct {
	Line    int
	Message string
}

func (e *RowError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// ErrOption says that what was said about a table beside it cannot be meant.
var ErrOption = errors.New("this cannot be said of a table")

// Table is a table of requests.
type Table struct {
	file    string // its name
	open    func() (io.ReadCloser, error)
	columns []column // of a .csv
	fixed   map[string]string
}

// column is what stands under one heading of a table.
type column struct{ heading, field string }

// Fields lists what a request has, by the names that columns may have too: with dots or with underscores.
func Fields() []string {
	return []string{
		"template", "recipient.id", "recipient.name", "recipient.email", "achievement.id", "achievement.name",
		"result.completion_rate", "result.score", "result.max_score", "organisation", "occasion", "issued_at", "expires_at",
	}
}

// fieldOf finds the field that a heading names; "" for none.
func fieldOf(heading string) string {
	plain := func(s string) string {
		return strings.NewReplacer(".", "", "_", "", " ", "", "-", "").Replace(strings.ToLower(s))
	}
	for _, f := range Fields() {
		if plain(heading) == plain(f) || plain(heading) == plain(strings.TrimPrefix(f, "result.")) {
			return f
		}
	}
	return ""
}

// pass is the field of a column that is passed over.
const pass = "-"

// Open reads the headings of a table. Its name says what it is, and open gives its content, as often as it is asked.
// maps are HEADING=FIELD, sets are FIELD=VALUE. ErrOption where it is these that are wrong.
func Open(file string, open func() (io.ReadCloser, error), maps, sets []string) (*Table, error) {
	t := &Table{file: file, open: open, fixed: map[string]string{}}
	for _, s := range sets {
		name, value, ok := strings.Cut(s, "=")
		f := fieldOf(name)
		if !ok || f == "" {
			return nil, refused("--set %q: write FIELD=VALUE; the fields are %s", s, strings.Join(Fields(), ", "))
		}
		t.fixed[f] = value
	}
	switch filepath.Ext(file) {
	case ".csv":
		return t, t.readHeadings(maps)
	case ".ndjson", ".jsonl":
		if len(maps)+len(sets) > 0 {
			return nil, refused("--map and --set are for .csv files; %s holds requests as they are", file)
		}
		return t, nil
	}
	return nil, refused("%s is neither a .csv nor an .ndjson file", file)
}

// HeadingError says that a column is not known, or stands twice.
type HeadingError struct {
	Heading string
	Twice   bool
	message string
}

func (e *HeadingError) Error() string { return e.message }

// Has reports whether a column of the table holds a field.
func (t *Table) Has(field string) bool {
	return slices.ContainsFunc(t.columns, func(c column) bool { return c.field == field })
}

func (t *Table) readHeadings(maps []string) error {
	chosen := map[string]string{}
	for _, m := range maps {
		heading, name, ok := cutLast(m, "=")
		f := fieldOf(name)
		if name == pass {
			f = pass
		}
		if !ok || f == "" {
			return refused("--map %q: write HEADING=FIELD, or HEADING=- to pass a column over; the fields are %s", m, strings.Join(Fields(), ", "))
		}
		chosen[heading] = f
	}
	r, f, err := t.csv()
	if err != nil {
		return err
	}
	defer f.Close()
	headings, err := r.Read()
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s is empty; its first line should name the columns: %s", t.file, strings.Join(Fields(), ", "))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", t.file, err)
	}
	for _, h := range headings {
		h = strings.TrimSpace(h)
		f, ok := chosen[h]
		if delete(chosen, h); !ok {
			f = fieldOf(h)
		}
		if f == "" {
			return &HeadingError{Heading: h, message: fmt.Sprintf("%s:1: column %q is not known; say what it is with --map %q=FIELD, or pass it over with --map %q=-; the fields are %s", t.file, h, h, h, strings.Join(Fields(), ", "))}
		}
		if _, fixed := t.fixed[f]; f != pass && (fixed || t.Has(f)) {
			return &HeadingError{Heading: h, Twice: true, message: fmt.Sprintf("%s:1: %s is given twice; pass one over with --map %q=-", t.file, f, h)}
		}
		t.columns = append(t.columns, column{h, f})
	}
	for h := range chosen {
		return fmt.Errorf("--map: %s has no column %q; it has %s", t.file, h, strings.Join(headings, ", "))
	}
	return nil
}

func refused(format string, args ...any) error {
	return &optionError{fmt.Sprintf(format, args...)}
}

type optionError struct{ message string }

func (e *optionError) Error() string { return e.message }

func (e *optionError) Unwrap() error { return ErrOption }

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// csv opens the file behind its byte order mark.
func (t *Table) csv() (*csv.Reader, io.Closer, error) {
	f, err := t.open()
	if err != nil {
		return nil, nil, err
	}
	in := bufio.NewReaderSize(f, 1<<16)
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	return r, f, nil
}

// Rows yields the requests in order; a *RowError is of one line alone, any other error ends them.
func (t *Table) Rows() iter.Seq2[Row, error] {
	if t.columns == nil {
		return t.lines
	}
	return func(yield func(Row, error) bool) {
		r, f, err := t.csv()
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer f.Close()
		for first := true; ; first = false {
			record, err := r.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if first && err == nil {
				continue
			}
			var out Row
			if err == nil {
				out.Line, _ = r.FieldPos(0)
				out.Request, err = t.request(out.Line, record)
			} else if pe, ok := errors.AsType[*csv.ParseError](err); ok {
				err = fmt.Errorf("%s:%d: %w; what stands behind it cannot be told apart", t.file, pe.StartLine, pe.Err)
				yield(out, err)
				return
			}
			if !yield(out, err) {
				return
			}
		}
	}
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// request makes the request of one line of a table. Empty cells are absent.
func (t *Table) request(line int, record []string) ([]byte, error) {
	if len(record) != len(t.columns) {
		return nil, &RowError{line, fmt.Sprintf("has %d columns; the first line names %d", len(record), len(t.columns))}
	}
	tree := map[string]any{}
	for i, c := range t.columns {
		if !utf8.ValidString(record[i]) {
			return nil, &RowError{line, fmt.Sprintf("column %q is not UTF-8; save the table as CSV UTF-8", c.heading)}
		}
		if c.field != pass {
			put(tree, c.field, strings.TrimSpace(record[i]))
		}
	}
	for f, v := range t.fixed {
		put(tree, f, v)
	}
	return json.Marshal(tree)
}

func put(tree map[string]any, field, value string) {
	if value == "" {
		return
	}
	group, name, inner := strings.Cut(field, ".")
	if inner {
		within, ok := tree[group].(map[string]any)
		if !ok {
			within = map[string]any{}
			tree[group] = within
		}
		tree = within
	} else {
		name = field
	}
	if group == "result" {
		if number := strings.TrimSuffix(value, "%"); jsonNumber.MatchString(number) {
			tree[name] = json.RawMessage(number)
			return
		}
	}
	tree[name] = value
}

// Place says of a place in a request which column it is of.
func (t *Table) Place(location string) string {
	location = strings.TrimPrefix(location, "body.")
	for _, c := range t.columns {
		if c.field == location {
			return fmt.Sprintf("column %q", c.heading)
		}
	}
	return location
}

// lines yields the lines of a file that holds requests; blank ones are passed over.
func (t *Table) lines(yield func(Row, error) bool) {
	f, err := t.open()
	if err != nil {
		yield(Row{}, err)
		return
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(make([]byte, 1<<16), 1<<20)
	for line := 1; in.Scan(); line++ {
		if text := bytes.TrimSpace(in.Bytes()); len(text) > 0 && !yield(Row{line, text}, nil) {
			return
		}
	}
	if err := in.Err(); err != nil {
		yield(Row{}, fmt.Errorf("%s: %w", t.file, err))
	}
}

package pdf

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// streamed is a file of these streams, numbered from 1 on, and a cross-reference stream with the rows and entries given.
func streamed(streams []string, rows []byte, entries string) []byte {
	var b Buffer
	b.Raw("%PDF-1.7\n")
	for i, s := range streams {
		b.Raw(fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, s))
	}
	at := len(b.B)
	b.Raw(fmt.Sprintf("99 0 obj\n<</Type/XRef/Root 5 0 R/Length %d%s>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", len(rows), entries, rows, at))
	return b.B
}

// row is an entry of a byte for its kind, two for an offset and one for a place.
func row(kind, v int) []byte { return []byte{byte(kind), byte(v >> 8), byte(v), 0} }

func rows(entries ...[]byte) (out []byte) {
	for _, e := range entries {
		out = append(out, e...)
	}
	return out
}

const (
	root     = "<</Names<</EmbeddedFiles<</Names[(credential.json)<</EF<</F 2 0 R>>>>]>>>>>>"
	embedded = "<</Length 2>>\nstream\n{}\nendstream"
)

// listed is an object stream with its list of objects and where they lie.
func listed(list string, more ...string) []string {
	return []string{fmt.Sprintf("<</Type/ObjStm/N %d/First %d/Length %d>>\nstream\n%s%s\nendstream", len(strings.Fields(list))/2, len(list), len(list)+len(root), list, root), embedded}
}

// at is where the n-th of the streams lies.
func at(streams []string, n int) int {
	where := len("%PDF-1.7\n")
	for _, s := range streams[:n-1] {
		where += len("1 0 obj\n\nendobj\n") + len(s)
	}
	return where
}

func TestObjectsAreReadOutOfAStream(t *testing.T) {
	s := listed("5 0 ")
	file := streamed(s, rows(row(1, at(s, 1)), row(1, at(s, 2)), row(2, 1)), "/W[1 2 1]/Index[1 2 5 1]")
	if got, err := Attached(file, "credential.json"); err != nil || string(got) != "{}" {
		t.Errorf("got %q, %v", got, err)
	}
}

// Whoever makes a file to harm its reader finds each of these out, in no time worth speaking of.
func TestStreamsThatMakeNoSenseAreRefused(t *testing.T) {
	s := listed("5 0 ")
	first, second := row(1, at(s, 1)), row(1, at(s, 2))
	good := rows(first, second, row(2, 1))
	const entries = "/W[1 2 1]/Index[1 2 5 1]"
	changed := func(a, b string) []byte {
		return streamed([]string{strings.Replace(s[0], a, b, 1), s[1]}, good, entries)
	}
	own := "<</Type/ObjStm/N 1/First 4/Length 6 0 R>>\nstream\n6 0 99\nendstream"
	for what, file := range map[string][]byte{
		"an object stream within itself":   streamed(s, rows(row(2, 1), second, row(2, 1)), entries),
		"two within each other":            streamed(s, rows(row(2, 2), row(2, 1), row(2, 1)), entries),
		"a length within the stream":       streamed([]string{own, embedded}, rows(first, second, row(2, 1), row(2, 1)), "/W[1 2 1]/Index[1 2 5 2]"),
		"an object stream that is missing": streamed(s, rows(row(0, 0), second, row(2, 1)), entries),
		"an object that is not listed":     changed("5 0 <<", "6 0 <<"),
		"an object beyond the end":         changed("5 0 <<", "5 99<<"),
		"a number twice":                   streamed(listed("5 0 5 0 "), good, entries),
		"an offset below nothing":          changed("5 0 <<", "5 -1<<"),
		"a list that is longer":            changed("/N 1", "/N 65536"),
		"a list without end":               changed("/N 1", "/N 99999999999999999999"),
		"fewer than no objects":            changed("/N 1", "/N -1"),
		"a list that begins before it":     changed("/First 4", "/First -4"),
		"a list that begins far beyond":    changed("/First 4", "/First 999999999"),
		"a stream of no known kind":        changed("/Type/ObjStm", "/Type/Other"),
		"no rows":                          streamed(s, nil, entries),
		"rows that break off":              streamed(s, good[:7], entries),
		"rows of no width":                 streamed(s, good, "/W[0 0 0]/Index[1 65536]"),
		"rows that are too wide":           streamed(s, good, "/W[1 2 99999999]/Index[1 3]"),
		"a width below nothing":            streamed(s, good, "/W[1 -2 1]/Index[1 3]"),
		"two widths":                       streamed(s, good, "/W[1 2]/Index[1 3]"),
		"no widths":                        streamed(s, good, "/Index[1 3]"),
		"a list of half a pair":            streamed(s, good, "/W[1 2 1]/Index[1 2 5]"),
		"huge numbers":                     streamed(s, good, "/W[1 2 1]/Index[99999999999 3]"),
		"huge counts":                      streamed(s, good, "/W[1 2 1]/Index[1 99999999999]"),
		"an offset beyond the file":        streamed(s, rows(row(1, 60000), second, row(2, 1)), entries),
		"an offset in another object":      streamed(s, rows(first, first, row(2, 1)), entries),
		"an attachment within a stream":    streamed(s, rows(first, row(2, 1), row(2, 1)), entries),
		"a section after itself":           streamed(s, good, entries+"/Prev "+itoa(at(append(s, ""), 3))),
	} {
		if got, err := Attached(file, "credential.json"); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}

// Rows are differences from the row above in files of many programs.
func TestRowsOfDifferencesAreRead(t *testing.T) {
	s := listed("5 0 ")
	packed := string(PackOnce([]byte{2, 1, 0, byte(at(s, 1)), 0, 2, 0, 0, byte(at(s, 2) - at(s, 1)), 0, 0, 2, 0, 1, 0}))
	for parameters, read := range map[string]bool{
		"/Predictor 12/Columns 4":                    true,
		"/Predictor 15/Columns 4/Colors 1":           true,
		"/Predictor 12/Columns 5":                    false,
		"/Predictor 12/Columns 999999999":            false,
		"/Predictor 12/Columns 0":                    false,
		"/Predictor 12":                              false,
		"/Predictor 2/Columns 4":                     false,
		"/Predictor 12/Columns 4/Colors 3":           false,
		"/Predictor 12/Columns 4/BitsPerComponent 1": false,
	} {
		file := streamed(s, []byte(packed), "/W[1 2 1]/Index[1 2 5 1]/Filter/FlateDecode/DecodeParms<<"+parameters+">>")
		got, err := Attached(file, "credential.json")
		if read != (err == nil && string(got) == "{}") || !read && !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %q, %v", parameters, got, err)
		}
	}
}

// A few kilobytes that unpack to many megabytes are not unpacked.
func TestStreamsThatGrowBeyondMeasureAreRefused(t *testing.T) {
	bomb := func(list string) string {
		packed := PackOnce([]byte(list + strings.Repeat(" ", maxUnpacked+1)))
		return fmt.Sprintf("<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream", len(packed), packed)
	}
	s := []string{bomb("5 0 " + root), embedded}
	file := streamed(s, rows(row(1, at(s, 1)), row(1, at(s, 2)), row(2, 1)), "/W[1 2 1]/Index[1 2 5 1]")
	if got, err := Attached(file, "credential.json"); !errors.Is(err, ErrFormat) {
		t.Errorf("%q, %v", got, err)
	}
}

// A large object that is asked for again and again is read a few times.
func TestALargeObjectIsNotReadWithoutEnd(t *testing.T) {
	large := "[" + strings.Repeat("0 ", maxUnpacked/8) + "]"
	names := strings.Repeat("6 0 R<<>>", maxNames/2)
	list := "5 0 6 " + itoa(len("<</Names<</EmbeddedFiles<</Names[]>>>>>>")+len(names)) + " "
	data := PackOnce([]byte(list + "<</Names<</EmbeddedFiles<</Names[" + names + "]>>>>>>" + large))
	s := []string{fmt.Sprintf("<</Type/ObjStm/N 2/First %d/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream", len(list), len(data), data)}
	file := streamed(s, rows(row(1, at(s, 1)), row(2, 1), row(2, 1)), "/W[1 2 1]/Index[1 1 5 2]")
	if got, err := Attached(file, "credential.json"); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "to read before") {
		t.Errorf("%q, %v", got, err)
	}
}

package table_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"laurel/internal/table"
)

func open(text string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

func TestEveryLineOfATableIsARequestOrSaysWhyNot(t *testing.T) {
	const text = "\ufeff学号,recipient_name,rate,score\n1,张伟,\"100%\",\n2,王芳\n3,\"a\nb\",x,92.5\n"
	tab, err := table.Open("people.csv", open(text), []string{"学号=recipient.id", "rate=result.completion_rate"}, []string{"template=course"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for row, err := range tab.Rows() {
		if bad, ok := errors.AsType[*table.RowError](err); ok {
			got = append(got, bad.Error())
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(row.Request))
	}
	want := []string{
		`{"recipient":{"id":"1","name":"张伟"},"result":{"completion_rate":100},"template":"course"}`,
		`line 3: has 2 columns; the first line names 4`,
		`{"recipient":{"id":"3","name":"a\nb"},"result":{"completion_rate":"x","score":92.5},"template":"course"}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

func TestAColumnIsKnownAndStandsOnce(t *testing.T) {
	for text, twice := range map[string]bool{"姓名\n": false, "score,result_score\n": true} {
		_, err := table.Open("people.csv", open(text), nil, nil)
		he, ok := errors.AsType[*table.HeadingError](err)
		if !ok || he.Twice != twice {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := table.Open("people.csv", open("score\n"), []string{"nonsense"}, nil); !errors.Is(err, table.ErrOption) {
		t.Errorf("%v", err)
	}
}

func TestLinesThatAskForTheSameAreTold(t *testing.T) {
	seen := table.NewTwins()
	for _, c := range []struct {
		request           string
		repeated, differs bool
	}{
		{`{"template":"course","recipient":{"id":"1","name":"A"}}`, false, false},
		{`{"template":"course","recipient":{"id":"1","name":"A"}}`, true, false},
		{`{"template":"course","recipient":{"id":"1","name":"B"}}`, true, true},
		{`{"template":"course","recipient":{"id":"2","name":"B"}}`, false, false},
	} {
		repeated, problem := seen.Differs(table.Row{Line: 2, Request: []byte(c.request)})
		if repeated != c.repeated || (problem != "") != c.differs {
			t.Errorf("%s: %v, %q", c.request, repeated, problem)
		}
	}
}

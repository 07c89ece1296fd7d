package api

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// FastAPIFault is one parameter that cannot be read, as FastAPI tells it.
type FastAPIFault struct {
	Type  string   `json:"type"`
	Loc   []string `json:"loc"`
	Msg   string   `json:"msg"`
	Input *string  `json:"input"`
	Ctx   any      `json:"ctx,omitempty"`
}

// fastQuery reads parameters as FastAPI does: unknown ones are passed over, of several the last counts. It gathers what
// is wrong with them.
type fastQuery struct {
	r      *http.Request
	values url.Values
	faults []FastAPIFault
}

func fastParams(r *http.Request) *fastQuery { return &fastQuery{r: r, values: r.URL.Query()} }

func (q *fastQuery) fault(in, name, kind, message, input string, ctx any) {
	input = cut(input)
	q.faults = append(q.faults, FastAPIFault{Type: kind, Loc: []string{in, name}, Msg: message, Input: &input, Ctx: ctx})
}

// text returns a parameter; given is whether it is there.
func (q *fastQuery) text(name string) (value string, given bool) {
	values := q.values[name]
	if len(values) == 0 {
		return "", false
	}
	return values[len(values)-1], true
}

// must returns a parameter that has to be there.
func (q *fastQuery) must(name string) string {
	value, given := q.text(name)
	if !given {
		q.faults = append(q.faults, FastAPIFault{Type: "missing", Loc: []string{"query", name}, Msg: "Field required"})
	}
	return value
}

func (q *fastQuery) oneOf(name string, choices ...string) string {
	value, given := q.text(name)
	if !given {
		return ""
	}
	for _, c := range choices {
		if value == c {
			return value
		}
	}
	expected := "'" + strings.Join(choices[:len(choices)-1], "', '") + "' or '" + choices[len(choices)-1] + "'"
	q.fault("query", name, "enum", "Input should be "+expected, value, map[string]string{"expected": expected})
	return ""
}

func (q *fastQuery) whole(in, name, text string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		q.fault(in, name, "int_parsing", "Input should be a valid integer, unable to parse string as an integer", text, nil)
	}
	return n, err == nil
}

// integer returns a parameter from least to most; most < least is no bound.
func (q *fastQuery) integer(name string, otherwise, least, most int64) int {
	text, given := q.text(name)
	if !given {
		return int(otherwise)
	}
	n, ok := q.whole("query", name, text)
	switch {
	case !ok:
		return int(otherwise)
	case n < least:
		q.fault("query", name, "greater_than_equal", fmt.Sprintf("Input should be greater than or equal to %d", least), text, map[string]int64{"ge": least})
	case most >= least && n > most:
		q.fault("query", name, "less_than_equal", fmt.Sprintf("Input should be less than or equal to %d", most), text, map[string]int64{"le": most})
	}
	return int(n)
}

// id returns a whole number that has to be there, as text in its shortest form.
func (q *fastQuery) id(name string) string {
	text, given := q.text(name)
	if !given {
		return q.must(name)
	}
	n, _ := q.whole("query", name, text)
	return strconv.FormatInt(n, 10)
}

var plainDecimal = regexp.MustCompile(`^[+-]?[0-9]{1,15}(\.[0-9]{1,15})?$`)

// decimal returns a number as it was written; nil where it is absent and otherwise is empty.
func (q *fastQuery) decimal(name, otherwise string) *string {
	text, given := q.text(name)
	if !given {
		if text = otherwise; text == "" {
			return nil
		}
	}
	text = strings.TrimSpace(text)
	if !plainDecimal.MatchString(text) {
		q.fault("query", name, "float_parsing", "Input should be a valid number, unable to parse string as a number", text, nil)
		return nil
	}
	text = strings.TrimPrefix(text, "+")
	return &text
}

// certID returns the path's id of a certificate.
func (q *fastQuery) certID() int64 {
	n, _ := q.whole("path", "cert_id", q.r.PathValue("cert_id"))
	return n
}

// refused returns everything that was wrong.
func (q *fastQuery) refused() error {
	if len(q.faults) == 0 {
		return nil
	}
	return &refusal{status: http.StatusUnprocessableEntity, message: "请求参数有误", detail: q.faults}
}

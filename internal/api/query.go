package api

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// query reads query parameters, each at most once, and gathers what is wrong with them.
type query struct {
	values url.Values
	known  []string
	faults []Fault
}

func params(r *http.Request) *query {
	if r.URL.RawQuery == "" {
		return &query{}
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	q := &query{values: values}
	if err != nil {
		q.fault("", "is not well formed", r.URL.RawQuery)
	}
	return q
}

func (q *query) fault(name, message, value string) {
	q.faults = append(q.faults, Fault{Location: strings.TrimSuffix("query."+name, "."), Message: message, Value: value})
}

func (q *query) text(name string) string {
	q.known = append(q.known, name)
	values := q.values[name]
	if len(values) > 1 {
		q.fault(name, "stands more than once", values[1])
	}
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func (q *query) oneOf(name string, choices ...string) string {
	v := q.text(name)
	if _, given := q.values[name]; !given {
		return ""
	}
	for _, c := range choices {
		if v == c {
			return v
		}
	}
	q.fault(name, "must be "+strings.Join(choices, ", "), v)
	return ""
}

func (q *query) integer(name string, otherwise, least, most int) int {
	v := q.text(name)
	if _, given := q.values[name]; !given {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		q.fault(name, fmt.Sprintf("must be a whole number from %d to %d", least, most), v)
		return otherwise
	}
	return n
}

// refused returns everything that was wrong, parameters that nobody asked for among it.
func (q *query) refused() error {
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		if !slices.Contains(q.known, name) {
			message := "unknown parameter; there is none here"
			if len(q.known) > 0 {
				message = "unknown parameter; known here: " + strings.Join(q.known, ", ")
			}
			q.fault(cut(name), message, "")
		}
	}
	if len(q.faults) == 0 {
		return nil
	}
	return invalid.faults(q.faults...)
}

package main

import (
	"bufio"
	"io"
	"net/http"
	"strings"
)

// headerRule is a rule of a _headers file: a path, and under it, indented, the headers for what matches it. In the
// path * stands for anything and :name for one part.
type headerRule struct {
	pattern string
	set     [][2]string
}

func parseHeaders(r io.Reader) []headerRule {
	var rules []headerRule
	for lines := bufio.NewScanner(r); lines.Scan(); {
		line := lines.Text()
		text := strings.TrimSpace(line)
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
		case line[0] != ' ' && line[0] != '\t':
			rules = append(rules, headerRule{pattern: text})
		case len(rules) > 0:
			if name, value, ok := strings.Cut(text, ":"); ok {
				last := &rules[len(rules)-1]
				last.set = append(last.set, [2]string{strings.TrimSpace(name), strings.TrimSpace(value)})
			}
		}
	}
	return rules
}

// matches compares a request's path with the rule's.
func (h headerRule) matches(p string) bool { return match(h.pattern, p) }

func match(pattern, p string) bool {
	for pattern != "" {
		switch pattern[0] {
		case '*':
			for i := 0; i <= len(p); i++ {
				if match(pattern[1:], p[i:]) {
					return true
				}
			}
			return false
		case ':':
			rest := strings.TrimLeft(pattern[1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
			end := strings.IndexByte(p, '/')
			if end < 0 {
				end = len(p)
			}
			if end == 0 {
				return false
			}
			pattern, p = rest, p[end:]
		default:
			if p == "" || p[0] != pattern[0] {
				return false
			}
			pattern, p = pattern[1:], p[1:]
		}
	}
	return p == ""
}

// apply adds the rule's headers as hosts do: values of one name are joined, but a type there is only one of.
func (h headerRule) apply(to http.Header) {
	for _, kv := range h.set {
		name, value := kv[0], kv[1]
		if old := to.Get(name); old != "" && !strings.EqualFold(name, "Content-Type") {
			value = old + ", " + value
		}
		to.Set(name, value)
	}
}

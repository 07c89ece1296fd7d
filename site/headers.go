package site

import (
	"slices"
	"strings"
)

// everywhere are the headers of every answer. The policy repeats that of the pages and adds what a meta element cannot
// say: frame-ancestors.
var everywhere = [...][2]string{
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
}

// Everywhere returns the names and values of the headers that every answer of a host should have.
func Everywhere() [][2]string { return everywhere[:] }

// headers are the rules for hosts that read _headers (Cloudflare Pages, Netlify, certgen serve). Such hosts join the
// values of all rules that match, so each file has its headers from exactly one rule beside that for all.
func headers() string {
	var b strings.Builder
	writeRule(&b, "/*", everywhere[:])
	classes := slices.DeleteFunc(Classes(), func(c Class) bool { return c.Pattern == HeadersPath }) // hosts keep it to themselves
	for i, c := range classes {
		same := func(o Class) bool { return o.headersPattern() == c.headersPattern() }
		if slices.IndexFunc(classes, same) < i {
			continue
		}
		set := [][2]string{{"Cache-Control", c.Cache}}
		if !slices.ContainsFunc(classes[i+1:], same) { // else the extension tells the type
			set = append(set, [2]string{"Content-Type", c.ContentType})
		}
		if c.Open {
			set = append(set, [2]string{"Access-Control-Allow-Origin", "*"})
		}
		b.WriteByte('\n')
		writeRule(&b, c.headersPattern(), set)
	}
	return b.String()
}

func writeRule(b *strings.Builder, pattern string, set [][2]string) {
	b.WriteString(pattern + "\n")
	for _, h := range set {
		b.WriteString("  " + h[0] + ": " + h[1] + "\n")
	}
}

// headersPattern is the class's pattern in the language of _headers, in which a placeholder is a whole part of a path.
func (c Class) headersPattern() string {
	url := c.URL()
	last := strings.LastIndexByte(url, '/') + 1
	if strings.HasPrefix(url[last:], ":") {
		return url[:last] + "*"
	}
	return url
}

package templates

import (
	"fmt"
	"slices"
	"strings"
)

// The files of a certificate. The page and the credential are always there; which others are is for each template to
// say, or else for the settings of the site.
const (
	HTML = "html"
	JSON = "json"
	PNG  = "png"
	PDF  = "pdf"
	Card = "card"
)

// AllFiles are the files that a certificate can have.
func AllFiles() []string { return []string{HTML, JSON, PNG, PDF, Card} }

// Files is a choice among AllFiles, in their order and with commas between; "" where nothing was chosen.
type Files string

// ChooseFiles makes a choice of names, page and credential included.
func ChooseFiles(names []string) (Files, error) {
	for _, name := range names {
		if !slices.Contains(AllFiles(), name) {
			return "", fmt.Errorf("unknown file %q; known are %s", name, oneOf(AllFiles()))
		}
	}
	var chosen []string
	for _, name := range AllFiles() {
		if name == HTML || name == JSON || slices.Contains(names, name) {
			chosen = append(chosen, name)
		}
	}
	return Files(strings.Join(chosen, ",")), nil
}

// Names are the names chosen; those of all where nothing was.
func (f Files) Names() []string {
	if f == "" {
		return AllFiles()
	}
	return strings.Split(string(f), ",")
}

// Has reports whether a file is among those chosen.
func (f Files) Has(name string) bool { return slices.Contains(f.Names(), name) }

// Or is the choice, or another where nothing was chosen.
func (f Files) Or(other Files) Files {
	if f == "" {
		return other
	}
	return f
}

// files reads a list of files.
func (d *decoder) files(v node) Files {
	var names []string
	for _, item := range d.list(v, "files") {
		names = append(names, d.name(item, "files", AllFiles()))
	}
	chosen, err := ChooseFiles(slices.DeleteFunc(names, func(s string) bool { return s == "" }))
	if err != nil {
		d.fail(v, err.Error())
	}
	return chosen
}

package templates

import (
	"bytes"
	"slices"
)

// Changed returns the names of the files that differ between an older set of the same program and this one, those that
// only one of them has included, sorted. What is embedded in both never differs.
func (s *Set) Changed(old *Set) []string {
	var out []string
	for name, data := range s.overlay {
		if before, over := old.overlay[name]; !over || !bytes.Equal(before, data) {
			out = append(out, name)
		}
	}
	for name := range old.overlay {
		if _, over := s.overlay[name]; !over {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Own reports whether a file lies in the user's folder, and so hides an embedded one of that name, if there is one.
func (s *Set) Own(name string) bool {
	_, ok := s.overlay[name]
	return ok
}

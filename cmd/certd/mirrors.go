package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"laurel/internal/publish"
	"laurel/internal/publish/target"
)

// targets opens the mirrors that the settings name. Nothing is asked of them yet.
func (s settings) targets() ([]publish.Backend, error) {
	var all []publish.Backend
	for _, to := range s.Mirrors {
		if !strings.Contains(to, "://") && lieInEachOther(to, s.Public) {
			return nil, fmt.Errorf("mirrors: %s and the public tree %s lie in each other; give a folder apart", to, s.Public)
		}
		b, err := target.Open(to)
		if err != nil {
			return nil, fmt.Errorf("mirrors: %w", err)
		}
		if slices.ContainsFunc(all, func(o publish.Backend) bool { return o.Name() == b.Name() }) {
			return nil, fmt.Errorf("mirrors: %s is there twice; name each target once", to)
		}
		all = append(all, b)
	}
	return all, nil
}

// lieInEachOther reports whether a folder lies in another, in its state beside it, or around it.
func lieInEachOther(a, b string) bool {
	a, err1 := filepath.Abs(a)
	b, err2 := filepath.Abs(b)
	if err1 != nil || err2 != nil {
		return true
	}
	for _, d := range [][2]string{{a, b}, {b, a}, {b + ".state", a}} {
		if rel, err := filepath.Rel(d[0], d[1]); err == nil && rel != ".." && !strings.HasPrefix(rel, "../") {
			return true
		}
	}
	return false
}

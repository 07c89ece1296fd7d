package certlog

import (
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// PeekTime returns the latest time that any cosignature of a checkpoint states, without asking who made it; zero where
// there is none. It tells how old a copy says it is, and is no proof of its age.
func PeekTime(signed []byte) time.Time {
	var latest time.Time
	_, signatures, _ := strings.Cut(string(signed), "\n\n")
	for line := range strings.Lines(signatures) {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue
		}
		if at, ok := cosignedAt(note.Signature{Name: f[1], Base64: f[2]}); ok && at.After(latest) {
			latest = at
		}
	}
	return latest
}

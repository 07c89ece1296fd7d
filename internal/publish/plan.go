package publish

import (
	"cmp"
	"fmt"
	"slices"
)

// Step is one thing that a run does to the target.
type Step struct {
	Path   string
	Reason string
	Size   int64 // bytes to upload
	Delete bool

	file File
}

func (s Step) String() string {
	if s.Delete {
		return fmt.Sprintf("delete %s: %s", s.Path, s.Reason)
	}
	return fmt.Sprintf("upload %s, %d bytes: %s", s.Path, s.Size, s.Reason)
}

// Why a file is uploaded or deleted.
const (
	reasonNew     = "new"
	reasonChanged = "content changed"
	reasonServed  = "served otherwise now"
	reasonDoubt   = "not confirmed when it was last uploaded"
	reasonGone    = "gone from the tree"
)

// compare says which files have to be uploaded where the target holds have. It is sure of files whose size and time are
// those of their upload; of the others, touched[path] is the digest of what they hold now.
func compare(files []File, have map[string]entry, touched map[string]sum) (steps []Step, unchanged []File) {
	for _, f := range files {
		e, ok := have[f.Path]
		reason := ""
		switch {
		case !ok:
			reason = reasonNew
		case !e.known:
			reason = reasonDoubt
		case e.print != printOf(f.Class.Options):
			reason = reasonServed
		case e.untouched(f):
		case touched[f.Path] != e.sum:
			reason = reasonChanged
		}
		if reason == "" {
			unchanged = append(unchanged, f)
			continue
		}
		steps = append(steps, Step{Path: f.Path, Reason: reason, Size: f.Size, file: f})
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Compare(a.file.Class.Stage, b.file.Class.Stage) })
	return steps, unchanged
}

// untouched reports whether a file looks as it did when it was uploaded.
func (e entry) untouched(f File) bool { return e.known && e.size == f.Size && e.mtime == f.Mtime }

// digestTouched reads those files whose content only reading tells from what the target holds.
func (t Tree) digestTouched(files []File, have map[string]entry) (map[string]sum, error) {
	var out map[string]sum
	for _, f := range files {
		e, ok := have[f.Path]
		if !ok || !e.known || e.untouched(f) {
			continue
		}
		data, _, err := t.read(f)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = map[string]sum{}
		}
		out[f.Path] = sumOf(data)
	}
	return out, nil
}

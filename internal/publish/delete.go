package publish

import (
	"cmp"
	"fmt"
	"slices"
)

func (p *pass) gonePaths() map[string]bool {
	out := make(map[string]bool, len(p.gone))
	for _, s := range p.gone {
		out[s.Path] = true
	}
	return out
}

// deletions are what a run would delete, in its order: what refers to other files before these. The error is
// ErrTooManyDeletes where they are more than a run may.
func (p *pass) deletions() ([]Step, error) {
	slices.SortFunc(p.gone, func(a, b Step) int {
		return cmp.Or(-cmp.Compare(a.file.Class.Stage, b.file.Class.Stage), cmp.Compare(a.Path, b.Path))
	})
	counted := slices.DeleteFunc(slices.Clone(p.gone), func(s Step) bool { return s.file.Class.Spare })
	if n, most := len(counted), max(p.m.o.MaxDeletes, 0); n > most {
		return p.gone, fmt.Errorf("%w: %d files are gone from the tree and at most %d may be deleted, so none was (the first is %s). Look at them with --dry-run; if it is right, raise --max-deletes", ErrTooManyDeletes, n, most, counted[0].Path)
	}
	return p.gone, nil
}

// delete removes from the target what was gone before and still is.
func (p *pass) delete(before map[string]bool) error {
	steps, err := p.deletions()
	if err != nil {
		return err
	}
	for _, s := range steps {
		if !before[s.Path] {
			continue
		}
		if err := p.doubt(s.Path); err != nil {
			return err
		}
		if err := p.m.remove(p.ctx, s.Path); err != nil {
			return fmt.Errorf("delete %s: %w", s.Path, err)
		}
		p.m.state.drop(p.key(s.Path), s.Path)
		p.result.Deleted++
	}
	return nil
}

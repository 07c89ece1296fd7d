package publish

import "fmt"

func (m *Mirror) withheld() bool { return m.tree.withheld != nil && m.tree.withheld.Load() }

// forms sees to it, before a file is put, that no form stands beside another content than its own: those of the file
// leave the target, and where it is a form itself, the target must hold what it is a form of.
func (p *pass) forms(f File, data []byte) error {
	if f.Class.Of != "" {
		return p.isFormOf(f, data)
	}
	if p.m.tree.Forms == nil || p.m.tree.withheld != nil {
		return nil
	}
	for _, form := range p.m.tree.Forms(f.Path) {
		known, ok := p.m.state.get(p.key(form), form)
		if !ok && !p.m.strange {
			continue
		}
		if known.known {
			if err := p.doubt(form); err != nil {
				return err
			}
		}
		if err := p.m.remove(p.ctx, form); err != nil {
			return fmt.Errorf("delete %s: %w", form, err)
		}
		p.m.state.drop(p.key(form), form)
	}
	return nil
}

// isFormOf fails with errMoved where a form is not of what the target holds: its file has changed meanwhile, and the
// next pass brings both.
func (p *pass) isFormOf(f File, data []byte) error {
	plain, err := p.m.tree.Plain(f.Path, data)
	if err != nil {
		return err
	}
	there, ok := p.m.state.get(p.key(f.Class.Of), f.Class.Of)
	if !ok || !there.known || there.sum != sumOf(plain) {
		return errMoved
	}
	return nil
}

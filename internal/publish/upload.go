package publish

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// uploadAll is upload that fails where a single file did.
func (p *pass) uploadAll(todo []work) error {
	if err := p.upload(todo); err != nil {
		return err
	}
	return p.problem()
}

// upload does the work stage by stage, and in each as much as possible at the same time. The error is why the pass
// cannot go on; what failed for single files is in p.problems.
func (p *pass) upload(todo []work) error {
	slices.SortStableFunc(todo, func(a, b work) int { return cmp.Compare(a.step.file.Class.Stage, b.step.file.Class.Stage) })
	if p.dry != nil {
		for _, w := range todo {
			p.result.Uploaded++
			p.result.Bytes += w.step.Size
			if err := p.dry(w.step); err != nil {
				return err
			}
		}
		return nil
	}
	for _, w := range todo {
		p.m.state.doubt(p.key(w.step.Path), w.step.Path)
	}
	if err := p.m.state.flush(); err != nil {
		return fmt.Errorf("write what is known of the target: %w", err)
	}
	for len(todo) > 0 {
		n := slices.IndexFunc(todo, func(w work) bool { return w.step.file.Class.Stage != todo[0].step.file.Class.Stage })
		if n < 0 {
			n = len(todo)
		}
		if err := p.each(todo[:n]); err != nil {
			return err
		}
		todo = todo[n:]
	}
	return nil
}

func (p *pass) key(path string) string { return shardOf(p.m.tree.unitOf(path)) }

// each does works of one stage.
func (p *pass) each(todo []work) error {
	var wg sync.WaitGroup
	next := make(chan work)
	for range min(p.m.o.Parallel, len(todo)) {
		wg.Go(func() {
			for w := range next {
				p.one(w)
			}
		})
	}
	var err error
	for _, w := range todo {
		if err = p.stop(); err != nil {
			break
		}
		next <- w
	}
	close(next)
	wg.Wait()
	if err == nil {
		err = p.stop()
	}
	return err
}

// stop says why a pass cannot go on.
func (p *pass) stop() error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	p.mu.Lock()
	failures, broken := p.failures, p.broken
	p.mu.Unlock()
	if broken != nil {
		return broken
	}
	if failures >= maxFailures {
		return fmt.Errorf("%w\ngiving up after %d files", p.problem(), maxFailures)
	}
	return nil
}

// one uploads one file, unless another of its unit has failed.
func (p *pass) one(w work) {
	unit := p.m.tree.unitOf(w.step.Path)
	p.mu.Lock()
	skip := unit != "" && p.failed[unit]
	p.mu.Unlock()
	if skip {
		return
	}
	n, err := p.send(w)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err == nil:
		p.result.Uploaded++
		p.result.Bytes += n
		if p.m.o.Progress != nil {
			p.m.o.Progress(p.result)
		}
		return
	case errors.Is(err, errMoved):
		p.result.Moving++
	case p.ctx.Err() != nil:
	default:
		p.failures++
		err = fmt.Errorf("%s: %w", w.step.Path, err)
		p.problems = append(p.problems, err)
		if p.broken == nil && IsBroken(err) {
			p.broken = err
		}
	}
	if unit != "" {
		p.failed[unit] = true
	}
}

// send uploads the bytes of one file and notes that the target holds them.
func (p *pass) send(w work) (int64, error) {
	f, data := w.step.file, w.data
	if data == nil {
		var same bool
		var err error
		if data, same, err = p.m.tree.read(f); err != nil {
			return 0, err
		}
		if !same {
			return 0, errMoved
		}
	}
	if err := p.forms(f, data); err != nil {
		return 0, err
	}
	if err := p.m.put(p.ctx, f, data); err != nil {
		return 0, err
	}
	if w.step.Reason == reasonDoubt {
		if err := p.m.backend.Sweep(p.ctx, f.Path); err != nil {
			return 0, err
		}
	}
	e := entry{known: true, sum: sumOf(data), size: f.Size, mtime: f.remembered(), print: printOf(f.Class.Options)}
	if n := p.m.state.put(p.key(f.Path), f.Path, e); n >= flushEvery || p.due() {
		return int64(len(data)), p.save()
	}
	return int64(len(data)), nil
}

// due reports, to one caller, that what was confirmed has waited long enough.
func (p *pass) due() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.saved) < flushAfter {
		return false
	}
	p.saved = time.Now()
	return true
}

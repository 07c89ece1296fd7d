package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// pass goes over the tree once. The tree may be written to meanwhile, stage after stage. So files are looked at in the
// other direction, those of the last stages first, and only what was seen then is uploaded: whatever it refers to is in
// the tree by then, and is found when its own stage is looked at.
type pass struct {
	m     *Mirror
	ctx   context.Context
	whole bool             // all units
	dry   func(Step) error // tells instead of doing
	told  bool             // what travels before units, once

	seen int    // files looked at
	gone []Step // of files on the target that the tree does not hold
	late *split // of files whose removals come last

	mu       sync.Mutex
	result   Result
	failed   map[string]bool // units of which a file could not be uploaded, or has changed meanwhile
	problems []error
	failures int
	broken   error // the whole target's
	saved    time.Time
}

// split is a file that still has to lose something on the target.
type split struct {
	step Step
	data []byte
}

var errMoved = errors.New("changed meanwhile")

func (m *Mirror) newPass(ctx context.Context, whole bool) *pass {
	return &pass{m: m, ctx: ctx, whole: whole, failed: map[string]bool{}, saved: time.Now()}
}

// run uploads what differs in the given units, or in all, and outside of units.
func (p *pass) run(units []string) error {
	pinned, err := p.pin()
	if err != nil {
		return err
	}
	groups := p.groups(units)
	if p.whole {
		if groups, err = p.allGroups(); err != nil {
			return err
		}
	}
	if err := p.units(groups); err != nil {
		return err
	}
	if err := p.early(true); err != nil {
		return err
	}
	if p.dry == nil && p.problems != nil {
		return p.problem()
	}
	if pinned, err = p.unmoved(pinned); err != nil {
		return err
	}
	return p.uploadAll(pinned)
}

// unmoved leaves out what has changed since it was pinned and may refer to what was taken away since, before anybody
// looked at it. What has not changed refers to what was there when that was looked at.
func (p *pass) unmoved(pinned []work) ([]work, error) {
	var out []work
	for _, w := range pinned {
		if !w.step.file.Class.Lasting && w.data != nil {
			_, same, err := p.m.tree.read(w.step.file)
			if err != nil {
				return nil, err
			}
			if !same {
				p.result.Moving++
				continue
			}
		}
		out = append(out, w)
	}
	return out, nil
}

// pinned is a file outside units of a late stage, with the bytes that it had when it was looked at.
type work struct {
	step Step
	data []byte // nil: to be read
}

// pin reads the files outside units that travel last. There are few.
func (p *pass) pin() ([]work, error) {
	steps, err := p.common(true, func(f File) bool { return f.Class.Stage >= p.m.tree.UnitStage })
	if err != nil {
		return nil, err
	}
	var out []work
	for _, s := range steps {
		if p.dry != nil {
			out = append(out, work{step: s})
			continue
		}
		data, same, err := p.m.tree.read(s.file)
		if err != nil {
			return nil, err
		}
		if !same {
			p.result.Moving++
			continue
		}
		out = append(out, work{s, data})
	}
	return out, nil
}

// early uploads the files outside units that travel before those of units. It is called often; the last time counts.
func (p *pass) early(last bool) error {
	if p.dry != nil && p.told && !last {
		return nil
	}
	steps, err := p.common(last, func(f File) bool { return f.Class.Stage < p.m.tree.UnitStage })
	if err != nil {
		return err
	}
	if p.dry != nil && p.told {
		return nil
	}
	p.told = true
	var todo []work
	for _, s := range steps {
		w := work{step: s}
		if s.file.Class.Split && p.dry == nil {
			if p.late != nil {
				continue // its additions have arrived
			}
			if w, err = p.split(s); err != nil {
				return err
			}
			if w.step.Path == "" {
				continue
			}
		}
		todo = append(todo, w)
	}
	return p.uploadAll(todo) // nothing may travel before these
}

// common compares files outside units, those that pick chooses, and counts them if this is the last time.
func (p *pass) common(last bool, pick func(File) bool) ([]Step, error) {
	files, others, err := p.m.tree.common()
	if err != nil {
		return nil, fmt.Errorf("read the tree: %w", err)
	}
	sh := p.m.state.load(commonShard)
	mine := func(path string) bool {
		class, ok := p.m.tree.Classify(path)
		return pick(File{Path: path, Class: class}) || !ok
	}
	if last && p.whole {
		p.result.Others = others
		p.noteGone(sh.entries, files, mine)
	}
	files = slices.DeleteFunc(files, func(f File) bool { return !pick(f) })
	if last {
		p.seen += len(files)
	}
	return p.diff(commonShard, files, sh.entries)
}

func (p *pass) diff(key string, files []File, have map[string]entry) ([]Step, error) {
	touched, err := p.m.tree.digestTouched(files, have)
	if err != nil {
		return nil, err
	}
	steps, unchanged := compare(files, have, touched)
	for _, f := range unchanged {
		if e := have[f.Path]; !e.untouched(f) && p.dry == nil {
			e.size, e.mtime = f.Size, f.remembered()
			p.m.state.put(key, f.Path, e)
		}
	}
	if key != commonShard {
		p.seen += len(files)
	}
	return steps, nil
}

// unchanged is how many of the files looked at need not have been uploaded.
func (p *pass) unchanged() int { return max(0, p.seen-p.result.Uploaded) }

func (p *pass) noteGone(have map[string]entry, files []File, mine func(path string) bool) {
	if len(have) == 0 {
		return
	}
	there := make(map[string]bool, len(files))
	for _, f := range files {
		there[f.Path] = true
	}
	for path := range have {
		if !mine(path) || there[path] {
			continue
		}
		class, ok := p.m.tree.Classify(path)
		unit := p.m.tree.unitOf(path)
		if ok && class.Keep && (p.m.tree.Gone == nil || !p.m.tree.Gone(unit)) {
			p.result.Kept++
			continue
		}
		p.gone = append(p.gone, Step{Path: path, Reason: reasonGone, Delete: true, file: File{Path: path, Class: class}})
	}
}

// group is some units that share a shard of the state.
type group struct {
	key   string
	units []string
	whole bool // all units of the shard, also those that only the target holds
}

func (p *pass) groups(units []string) []group {
	var out []group
	byKey := map[string][]string{}
	for _, u := range units {
		byKey[shardOf(u)] = append(byKey[shardOf(u)], u)
	}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		out = append(out, group{key: key, units: byKey[key]})
	}
	return out
}

func (p *pass) allGroups() ([]group, error) {
	units, err := p.m.tree.units()
	if err != nil {
		return nil, fmt.Errorf("read the tree: %w", err)
	}
	out := p.groups(units)
	known, err := p.m.state.names()
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for i := range out {
		out[i].whole = true
		have[out[i].key] = true
	}
	for _, key := range known {
		if !have[key] {
			out = append(out, group{key: key, whole: true})
		}
	}
	return out, nil
}

// units uploads units, many at a time, after what they may refer to.
func (p *pass) units(groups []group) error {
	var steps []Step
	looked := 0
	do := func() error {
		defer p.m.state.release()
		looked = 0
		if len(steps) == 0 {
			return nil
		}
		if err := p.early(false); err != nil {
			return err
		}
		todo := make([]work, len(steps))
		for i, s := range steps {
			todo[i] = work{step: s}
		}
		steps = nil
		return p.upload(todo)
	}
	for _, g := range groups {
		sh := p.m.state.load(g.key)
		var all []File
		for _, unit := range g.units {
			if err := p.ctx.Err(); err != nil {
				return err
			}
			files, err := p.m.tree.unit(unit)
			if err != nil {
				return fmt.Errorf("read the tree: %w", err)
			}
			s, err := p.diff(g.key, files, sh.entries)
			if err != nil {
				return err
			}
			steps = append(steps, s...)
			all = append(all, files...)
		}
		p.noteGone(sh.entries, all, func(path string) bool { return g.whole || slices.Contains(g.units, p.m.tree.unitOf(path)) })
		if looked += len(g.units); len(steps) >= chunkSteps || looked >= chunkUnits {
			if err := do(); err != nil {
				return err
			}
		}
	}
	return do()
}

// split returns the first of the two uploads of a file that loses something; it has no path where only the second is
// to be done. A file that loses nothing is uploaded once.
func (p *pass) split(s Step) (work, error) {
	data, same, err := p.m.tree.read(s.file)
	if err != nil {
		return work{}, err
	}
	if !same {
		p.result.Moving++
		return work{}, nil
	}
	old, err := p.m.get(p.ctx, s.Path)
	if errors.Is(err, ErrNotFound) {
		return work{s, data}, nil
	}
	if err != nil {
		return work{}, fmt.Errorf("%s: %w", s.Path, err)
	}
	both, err := p.m.tree.Union(s.Path, old, data)
	if err != nil {
		return work{}, fmt.Errorf("%s on the target: %w", s.Path, err)
	}
	if bytes.Equal(both, data) {
		return work{s, data}, nil
	}
	p.late = &split{step: s, data: data}
	if bytes.Equal(both, old) {
		return work{}, nil
	}
	if err := p.doubt(s.Path); err != nil {
		return work{}, err
	}
	if err := p.m.put(p.ctx, s.file, both); err != nil {
		return work{}, fmt.Errorf("%s: %w", s.Path, err)
	}
	return work{}, nil
}

// finish takes from the target what a split file has lost.
func (p *pass) finish() error {
	if p.late == nil {
		return nil
	}
	return p.uploadAll([]work{{p.late.step, p.late.data}})
}

func (p *pass) doubt(path string) error {
	p.m.state.doubt(p.key(path), path)
	return p.m.state.flush()
}

// save makes what was confirmed outlast the process. The target comes first: nothing is noted that it could lose.
func (p *pass) save() error {
	if p.dry != nil {
		return nil
	}
	if err := p.m.backend.Sync(p.ctx); err != nil {
		return err
	}
	return p.m.state.flush()
}

// problem says what failed: some files by name, the others by number.
func (p *pass) problem() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.problems) <= maxNamed {
		return errors.Join(p.problems...)
	}
	return errors.Join(append(slices.Clone(p.problems[:maxNamed]), fmt.Errorf("and %d files more", len(p.problems)-maxNamed))...)
}

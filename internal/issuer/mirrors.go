package issuer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"laurel/certlog"
	"laurel/credential"
	"laurel/internal/meter"
	"laurel/internal/publish"
	"laurel/site"
)

const (
	// mirrorMost is how many certificates may wait by name; with more, looking at the whole tree is cheaper.
	mirrorMost = 1 << 14
	// wholeEvery is how often a mirror is compared with the whole tree: for what others changed in it, and for
	// beginnings of the log's tiles that are full by now.
	wholeEvery = 24 * time.Hour
	// askAtMost is how long loading waits for a target to say what was last published there.
	askAtMost = 10 * time.Second
)

// mirror keeps one target equal to the public tree: after each step of the publisher, in the order of the tree's
// stages, and without anybody waiting for it. What it still has to do is known in memory alone; after a start the whole
// tree is compared with what is remembered of the target, which lists nothing and asks for nothing.
type mirror struct {
	backend  publish.Backend
	bell     chan struct{}
	failures meter.Counter
	uploaded meter.Counter

	mu       sync.Mutex
	todo     changed
	problem  string
	compared bool // its checkpoint is one that the records know
}

// changed is what has changed in the tree since a mirror was last equal to it.
type changed struct {
	whole bool                           // anything
	units map[credential.Number]struct{} // these certificates, and whatever belongs to none
	since time.Time                      // the first of it; zero where nothing has
}

// Mirrored says how a mirror is.
type Mirrored struct {
	Target   string
	Since    time.Time // of the oldest change that it does not hold; zero where it is equal to the tree
	Problem  string    // why it is not; "" where it is, or is about to be
	Failures uint64    // tries that failed
	Uploaded uint64    // files
}

func newMirrors(backends []publish.Backend) (all []*mirror) {
	for _, b := range backends {
		all = append(all, &mirror{backend: b, bell: make(chan struct{}, 1)})
	}
	return all
}

// Mirrors tells how the mirrors are.
func (i *Issuer) Mirrors() (all []Mirrored) {
	for _, m := range i.mirrors {
		m.mu.Lock()
		all = append(all, Mirrored{m.backend.Name(), m.todo.since, m.problem, m.failures.Load(), m.uploaded.Load()})
		m.mu.Unlock()
	}
	return all
}

// mirror has certificates, and what belongs to none, brought to every mirror.
func (i *Issuer) mirror(numbers ...credential.Number) {
	for _, m := range i.mirrors {
		m.add(changed{units: set(numbers), since: i.cfg.Now()})
	}
}

// mirrorAll has every mirror compared with the whole tree.
func (i *Issuer) mirrorAll() {
	for _, m := range i.mirrors {
		m.add(changed{whole: true, since: i.cfg.Now()})
	}
}

func set(numbers []credential.Number) map[credential.Number]struct{} {
	out := make(map[credential.Number]struct{}, len(numbers))
	for _, n := range numbers {
		out[n] = struct{}{}
	}
	return out
}

func (m *mirror) add(c changed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.todo.merge(c)
	select {
	case m.bell <- struct{}{}:
	default:
	}
}

func (c *changed) merge(o changed) {
	if c.since.IsZero() || !o.since.IsZero() && o.since.Before(c.since) {
		c.since = o.since
	}
	if c.units == nil {
		c.units = map[credential.Number]struct{}{}
	}
	for n := range o.units {
		c.units[n] = struct{}{}
	}
	if c.whole = c.whole || o.whole || len(c.units) > mirrorMost; c.whole {
		clear(c.units)
	}
}

// keepMirrored follows the tree with one mirror until ctx ends. What fails is tried again, less and less often.
func (i *Issuer) keepMirrored(ctx context.Context, m *mirror) {
	retry := firstRetry
	for ctx.Err() == nil {
		err := i.follow(ctx, m, func() { retry = firstRetry })
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, ErrBehind) {
			i.halt(err)
			return
		}
		m.failures.Add(1)
		m.note(err)
		i.cfg.Log.Error("mirroring failed; trying again", "target", m.backend.Name(), "error", err, "in", retry.String())
		sleep(ctx, retry)
		retry = min(2*retry, lastRetry)
	}
}

func (m *mirror) note(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.problem = ""; err != nil {
		m.problem = err.Error()
	}
}

// follow brings what changes to the target until that fails; good is called after each time that it did not.
func (i *Issuer) follow(ctx context.Context, m *mirror, good func()) (err error) {
	if err := i.compareMirror(ctx, m); err != nil {
		return err
	}
	states := site.MirrorStates(i.cfg.PublicDir)
	target, err := publish.Open(site.MirrorTree(i.cfg.PublicDir), m.backend, publish.StateDir(states, m.backend), publish.RunOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	m.add(changed{whole: true, since: i.cfg.Now()})
	again := time.NewTicker(wholeEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
			m.add(changed{whole: true, since: i.cfg.Now()})
		case <-m.bell:
			if err := m.catchUp(ctx, target); err != nil {
				return err
			}
			good()
		}
	}
}

// catchUp brings to the target what has changed until now. What cannot be brought stays to be done.
func (m *mirror) catchUp(ctx context.Context, target *publish.Mirror) error {
	m.mu.Lock()
	todo := m.todo
	m.todo = changed{since: todo.since}
	m.mu.Unlock()
	if todo.since.IsZero() {
		return nil
	}
	var r publish.Result
	var err error
	if todo.whole {
		r, err = target.Run(ctx)
	} else {
		r, err = target.RunUnits(ctx, todo.names())
	}
	m.uploaded.Add(uint64(r.Uploaded))
	if err != nil || r.Moving > 0 {
		m.add(todo)
		return err
	}
	m.note(nil)
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.todo.whole && m.todo.units == nil { // nothing came meanwhile
		m.todo.since = time.Time{}
	}
	return nil
}

func (c changed) names() []string {
	out := make([]string, 0, len(c.units))
	for n := range c.units {
		out = append(out, string(n))
	}
	slices.Sort(out)
	return out
}

// compareMirrors holds the records against what was last published at the targets, as far as these answer.
func (i *Issuer) compareMirrors(ctx context.Context) error {
	for _, m := range i.mirrors {
		asking, cancel := context.WithTimeout(ctx, askAtMost)
		err := i.compareMirror(asking, m)
		cancel()
		if errors.Is(err, ErrBehind) {
			return err
		}
		if err != nil {
			i.cfg.Log.Warn("a mirror does not say what was last published there; it is asked again before it is written to", "target", m.backend.Name(), "error", err)
		}
	}
	return nil
}

// compareMirror does it for one target, once. The error is ErrBehind where the records do not know its checkpoint.
func (i *Issuer) compareMirror(ctx context.Context, m *mirror) error {
	m.mu.Lock()
	done := m.compared
	m.mu.Unlock()
	if done {
		return nil
	}
	signed, err := m.backend.Get(ctx, site.CheckpointPath)
	if err == nil {
		var c *certlog.Checkpoint
		if c, err = i.book.tree.Open(signed); err == nil {
			err = i.comparePublished(ctx, c, m.backend.Name())
		}
		if errors.Is(err, certlog.ErrCheckpoint) {
			err = nil // not this log's: publishing refuses a foreign target by itself, and writes a damaged file anew
		}
	}
	if err != nil && !errors.Is(err, publish.ErrNotFound) {
		return fmt.Errorf("%s: %w", m.backend.Name(), err)
	}
	m.mu.Lock()
	m.compared = true
	m.mu.Unlock()
	return nil
}

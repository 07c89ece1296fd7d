package publish

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Limits of a run where its options name none.
const (
	DefaultMaxDeletes = 256
	defaultParallel   = 16
	defaultAttempts   = 8
	defaultTimeout    = time.Minute
	defaultDelay      = 250 * time.Millisecond
	maxDelay          = 15 * time.Second
)

// How much a run does between two looks at the whole.
const (
	chunkSteps  = 8192 // uploads of units
	chunkUnits  = 4096
	flushEvery  = 512 // confirmed uploads, or
	flushAfter  = 200 * time.Millisecond
	maxPasses   = 4  // over the tree in one run, while it is being written to
	maxFailures = 20 // files that cannot be uploaded, until a run gives up
	maxNamed    = 5  // of them in an error
)

// RunOptions tell a Mirror how to work. The zero value is good.
type RunOptions struct {
	Parallel   int           // uploads at the same time
	Attempts   int           // tries for each file, with growing pauses between them
	Timeout    time.Duration // of one try: a request that hangs is given up then
	Delay      time.Duration // the first pause between two tries
	MaxDeletes int           // 0: DefaultMaxDeletes; -1: none
	Progress   func(Result)  // called now and then
}

func (o RunOptions) withDefaults() RunOptions {
	for _, d := range []struct {
		v *int
		n int
	}{{&o.Parallel, defaultParallel}, {&o.Attempts, defaultAttempts}, {&o.MaxDeletes, DefaultMaxDeletes}} {
		if *d.v == 0 {
			*d.v = d.n
		}
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Delay == 0 {
		o.Delay = defaultDelay
	}
	return o
}

// Result counts what a run did, or what a plan would do.
type Result struct {
	Uploaded  int
	Bytes     int64 // of the uploaded files
	Unchanged int
	Deleted   int
	Kept      int      // files on the target that the tree does not hold and that are not deleted without a reason
	Moving    int      // files that changed while the run was under way, and wait for the next one
	Others    []string // files of the tree that are not public and stay at home
	Withheld  bool     // other forms of files (Tree.Forms) stay at home, because the target does not choose among forms
}

// Mirror keeps a target equal to a tree.
type Mirror struct {
	tree    Tree
	backend Backend
	state   *state
	o       RunOptions
	strange bool // the target holds something although nothing is known of having put it there
}

// StateDir is the folder of a target's state below that of all targets.
func StateDir(targets string, b Backend) string {
	var name strings.Builder
	for _, r := range b.Name() {
		switch {
		case r < 128 && isPlain(byte(r)), r == '.':
			name.WriteRune(r)
		default:
			name.WriteByte('-')
		}
	}
	digest := sumOf([]byte(b.Name()))
	short := name.String()
	if len(short) > 60 {
		short = short[:60]
	}
	return filepath.Join(targets, short+"-"+hex.EncodeToString(digest[:4]))
}

// Open prepares to mirror a tree to a target whose state lies in dir. The error is ErrBusy while another process does.
func Open(tree Tree, b Backend, dir string, o RunOptions) (*Mirror, error) {
	s, err := openState(dir, b.Name())
	if err != nil {
		return nil, err
	}
	if !b.Chooses() {
		tree.withheld = new(atomic.Bool)
	}
	return &Mirror{tree: tree, backend: b, state: s, o: o.withDefaults()}, nil
}

// Close gives the target back.
func (m *Mirror) Close() error { return m.state.close() }

// Plan calls each with what Run would do, in its order, and touches nothing.
func (m *Mirror) Plan(ctx context.Context, each func(Step) error) (Result, error) {
	if err := m.recognise(ctx); err != nil {
		return Result{}, err
	}
	p := m.newPass(ctx, true)
	p.dry = each
	if err := p.run(nil); err != nil {
		return p.result, err
	}
	p.result.Unchanged = p.unchanged()
	p.result.Withheld = m.withheld()
	steps, err := p.deletions()
	p.result.Deleted = len(steps)
	if err != nil {
		return p.result, err
	}
	for _, s := range steps {
		if err := each(s); err != nil {
			return p.result, err
		}
	}
	return p.result, nil
}

// Run makes the target equal to the tree. What cannot be done is in the error; everything else is done.
func (m *Mirror) Run(ctx context.Context) (Result, error) { return m.run(ctx, nil, true) }

// RunUnits does the same for some units and for all that belongs to none, at a cost that does not grow with the number
// of other units. Files outside units are not deleted.
func (m *Mirror) RunUnits(ctx context.Context, units []string) (Result, error) {
	units = slices.Compact(slices.Sorted(slices.Values(units)))
	return m.run(ctx, units, false)
}

func (m *Mirror) run(ctx context.Context, units []string, all bool) (Result, error) {
	fresh := m.state.empty()
	if err := m.try(ctx, func(ctx context.Context) error { return m.backend.Ready(ctx, fresh) }); err != nil {
		return Result{}, err
	}
	if err := m.recognise(ctx); err != nil {
		return Result{}, err
	}
	var total Result
	var before map[string]bool // deletions that the last pass asked for
	for range maxPasses {
		p := m.newPass(ctx, all)
		p.result = Result{Uploaded: total.Uploaded, Bytes: total.Bytes}
		err := errors.Join(p.run(units), p.save())
		done := p.result.Uploaded - total.Uploaded
		p.result.Unchanged, p.result.Withheld = p.unchanged(), m.withheld()
		total = p.result
		if err != nil {
			return total, err
		}
		settled := done == 0 && p.result.Moving == 0
		if settled && (len(p.gone) == 0 || before != nil) {
			// Whatever refers to a file that is gone was written anew before the file went, and that has now arrived.
			err := errors.Join(p.delete(before), p.finish(), p.save())
			return p.result, err
		}
		if len(p.gone) == 0 && p.result.Moving == 0 {
			return p.result, errors.Join(p.finish(), p.save())
		}
		before = p.gonePaths()
	}
	return total, nil
}

// recognise refuses a target that does not hold what was put there, or that holds something else: filling it anew, or
// over another tree, must be asked for.
func (m *Mirror) recognise(ctx context.Context) error {
	if m.tree.Sentinel == "" {
		return nil
	}
	path, e, ok := m.landmark()
	if !ok && !m.state.empty() {
		return nil // nothing is believed of it
	}
	data, err := m.get(ctx, path)
	missing := errors.Is(err, ErrNotFound)
	switch {
	case err != nil && !missing:
		return fmt.Errorf("%s: %w", m.backend.Name(), err)
	case ok && missing:
		return fmt.Errorf("%s: %w: %s is missing. Is it mounted, is it the right one? To fill it anew, publish with --relist", m.backend.Name(), ErrWiped, path)
	case ok && sumOf(data) != e.sum:
		return fmt.Errorf("%s: %w: its %s is not the one that was put there. If it should be overwritten, publish with --relist", m.backend.Name(), ErrForeign, path)
	case !ok && !missing:
		return m.recogniseUnknown(data)
	}
	return nil
}

// landmark is a file by which the target is told from others, and what is known of it: the sentinel, or before that has
// arrived, one that has.
func (m *Mirror) landmark() (path string, e entry, ok bool) {
	if e, ok := m.state.get(shardOf(m.tree.unitOf(m.tree.Sentinel)), m.tree.Sentinel); ok && e.known {
		return m.tree.Sentinel, e, true
	}
	for p, known := range m.state.load(commonShard).entries {
		if known.known && (path == "" || p < path) {
			path, e = p, known
		}
	}
	if path == "" {
		return m.tree.Sentinel, e, false
	}
	return path, e, true
}

// recogniseUnknown judges a target that holds something although nothing is known of having put it there.
func (m *Mirror) recogniseUnknown(sentinel []byte) error {
	ours, _, err := m.tree.read(File{Path: m.tree.Sentinel})
	if err != nil {
		return err
	}
	if sumOf(ours) == sumOf(sentinel) {
		m.strange = true
		return nil
	}
	return fmt.Errorf("%s: %w: its %s differs from that of %s. If it should be overwritten, publish with --relist", m.backend.Name(), ErrForeign, m.tree.Sentinel, m.tree.Dir)
}

package site

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"laurel/credential"
)

// flushEvery is after how many certificates a build makes its work safe, so that one cut off goes on from there.
const flushEvery = 8192

// maxProblems is how many problems an error of Build names; the others are counted.
const maxProblems = 20

// The stages of a build, as Progress names them.
const (
	StageDocuments    = "documents"    // are written
	StageCertificates = "certificates" // are looked at, and rendered where they are stale
	StagePruning      = "pruning"
	StageDisk         = "disk" // is waited for
)

// Progress is how far a build is.
type Progress struct {
	Stage       string
	Done, Total int // documents or certificates; Total is 0 where it is not known
	Changes
}

// Build brings the whole tree up to date with docs, in any order: all are written, then everything is rendered that is
// stale, from whatever documents the tree holds by then; what is fresh is not touched. With Options.Prune docs are all
// there are, and what they no longer call for is removed; else it stays.
//
// A document that cannot be used is passed over and its files stay as they are; the error names each. Where docs
// itself fails, or ctx ends, nothing is removed. progress, if it is not nil, is never called twice at the same time.
func (b *Builder) Build(ctx context.Context, docs iter.Seq2[Document, error], progress func(Progress)) (Changes, error) {
	return b.run(ctx, progress, func(r *run) error { return r.write(docs) })
}

// BuildTree is Build from the tree's own documents, none of which is read where nothing about its certificate has
// changed.
func (b *Builder) BuildTree(ctx context.Context, progress func(Progress)) (Changes, error) {
	return b.run(ctx, progress, func(*run) error { return nil })
}

func (b *Builder) run(ctx context.Context, progress func(Progress), write func(*run) error) (Changes, error) {
	b.build.Lock()
	defer b.build.Unlock()
	b.mu.Lock()
	b.added, b.listed = map[credential.Number]struct{}{}, map[string]struct{}{}
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.added, b.listed = nil, nil
		b.mu.Unlock()
	}()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	r := &run{b: b, ctx: ctx, end: end, report: progress}
	err := b.here()
	if err == nil {
		err = write(r)
	}
	for current := false; err == nil && !current; {
		if err = r.start(); err == nil {
			err = r.renew()
		}
		current = r.isCurrent()
	}
	if err == nil && b.o.Prune {
		err = r.prune()
	}
	if err == nil {
		err = r.press()
	}
	r.savers.Wait()
	if errors.Is(err, errGone) {
		return r.changes, err
	}
	return r.changes, errors.Join(err, r.problem(), r.safe())
}

// run is one Build.
type run struct {
	b      *Builder
	ctx    context.Context
	end    context.CancelCauseFunc // with what no other file would fare better than
	report func(Progress)
	s      *snapshot
	wrote  *written // what the documents were, for pruning; nil where they are those of the tree

	saving sync.Mutex     // held while work is made safe
	savers sync.WaitGroup // who does that besides

	mu       sync.Mutex
	at       Progress
	changes  Changes
	problems []error
	more     int  // problems beyond maxProblems
	partial  bool // not every document was seen: nothing may be removed
}

// start takes the snapshot to render by, and writes what every page needs.
func (r *run) start() error {
	s, err := r.b.snapshot()
	if err != nil {
		return err
	}
	r.s = s
	c, err := r.b.writeBase(s, true)
	r.count(c, 0)
	return err
}

// isCurrent reports whether what was rendered by is in force still: documents of the site may have been added meanwhile,
// or templates.
func (r *run) isCurrent() bool {
	now, err := r.b.snapshot()
	return err != nil || r.s == nil || now.basePrint() == r.s.basePrint()
}

// stage begins a stage of so many things; 0: not known.
func (r *run) stage(name string, total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = Progress{Stage: name, Total: total}
	r.tell()
}

func (r *run) tell() {
	if r.report != nil {
		r.at.Changes = r.changes
		r.report(r.at)
	}
}

// count adds what was done, and has it made safe now and then, which nobody waits for unless the last time is not over
// yet: the disk takes seconds, and the processor is what a build lacks.
func (r *run) count(c Changes, done int) {
	r.mu.Lock()
	r.changes.add(c)
	r.at.Done += done
	r.tell()
	due := done > 0 && r.at.Done%flushEvery == 0
	r.mu.Unlock()
	if !due {
		return
	}
	r.saving.Lock()
	r.savers.Go(func() {
		defer r.saving.Unlock()
		if err := r.b.manifest.flush(r.b.syncTree); err != nil {
			r.fail(err)
		}
	})
}

func (c *Changes) add(o Changes) {
	c.Built += o.Built
	c.Unchanged += o.Unchanged
	c.Removed += o.Removed
}

func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.problems) >= maxProblems {
		r.more++
		return
	}
	r.problems = append(r.problems, err)
}

func (r *run) problem() error {
	if r.more > 0 {
		return errors.Join(append(r.problems, fmt.Errorf("and %d problems more; certgen check lists all", r.more))...)
	}
	return errors.Join(r.problems...)
}

// safe brings the tree, then the manifest to the disk.
func (r *run) safe() error {
	r.stage(StageDisk, 0)
	err := r.save()
	if r.changes.Built > 0 {
		err = r.b.Sync()
	}
	return errors.Join(err, r.b.beside.save())
}

func (r *run) save() error {
	r.saving.Lock()
	defer r.saving.Unlock()
	return r.b.manifest.flush(r.b.syncTree)
}

var errAdded = errors.New("added meanwhile")

// exclusive runs f while nobody else writes the files of a certificate. The error is errAdded, and f does not run, when
// Add has brought a later document of it since the Build began.
func (b *Builder) exclusive(n credential.Number, f func() error) error {
	stripe := b.stripe(n)
	stripe.Lock()
	defer stripe.Unlock()
	b.mu.Lock()
	_, added := b.added[n]
	b.mu.Unlock()
	if added {
		return errAdded
	}
	return f()
}

// unlessAdded runs f while nobody else writes documents of the whole tree, unless Add has brought a later one to path
// since the Build began.
func (b *Builder) unlessAdded(path string, f func() error) error {
	b.shared.Lock()
	defer b.shared.Unlock()
	b.mu.Lock()
	_, added := b.listed[path]
	b.mu.Unlock()
	if added {
		return nil
	}
	return f()
}

package site

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"sync"

	"laurel/credential"
)

// flushEvery is after how many certificates a build makes its work safe, so that one cut off goes on from there.
const flushEvery = 8192

// maxProblems is how many problems an error of Build names; the others are counted.
const maxProblems = 20

// Build brings the whole tree up to date with docs, which are all of its signed documents: what is stale is rendered,
// what is fresh is not touched, outputs and documents that docs no longer call for are removed. Documents that all
// pages depend on should come first, as from Walk; certificates before them wait until the end.
//
// A document that cannot be used is passed over and its files stay as they are; the error names each. Where docs
// itself fails, or ctx ends, nothing is removed.
func (b *Builder) Build(ctx context.Context, docs iter.Seq2[Document, error]) (Changes, error) {
	return b.BuildProgress(ctx, docs, nil)
}

// BuildProgress is Build that calls progress, if it is not nil, with the number of certificates done and the changes so
// far; never twice at the same time.
func (b *Builder) BuildProgress(ctx context.Context, docs iter.Seq2[Document, error], progress func(certificates int, c Changes)) (Changes, error) {
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
	r := &run{b: b, ctx: ctx, progress: progress, seen: map[credential.Number]struct{}{}, lists: map[string]struct{}{}}
	err := r.all(docs)
	if err == nil && !r.partial {
		err = r.remove()
	}
	return r.changes, errors.Join(err, r.problem(), r.safe())
}

// run is one Build.
type run struct {
	b        *Builder
	ctx      context.Context
	progress func(int, Changes)
	s        *snapshot

	seen     map[credential.Number]struct{} // certificates in the documents
	lists    map[string]struct{}            // status lists in the documents
	deferred []credential.Number            // certificates that came before the site's own documents, or whose documents did not come together
	stated   Document                       // the statements that came last, until their certificate has
	broken   credential.Number              // the certificate of a document that could not be read

	jobs    chan job
	workers sync.WaitGroup

	mu           sync.Mutex
	certificates int
	changes      Changes
	problems     []error
	more         int  // problems beyond maxProblems
	partial      bool // not every document was seen: nothing may be removed
}

// job is a certificate to render.
type job struct {
	n   credential.Number
	src source
}

// all goes through the documents, then through those that had to wait.
func (r *run) all(docs iter.Seq2[Document, error]) error {
	err := r.render(func() error { return r.read(docs) })
	if err == nil && r.s == nil {
		err = r.start()
	}
	if err == nil {
		err = r.render(r.catchUp)
	}
	return errors.Join(err, r.ctx.Err())
}

// render runs feed, which hands certificates on, and waits until they are done.
func (r *run) render(feed func() error) error {
	r.jobs = make(chan job, r.b.o.Jobs)
	for range r.b.o.Jobs {
		r.workers.Go(r.work)
	}
	err := feed()
	close(r.jobs)
	r.workers.Wait()
	return err
}

func (r *run) read(docs iter.Seq2[Document, error]) error {
	var did, settings bool
	for d, err := range docs {
		if ctxErr := r.ctx.Err(); ctxErr != nil {
			return nil // all reports it
		}
		n, isCertificate := NumberIn(d.Path)
		if err != nil {
			r.partial, r.broken = true, n
			if r.stated.Path == StatusPath(n) {
				r.stated = Document{}
			}
			r.fail(fmt.Errorf("%s: %w", d.Path, err))
			if d.Path == "" {
				return nil
			}
			continue
		}
		if !isCertificate {
			if err := r.b.unlessAdded(d.Path, func() error { return r.b.writeDocument(d) }); err != nil {
				return err
			}
			did, settings = did || d.Path == DIDPath, settings || d.Path == SettingsPath
			if _, _, ok := statusListIn(d.Path); ok {
				r.lists[d.Path] = struct{}{}
			}
			continue
		}
		if r.s == nil && did && settings {
			if err := r.start(); err != nil {
				return err
			}
		}
		if err := r.take(n, d); err != nil {
			return err
		}
	}
	r.putOff()
	return nil
}

// take writes a document of a certificate, and hands the certificate on or puts it off.
func (r *run) take(n credential.Number, d Document) error {
	stated := r.stated.Path == StatusPath(n)
	err := r.b.exclusive(n, func() error {
		if d.Path == CredentialPath(n) && !stated && d.home != r.b.dir {
			if _, err := r.b.removeFile(StatusPath(n)); err != nil { // which these documents do not call for, or bring later
				return err
			}
		}
		return r.b.writeDocument(d)
	})
	_, seen := r.seen[n]
	if d.Path == CredentialPath(n) || d.Path == StatusPath(n) {
		r.seen[n] = struct{}{}
	}
	switch {
	case errors.Is(err, errAdded):
		return nil
	case err != nil:
		return err
	case d.Path == StatusPath(n):
		r.putOff()
		if r.stated = d; seen {
			r.putOff() // and rendered once more
		}
	case d.Path != CredentialPath(n) || n == r.broken:
	case r.s == nil:
		r.deferred = append(r.deferred, n)
	default:
		j := job{n, source{doc: d.Data}}
		if stated {
			j.src.statements, r.stated = r.stated.Data, Document{}
		}
		return r.hand(j)
	}
	return nil
}

// putOff puts off the certificate whose statements came last and whose document did not follow: it comes later, or it came
// earlier, or the certificate was erased.
func (r *run) putOff() {
	if n, ok := NumberIn(r.stated.Path); ok {
		r.deferred, r.stated = append(r.deferred, n), Document{}
	}
}

func (r *run) hand(j job) error {
	select {
	case r.jobs <- j:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// start takes the snapshot to render by, and writes what every page needs.
func (r *run) start() error {
	s, err := r.b.snapshot()
	if err != nil {
		return err
	}
	n, err := r.b.writeBase(s, true)
	r.count(n, 0)
	r.s = s
	return err
}

// catchUp renders what had to wait.
func (r *run) catchUp() error {
	for _, n := range r.deferred {
		src, err := readSource(r.b.dir, n)
		if err != nil {
			r.fail(err)
			continue
		}
		if err := r.hand(job{n, src}); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) work() {
	for j := range r.jobs {
		var c Changes
		err := r.b.exclusive(j.n, func() (err error) {
			c, err = r.b.certificate(r.ctx, r.s, j.n, j.src, !r.b.o.Force)
			return err
		})
		r.count(c, 1)
		if err != nil && !errors.Is(err, errAdded) && r.ctx.Err() == nil {
			r.fail(err)
		}
	}
}

func (r *run) count(c Changes, certificates int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes.Built += c.Built
	r.changes.Unchanged += c.Unchanged
	r.changes.Removed += c.Removed
	r.certificates += certificates
	if r.progress != nil {
		r.progress(r.certificates, r.changes)
	}
	if certificates > 0 && r.certificates%flushEvery == 0 {
		if err := r.safeLocked(); err != nil {
			r.problems = append(r.problems, err)
		}
	}
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
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.safeLocked()
}

func (r *run) safeLocked() error {
	if r.changes.Built > 0 {
		if err := r.b.Sync(); err != nil {
			return err
		}
	}
	return r.b.manifest.flush()
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

// remove takes away what no document and no template calls for.
func (r *run) remove() error {
	for _, step := range []func() error{r.removeCertificates, r.removeLists, r.removeAssets, r.removeCriteria} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) removeCertificates() error {
	numbers, err := Numbers(r.b.dir)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if _, ok := r.seen[n]; ok {
			continue
		}
		err := r.b.exclusive(n, func() error {
			// The page first: what remains after a crash is a document without a page, never a page without its document.
			for _, path := range slices.Concat([]string{PagePath(n)}, remains(n), []string{StatusPath(n)}) {
				if err := r.removeFile(path); err != nil {
					return err
				}
			}
			os.Remove(r.b.path("c/" + string(n))) // stays where it holds what we did not make
			r.b.manifest.drop(n)
			return nil
		})
		if err != nil && !errors.Is(err, errAdded) {
			return err
		}
	}
	return nil
}

func (r *run) removeLists() error {
	paths, err := statusLists(r.b.dir)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if _, ok := r.lists[path]; ok {
			continue
		}
		if err := r.b.unlessAdded(path, func() error { return r.removeFile(path) }); err != nil {
			return err
		}
	}
	return nil
}

// removeAssets keeps those of this build, and those of templates that came into force meanwhile.
func (r *run) removeAssets() error {
	keep := map[string]bool{}
	for _, a := range [][]output{r.s.assets.files, r.b.Renderer().assets.files} {
		for _, f := range a {
			keep[f.path] = true
		}
	}
	names, err := list(r.b.path("assets"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if path := "assets/" + name; isAsset(path) && !keep[path] {
			if err := r.removeFile(path); err != nil {
				return err
			}
		}
	}
	if !keep[IconPath] {
		return r.removeFile(IconPath)
	}
	return nil
}

func (r *run) removeCriteria() error {
	ids, err := list(r.b.path("a"))
	if err != nil {
		return err
	}
	for _, id := range ids {
		path := "a/" + id + "/index.html"
		if _, ok := templateIn(path); !ok {
			continue
		}
		if _, ok := r.s.set.Certificate(id); ok {
			continue
		}
		if _, ok := r.b.Renderer().set.Certificate(id); ok {
			continue
		}
		if err := r.removeFile(path); err != nil {
			return err
		}
		os.Remove(r.b.path("a/" + id))
	}
	return nil
}

// removeFile removes a file, counting it unless it is a document. One that is not there is fine.
func (r *run) removeFile(path string) error {
	removed, err := r.b.removeFile(path)
	if removed && !IsDocument(path) {
		r.changes.Removed++
	}
	return err
}

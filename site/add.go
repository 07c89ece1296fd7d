package site

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"laurel/credential"
)

// Add writes documents and brings what they touch up to date: all documents first, then the picture and the page of
// each certificate among them; of their documents the order given is kept. A certificate of which they hold one document
// alone has the other in the tree, or none. It removes nothing but what an erasure takes away, and asks no manifest, so that it repeats safely what a crash cut off; its cost is that of the documents given, however many the
// tree holds. It may run during a Build, which then leaves these certificates alone. Errors are joined; what they do not name is done.
func (b *Builder) Add(ctx context.Context, docs []Document) (Changes, error) {
	if err := b.here(); err != nil {
		return Changes{}, err
	}
	var jobs []job
	place := make(map[credential.Number]int, len(docs))
	for _, d := range docs {
		n, ok := NumberIn(d.Path)
		if err := b.note(d, n, ok); err != nil {
			return Changes{}, err
		}
		if !ok || d.Path != CredentialPath(n) && d.Path != StatusPath(n) {
			continue
		}
		if _, ok := place[n]; !ok {
			place[n] = len(jobs)
			jobs = append(jobs, job{n: n})
		}
		jobs[place[n]].revision = max(jobs[place[n]].revision, d.Revision)
		if src := &jobs[place[n]].src; d.Path == CredentialPath(n) {
			src.doc = d.Data
		} else {
			src.statements = d.Data
		}
	}
	s, err := b.snapshot()
	if err != nil {
		return Changes{}, err
	}
	done, err := b.writeBase(s, false)
	if err != nil {
		return done, err
	}
	c, err := b.addAll(ctx, s, jobs)
	done.Built += c.Built
	done.Unchanged += c.Unchanged
	done.Removed += c.Removed
	return done, err
}

// job is a certificate to render.
type job struct {
	n        credential.Number
	src      source
	revision int
}

// Write writes a document of the whole tree, and nothing that follows from it.
func (b *Builder) Write(d Document) error {
	if err := b.here(); err != nil {
		return err
	}
	return b.note(d, "", false)
}

// note writes one document and tells a Build that runs to leave it alone.
func (b *Builder) note(d Document, n credential.Number, isCertificate bool) error {
	lock := &b.shared
	if isCertificate {
		lock = b.stripe(n)
	}
	lock.Lock()
	defer lock.Unlock()
	b.mu.Lock()
	switch {
	case b.added == nil: // no Build runs
	case isCertificate:
		b.added[n] = struct{}{}
	default:
		b.listed[d.Path] = struct{}{}
	}
	older := isCertificate && d.Revision < b.newest[n]
	if isCertificate && d.Revision > b.newest[n] {
		b.newest[n] = d.Revision
	}
	b.mu.Unlock()
	if older {
		return nil
	}
	return b.writeDocument(d)
}

// overtaken reports whether a later state of a certificate was written than a revision.
func (b *Builder) overtaken(n credential.Number, revision int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return revision < b.newest[n]
}

func (b *Builder) addAll(ctx context.Context, s *snapshot, jobs []job) (Changes, error) {
	var (
		mu   sync.Mutex
		done Changes
		errs []error
		wg   sync.WaitGroup
		next = make(chan job)
	)
	for range min(b.o.Jobs, len(jobs)) {
		wg.Go(func() {
			for j := range next {
				c, err := b.addOne(ctx, s, j)
				mu.Lock()
				done.Built += c.Built
				done.Unchanged += c.Unchanged
				done.Removed += c.Removed
				if err != nil {
					errs = append(errs, err)
				}
				mu.Unlock()
			}
		})
	}
	for i, j := range jobs {
		if ctx.Err() != nil {
			errs = append(errs, fmt.Errorf("%d of %d certificates were not rendered: %w", len(jobs)-i, len(jobs), ctx.Err()))
			break
		}
		next <- j
	}
	close(next)
	wg.Wait()
	return done, errors.Join(errs...)
}

// addOne renders a certificate, by the tree's own documents where not all were given.
func (b *Builder) addOne(ctx context.Context, s *snapshot, j job) (Changes, error) {
	stripe := b.stripe(j.n)
	stripe.Lock()
	defer stripe.Unlock()
	if b.overtaken(j.n, j.revision) {
		return Changes{}, nil
	}
	if err := j.src.complete(b.dir, j.n); err != nil {
		return Changes{}, err
	}
	done, err := b.certificate(ctx, s, j.n, j.src, b.lookAt(j.n), false)
	if err == nil {
		err = b.pressCertificate(j.n, &done)
	}
	return done, err
}

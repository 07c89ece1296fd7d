package site

import (
	"context"
	"errors"
	"sync"

	"laurel/credential"
)

// renew renders what is stale of every certificate in the tree, on all cores. Each worker takes the certificates that
// the manifest files together.
func (r *run) renew() error {
	numbers, err := listNumbers(r.b.dir, StateDir(r.b.dir))
	if err != nil {
		return err
	}
	defer numbers.close()
	r.stage(StageCertificates, numbers.count)
	todo := make(chan []packed)
	var workers sync.WaitGroup
	for range r.b.o.Jobs {
		workers.Go(func() {
			for stretch := range todo {
				r.renewAll(stretch)
			}
		})
	}
	for stretch, err := range numbers.stretches() {
		if err != nil {
			r.end(err)
			break
		}
		select {
		case todo <- stretch:
			continue
		case <-r.ctx.Done():
		}
		break
	}
	close(todo)
	workers.Wait()
	return context.Cause(r.ctx)
}

func (r *run) renewAll(numbers []packed) {
	for _, p := range numbers {
		if r.ctx.Err() != nil {
			return
		}
		n := p.number()
		if _, err := credential.ParseNumber(string(n)); err != nil {
			continue // somebody else's folder
		}
		var c Changes
		err := r.b.exclusive(n, func() (err error) {
			c, err = r.b.renew(r, n)
			return err
		})
		switch {
		case err == nil || errors.Is(err, errAdded) || r.ctx.Err() != nil:
		case isOfThePlace(err):
			r.end(err)
			return
		default:
			r.fail(err)
		}
		r.count(c, 1)
	}
}

// renew brings the outputs of one certificate up to date with its documents in the tree, which it reads only where the
// manifest does not say that nothing has changed. Hold the stripe of n.
func (b *Builder) renew(r *run, n credential.Number) (Changes, error) {
	if err := b.here(); err != nil {
		return Changes{}, err
	}
	trust := !b.o.Force
	seen := b.lookAt(n)
	if trust {
		if c, ok := b.unchanged(r.s, n, seen); ok {
			return c, nil
		}
	}
	src, err := readSource(b.dir, n)
	if err != nil {
		return Changes{}, err
	}
	if src.doc == nil && src.statements == nil {
		return b.orphan(n)
	}
	done, err := b.certificate(r.ctx, r.s, n, src, seen, trust)
	if err == nil {
		err = b.pressCertificate(n, &done)
	}
	return done, err
}

// unchanged counts the outputs of a certificate if all are fresh and its documents are the files that they were.
func (b *Builder) unchanged(s *snapshot, n credential.Number, seen sight) (c Changes, ok bool) {
	e, known := b.manifest.get(n)
	if !known || e.seen != seen || seen.credential.none() || e.look.kind == "" { // what was erased is looked at whole
		return c, false
	}
	for i, o := range renderings() {
		switch {
		case !b.wants(o.name):
		case !s.makes(e.look, o.name):
			if b.o.Prune && !e.made[i].none() {
				return Changes{}, false
			}
		case e.made[i].fresh(b.path(o.path(n)), o.stamp(s, e.doc, e.look)):
			c.Unchanged++
		default:
			return Changes{}, false
		}
	}
	there, ok := b.pressed(n, e)
	c.Unchanged += there
	return c, ok
}

// orphan is a certificate's folder without documents: an empty one, or one that holds what nothing calls for.
func (b *Builder) orphan(n credential.Number) (done Changes, err error) {
	if !b.o.Prune {
		return done, nil
	}
	return b.removeCertificate(n)
}

// removeCertificate removes what is ours of a certificate's folder. The page comes first: what remains after a crash is
// a document without a page, never a page without its document. Hold the stripe of n.
func (b *Builder) removeCertificate(n credential.Number) (done Changes, err error) {
	for _, path := range append([]string{PagePath(n)}, append(remains(n), StatusPath(n))...) {
		removed, err := b.removeFile(path)
		if err != nil {
			return done, err
		}
		if removed && !IsDocument(path) {
			done.Removed++
		}
	}
	b.removeFolder("c/" + string(n))
	b.manifest.drop(n)
	return done, nil
}

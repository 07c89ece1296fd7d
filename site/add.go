package site

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"laurel/credential"
)

// Add writes documents and brings what they touch up to date: all documents first, then the picture and the page of
// each certificate among them; of their documents the order given is kept. It removes nothing and asks
// no manifest, so that it repeats safely what a crash cut off; its cost is that of the documents given, however many the
// tree holds. It may run during a Build, which then leaves these certificates alone. Errors are joined; what they do not name is done.
func (b *Builder) Add(ctx context.Context, docs []Document) (Changes, error) {
	numbers := make([]credential.Number, 0, len(docs))
	certificates := make([]Document, 0, len(docs))
	for _, d := range docs {
		n, ok := NumberIn(d.Path)
		if err := b.note(d, n, ok); err != nil {
			return Changes{}, err
		}
		if ok && d.Path == CredentialPath(n) {
			numbers, certificates = append(numbers, n), append(certificates, d)
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
	c, err := b.addAll(ctx, s, numbers, certificates)
	done.Built += c.Built
	done.Unchanged += c.Unchanged
	return done, errors.Join(err, b.manifest.flush())
}

// Write writes a document of the whole tree, and nothing that follows from it.
func (b *Builder) Write(d Document) error { return b.note(d, "", false) }

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
	b.mu.Unlock()
	return b.writeDocument(d)
}

func (b *Builder) addAll(ctx context.Context, s *snapshot, numbers []credential.Number, docs []Document) (Changes, error) {
	var (
		mu   sync.Mutex
		done Changes
		errs []error
		wg   sync.WaitGroup
		next = make(chan int)
	)
	for range min(b.o.Jobs, len(docs)) {
		wg.Go(func() {
			for i := range next {
				stripe := b.stripe(numbers[i])
				stripe.Lock()
				c, err := b.certificate(ctx, s, numbers[i], docs[i].Data, false)
				stripe.Unlock()
				mu.Lock()
				done.Built += c.Built
				done.Unchanged += c.Unchanged
				if err != nil {
					errs = append(errs, err)
				}
				mu.Unlock()
			}
		})
	}
	for i := range docs {
		if ctx.Err() != nil {
			errs = append(errs, fmt.Errorf("%d of %d certificates were not rendered: %w", len(docs)-i, len(docs), ctx.Err()))
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	return done, errors.Join(errs...)
}

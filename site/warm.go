package site

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"laurel/credential"
)

// Warm paints samples and keeps nothing but what other certificates share with them: the first picture of a layout
// takes a hundred times as long as the next.
func (b *Builder) Warm(ctx context.Context, samples []*credential.Credential) error {
	s, err := b.snapshot()
	if err != nil {
		return err
	}
	todo := make(chan *credential.Credential, len(samples))
	for _, c := range samples {
		todo <- c
	}
	close(todo)
	errs := make([]error, b.o.Jobs)
	var workers sync.WaitGroup
	for k := range errs {
		workers.Go(func() {
			for c := range todo {
				errs[k] = errors.Join(errs[k], b.warm(ctx, s, c))
			}
		})
	}
	workers.Wait()
	return errors.Join(errs...)
}

func (b *Builder) warm(ctx context.Context, s *snapshot, c *credential.Credential) error {
	w := &work{Papers: Papers{Credential: c, Document: []byte("{}")}}
	for _, o := range renderings() {
		if !o.paced || !b.wants(o.name) || !s.makes(lookOf(c), o.name) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := o.render(s, w, new(bytes.Buffer)); err != nil {
			return err
		}
	}
	return nil
}

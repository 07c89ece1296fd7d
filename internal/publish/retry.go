package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// try calls f until it succeeds, fails for good, or has been called often enough. The pauses double, and a random part
// of each keeps many uploads from coming back at once.
func (m *Mirror) try(ctx context.Context, f func(context.Context) error) error {
	delay := m.o.Delay
	for n := 1; ; n++ {
		attempt, cancel := context.WithTimeout(ctx, m.o.Timeout)
		err := f(attempt)
		late := attempt.Err() != nil
		cancel()
		if err != nil && late {
			err = fmt.Errorf("no answer within %v: %w", m.o.Timeout, err)
		}
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case n >= m.o.Attempts || !late && !IsTemporary(err):
			return err
		}
		pause := delay/2 + rand.N(delay/2+1)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		delay = min(2*delay, maxDelay)
	}
}

// put uploads a file. That something is there already is fine where it is the same, as after an answer that was lost.
func (m *Mirror) put(ctx context.Context, f File, data []byte) error {
	err := m.try(ctx, func(ctx context.Context) error { return m.backend.Put(ctx, f.Path, data, f.Class.Options) })
	if !errors.Is(err, ErrExists) {
		return err
	}
	there, err := m.get(ctx, f.Path)
	if err != nil {
		return err
	}
	if !bytes.Equal(there, data) {
		return ErrConflict
	}
	return nil
}

func (m *Mirror) get(ctx context.Context, path string) (data []byte, err error) {
	err = m.try(ctx, func(ctx context.Context) (err error) {
		data, err = m.backend.Get(ctx, path)
		return err
	})
	return data, err
}

func (m *Mirror) remove(ctx context.Context, path string) error {
	return m.try(ctx, func(ctx context.Context) error { return m.backend.Delete(ctx, path) })
}

package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// sample is what one run of a load saw.
type sample struct {
	issued, refused int
	elapsed         time.Duration
	latencies       []time.Duration
}

// closedLoop lets each of n callers send its next request as soon as the last was answered.
func closedLoop(ctx context.Context, t target, n int, length time.Duration) (sample, error) {
	return closedLoopFrom(ctx, t, n, length, 0)
}

// closedLoopFrom is closedLoop with the requests from a certain one on.
func closedLoopFrom(ctx context.Context, t target, n int, length time.Duration, from int) (sample, error) {
	start := time.Now()
	return callers(n, func(caller int, c *client, s *sample) error {
		for i := from + caller; time.Since(start) < length && ctx.Err() == nil; i += n {
			sent := time.Now()
			if err := s.issue(c, i, sent); err != nil {
				return err
			}
		}
		return ctx.Err()
	}, t)
}

// openLoop offers rate requests a second whatever the daemon does: request i is due at start + i/rate, on
// connection i mod n, and its latency counts from that moment, so that a stall is charged to every request
// that had to wait behind it.
func openLoop(ctx context.Context, t target, n, rate int, length time.Duration) (sample, error) {
	start := time.Now().Add(50 * time.Millisecond)
	total := int(length.Seconds() * float64(rate))
	return callers(n, func(caller int, c *client, s *sample) error {
		for i := caller; i < total && ctx.Err() == nil; i += n {
			due := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
			time.Sleep(time.Until(due))
			if err := s.issue(c, i, due); err != nil {
				return err
			}
		}
		return ctx.Err()
	}, t)
}

func (s *sample) issue(c *client, i int, since time.Time) error {
	status, err := c.post(request(i))
	if err != nil {
		return fmt.Errorf("request %d: %w", i, err)
	}
	s.latencies = append(s.latencies, time.Since(since))
	if status == 201 {
		s.issued++
	} else {
		s.refused++
	}
	return nil
}

// callers runs n of them, each on a connection of its own, and adds up what they saw.
func callers(n int, call func(caller int, c *client, s *sample) error, t target) (sample, error) {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		all   sample
		first error
	)
	start := time.Now()
	for caller := range n {
		wg.Go(func() {
			var s sample
			c, err := dial(t)
			if err == nil {
				defer c.close()
				err = call(caller, c, &s)
			}
			mu.Lock()
			defer mu.Unlock()
			if first == nil {
				first = err
			}
			all.issued += s.issued
			all.refused += s.refused
			all.latencies = append(all.latencies, s.latencies...)
		})
	}
	wg.Wait()
	all.elapsed = time.Since(start)
	return all, first
}

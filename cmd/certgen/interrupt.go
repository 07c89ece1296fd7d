package main

import (
	"context"
	"errors"
	"time"
)

// grace is how long a verb that is told to end may take for it. A disk that answers needs a moment; from one that does
// not, nothing more can be had, and since a file gets its name last, nothing is torn without it.
const grace = 5 * time.Second

// errUnanswered ends a verb that was told to end and cannot.
var errUnanswered = errors.New("interrupted, although a disk or share does not answer; what is written is whole, and the same command goes on from there")

const interrupted = "interrupted; what is written is whole, and the same command goes on from there"

// interruptible runs a verb, and once ctx has ended waits for it no longer than grace.
func interruptible(ctx context.Context, verb func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- verb() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(grace):
		return errUnanswered
	}
}

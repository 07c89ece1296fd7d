package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"laurel/internal/control"
	"laurel/internal/record"
)

// startup is how long a verb waits for another program that holds the records to answer or to end.
const startup = 10 * time.Second

// errNotMade means that certd init was never called here.
func errNotMade(data string) error {
	return fmt.Errorf("%s holds no records; certd init makes them, and --data says where they are", data)
}

// ask calls remote with a client of the running daemon or, where none runs, local. A daemon that is just
// starting or ending holds the records but does not answer: it is waited for.
func ask(ctx context.Context, s settings, remote func(*control.Client) error, local func() error) error {
	if _, err := os.Stat(filepath.Join(s.data, "certd.db")); errors.Is(err, fs.ErrNotExist) {
		return errNotMade(s.data)
	}
	c := control.Dial(s.socket())
	defer c.Close()
	for deadline := time.Now().Add(startup); ; {
		_, err := c.Health(ctx)
		switch {
		case err == nil:
			return remote(c)
		case !errors.Is(err, control.ErrNoDaemon):
			return err
		}
		if err = local(); !errors.Is(err, record.ErrLocked) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// asDaemon calls do with a client of the running daemon or, where none runs, of one that lives as long as the
// call. Being the daemon for a moment keeps one way of doing things, and other verbs can reach this one.
func asDaemon(ctx context.Context, env *environment, s settings, do func(*control.Client) error) error {
	waiting := func(c *control.Client) error {
		err := do(c)
		if err == nil || errors.Is(err, errSaid) {
			err = errors.Join(err, published(ctx, c))
		}
		return err
	}
	return eitherWay(ctx, env, s, do, waiting)
}

// asDaemonFor is asDaemon that does not wait until all is published: of many certificates the pictures take longer than
// people wait, and certd serve paints them.
func asDaemonFor(ctx context.Context, env *environment, s settings, do func(*control.Client) error) error {
	return eitherWay(ctx, env, s, do, func(c *control.Client) error {
		err := do(c)
		if h, sick := c.Health(context.WithoutCancel(ctx)); sick == nil && h.Pending > 0 {
			fmt.Fprintf(env.stdout, "%d certificates are recorded but not yet published; certd serve publishes them\n", h.Pending)
		}
		return err
	})
}

// eitherWay calls remote with a client of the running daemon or, where none runs, local with one of a daemon that lives
// as long as the call.
func eitherWay(ctx context.Context, env *environment, s settings, remote, local func(*control.Client) error) error {
	return ask(ctx, s, remote, func() error {
		d, err := startDaemon(ctx, s, slog.New(slog.NewTextHandler(env.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
		if err != nil {
			return err
		}
		c := control.Dial(s.socket())
		err = local(c)
		c.Close()
		return errors.Join(err, d.stop())
	})
}

// publishPatience is how long publishing may fail without anything getting done before a verb gives up on it: a first
// try may have come before the tree was whole.
const publishPatience = 5 * time.Second

// published waits until nothing is pending any more.
func published(ctx context.Context, c *control.Client) error {
	moved, least := time.Now(), -1
	for {
		h, err := c.Health(ctx)
		if h.Pending != least || h.Problem == "" {
			moved, least = time.Now(), h.Pending
		}
		switch {
		case err != nil:
			return err
		case !h.Behind:
			return nil
		case h.Problem != "" && time.Since(moved) > publishPatience:
			return fmt.Errorf("%d certificates are recorded but not yet published: %s; certd serve publishes them", h.Pending, h.Problem)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("ended while %d certificates were recorded but not yet published; certd serve publishes them", h.Pending)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

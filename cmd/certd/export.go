package main

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/term"

	"laurel/internal/control"
)

// export writes every signed document anew, for a public tree that was lost.
func export(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("export", "[--data DIR]")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	s, err := readSettings(*data, settings{})
	if err != nil {
		return err
	}
	return asDaemon(ctx, env, s, func(c *control.Client) error {
		show := func(control.Progress) {}
		if f, ok := env.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			show = func(p control.Progress) {
				fmt.Fprintf(f, "\r\x1b[K%s %d of %d: built %d, unchanged %d", p.Stage, p.At, p.Total, p.Built, p.Unchanged)
			}
			defer fmt.Fprint(f, "\r\x1b[K")
		}
		n, err := c.Export(ctx, show)
		if err == nil {
			fmt.Fprintf(env.stdout, "built %d, unchanged %d, removed %d\n", n.Built, n.Unchanged, n.Removed)
		}
		return err
	})
}

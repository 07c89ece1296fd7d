package main

import (
	"context"
	"io"
	"os"

	"laurel/internal/control"
)

// replace issues a corrected certificate in the place of another, and prints its receipt.
func replace(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("replace", `[--data DIR] NUMBER FILE.json|-

The file is an issue request that holds what is to be corrected; what it leaves out stays as it was.
The old certificate is revoked as superseded, and its page leads to the new one.`)
	rest, err := parse(fs, args, "NUMBER", "FILE.json|-")
	if err != nil {
		return err
	}
	s, err := readSettings(*data, settings{})
	if err != nil {
		return err
	}
	correction, err := readAll(rest[1], env.stdin)
	if err != nil {
		return err
	}
	return asDaemon(ctx, env, s, func(c *control.Client) error {
		receipt, err := c.Replace(ctx, rest[0], correction)
		return printed(env.stdout, receipt, err)
	})
}

func readAll(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(file)
}

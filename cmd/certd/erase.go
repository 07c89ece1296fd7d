package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"laurel/internal/control"
	"laurel/internal/record"
)

const eraseHelp = `[--data DIR] NUMBER [--reason "WHY"] [--yes]

Removes what a certificate says of a person from records and public tree, for good. Its number is revoked, its page says
that it was erased, and the log keeps its entries, which hold nothing personal. Backups and mirrors have what they had:
run certgen publish, and let backups go. certd compact writes the records anew, without the bytes of what was erased.`

// erase removes everything personal of one certificate.
func erase(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("erase", eraseHelp)
	reason := fs.String("reason", "", "`why`; it stays in the record, so name nobody")
	yes := fs.Bool("yes", false, "ask nothing")
	rest, err := parse(fs, args, "NUMBER")
	if err != nil {
		return err
	}
	if !*yes && !env.asks() {
		return misused("erase: nobody can be asked here whether that is meant, and it cannot be undone; say --yes")
	}
	s, err := readSettings(*data, settings{})
	if err != nil {
		return err
	}
	return asDaemon(ctx, env, s, func(c *control.Client) error {
		if !*yes {
			if err := confirmErasure(ctx, env, c, rest[0]); err != nil {
				return err
			}
		}
		standing, err := c.Erase(ctx, rest[0], *reason)
		return printed(env.stdout, standing, err)
	})
}

// asks reports whether somebody sits at the other end.
func (env *environment) asks() bool {
	f, ok := env.stdin.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// confirmErasure shows what is to go, and has its number typed.
func confirmErasure(ctx context.Context, env *environment, c *control.Client, number string) error {
	document, err := c.Certificate(ctx, number)
	if err != nil {
		return err
	}
	var r struct {
		Number      string
		Erased      bool
		Recipient   struct{ ID, Name string }
		Achievement struct{ Name string }
	}
	if err := json.Unmarshal(document, &r); err != nil || r.Erased {
		return err
	}
	fmt.Fprintf(env.stderr, "%s, %s (%s), %s\nWhat it says of the person goes for good. Type its number to go on: ", r.Number, r.Recipient.Name, r.Recipient.ID, r.Achievement.Name)
	typed, err := bufio.NewReader(env.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(typed) != r.Number {
		return errors.New("that is not its number; nothing was erased")
	}
	return nil
}

// compact writes the records anew, without what was erased.
func compact(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("compact", `[--data DIR]

Writes the records into a new file in the place of the old one, without the bytes of what was erased. The disk needs
room for both. A daemon that runs goes on when it is done; nothing is issued meanwhile.`)
	if _, err := parse(fs, args); err != nil {
		return err
	}
	var sizes control.Sizes
	err := ask(ctx, settings{data: *data},
		func(c *control.Client) (err error) {
			sizes, err = c.Compact(ctx)
			return err
		},
		func() error {
			db, err := record.OpenBolt(filepath.Join(*data, "certd.db"))
			if err != nil {
				return err
			}
			sizes.Before, sizes.After, err = db.Compact()
			return errors.Join(err, db.Close())
		})
	if err == nil {
		fmt.Fprintf(env.stdout, "the records have %d bytes; they had %d\n", sizes.After, sizes.Before)
	}
	return err
}

package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"laurel/internal/control"
)

// key lists and changes the keys that sign.
func key(ctx context.Context, env *environment, args []string) error {
	verbs := map[string]func(context.Context, *environment, []string) error{"list": listKeys, "rotate": rotateKey}
	if len(args) == 0 || verbs[args[0]] == nil {
		return misused("key: say list or rotate")
	}
	return verbs[args[0]](ctx, env, args[1:])
}

func listKeys(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("key list", "[--data DIR]")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	s, err := readSettings(*data, settings{})
	if err != nil {
		return err
	}
	return asDaemon(ctx, env, s, func(c *control.Client) error {
		keys, err := c.Keys(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "STATE\tSINCE\tSEED\tMETHOD\tFINGERPRINT")
		for _, k := range keys {
			state := k.State
			if !k.Due.IsZero() {
				state += " until " + stamp(k.Due)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", state, stamp(k.Since), first(k.Seed, "not here"), k.Method, k.Fingerprint)
		}
		return w.Flush()
	})
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func rotateKey(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("key rotate", "[--data DIR]\n\nLists a fresh key. It signs once it has stood in did.json for as long as caches keep an older one (key_wait);\nthe old key is then retired, and what it signed stays good.")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	s, err := readSettings(*data, settings{})
	if err != nil {
		return err
	}
	return asDaemon(ctx, env, s, func(c *control.Client) error {
		k, err := c.RotateKey(ctx)
		if err != nil {
			return err
		}
		if k.State == "signs" {
			fmt.Fprintf(env.stdout, "the key %s has waited, and signs from now on\n", k.Fingerprint)
			return nil
		}
		fmt.Fprintf(env.stdout, "the key %s is listed; certd serve has it sign in %v, or the first verb after that time\n", k.Fingerprint, s.KeyWait)
		if k.Seed != "given" {
			fmt.Fprintf(env.stdout, "keep %s safe and backed up, like the seed before it\n", k.Seed)
		}
		return nil
	})
}

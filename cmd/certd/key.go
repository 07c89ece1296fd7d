package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"laurel/internal/control"
)

// key lists and changes the keys that sign.
func key(ctx context.Context, env *environment, args []string) error {
	verbs := map[string]func(context.Context, *environment, []string) error{"list": listKeys, "rotate": rotateKey, "revoke": revokeKey}
	if len(args) == 0 || verbs[args[0]] == nil {
		return misused("key: say list, rotate or revoke")
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
	show := func(c *control.Client) error {
		keys, err := c.Keys(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "STATE\tSINCE\tSEED\tMETHOD\tFINGERPRINT")
		for _, k := range keys.Keys {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", keyState(k), stamp(k.Since), first(k.Seed, "not here"), k.Method, k.Fingerprint)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if a := keys.Anew; a.Total > 0 {
			fmt.Fprintf(env.stdout, "what a stolen key signed is being signed anew: %d of %d entries of the log are through, and %d certificates wait to be published; then the key leaves did.json\n", a.Done, a.Total, keys.Pending)
		}
		return nil
	}
	return eitherWay(ctx, env, s, show, show)
}

func keyState(k control.Key) string {
	switch {
	case k.State == "revoked":
		return fmt.Sprintf("revoked as of %d", k.Size)
	case !k.Due.IsZero():
		return "waits until " + stamp(k.Due)
	}
	return k.State
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
		keepSeed(env, k)
		return nil
	})
}

func keepSeed(env *environment, k control.Key) {
	if k.Seed != "given" {
		fmt.Fprintf(env.stdout, "keep %s safe and backed up, like the seed before it\n", k.Seed)
	}
}

func revokeKey(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("key revoke", `METHOD|FINGERPRINT --as-of INDEX|TIME [--dry-run] [--data DIR]

For a key that was stolen. What it signed stays good where it is among the first INDEX entries of the log, or was recorded
before TIME; everything else that it signed is void. A fresh key signs at once; the good certificates are signed anew by it
in the background, and the stolen key leaves did.json after the last of them.`)
	asOf := fs.String("as-of", "", "`point` that is certainly before the theft: a number of entries of the log, or a time as 2026-03-01T02:03:04Z")
	dry := fs.Bool("dry-run", false, "only say what it would do")
	which, err := parse(fs, args, "METHOD|FINGERPRINT")
	if err != nil {
		return err
	}
	size, at, err := parseAsOf(*asOf)
	if err != nil {
		return err
	}
	s, err := readSettings(*data, settings{})
	if err != nil {
		return err
	}
	return asDaemon(ctx, env, s, func(c *control.Client) error {
		t, err := c.RevokeKey(ctx, which[0], size, at, *dry)
		if err == nil {
			tellTheft(env, t, *dry)
		}
		return err
	})
}

// parseAsOf reads a number of entries, or a time.
func parseAsOf(text string) (size int64, at time.Time, err error) {
	if size, err = strconv.ParseInt(text, 10, 64); err == nil && size >= 0 {
		return size, at, nil
	}
	if at, err = time.Parse(time.RFC3339, text); err == nil && !at.IsZero() {
		return 0, at, nil
	}
	return 0, at, misused("key revoke: --as-of %q is no number of entries and no time; write 4711, or 2026-03-01T02:03:04Z", text)
}

// tellTheft says what was done, or would be.
func tellTheft(env *environment, t control.Theft, dry bool) {
	is := "is revoked"
	if dry {
		is = "would be revoked"
	}
	fmt.Fprintf(env.stdout, "the key %s %s as of %d entries of the log\n", t.Key.Fingerprint, is, t.Size)
	fmt.Fprintf(env.stdout, "certificates that it signed and that are from before: %d; they stay good, and are signed anew\n", t.Good)
	if n := len(t.Void); n > 0 {
		fmt.Fprintf(env.stdout, "certificates that it signed and that were recorded later: %d; they are void, issue others in their place: %s%s\n", n, strings.Join(t.Void[:min(n, 20)], " "), map[bool]string{true: " …"}[n > 20])
	}
	if t.Next != nil {
		fmt.Fprintf(env.stdout, "the key %s signs from now on\n", t.Next.Fingerprint)
		keepSeed(env, *t.Next)
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"laurel/internal/api"
	"laurel/internal/control"
	"laurel/internal/record"
)

// token makes, lists and ends API tokens.
func token(ctx context.Context, env *environment, args []string) error {
	verbs := map[string]func(context.Context, *environment, []string) error{
		"create": createToken, "list": listTokens, "rotate": rotateToken, "revoke": revokeToken,
	}
	if len(args) == 0 || verbs[args[0]] == nil {
		return misused("token: say create, list, rotate or revoke")
	}
	return verbs[args[0]](ctx, env, args[1:])
}

func createToken(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("token create", "[--data DIR] --name NAME --scope SCOPE… [--organisation ORG] [--expires TIME]")
	name := fs.String("name", "", "`name` to know it by; no two tokens in force share one")
	var scopes list
	fs.Var(&scopes, "scope", "`scope`: "+strings.Join(api.Scopes(), ", ")+"; issue:TEMPLATE for one template alone; can be repeated")
	organisation := fs.String("organisation", "", "`organisation` whose certificates alone it issues and reads (default: all)")
	until := fs.String("expires", "", "`time` at which it ends, 2027-01-31 or 2027-01-31T12:00:00Z (default: never)")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	expires, err := parseExpiry("token create", *until)
	if err != nil {
		return err
	}
	if *name == "" || len(scopes) == 0 {
		return misused("token create: --name and --scope are needed; there are the scopes %s", strings.Join(api.Scopes(), ", "))
	}
	if err := api.CheckToken(*name, scopes, *organisation, expires, time.Now()); err != nil {
		return misused("token create: %v", err)
	}
	return withTokens(ctx, *data, func(t tokens) error {
		secret, err := t.CreateToken(ctx, control.Token{Name: *name, Scopes: scopes, Organisation: *organisation, Expires: expires})
		if err == nil {
			fmt.Fprintln(env.stdout, secret)
		}
		return err
	})
}

// graceTime is how long the old secret of a rotated token counts where nothing else is said.
const graceTime = 24 * time.Hour

func rotateToken(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("token rotate", "[--data DIR] NAME [--grace DURATION] [--expires TIME]\n\nPrints a new secret of the same rights. The old one counts for the time of grace still.")
	grace := fs.Duration("grace", graceTime, "`time` for which the old secret counts still")
	ends := fs.String("expires", "", "`time` at which the new one ends (default: never)")
	which, err := parse(fs, args, "NAME")
	if err != nil {
		return err
	}
	expires, err := parseExpiry("token rotate", *ends)
	if err != nil {
		return err
	}
	if *grace < 0 {
		return misused("token rotate: --grace %v is less than nothing", *grace)
	}
	return withTokens(ctx, *data, func(t tokens) error {
		secret, err := t.RotateToken(ctx, which[0], time.Now().Add(*grace).UTC().Truncate(time.Second), expires)
		if err == nil {
			fmt.Fprintln(env.stdout, secret)
		}
		return err
	})
}

func parseExpiry(verb, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, misused("%s: --expires %q is no time; write 2027-01-31 or 2027-01-31T12:00:00Z", verb, s)
}

func listTokens(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("token list", "[--data DIR]")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	return withTokens(ctx, *data, func(t tokens) error {
		all, err := t.Tokens(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tNAME\tSCOPES\tORGANISATION\tCREATED\tLAST USED\tSTATE")
		for _, t := range all {
			used := "never"
			if !t.LastUsed.IsZero() {
				used = t.LastUsed.UTC().Format(time.RFC3339)
			}
			organisation := first(t.Organisation, "all")
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, strings.Join(t.Scopes, ","), organisation,
				t.Created.UTC().Format(time.RFC3339), used, state(t, time.Now()))
		}
		return w.Flush()
	})
}

func state(t control.Token, now time.Time) string {
	switch {
	case !t.Revoked.IsZero():
		return "revoked " + t.Revoked.UTC().Format(time.RFC3339)
	case t.Expires.IsZero():
		return "in force"
	case t.Expires.After(now):
		return "until " + t.Expires.UTC().Format(time.RFC3339)
	}
	return "expired " + t.Expires.UTC().Format(time.RFC3339)
}

func revokeToken(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("token revoke", "[--data DIR] ID|NAME")
	which, err := parse(fs, args, "ID|NAME")
	if err != nil {
		return err
	}
	return withTokens(ctx, *data, func(t tokens) error { return t.RevokeToken(ctx, which[0]) })
}

// tokens are where tokens are kept: the running daemon, or the records.
type tokens interface {
	CreateToken(ctx context.Context, t control.Token) (secret string, err error)
	RotateToken(ctx context.Context, name string, until, expires time.Time) (secret string, err error)
	Tokens(ctx context.Context) ([]control.Token, error)
	RevokeToken(ctx context.Context, which string) error
}

func withTokens(ctx context.Context, data string, do func(tokens) error) error {
	s := settings{data: data}
	return ask(ctx, s, func(c *control.Client) error { return do(c) }, func() error {
		db, err := record.OpenBolt(filepath.Join(data, "certd.db"))
		if err != nil {
			return err
		}
		return errors.Join(do(storedTokens{db}), db.Close())
	})
}

// storedTokens reads and writes tokens in the records, where no daemon holds them.
type storedTokens struct{ db *record.Bolt }

func (s storedTokens) CreateToken(ctx context.Context, in control.Token) (string, error) {
	secret, t, err := api.NewToken(in.Name, in.Scopes, in.Organisation, in.Expires, time.Now())
	if err != nil {
		return "", err
	}
	return secret, s.db.PutToken(ctx, t)
}

func (s storedTokens) RotateToken(ctx context.Context, name string, until, expires time.Time) (secret string, err error) {
	now := time.Now()
	if !expires.IsZero() && !expires.After(now) {
		return "", misused("token rotate: a token cannot expire in the past, at %s", expires.Format(time.RFC3339))
	}
	_, err = s.db.RotateToken(ctx, name, now, until, func(t *record.Token) { secret = api.FreshSecret(t, expires, now) })
	if errors.Is(err, record.ErrNotFound) {
		err = fmt.Errorf("no token in force has the name %s; certd token list shows all", name)
	}
	return secret, err
}

func (s storedTokens) Tokens(ctx context.Context) ([]control.Token, error) {
	all, err := s.db.Tokens(ctx)
	list := make([]control.Token, len(all))
	for i, t := range all {
		list[i] = control.Token{ID: t.ID, Name: t.Name, Scopes: t.Scopes, Created: t.Created, Expires: t.Expires, Revoked: t.Revoked, Organisation: t.Organisation, LastUsed: t.LastUsed}
	}
	return list, err
}

func (s storedTokens) RevokeToken(ctx context.Context, which string) error {
	err := s.db.RevokeToken(ctx, which, time.Now().UTC().Truncate(time.Second))
	if errors.Is(err, record.ErrNotFound) {
		return fmt.Errorf("no token has the id %[1]s, and none in force the name %[1]s; certd token list shows all", which)
	}
	return err
}

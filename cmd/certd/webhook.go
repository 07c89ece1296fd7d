package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"laurel/internal/control"
	"laurel/internal/record"
	"laurel/internal/webhook"
)

// webhooks says who is told what happens to certificates, and what became of that.
func webhooks(ctx context.Context, env *environment, args []string) error {
	verbs := map[string]func(context.Context, *environment, []string) error{
		"add": addWebhook, "list": listWebhooks, "remove": removeWebhook, "rotate": rotateWebhook, "enable": enableWebhook, "deliveries": listDeliveries, "replay": replayWebhook,
	}
	if len(args) == 0 || verbs[args[0]] == nil {
		return misused("webhook: say add, list, remove, rotate, enable, deliveries or replay")
	}
	return verbs[args[0]](ctx, env, args[1:])
}

func addWebhook(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("webhook add", "[--data DIR] URL [--event TYPE]… [--recipient]\n\nPrints the secret that signs what the endpoint is told, once.")
	var events list
	fs.Var(&events, "event", "`type` of event to tell, of "+strings.Join(record.EventTypes(), ", ")+"; can be repeated (default: all)")
	recipient := fs.Bool("recipient", false, "tell who the recipient is, too, and for what; else nothing personal is told")
	which, err := parse(fs, args, "URL")
	if err != nil {
		return err
	}
	return withEndpoints(ctx, *data, func(e endpoints) error {
		_, secret, err := e.AddEndpoint(ctx, control.Endpoint{URL: which[0], Events: events, Recipient: *recipient})
		if err == nil {
			fmt.Fprintln(env.stdout, secret)
		}
		return err
	})
}

func listWebhooks(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("webhook list", "[--data DIR]")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	return withEndpoints(ctx, *data, func(e endpoints) error {
		all, err := e.Endpoints(ctx)
		if err != nil {
			return err
		}
		return rows(env.stdout, "ID\tURL\tEVENTS\tRECIPIENT\tSECRETS\tSTATE", len(all), func(i int) []string {
			o := all[i]
			state := "in force"
			if !o.Disabled.IsZero() {
				state = "disabled " + o.Disabled.UTC().Format(time.RFC3339) + ": " + o.Why
			}
			told := map[bool]string{false: "not told", true: "told"}
			return []string{o.ID, o.URL, first(strings.Join(o.Events, ","), "all"), told[o.Recipient], strconv.Itoa(o.Secrets), state}
		})
	})
}

// rows prints a table.
func rows(w io.Writer, head string, n int, row func(i int) []string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, head)
	for i := range n {
		fmt.Fprintln(t, strings.Join(row(i), "\t"))
	}
	return t.Flush()
}

func removeWebhook(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("webhook remove", "[--data DIR] ID|URL")
	which, err := parse(fs, args, "ID|URL")
	if err != nil {
		return err
	}
	return withEndpoints(ctx, *data, func(e endpoints) error { return e.RemoveEndpoint(ctx, which[0]) })
}

func rotateWebhook(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("webhook rotate", "[--data DIR] ID|URL [--grace DURATION]\n\nPrints a new secret. Until the time of grace is over, messages carry a signature of each.")
	grace := fs.Duration("grace", graceTime, "`time` for which the old secret signs, too")
	which, err := parse(fs, args, "ID|URL")
	if err != nil {
		return err
	}
	if *grace < 0 {
		return misused("webhook rotate: --grace %v is less than nothing", *grace)
	}
	return withEndpoints(ctx, *data, func(e endpoints) error {
		secret, err := e.RotateEndpoint(ctx, which[0], *grace)
		if err == nil {
			fmt.Fprintln(env.stdout, secret)
		}
		return err
	})
}

func enableWebhook(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("webhook enable", "[--data DIR] ID|URL\n\nLets deliveries to an endpoint go on that has answered 410 Gone.")
	which, err := parse(fs, args, "ID|URL")
	if err != nil {
		return err
	}
	return withEndpoints(ctx, *data, func(e endpoints) error { return e.EnableEndpoint(ctx, which[0]) })
}

func listDeliveries(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("webhook deliveries", "[--data DIR] ID|URL [--state waiting|delivered|failed] [--limit N]")
	state := fs.String("state", "", "those in this `state` alone: waiting, delivered or failed")
	limit := fs.Int("limit", 20, "how many, newest first")
	which, err := parse(fs, args, "ID|URL")
	if err != nil {
		return err
	}
	if s := *state; s != "" && s != record.Waiting && s != record.Delivered && s != record.Failed || *limit < 1 || *limit > 1000 {
		return misused("webhook deliveries: --state is waiting, delivered or failed, and --limit at most 1000")
	}
	return withEndpoints(ctx, *data, func(e endpoints) error {
		all, err := e.Deliveries(ctx, which[0], *state, *limit)
		if err != nil {
			return err
		}
		return rows(env.stdout, "EVENT\tTYPE\tNUMBER\tTIME\tSTATE\tATTEMPTS\tLAST ANSWER\tNEXT", len(all), func(i int) []string {
			d := all[i]
			return []string{d.Event, d.Type, d.Number, d.Time.UTC().Format(time.RFC3339), d.State, strconv.Itoa(d.Attempts), lastAnswer(d), moment(d.Next)}
		})
	})
}

func lastAnswer(d control.Delivery) string {
	switch {
	case d.Problem != "":
		return d.Problem
	case d.Status != 0:
		return strconv.Itoa(d.Status)
	}
	return "none"
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

func replayWebhook(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("webhook replay", "[--data DIR] ID|URL EVENT|NUMBER|failed\n\nDelivers anew: an event, all events of a certificate, or those that were given up.")
	which, err := parse(fs, args, "ID|URL", "EVENT|NUMBER|failed")
	if err != nil {
		return err
	}
	return withEndpoints(ctx, *data, func(e endpoints) error {
		n, err := e.Replay(ctx, which[0], which[1])
		if err == nil && n == 0 {
			return fmt.Errorf("nothing that was delivered or given up is %s; certd webhook deliveries %s lists what there is", which[1], which[0])
		}
		if err == nil {
			fmt.Fprintf(env.stdout, "%d to be delivered anew\n", n)
		}
		return err
	})
}

// endpoints are where endpoints are kept: the running daemon, or the records.
type endpoints interface {
	Endpoints(ctx context.Context) ([]control.Endpoint, error)
	AddEndpoint(ctx context.Context, e control.Endpoint) (id, secret string, err error)
	RemoveEndpoint(ctx context.Context, which string) error
	RotateEndpoint(ctx context.Context, which string, grace time.Duration) (secret string, err error)
	EnableEndpoint(ctx context.Context, which string) error
	Deliveries(ctx context.Context, which, state string, limit int) ([]control.Delivery, error)
	Replay(ctx context.Context, which, what string) (int, error)
}

func withEndpoints(ctx context.Context, data string, do func(endpoints) error) error {
	s, err := readSettings(data, settings{})
	if err != nil {
		return err
	}
	allow, err := prefixes("webhooks.allow", s.Webhooks.Allow)
	if err != nil {
		return err
	}
	return ask(ctx, s, func(c *control.Client) error { return do(c) }, func() error {
		db, err := record.OpenBolt(filepath.Join(data, "certd.db"))
		if err != nil {
			return err
		}
		return errors.Join(do(storedEndpoints{webhook.Endpoints{Outbox: db, Now: time.Now, Allow: allow}}), db.Close())
	})
}

// storedEndpoints are those in the records, where no daemon holds them.
type storedEndpoints struct{ in webhook.Endpoints }

func (s storedEndpoints) Endpoints(ctx context.Context) ([]control.Endpoint, error) {
	all, err := s.in.List(ctx)
	list := make([]control.Endpoint, len(all))
	for i, e := range all {
		list[i] = control.Endpoint(e)
	}
	return list, err
}

func (s storedEndpoints) AddEndpoint(ctx context.Context, e control.Endpoint) (id, secret string, err error) {
	return s.in.Add(ctx, webhook.New{URL: e.URL, Events: e.Events, Recipient: e.Recipient})
}

func (s storedEndpoints) RemoveEndpoint(ctx context.Context, which string) error {
	return s.in.Remove(ctx, which)
}

func (s storedEndpoints) RotateEndpoint(ctx context.Context, which string, grace time.Duration) (string, error) {
	return s.in.Rotate(ctx, which, grace)
}

func (s storedEndpoints) EnableEndpoint(ctx context.Context, which string) error {
	return s.in.Enable(ctx, which)
}

func (s storedEndpoints) Deliveries(ctx context.Context, which, state string, limit int) ([]control.Delivery, error) {
	all, err := s.in.Deliveries(ctx, which, state, limit)
	list := make([]control.Delivery, len(all))
	for i, d := range all {
		list[i] = control.Delivery(d)
	}
	return list, err
}

func (s storedEndpoints) Replay(ctx context.Context, which, what string) (int, error) {
	return s.in.Replay(ctx, which, what)
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"laurel/internal/control"
	"laurel/internal/durable"
	"laurel/internal/record"
)

const doctorHelp = `[--data DIR] [--offline]

Looks at what certd needs and says of each thing whether it is as it should be, and if not, what to do. It changes
nothing. Only the base address is asked over the network. Exit code 1 where something is wrong.`

// doctor says what is wrong with an installation, and what to do.
func doctor(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("doctor", doctorHelp)
	offline := fs.Bool("offline", false, "do not ask the base address")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	d := &diagnosis{env: env}
	s, err := readSettings(*data, settings{})
	d.say("settings", filepath.Join(*data, "certd.yaml"), err)
	if err != nil {
		return errSaid
	}
	_, err = s.apiConfig(slog.New(slog.DiscardHandler))
	d.say("callers", "tokens, people and limits", err)
	d.permissions(s)
	d.space(s)
	running := d.records(ctx, env, s)
	d.tree(s)
	if !*offline {
		d.address(ctx, s)
	}
	if d.bad > 0 {
		fmt.Fprintf(env.stdout, "%d of %d are not as they should be\n", d.bad, d.all)
		return errSaid
	}
	fmt.Fprintf(env.stdout, "all %d are as they should be%s\n", d.all, map[bool]string{true: "", false: "; no certd runs"}[running])
	return nil
}

// diagnosis counts what it has said.
type diagnosis struct {
	env      *environment
	all, bad int
}

// say says of one thing how it is.
func (d *diagnosis) say(what, where string, err error) {
	d.all++
	if err == nil {
		fmt.Fprintf(d.env.stdout, "ok   %-12s %s\n", what, where)
		return
	}
	d.bad++
	fmt.Fprintf(d.env.stdout, "BAD  %-12s %v\n", what, err)
}

// permissions looks at who may read the secrets.
func (d *diagnosis) permissions(s settings) {
	names := []string{"", "certd.db", "certd.sock", "seed", "log-seed"}
	further, _ := filepath.Glob(filepath.Join(s.data, "seed-*")) // the pattern is a good one
	for _, path := range further {
		names = append(names, filepath.Base(path))
	}
	for _, name := range names {
		path := filepath.Join(s.data, name)
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, os.ErrNotExist) && name != "" && name != "certd.db":
			continue // a seed may come from elsewhere, and the socket is the running daemon's
		case errors.Is(err, os.ErrNotExist):
			err = errNotMade(s.data)
		case err == nil && info.Mode().Perm()&0o077 != 0:
			err = fmt.Errorf("%s can be read by others (mode %04o); run chmod go= %s", path, info.Mode().Perm(), path)
		}
		d.say("permissions", path, err)
	}
}

// space looks at the disks.
func (d *diagnosis) space(s settings) {
	for _, dir := range []string{s.data, s.Public} {
		free, err := durable.Free(dir)
		if err == nil && free < s.MinFreeMiB<<20 {
			err = fmt.Errorf("%s has %d MiB left, and %d are kept free: nothing is issued until there is room", dir, free>>20, s.MinFreeMiB)
		}
		d.say("space", fmt.Sprintf("%s: %d MiB free", dir, free>>20), err)
	}
}

// records asks the running daemon how it is, or tries whether one could run.
func (d *diagnosis) records(ctx context.Context, env *environment, s settings) (running bool) {
	err := ask(ctx, s, func(c *control.Client) error {
		running = true
		h, err := c.Health(ctx)
		if err == nil && h.Problem != "" {
			err = fmt.Errorf("certd runs, and says: %s", h.Problem)
		}
		if err == nil && !h.Ready {
			err = errors.New("certd runs and cannot issue; its log says why")
		}
		d.say("daemon", fmt.Sprintf("runs; %d certificates wait to be published", h.Pending), err)
		return nil
	}, func() error {
		cfg, err := quiet(ctx, env, s)
		if err == nil {
			err = loads(ctx, cfg)
		}
		if errors.Is(err, record.ErrLocked) {
			return err // another certd is just starting or ending
		}
		d.say("records", "they, the keys, the templates and the public tree fit together; certd fsck reads all of them", err)
		return nil
	})
	if err != nil {
		d.say("records", "", err)
	}
	return running
}

// tree looks at what a web server would serve.
func (d *diagnosis) tree(s settings) {
	for _, path := range []string{"site.json", ".well-known/did.json", "index.html", "404.html"} {
		_, err := os.Stat(filepath.Join(s.Public, path))
		if err != nil {
			err = fmt.Errorf("%w; certd export writes the public tree anew", err)
		}
		d.say("public tree", filepath.Join(s.Public, path), err)
	}
}

// clockLeeway is how far this clock may be from that of the public host.
const clockLeeway = time.Minute

// address asks the base address for what is in the tree.
func (d *diagnosis) address(ctx context.Context, s settings) {
	text, err := os.ReadFile(filepath.Join(s.Public, "site.json"))
	var site struct{ BaseURL string }
	if err == nil {
		err = json.Unmarshal(text, &site)
	}
	if err != nil {
		d.say("base address", "", fmt.Errorf("it cannot be asked: %w", err))
		return
	}
	client := &http.Client{Timeout: 10 * time.Second}
	for _, path := range []string{".well-known/did.json", "site.json"} {
		url := site.BaseURL + "/" + path
		date, err := d.fetch(ctx, client, url, filepath.Join(s.Public, path))
		d.say("base address", url, err)
		if path == "site.json" && !date.IsZero() {
			off := time.Since(date).Round(time.Second)
			if off.Abs() > clockLeeway {
				err = fmt.Errorf("this clock and that of %s differ by %v; set the one that is wrong, for certificates carry their time", site.BaseURL, off.Abs())
			} else {
				err = nil
			}
			d.say("clock", fmt.Sprintf("within %v of %s", clockLeeway, site.BaseURL), err)
		}
	}
}

// fetch holds what stands at an address against the file it should be, and returns the host's time.
func (d *diagnosis) fetch(ctx context.Context, client *http.Client, url, file string) (date time.Time, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return date, err
	}
	res, err := client.Do(req)
	if err != nil {
		return date, fmt.Errorf("%w; nobody can verify a certificate until the public tree is served there", err)
	}
	defer res.Body.Close()
	date, _ = http.ParseTime(res.Header.Get("Date"))
	body, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil {
		return date, err
	}
	ours, err := os.ReadFile(file)
	if err != nil {
		return date, err
	}
	switch media := res.Header.Get("Content-Type"); {
	case res.StatusCode != http.StatusOK:
		return date, fmt.Errorf("%s answers %s; serve the public tree there", url, res.Status)
	case !strings.Contains(media, "json"):
		return date, fmt.Errorf("%s is served as %q; other verifiers want a type that contains json, as public/_headers says", url, media)
	case !bytes.Equal(body, ours):
		return date, fmt.Errorf("%s is not what %s holds; upload the public tree, or look whose address this is", url, file)
	}
	return date, nil
}

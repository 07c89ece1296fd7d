package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"laurel/internal/publish"
	"laurel/internal/publish/target"
	"laurel/site"
)

const publishAbout = `certgen publish --public DIR --to TARGET makes TARGET equal to the public tree, in such an order that whoever reads it
meanwhile finds no page without its documents and no checkpoint without its tiles. TARGET is a folder or
s3://BUCKET/PREFIX?endpoint=https://HOST&region=NAME, with keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or
~/.aws/credentials. What a target holds is remembered beside the tree, so the next run uploads what differs.
Last line: uploaded N, unchanged M, deleted K.
`

type publishFlags struct {
	public, to, host     string
	dryRun, relist       bool
	maxDeletes, parallel int
	timeout              time.Duration
	quiet, json          bool
}

func publishTree(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o publishFlags
	f := newFlags("publish", publishAbout)
	f.StringVar(&o.public, "public", "public", "the public tree, `DIR`")
	f.StringVar(&o.to, "to", "", "where to, `TARGET`: a folder, or s3://BUCKET/PREFIX?endpoint=URL")
	f.StringVar(&o.host, "host", "none", "the kind of `HOST` that will serve the target, whose limits are checked first: "+publish.HostNames())
	f.BoolVar(&o.dryRun, "dry-run", false, "print what would be done, and why, and do nothing")
	f.BoolVar(&o.relist, "relist", false, "list the target instead of believing what is remembered of it")
	f.IntVar(&o.maxDeletes, "max-deletes", publish.DefaultMaxDeletes, "delete at most `N` files; if more are gone, delete none and fail")
	f.IntVar(&o.parallel, "parallel", 16, "upload `N` files at the same time")
	f.DurationVar(&o.timeout, "timeout", time.Minute, "give up an answer after `DURATION` and ask again")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing but errors")
	f.BoolVar(&o.json, "json", false, "print the counts as JSON, and with --dry-run a JSON object a step")
	if done, err := f.none(args, stdout); done || err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	return o.run(ctx, stdout, stderr)
}

func (o *publishFlags) check() error {
	switch {
	case o.to == "":
		return &usageError{"publish: --to is missing; give a folder or s3://BUCKET/PREFIX?endpoint=URL"}
	case o.maxDeletes < 0:
		return &usageError{fmt.Sprintf("publish: --max-deletes %d; give 0 or more", o.maxDeletes)}
	case o.timeout <= 0:
		return &usageError{fmt.Sprintf("publish: --timeout %v; give a time, 1m for example", o.timeout)}
	case o.parallel < 1:
		return &usageError{fmt.Sprintf("publish: --parallel %d; give 1 or more", o.parallel)}
	}
	if _, err := publish.HostByName(o.host); err != nil {
		return &usageError{"publish: --host: " + err.Error()}
	}
	if _, err := os.Stat(filepath.Join(o.public, filepath.FromSlash(site.SettingsPath))); err != nil {
		return fmt.Errorf("%s is no public tree: %w; certd init makes one", o.public, err)
	}
	return o.checkApart()
}

// checkApart refuses a folder that lies in the tree, or around it.
func (o *publishFlags) checkApart() error {
	if strings.Contains(o.to, "://") {
		return nil
	}
	from, err1 := filepath.Abs(o.public)
	to, err2 := filepath.Abs(o.to)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	for _, d := range [][2]string{{from, to}, {to, from}, {site.StateDir(from), to}} {
		if rel, err := filepath.Rel(d[0], d[1]); err == nil && rel != ".." && !strings.HasPrefix(rel, "../") {
			return &usageError{fmt.Sprintf("publish: --to %s and --public %s lie in each other; give a folder apart", o.to, o.public)}
		}
	}
	return nil
}

func (o *publishFlags) run(ctx context.Context, stdout, stderr io.Writer) error {
	tree := site.MirrorTree(o.public)
	if err := o.checkHost(ctx, tree); err != nil {
		return err
	}
	b, err := target.Open(o.to)
	if err != nil {
		return err
	}
	p := newProgress(stdout, stderr, o.quiet || o.dryRun, o.json && !o.dryRun)
	ro := publish.RunOptions{Parallel: o.parallel, MaxDeletes: o.maxDeletes, Timeout: o.timeout, Progress: func(r publish.Result) { p.at("uploaded", r.Uploaded, 0) }}
	if o.maxDeletes == 0 {
		ro.MaxDeletes = -1
	}
	m, err := publish.Open(tree, b, publish.StateDir(site.MirrorStates(o.public), b), ro)
	if err != nil {
		return err
	}
	r, err := o.with(ctx, m, stdout)
	p.end()
	if err = errors.Join(err, m.Close()); err != nil {
		if r.Uploaded > 0 && !o.dryRun {
			err = fmt.Errorf("%w\n%d files were uploaded; another run goes on from there", err, r.Uploaded)
		}
		return err
	}
	o.remark(r, stderr)
	return o.print(stdout, r)
}

func (o *publishFlags) checkHost(ctx context.Context, tree publish.Tree) error {
	host, err := publish.HostByName(o.host)
	if err != nil || o.host == "none" {
		return err
	}
	usage, err := publish.Measure(ctx, tree)
	if err != nil {
		return err
	}
	return host.Check(usage)
}

func (o *publishFlags) with(ctx context.Context, m *publish.Mirror, stdout io.Writer) (publish.Result, error) {
	if o.relist {
		if err := m.Relist(ctx); err != nil {
			return publish.Result{}, err
		}
	}
	if !o.dryRun {
		return m.Run(ctx)
	}
	return m.Plan(ctx, func(s publish.Step) error {
		switch {
		case o.quiet:
			return nil
		case o.json:
			do := "upload"
			if s.Delete {
				do = "delete"
			}
			return json.NewEncoder(stdout).Encode(map[string]any{"do": do, "path": s.Path, "size": s.Size, "reason": s.Reason})
		}
		_, err := fmt.Fprintln(stdout, s)
		return err
	})
}

// remark says what a run left as it is.
func (o *publishFlags) remark(r publish.Result, stderr io.Writer) {
	if o.quiet {
		return
	}
	if n := len(r.Others); n > 0 {
		fmt.Fprintf(stderr, "certgen: %d files of %s are none of a certificate site's and stay at home, %s first\n", n, o.public, r.Others[0])
	}
	if r.Withheld {
		fmt.Fprintf(stderr, "certgen: compressed files (.%s) of %s stay at home: an object store does not choose among encodings, and a CDN before it compresses by itself\n", strings.Join(site.AllEncodings(), ", ."), o.public)
	}
	if r.Kept > 0 {
		fmt.Fprintf(stderr, "certgen: %d files of certificates that %s does not hold stay on the target; certd export writes the tree anew\n", r.Kept, o.public)
	}
	if r.Moving > 0 {
		fmt.Fprintf(stderr, "certgen: %d files changed meanwhile; run again for them\n", r.Moving)
	}
}

func (o *publishFlags) print(w io.Writer, r publish.Result) (err error) {
	switch {
	case o.json:
		err = json.NewEncoder(w).Encode(map[string]any{"uploaded": r.Uploaded, "bytes": r.Bytes, "unchanged": r.Unchanged, "deleted": r.Deleted, "kept": r.Kept, "moving": r.Moving})
	case o.quiet:
	case o.dryRun:
		_, err = fmt.Fprintf(w, "would upload %d (%d bytes), unchanged %d, would delete %d\n", r.Uploaded, r.Bytes, r.Unchanged, r.Deleted)
	default:
		_, err = fmt.Fprintf(w, "uploaded %d, unchanged %d, deleted %d\n", r.Uploaded, r.Unchanged, r.Deleted)
	}
	return err
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"laurel/internal/control"
	"laurel/site"
)

const buildAbout = `certgen build --public DIR brings pages, pictures and PDFs up to date with the signed documents in DIR.
What is fresh is not touched, and what no document calls for stays unless you say --prune. If certd is running on the tree, certd does the work, with its own templates.
Last line: built N, unchanged M, removed K.
`

type buildFlags struct {
	looks
	public      string
	jobs        int
	force       bool
	prune       bool
	only        string
	precompress string
	quiet, json bool
}

func build(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o buildFlags
	f := newFlags("build", buildAbout)
	f.StringVar(&o.public, "public", "public", "the public tree, `DIR`")
	o.looks.register(f)
	f.IntVar(&o.jobs, "jobs", 0, "certificates rendered at the same time, `N`; 0 means one for each core")
	f.BoolVar(&o.force, "force", false, "render everything, whatever the manifest says")
	f.BoolVar(&o.prune, "prune", false, "remove what no document and no template calls for any more")
	f.StringVar(&o.only, "only", "", "render these outputs alone, a `LIST` of "+strings.Join(site.Outputs(), ", "))
	f.StringVar(&o.precompress, "precompress", "", "also write text files compressed, beside themselves, for web servers that hand such files out: a `LIST` of "+strings.Join(site.AllEncodings(), ", ")+", or none (default: as site.json says, else none)")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing but errors")
	f.BoolVar(&o.json, "json", false, "print JSON: an object a second with stage, done, total and rate, and last the counts")
	if done, err := f.none(args, stdout); done || err != nil {
		return err
	}
	if o.jobs < 0 {
		return &usageError{fmt.Sprintf("build: --jobs %d; give 1 or more, or 0 for one for each core", o.jobs)}
	}
	only, err := o.outputs()
	if err != nil {
		return err
	}
	if _, err := o.encodings(); err != nil {
		return err
	}
	if err := noTree(o.public, site.SettingsPath); err != nil {
		return err
	}
	changes, err := o.run(ctx, only, newProgress(stdout, stderr, o.quiet, o.json))
	if err != nil {
		return err
	}
	return o.print(stdout, changes)
}

// noTree refuses a folder that holds none of these documents of a public tree.
func noTree(public string, documents ...string) (err error) {
	for _, path := range documents {
		if _, err = os.Stat(filepath.Join(public, filepath.FromSlash(path))); err == nil {
			return nil
		}
	}
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("%s is no public tree: it holds no %s; certd init makes one, and --public says where it is", public, documents[0])
	}
	return err
}

func (o *buildFlags) outputs() ([]string, error) {
	if o.only == "" {
		return nil, nil
	}
	only := strings.Split(o.only, ",")
	for _, name := range only {
		if known := site.Outputs(); !slices.Contains(known, name) {
			return nil, &usageError{fmt.Sprintf("build: --only %s: unknown output %q; known are %s", o.only, name, strings.Join(known, ", "))}
		}
	}
	return only, nil
}

// encodings are nil where nothing is said of them.
func (o *buildFlags) encodings() (*site.Encodings, error) {
	var chosen site.Encodings
	switch o.precompress {
	case "":
		return nil, nil
	case "none":
		return &chosen, nil
	}
	chosen, err := site.ChooseEncodings(strings.Split(o.precompress, ","))
	if err != nil {
		return nil, &usageError{fmt.Sprintf("build: --precompress %s: %v, and none", o.precompress, err)}
	}
	return &chosen, nil
}

// lean makes room for garbage of half the size of what is kept, which is mostly fonts: collecting it more often costs a
// hundredth of the time.
func lean() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

func (o *buildFlags) run(ctx context.Context, only []string, p *progress) (site.Changes, error) {
	lean()
	set, err := o.looks.open()
	if err != nil {
		return site.Changes{}, err
	}
	encodings, err := o.encodings()
	if err != nil {
		return site.Changes{}, err
	}
	b, err := site.Open(o.public, set, site.Options{Jobs: o.jobs, FontDirs: o.fontDirs, Force: o.force, Prune: o.prune, Only: only, Precompress: encodings})
	var locked *site.LockedError
	if errors.As(err, &locked) && locked.Owner != "" {
		return o.ask(ctx, locked, p)
	}
	if err != nil {
		return site.Changes{}, err
	}
	changes, err := b.BuildTree(ctx, func(at site.Progress) { p.at(at.Stage, at.Done, at.Total) })
	p.end()
	return changes, errors.Join(err, b.Close())
}

// ask has the daemon that holds the tree build it.
func (o *buildFlags) ask(ctx context.Context, locked *site.LockedError, p *progress) (site.Changes, error) {
	if o.templates != "" || len(o.fontDirs) > 0 || o.force || o.prune || o.only != "" || o.precompress != "" {
		return site.Changes{}, fmt.Errorf("%w, and builds with its own templates: leave --templates, --font-dir, --force, --prune, --only and --precompress away, or stop certd", locked)
	}
	client := control.Dial(locked.Owner)
	defer client.Close()
	c, err := client.Build(ctx, func(at control.Progress) { p.at(at.Stage, at.At, at.Total) })
	p.end()
	return site.Changes{Built: c.Built, Unchanged: c.Unchanged, Removed: c.Removed}, err
}

func (o *buildFlags) print(w io.Writer, c site.Changes) (err error) {
	switch {
	case o.json:
		err = json.NewEncoder(w).Encode(map[string]int{"built": c.Built, "unchanged": c.Unchanged, "removed": c.Removed})
	case !o.quiet:
		_, err = fmt.Fprintf(w, "built %d, unchanged %d, removed %d\n", c.Built, c.Unchanged, c.Removed)
	}
	return err
}

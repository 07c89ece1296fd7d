package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"laurel/site"
	"laurel/templates"
)

const watchAbout = `certgen watch --public DIR --templates DIR builds the public tree in DIR, and again after each edit of the templates: what the
edit touches, nothing else. An edit with a mistake is named with its line and changes nothing. Ctrl-C ends it.
`

// editQuiet is how long a folder must be still before an edit counts as saved: editors write in bursts.
const editQuiet = 100 * time.Millisecond

// watcher keeps one tree built.
type watcher struct {
	looks
	public string
	jobs   int
	out    *lines
	broken bool // the last edit could not be used
}

func watch(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	w := &watcher{out: &lines{w: stdout}}
	f := newFlags("watch", watchAbout)
	f.StringVar(&w.public, "public", "public", "the public tree, `DIR`")
	w.looks.register(f)
	f.IntVar(&w.jobs, "jobs", 0, "certificates rendered at the same time, `N`; 0 means one for each core")
	if done, err := f.none(args, stdout); done || err != nil {
		return err
	}
	if w.templates == "" {
		return &usageError{"watch: which templates? give --templates DIR"}
	}
	if w.jobs < 0 {
		return &usageError{fmt.Sprintf("watch: --jobs %d; give 1 or more, or 0 for one for each core", w.jobs)}
	}
	if err := noTree(w.public, site.SettingsPath); err != nil {
		return err
	}
	edits, err := templates.Watch(ctx, w.templates, editQuiet)
	if err != nil {
		return noTemplates(w.templates, err)
	}
	return w.run(ctx, edits)
}

// noTemplates explains why a templates folder cannot be watched.
func noTemplates(dir string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("templates folder %s is not there; certgen new layout NAME --templates %s makes it, with a layout to start from", dir, quoted(dir))
	}
	return err
}

func (w *watcher) run(ctx context.Context, edits <-chan struct{}) (err error) {
	set := w.first(ctx, edits)
	if set == nil {
		return nil
	}
	b, err := site.Open(w.public, set, site.Options{Jobs: w.jobs, FontDirs: w.fontDirs})
	var locked *site.LockedError
	if errors.As(err, &locked) && locked.Owner != "" {
		return fmt.Errorf("%w, and certd builds it after each edit of its own templates: start certd serve with --templates %s, or stop it", locked, quoted(w.templates))
	}
	if err != nil {
		return err
	}
	end := w.build(ctx, b, "start")
	defer func() {
		end()
		err = errors.Join(err, b.Close())
	}()
	for range edits {
		next, changed := w.take(b, set)
		if next == nil {
			continue
		}
		set = next
		if len(changed) > 0 {
			end() // it was for older templates
			end = w.build(ctx, b, strings.Join(changed, ", "))
		}
	}
	return nil
}

// first reads the templates, waiting for an edit that mends them if they cannot be used; nil when ctx ends before.
func (w *watcher) first(ctx context.Context, edits <-chan struct{}) *templates.Set {
	for {
		set, err := w.looks.open()
		if err == nil {
			return set
		}
		w.refuse(err)
		if _, open := <-edits; !open || ctx.Err() != nil {
			return nil
		}
	}
}

// take makes edited templates the builder's, and names the files that were edited; nil where they cannot be used.
func (w *watcher) take(b *site.Builder, old *templates.Set) (set *templates.Set, changed []string) {
	set, err := w.looks.open()
	if err == nil {
		changed = set.Changed(old)
		if len(changed) > 0 {
			err = b.SetTemplates(set)
		}
	}
	if err != nil {
		w.refuse(err)
		return nil, nil
	}
	if w.broken && len(changed) == 0 {
		w.out.print("the mistake is gone; the tree is as it was")
	}
	w.broken = false
	return set, changed
}

func (w *watcher) refuse(err error) {
	w.broken = true
	w.out.print("%v\nnothing was changed; save the file again once it is mended", err)
}

// build begins to bring the tree up to date and returns what ends that, if it still goes on, and waits for the end.
func (w *watcher) build(ctx context.Context, b *site.Builder, because string) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		from := time.Now()
		c, err := b.BuildTree(ctx, nil)
		if ctx.Err() != nil {
			return // the next one goes on from here
		}
		if err != nil {
			w.out.print("%v", err)
		}
		w.out.print("%s: built %d, unchanged %d, removed %d in %.2f s", because, c.Built, c.Unchanged, c.Removed, time.Since(from).Seconds())
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// lines prints whole lines from several goroutines.
type lines struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lines) print(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.w, format+"\n", args...)
}

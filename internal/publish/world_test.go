package publish_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"laurel/internal/publish"
	"laurel/internal/publish/target"
)

// The tree of these tests: in a file each line "needs PATH" says what must be there for the file to be of use.
//
//	base/*     refers to nothing and never changes
//	keys       a line for each key; loses lines last
//	list       what units refer to
//	u/N/doc    of a unit
//	u/N/page   of a unit, shows its doc
//	index      refers to base
//	head       refers to base
//	X.form     of a page or the index: another form of X, "form of " and its text
func classify(path string) (publish.Class, bool) {
	if source, ok := strings.CutSuffix(path, ".form"); ok {
		c, ok := classify(source)
		c.Of, c.Stage, c.Keep, c.Spare = source, 5, false, true
		return c, ok && c.Stage == 5 && len(form(source)) > 0
	}
	c := publish.Class{Options: publish.Options{ContentType: "text/plain", CacheControl: "no-cache"}}
	switch {
	case strings.HasPrefix(path, "base/"):
		c.Immutable = true
	case path == "keys":
		c.Stage, c.Split = 1, true
	case path == "list", path == "id":
		c.Stage = 1
	case strings.HasPrefix(path, "u/") && strings.HasSuffix(path, "/doc"):
		c.Stage, c.Keep = 2, true
	case strings.HasPrefix(path, "u/") && strings.HasSuffix(path, "/page"):
		c.Stage, c.Keep = 3, true
	case path == "index":
		c.Stage = 3
	case path == "head":
		c.Stage, c.Lasting = 4, true
	default:
		return c, false
	}
	return c, true
}

// form is where another form of a file may lie.
func form(path string) []string {
	if path == "index" || strings.HasSuffix(path, "/page") {
		return []string{path + ".form"}
	}
	return nil
}

// world is a tree on disk.
type world struct {
	t    *testing.T
	dir  string
	tree publish.Tree
}

func newWorld(t *testing.T, units int) *world {
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "tree")}
	w.tree = publish.Tree{
		Dir: w.dir, Classify: classify, Units: "u", UnitStage: 2, Sentinel: "id",
		Gone: func(unit string) bool {
			_, err := os.Stat(filepath.Join(w.dir, "u", unit, "erased"))
			return err == nil
		},
		Forms: form,
		Plain: func(path string, data []byte) ([]byte, error) {
			plain, ok := strings.CutPrefix(string(data), "form of ")
			if !ok {
				return nil, fmt.Errorf("%s: spoilt", path)
			}
			return []byte(plain), nil
		},
		Union: func(_ string, old, now []byte) ([]byte, error) {
			out := string(now)
			for line := range strings.Lines(string(old)) {
				if !strings.Contains(out, line) {
					out += line
				}
			}
			return []byte(out), nil
		},
	}
	w.write("base/style1", "style")
	w.write("id", "this tree")
	w.write("keys", "key1\n")
	w.write("list", "list")
	for i := range units {
		w.unit(i, "base/style1", "key1")
	}
	w.write("index", "needs base/style1\n")
	w.write("base/tile1", "tile")
	w.write("head", "needs base/tile1\n")
	return w
}

func (w *world) unit(i int, style, key string) {
	dir := fmt.Sprintf("u/%04d", i)
	w.write(dir+"/doc", fmt.Sprintf("document %d\nneeds list\nneeds keys:%s\n", i, key))
	w.write(dir+"/page", fmt.Sprintf("page %d\nneeds %s/doc\nneeds list\nneeds %s\n", i, dir, style))
}

// write renames, as whoever writes a tree must.
func (w *world) write(path, text string) {
	name := filepath.Join(w.dir, path)
	temp := filepath.Join(filepath.Dir(name), ".temp-"+filepath.Base(name))
	err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(temp, []byte(text), 0o644), os.Rename(temp, name))
	if err != nil {
		w.t.Error(err)
	}
}

// writeFormed writes a file that has another form, as whoever writes a tree must.
func (w *world) writeFormed(path, text string) {
	os.Remove(filepath.Join(w.dir, path+".form"))
	w.write(path, text)
	w.write(path+".form", "form of "+text)
}

func (w *world) remove(path string) {
	if err := os.Remove(filepath.Join(w.dir, path)); err != nil {
		w.t.Error(err)
	}
}

// public are the files that a mirror must hold.
func (w *world) public() map[string]string {
	out := map[string]string{}
	for path, text := range files(w.t, w.dir) {
		if _, ok := classify(path); ok {
			out[path] = text
		}
	}
	return out
}

func files(t *testing.T, dir string) map[string]string {
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		out[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// fault says what goes wrong with one call: nothing, an error before it, an error after it (a lost answer).
type fault int

const (
	none fault = iota
	fails
	loses
	hangs
)

// witness is a target that complains of every moment at which it is no consistent tree, and that can be made to fail.
type witness struct {
	publish.Backend
	t  *testing.T
	mu sync.Mutex

	plain bool // it does not choose among forms
	holds map[string]string
	fault func(n int, op, key string) fault
	calls int
	log   []string
}

func newWitness(t *testing.T, dir string) *witness {
	b, err := target.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &witness{Backend: b, t: t, holds: map[string]string{}}
}

var errFault = publish.Temporary(errors.New("the line is bad"))

func (w *witness) meet(ctx context.Context, op, key string, do func() error) error {
	w.mu.Lock()
	w.calls++
	f := none
	if w.fault != nil {
		f = w.fault(w.calls, op, key)
	}
	w.mu.Unlock()
	switch f {
	case fails:
		return errFault
	case hangs:
		<-ctx.Done()
		return ctx.Err()
	}
	err := do()
	if f == loses && err == nil {
		return errFault
	}
	return err
}

func (w *witness) Put(ctx context.Context, key string, data []byte, o publish.Options) error {
	return w.meet(ctx, "put", key, func() error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if err := w.Backend.Put(ctx, key, data, o); err != nil {
			return err
		}
		w.holds[key] = string(data)
		w.log = append(w.log, "put "+key)
		w.consistent(key, string(data))
		w.formed()
		if key == "keys" {
			w.whole()
		}
		return nil
	})
}

func (w *witness) Get(ctx context.Context, key string) (data []byte, err error) {
	err = w.meet(ctx, "get", key, func() (err error) {
		data, err = w.Backend.Get(ctx, key)
		return err
	})
	return data, err
}

func (w *witness) Delete(ctx context.Context, key string) error {
	return w.meet(ctx, "delete", key, func() error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if err := w.Backend.Delete(ctx, key); err != nil {
			return err
		}
		delete(w.holds, key)
		w.formed()
		w.log = append(w.log, "delete "+key)
		w.whole()
		return nil
	})
}

func (w *witness) Chooses() bool { return !w.plain }

// formed complains where a form stands beside another content than its own.
func (w *witness) formed() {
	for key, text := range w.holds {
		if source, ok := strings.CutSuffix(key, ".form"); ok && text != "form of "+w.holds[source] {
			w.t.Errorf("%s is %q beside %q", key, text, w.holds[source])
		}
	}
}

// consistent complains where a file needs what is not there.
func (w *witness) consistent(key, text string) {
	for line := range strings.Lines(text) {
		needed, ok := strings.CutPrefix(strings.TrimSpace(line), "needs ")
		if !ok {
			continue
		}
		path, part, _ := strings.Cut(needed, ":")
		if there, ok := w.holds[path]; !ok || !strings.Contains(there, part) {
			w.t.Errorf("%s is there without %s", key, needed)
		}
	}
}

func (w *witness) whole() {
	for key, text := range w.holds {
		w.consistent(key, text)
	}
}

// equal complains where the target is not the tree.
func (w *witness) equal(tree *world) {
	w.t.Helper()
	want, got := tree.public(), files(w.t, w.Name())
	if !maps.Equal(want, got) {
		for path := range want {
			if got[path] != want[path] {
				w.t.Errorf("%s: the target holds %q, the tree %q", path, got[path], want[path])
			}
		}
		for path := range got {
			if _, ok := want[path]; !ok {
				w.t.Errorf("%s: only the target holds it", path)
			}
		}
	}
}

// quick are options that lose no time with pauses; a call may still take as long as it does on a busy machine.
var quick = publish.RunOptions{Delay: time.Millisecond}

// impatient are options for calls that hang.
var impatient = publish.RunOptions{Delay: time.Millisecond, Timeout: 50 * time.Millisecond}

func open(t *testing.T, w *world, b publish.Backend, o publish.RunOptions) *publish.Mirror {
	t.Helper()
	m, err := publish.Open(w.tree, b, publish.StateDir(w.dir+".state", b), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// once opens, runs and closes, as a command does.
func once(t *testing.T, w *world, b publish.Backend, o publish.RunOptions) (publish.Result, error) {
	t.Helper()
	m := open(t, w, b, o)
	r, err := m.Run(t.Context())
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	return r, err
}

func mustRun(t *testing.T, w *world, b publish.Backend) publish.Result {
	t.Helper()
	r, err := once(t, w, b, quick)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func plan(t *testing.T, w *world, b publish.Backend) (out []string) {
	t.Helper()
	m := open(t, w, b, quick)
	defer m.Close()
	_, err := m.Plan(t.Context(), func(s publish.Step) error {
		out = append(out, s.String())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// cutEverywhere mirrors a world, changes it, and cuts the run that follows off at every call: before it, and after it with
// the answer lost. The run after that must end in the same tree.
func cutEverywhere(t *testing.T, made func() *world, change func(*world)) {
	t.Helper()
	for _, f := range []fault{fails, loses} {
		for cut := 1; ; cut++ {
			w := made()
			b := newWitness(t, t.TempDir())
			mustRun(t, w, b)
			change(w)
			begun, done := b.calls, false
			b.fault = func(n int, _, _ string) fault {
				switch {
				case n < begun+cut:
					return none
				case n == begun+cut && f == loses:
					return loses
				}
				done = true
				return fails
			}
			o := quick
			o.Attempts, o.Parallel = 1, 2
			once(t, w, b, o)
			b.fault = nil
			mustRun(t, w, b)
			b.equal(w)
			if t.Failed() {
				t.Fatalf("cut at call %d, %v", cut, b.log)
			}
			if !done {
				break
			}
		}
	}
}

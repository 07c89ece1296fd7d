package interop

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	fusefs "github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"

	"laurel/internal/publish/target"
)

// slowDisk is a file system that takes its time for every call and writes a page of memory at a time, over a folder in
// which everything can be seen at once. It can hang too, and then answers only those who are killed, as a share does.
type slowDisk struct {
	fuse.RawFileSystem
	dir   string // where it is mounted
	under string // the folder below
	delay time.Duration
	calls atomic.Int64
	hangs atomic.Bool
}

func mountSlow(t *testing.T, delay time.Duration) *slowDisk {
	t.Helper()
	d := &slowDisk{dir: t.TempDir(), under: t.TempDir(), delay: delay}
	root, err := fusefs.NewLoopbackRoot(d.under)
	if err != nil {
		t.Fatal(err)
	}
	d.RawFileSystem = fusefs.NewNodeFS(root, &fusefs.Options{})
	server, err := fuse.NewServer(d, d.dir, &fuse.MountOptions{Name: "slow", FsName: "slow", MaxWrite: 4096, DirectMount: true, DisableXAttrs: true})
	if err != nil {
		missing(t, "no file system can be mounted here: run as root where there is /dev/fuse, or install the package fuse3: "+err.Error())
	}
	go server.Serve()
	if err := server.WaitMount(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.hangs.Store(false)
		if err := server.Unmount(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// wait is what every call begins with.
func (d *slowDisk) wait(cancel <-chan struct{}) fuse.Status {
	d.calls.Add(1)
	time.Sleep(d.delay)
	for d.hangs.Load() {
		select {
		case <-cancel:
			return fuse.EINTR
		case <-time.After(time.Millisecond):
		}
	}
	return fuse.OK
}

func (d *slowDisk) Lookup(c <-chan struct{}, in *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	if s := d.wait(c); !s.Ok() {
		return s
	}
	return d.RawFileSystem.Lookup(c, in, name, out)
}

func (d *slowDisk) GetAttr(c <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	if s := d.wait(c); !s.Ok() {
		return s
	}
	return d.RawFileSystem.GetAttr(c, in, out)
}

func (d *slowDisk) Mkdir(c <-chan struct{}, in *fuse.MkdirIn, name string, out *fuse.EntryOut) fuse.Status {
	if s := d.wait(c); !s.Ok() {
		return s
	}
	return d.RawFileSystem.Mkdir(c, in, name, out)
}

func (d *slowDisk) Create(c <-chan struct{}, in *fuse.CreateIn, name string, out *fuse.CreateOut) fuse.Status {
	if s := d.wait(c); !s.Ok() {
		return s
	}
	return d.RawFileSystem.Create(c, in, name, out)
}

func (d *slowDisk) Open(c <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	if s := d.wait(c); !s.Ok() {
		return s
	}
	return d.RawFileSystem.Open(c, in, out)
}

func (d *slowDisk) Read(c <-chan struct{}, in *fuse.ReadIn, buf []byte) (fuse.ReadResult, fuse.Status) {
	if s := d.wait(c); !s.Ok() {
		return nil, s
	}
	return d.RawFileSystem.Read(c, in, buf)
}

func (d *slowDisk) Write(c <-chan struct{}, in *fuse.WriteIn, data []byte) (uint32, fuse.Status) {
	if s := d.wait(c); !s.Ok() {
		return 0, s
	}
	return d.RawFileSystem.Write(c, in, data)
}

func (d *slowDisk) Rename(c <-chan struct{}, in *fuse.RenameIn, from, to string) fuse.Status {
	if s := d.wait(c); !s.Ok() {
		return s
	}
	return d.RawFileSystem.Rename(c, in, from, to)
}

func (d *slowDisk) Unlink(c <-chan struct{}, in *fuse.InHeader, name string) fuse.Status {
	if s := d.wait(c); !s.Ok() {
		return s
	}
	return d.RawFileSystem.Unlink(c, in, name)
}

// whileSeen does something while a reader looks at a folder, in which every file must be that of the finished tree, and
// every page must have what it needs.
func whileSeen(t *testing.T, folder, finished string, numbers []string, pagesLast bool, do func()) {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(finished, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(finished, name)
			paths = append(paths, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := target.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	pages := &reader{t: t, b: b}
	ctx, cancel := context.WithCancel(t.Context())
	looks, ended := 0, make(chan struct{})
	go func() {
		defer close(ended)
		for ; ctx.Err() == nil; looks++ {
			path := paths[rand.IntN(len(paths))]
			got, err := os.ReadFile(filepath.Join(folder, path))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			want, err2 := os.ReadFile(filepath.Join(finished, path))
			if err := errors.Join(err, err2); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s was seen with %d bytes of %d, %v", path, len(got), len(want), err)
				return
			}
			if pagesLast {
				pages.certificate(ctx, numbers[rand.IntN(len(numbers))])
			}
		}
	}()
	do()
	cancel()
	<-ended
	if looks == 0 {
		t.Error("the reader saw nothing")
	}
	t.Logf("%d looks, %d whole pages", looks, pages.pages)
}

// endedBy runs certgen on the disk until so many of the disk's calls were made, sends it a signal, and returns what it
// said, with its exit code and how many more calls it made.
func (d *slowDisk) endedBy(t *testing.T, s syscall.Signal, calls int64, args ...string) (said string, code int, more int64) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(program(t, "certgen"), args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	begun := d.calls.Load()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait()
	}()
	for d.calls.Load() < begun+calls {
		select {
		case <-ended:
			t.Fatalf("%v was through after %d calls\n%s", args, d.calls.Load()-begun, out.String())
		case <-time.After(time.Millisecond):
		}
	}
	at, when := d.calls.Load(), time.Now()
	if err := cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	<-ended
	t.Logf("certgen %s: %v after %d calls of the disk, and %v and %d calls later it had ended", args[0], s, calls, time.Since(when).Round(time.Millisecond), d.calls.Load()-at)
	return out.String(), cmd.ProcessState.ExitCode(), d.calls.Load() - at
}

func TestOnASlowDiskNothingIsTornAnInterruptEndsAndTheNextRunGoesOn(t *testing.T) {
	i := newIssuing(t)
	i.issue(t, 0, 3)
	for _, verb := range []struct {
		name  string
		fill  bool // with the documents
		pages bool // come after all else
		args  func(dir string) []string
	}{
		{"build", true, false, func(dir string) []string { return []string{"build", "--public", dir} }},
		{"publish", false, true, func(dir string) []string { return []string{"publish", "--public", i.public, "--to", dir} }},
	} {
		t.Run(verb.name, func(t *testing.T) {
			d := mountSlow(t, 5*time.Millisecond)
			folder := filepath.Join(d.under, "www")
			if verb.fill {
				fillDocuments(t, i.public, folder)
			}
			args := verb.args(filepath.Join(d.dir, "www"))
			whileSeen(t, folder, i.public, i.numbers(t), verb.pages, func() {
				for _, calls := range []int64{150, 300} {
					if said, code, more := d.endedBy(t, syscall.SIGINT, calls, args...); code != 1 || !strings.Contains(said, "certgen: interrupted; what is written is whole") || more > 400 {
						t.Errorf("interrupted: exit %d after %d calls more, %s", code, more, said)
					}
				}
				if _, code, _ := d.endedBy(t, syscall.SIGKILL, 200, args...); code != -1 {
					t.Errorf("killed: exit %d", code)
				}
				begun := time.Now()
				out := run(t, 0, "certgen", args...)
				t.Logf("%v, %d calls in all: %s", time.Since(begun).Round(time.Millisecond), d.calls.Load(), out)
			})
			sameFolder(t, i.public, folder)
			before := d.calls.Load()
			if out := run(t, 0, "certgen", args...); !strings.Contains(out, "built 0,") && !strings.Contains(out, "uploaded 0,") {
				t.Errorf("and again: %s", out)
			}
			t.Logf("with nothing to do: %d calls", d.calls.Load()-before)
		})
	}
}

func TestFromADiskThatHangsAnInterruptEndsToo(t *testing.T) {
	i := newIssuing(t)
	i.issue(t, 0, 1)
	for name, args := range map[string]func(dir string) []string{
		"build":   func(dir string) []string { return []string{"build", "--public", dir} },
		"publish": func(dir string) []string { return []string{"publish", "--public", i.public, "--to", dir} },
	} {
		t.Run(name, func(t *testing.T) {
			d := mountSlow(t, 0)
			folder := filepath.Join(d.under, "www")
			if name == "build" {
				fillDocuments(t, i.public, folder)
			}
			all := args(filepath.Join(d.dir, "www"))
			go func() {
				for d.calls.Load() < 100 {
					time.Sleep(time.Millisecond)
				}
				d.hangs.Store(true)
			}()
			// The calls that are under way when the disk hangs are counted: so many are made, and no more.
			said, code, _ := d.endedBy(t, syscall.SIGINT, 102, all...)
			if code != 1 || !strings.Contains(said, "certgen: interrupted") {
				t.Errorf("exit %d, %s", code, said)
			}
			d.hangs.Store(false)
			run(t, 0, "certgen", all...)
			sameFolder(t, i.public, folder)
		})
	}
}

// fillDocuments copies the signed documents of a tree.
func fillDocuments(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(name string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(from, name)
		document := strings.HasPrefix(rel, "log/") || strings.HasSuffix(rel, ".json") || strings.HasSuffix(rel, ".tlog-proof")
		if err != nil || e.IsDir() || !document {
			return err
		}
		data, err := os.ReadFile(name)
		return errors.Join(err, os.MkdirAll(filepath.Dir(filepath.Join(to, rel)), 0o755), os.WriteFile(filepath.Join(to, rel), data, 0o644))
	})
	if err != nil {
		t.Fatal(err)
	}
}

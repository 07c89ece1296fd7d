package site

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"laurel/internal/durable"
	"laurel/templates"
)

// small is what this test binary becomes to build a tree on a disk of its own, in a folder with documents (docs) and the
// tree that they make (want).
const small = "LAUREL_TEST_SMALL_DISK"

func TestADiskThatIsFullReadOnlyOrTakenAwayTearsNothingAndTheBuildGoesOn(t *testing.T) {
	i := newIssuer(t, testBase)
	docs := i.site(t)
	for n := range 8 {
		docs = append(docs, i.certificate(t, []func(*factsOf){nil, asExam, asAchievement}[n%3]))
	}
	dir := t.TempDir()
	for _, d := range docs {
		putFile(t, filepath.Join(dir, "docs"), d.Path, string(d.Data))
	}
	build(t, filepath.Join(dir, "want"), nil, each(docs), Options{})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), small+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if err == nil {
		return
	}
	if exit := new(exec.ExitError); os.Getenv("CI") == "" && (!errors.As(err, &exit) || strings.HasPrefix(string(out), notAllowed)) {
		t.Skipf("this system lets nobody mount a disk of his own: %v %s", err, out)
	}
	t.Fatalf("%v\n%s", err, out)
}

const notAllowed = "not allowed: "

// onASmallDisk runs in a world of mounts of its own.
func onASmallDisk(dir string) error {
	disk := filepath.Join(dir, "disk")
	mount := func(flags uintptr, data string) error { return unix.Mount("small", disk, "tmpfs", flags, data) }
	err := errors.Join(os.Mkdir(disk, 0o755), unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""), mount(0, "size=512k"))
	if err != nil {
		return fmt.Errorf("%s%w", notAllowed, err)
	}
	public, want := filepath.Join(disk, "public"), filepath.Join(dir, "want")
	if err := os.CopyFS(public, os.DirFS(filepath.Join(dir, "docs"))); err != nil {
		return err
	}
	set, err := templates.Open("")
	if err != nil {
		return err
	}
	b, err := Open(public, set, Options{})
	if err != nil {
		return err
	}
	build := func() error {
		_, err := b.BuildTree(context.Background(), nil)
		return err
	}
	missing := filepath.Join(public, NotFoundPath)
	for _, step := range []struct {
		name string
		do   func() error
		want error
		part bool // not all files have to be there
	}{
		{"full", build, syscall.ENOSPC, true},
		{"full still", build, syscall.ENOSPC, true},
		{"larger", func() error { return errors.Join(mount(unix.MS_REMOUNT, "size=64m"), build()) }, nil, false},
		{"read-only", func() error {
			return errors.Join(os.Remove(missing), unix.Mount(public, public, "", unix.MS_BIND, ""),
				unix.Mount("", public, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""), build())
		}, syscall.EROFS, true},
		{"writable again", func() error { return errors.Join(unix.Unmount(public, unix.MNT_DETACH), build()) }, nil, false},
	} {
		if err := step.do(); !errors.Is(err, step.want) || step.want != nil && !strings.Contains(err.Error(), public) {
			return fmt.Errorf("%s: %v, want %v", step.name, err, step.want)
		}
		if err := sameAs(public, want, step.part); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	if err := unix.Unmount(disk, unix.MNT_DETACH); err != nil {
		return err
	}
	if err := build(); !errors.Is(err, errGone) || !strings.Contains(err.Error(), public) {
		return fmt.Errorf("taken away: %v, want %v", err, errGone)
	}
	if left, err := os.ReadDir(disk); err != nil || len(left) > 0 {
		return fmt.Errorf("what lies under the disk was written to: %v, %v", left, err)
	}
	return nil
}

// sameAs compares a tree with the one that it should be, or become.
func sameAs(dir, want string, part bool) error {
	return filepath.WalkDir(want, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(want, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			names, err := list(filepath.Join(dir, rel))
			for _, name := range names {
				if durable.IsTemp(name) {
					return fmt.Errorf("%s/%s is left", rel, name)
				}
			}
			return err
		}
		full, err1 := os.ReadFile(path)
		got, err2 := os.ReadFile(filepath.Join(dir, rel))
		if part && errors.Is(err2, fs.ErrNotExist) {
			return err1
		}
		if err := errors.Join(err1, err2); err != nil || string(full) != string(got) {
			return fmt.Errorf("%s is not what it should be: %d bytes of %d, %v", rel, len(got), len(full), err)
		}
		return nil
	})
}

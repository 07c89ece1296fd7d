//go:build linux

// Package disktest gives a test a disk of its own, small enough to be filled, which it can make read-only and take away.
package disktest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// inside is set where a test runs in a world of mounts of its own.
const inside = "LAUREL_TEST_OWN_MOUNTS"

const notAllowed = "not allowed to mount"

// Disk is a small disk, mounted.
type Disk struct {
	t   *testing.T
	Dir string
}

// Own starts the test anew as a process whose mounts nobody else sees, and there returns a disk of a size (512k, 64m).
// To the test as it was started it returns nil, with what became of the other: it has nothing left to do. Where the
// system lets nobody mount a disk of his own, the test is skipped, and fails where CI is set.
func Own(t *testing.T, size string) *Disk {
	t.Helper()
	if os.Getenv(inside) == "" {
		again(t)
		return nil
	}
	d := &Disk{t, filepath.Join(t.TempDir(), "disk")}
	if err := errors.Join(os.Mkdir(d.Dir, 0o755), unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""), d.mount(0, size)); err != nil {
		t.Fatalf("%s: %v", notAllowed, err)
	}
	t.Cleanup(func() { unix.Unmount(d.Dir, unix.MNT_DETACH) })
	return d
}

func again(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if err == nil && !strings.Contains(string(out), "no tests to run") {
		return
	}
	if exit := new(exec.ExitError); os.Getenv("CI") == "" && (!errors.As(err, &exit) || strings.Contains(string(out), notAllowed)) {
		t.Skipf("this system lets nobody mount a disk of his own: %v %s", err, out)
	}
	t.Fatalf("%v\n%s", err, out)
}

func (d *Disk) mount(flags uintptr, size string) error {
	return unix.Mount("small", d.Dir, "tmpfs", flags, "size="+size)
}

func (d *Disk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// Resize gives the disk another size.
func (d *Disk) Resize(size string) {
	d.t.Helper()
	d.must(d.mount(unix.MS_REMOUNT, size))
}

// ReadOnly makes a folder of the disk read-only, until Writable. It is another mount in its place, so that a program
// that has the folder open goes on writing.
func (d *Disk) ReadOnly(dir string) {
	d.t.Helper()
	d.must(errors.Join(unix.Mount(dir, dir, "", unix.MS_BIND, ""), unix.Mount("", dir, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, "")))
}

// Writable ends ReadOnly.
func (d *Disk) Writable(dir string) {
	d.t.Helper()
	d.must(unix.Unmount(dir, unix.MNT_DETACH))
}

// Away takes the disk away, although files of it may be open, and uncovers the empty folder where it was. Back puts it
// where it was.
func (d *Disk) Away() (back func()) {
	d.t.Helper()
	aside := d.Dir + ".aside"
	d.must(errors.Join(os.MkdirAll(aside, 0o755), unix.Mount(d.Dir, aside, "", unix.MS_MOVE, "")))
	d.t.Cleanup(func() { unix.Unmount(aside, unix.MNT_DETACH) })
	return func() {
		d.t.Helper()
		d.must(unix.Mount(aside, d.Dir, "", unix.MS_MOVE, ""))
	}
}

//go:build linux

// Package disktest gives a test a disk of its own, small enough to be filled, which it can make read-only and take away.
package disktest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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

func (d *Disk) must(what string, err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatalf("%s: %s: %v", d.Dir, what, err)
	}
}

// Grow gives the disk a larger size. A smaller one the system refuses where more is on the disk already, which depends
// on how far whoever writes there has come; so to fill a disk is left to Fill.
func (d *Disk) Grow(size string) {
	d.t.Helper()
	d.must("making it of "+size, d.mount(unix.MS_REMOUNT, size))
}

// Fill leaves no room on the disk, until Grow, whoever else writes to it meanwhile: it gives it the size of what is on
// it, and looks anew where more has come since it looked.
func (d *Disk) Fill() {
	d.t.Helper()
	for {
		var s unix.Statfs_t
		d.must("looking how full it is", unix.Statfs(d.Dir, &s))
		used := max(s.Blocks-s.Bfree, 1) // a size of 0 would be no limit
		err := d.mount(unix.MS_REMOUNT, strconv.FormatUint(used*uint64(s.Bsize), 10))
		if !errors.Is(err, unix.EINVAL) {
			d.must("filling it", err)
			return
		}
	}
}

// ReadOnly makes a folder of the disk read-only, until Writable. It is another mount in its place, so that a program
// that has the folder open goes on writing. It is put there when it is read-only already: the system makes none so
// while a file is written through it.
func (d *Disk) ReadOnly(dir string) {
	d.t.Helper()
	aside := d.Dir + ".readonly"
	d.must("making "+dir+" read-only", errors.Join(os.MkdirAll(aside, 0o755),
		unix.Mount(dir, aside, "", unix.MS_BIND, ""),
		unix.Mount("", aside, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""),
		unix.Mount(aside, dir, "", unix.MS_MOVE, "")))
}

// Writable ends ReadOnly.
func (d *Disk) Writable(dir string) {
	d.t.Helper()
	d.must("making "+dir+" writable", unix.Unmount(dir, unix.MNT_DETACH))
}

// Away takes the disk away, although files of it may be open, and uncovers the empty folder where it was. Back puts it
// where it was.
func (d *Disk) Away() (back func()) {
	d.t.Helper()
	aside := d.Dir + ".aside"
	d.must("taking it away", errors.Join(os.MkdirAll(aside, 0o755), unix.Mount(d.Dir, aside, "", unix.MS_MOVE, "")))
	d.t.Cleanup(func() { unix.Unmount(aside, unix.MNT_DETACH) })
	return func() {
		d.t.Helper()
		d.must("putting it back", unix.Mount(aside, d.Dir, "", unix.MS_MOVE, ""))
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// cost is what a program took.
type cost struct {
	wall, processor time.Duration
	peak            int64 // bytes of memory
	said            string
}

func (c cost) String() string {
	return fmt.Sprintf("%8.1f s %8.1f s %6d MB", c.wall.Seconds(), c.processor.Seconds(), c.peak>>20)
}

// measured runs a program and returns what it took. Linux starts a program's peak of memory from that of the one which
// starts it, which is no matter as long as this one is the smaller.
func measured(ctx context.Context, name string, args ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	out, err := cmd.Output()
	if err != nil {
		return cost{}, fmt.Errorf("%s %s: %w", filepath.Base(name), args[0], err)
	}
	c := cost{wall: time.Since(start), processor: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), said: strings.TrimSpace(string(out))}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.peak = usage.Maxrss << 10 // Linux counts kilobytes
	}
	return c, nil
}

// generate builds n certificates and prints what that took as a table.
func (w *workshop) generate(ctx context.Context, n int) error {
	public := filepath.Join(w.dir, fmt.Sprint("public", n))
	defer os.RemoveAll(public)
	defer os.RemoveAll(public + ".state")
	args := []string{"--certificates", fmt.Sprint(n), "--out", public}
	if w.files != "" {
		args = append(args, "--files", w.files)
	}
	if _, err := measured(ctx, w.program("tree"), args...); err != nil {
		return err
	}
	if w.figures {
		return w.beside(ctx, n, public)
	}
	fmt.Printf("%d certificates\n%-34s %10s %10s %9s\n", n, "", "time", "processor", "memory")
	first, err := measured(ctx, w.program("certgen"), "build", "--public", public)
	if err != nil {
		return err
	}
	files, bytes, err := weigh(public)
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %v   %s; %.0f certificates/s, %d files, %d MB\n", "build", first, first.said, float64(n)/first.wall.Seconds(), files, bytes>>20)
	idle, err := measured(ctx, w.program("certgen"), "build", "--public", public)
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %v   %s\n", "build with nothing to do", idle, idle.said)
	if err := w.edited(ctx, public); err != nil {
		return err
	}
	if w.noCopy {
		return nil
	}
	plain, used, err := copying(public)
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %8.1f s %8.1f s             the build takes %.1f times as long\n\n", "copying the finished files", plain.Seconds(), used.Seconds(), first.wall.Seconds()/plain.Seconds())
	return nil
}

// beside builds, copies what was built, and prints both.
func (w *workshop) beside(ctx context.Context, n int, public string) error {
	first, err := measured(ctx, w.program("certgen"), "build", "--public", public)
	if err != nil {
		return err
	}
	plain, used, err := copying(public)
	fmt.Printf("BenchmarkBuild/%d 1 %.3f build-s %.3f copy-s %.3f build-cpu-s %.3f copy-cpu-s\n", n, first.wall.Seconds(), plain.Seconds(), first.processor.Seconds(), used.Seconds())
	return err
}

// copying is what it takes to copy a tree.
func copying(public string) (wall, used time.Duration, err error) {
	copied := public + ".copy"
	defer os.RemoveAll(copied)
	start, before := time.Now(), processor()
	err = copyTree(public, copied)
	return time.Since(start), processor() - before, err
}

// edited changes the text that the pictures of one template show, and builds.
func (w *workshop) edited(ctx context.Context, public string) error {
	looks := filepath.Join(w.dir, "looks")
	defer os.RemoveAll(looks)
	own := filepath.Join(looks, "certificates", "achievement.md")
	if err := os.MkdirAll(filepath.Dir(own), 0o755); err != nil {
		return err
	}
	const text = "---\ntype: achievement\ntitle: {zh: 荣誉证书, en: Award}\ndescription: {zh: 说明, en: Description}\nlayout: classical\nfiles: [png]\n---\n亲手做成。\n\nDone by hand.\n"
	if err := os.WriteFile(own, []byte(text), 0o644); err != nil {
		return err
	}
	c, err := measured(ctx, w.program("certgen"), "build", "--public", public, "--templates", looks)
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %v   %s\n", "one template edited, of 1 in 10", c, c.said)
	return nil
}

// processor is how much of the processor this program has used.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// weigh counts the files below a folder and their bytes. It holds a portion of a folder: what this program holds counts
// as memory of those that it starts next (measured).
func weigh(dir string) (files int, bytes int64, err error) {
	d, err := os.Open(dir)
	if err != nil {
		return 0, 0, err
	}
	defer d.Close()
	for {
		entries, err := d.ReadDir(1024)
		for _, e := range entries {
			f, size, err := weighOne(dir, e)
			if err != nil {
				return files, bytes, err
			}
			files, bytes = files+f, bytes+size
		}
		if errors.Is(err, io.EOF) {
			return files, bytes, nil
		}
		if err != nil {
			return files, bytes, err
		}
	}
}

func weighOne(dir string, e fs.DirEntry) (files int, bytes int64, err error) {
	if e.IsDir() {
		return weigh(filepath.Join(dir, e.Name()))
	}
	info, err := e.Info()
	if err != nil {
		return 0, 0, err
	}
	return 1, info.Size(), nil
}

// copyTree copies every file, one after the other, and syncs the whole once: the least that writing these files can cost.
func copyTree(from, to string) error {
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o644)
	})
	if err == nil {
		syscall.Sync()
	}
	return err
}

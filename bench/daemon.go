package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// target is what a load is aimed at.
type target struct {
	addr   string // host:port
	token  string
	pid    int    // of the daemon
	public string // its public tree
}

// buildPrograms compiles certd into dir and returns its path.
func buildPrograms(ctx context.Context, dir string) (string, error) {
	bin := filepath.Join(dir, "certd")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", bin, "./cmd/certd").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build ./cmd/certd: %w\n%s", err, out)
	}
	return bin, nil
}

// measure runs one load against a fresh daemon.
func measure(ctx context.Context, bin, dir string, load func(context.Context, target) (sample, error)) (result, error) {
	var r result
	err := withDaemon(ctx, bin, dir, func(t target) (err error) {
		if r.syncs, err = fdatasyncRate(filepath.Join(dir, "fsync"), 2*time.Second); err != nil {
			return err
		}
		r.sample, err = load(ctx, t)
		r.unpublished = r.issued - countPages(t.public)
		return err
	})
	return r, err
}

// withDaemon makes a fresh site in dir, serves it while use runs, and removes it all again.
func withDaemon(ctx context.Context, bin, dir string, use func(target) error) error {
	defer os.RemoveAll(dir)
	data, public := filepath.Join(dir, "data"), filepath.Join(dir, "public")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := command(ctx, bin, "init", "--data", data, "--public", public,
		"--base-url", "https://certs.example.org", "--issuer-name", "示例学院 Example Academy", "--timezone", "Asia/Shanghai"); err != nil {
		return err
	}
	token, err := exec.CommandContext(ctx, bin, "token", "create", "--data", data, "--name", "bench", "--scope", "issue", "--scope", "read").Output()
	if err != nil {
		return fmt.Errorf("certd token create: %w", err)
	}
	t := target{token: string(bytes.TrimSpace(token)), public: public}
	stop, err := serve(ctx, bin, data, &t)
	if err != nil {
		return err
	}
	return errors.Join(use(t), stop())
}

func command(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), args[0], err, out)
	}
	return nil
}

// serve starts the daemon and says where it listens. stop kills it: what it leaves
// unpublished was counted before, and waiting for that is not what is measured.
func serve(ctx context.Context, bin, data string, t *target) (stop func() error, err error) {
	cmd := exec.CommandContext(ctx, bin, "serve", "--data", data, "--public", t.public, "--listen", "127.0.0.1:0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t.pid = cmd.Process.Pid
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		var line struct{ Msg, Addr string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" && line.Addr != "" {
			t.addr = line.Addr
			go func() {
				for lines.Scan() {
				}
			}()
			return func() error {
				err := cmd.Process.Kill()
				_ = cmd.Wait()
				return err
			}, nil
		}
	}
	return nil, errors.Join(errors.New("certd serve ended before it listened"), cmd.Wait())
}

// countPages counts the certificates whose page, the last file of each, stands in the tree.
func countPages(public string) int {
	n := 0
	_ = filepath.WalkDir(filepath.Join(public, "c"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "/index.html") {
			n++
		}
		return nil
	})
	return n
}

// fdatasyncRate appends 4 KiB and syncs, one after the other, for the given time.
func fdatasyncRate(path string, d time.Duration) (float64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer os.Remove(path)
	defer f.Close()
	block := make([]byte, 4096)
	n, start := 0, time.Now()
	for time.Since(start) < d {
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			return 0, err
		}
		n++
	}
	return float64(n) / time.Since(start).Seconds(), nil
}

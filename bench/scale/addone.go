package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// daemon is a certd whose courses have no pictures, so that it can be filled quickly, and whose exams have all files.
type daemon struct {
	w                  *workshop
	data, public, addr string
	token              string
	issued             int
	command            *exec.Cmd
	looks              string
	built              chan built // what it says of builds after edits
}

// built is what a daemon says of a build of its whole tree, or what else went wrong.
type built struct {
	Level, Msg, Error         string
	Because                   string
	Built, Unchanged, Removed int
}

const courseWithoutPictures = "---\ntype: course\ntitle: {zh: 结业证书, en: Certificate of Completion}\ndescription: {zh: 说明, en: Description}\npass: {rate: 80}\nlayout: classical\nfiles: [html, json]\n---\n学完。\n\nCompleted.\n"

// addOne fills a daemon to each size and then issues certificates with all files, one at a time.
func (w *workshop) addOne(ctx context.Context, sizes []int) error {
	d, err := w.daemon(ctx)
	if err != nil {
		return err
	}
	defer d.stop()
	if !w.figures {
		fmt.Printf("%-12s %12s %12s %12s %15s   medians of 100, one at a time, from the request on\n", "certificates", "recorded", "on disk", "processor", "written files")
	}
	for _, n := range sizes {
		if err := d.fill(ctx, n); err != nil {
			return err
		}
		if err := d.row(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// daemon starts one that holds nothing.
func (w *workshop) daemon(ctx context.Context) (*daemon, error) {
	d := &daemon{w: w, data: filepath.Join(w.dir, "data"), public: filepath.Join(w.dir, "public"), looks: filepath.Join(w.dir, "looks"), built: make(chan built, 1)}
	return d, d.start(ctx)
}

func (d *daemon) stop() {
	_ = d.command.Process.Kill()
	_ = d.command.Wait()
}

func (d *daemon) start(ctx context.Context) error {
	certd := d.w.program("certd")
	if err := d.look("course", courseWithoutPictures); err != nil {
		return err
	}
	if _, err := measured(ctx, certd, "init", "--data", d.data, "--public", d.public, "--base-url", "https://certs.example.org",
		"--issuer-name", "示例学院 Example Academy", "--timezone", "Asia/Shanghai"); err != nil {
		return err
	}
	token, err := exec.CommandContext(ctx, certd, "token", "create", "--data", d.data, "--name", "bench", "--scope", "issue").Output()
	if err != nil {
		return fmt.Errorf("certd token create: %w", err)
	}
	d.token = string(bytes.TrimSpace(token))
	d.command = exec.CommandContext(ctx, certd, "serve", "--data", d.data, "--public", d.public, "--templates", d.looks, "--listen", "127.0.0.1:0")
	stderr, err := d.command.StderrPipe()
	if err != nil {
		return err
	}
	if err := d.command.Start(); err != nil {
		return err
	}
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		var line struct{ Msg, Addr string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			d.addr = line.Addr
			go d.listen(lines)
			return nil
		}
	}
	return errors.New("certd serve ended before it listened")
}

// listen takes what the daemon says of builds after edits.
func (d *daemon) listen(lines *bufio.Scanner) {
	for lines.Scan() {
		var b built
		if json.Unmarshal(lines.Bytes(), &b) == nil && (b.Because == "templates" || b.Level == "ERROR") {
			d.built <- b
		}
	}
}

// look writes a template of the user's own.
func (d *daemon) look(id, text string) error {
	dir := filepath.Join(d.looks, "certificates")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, id+".md"), []byte(text), 0o644)
}

// fill issues courses until there are n certificates, and waits until all are published.
func (d *daemon) fill(ctx context.Context, n int) error {
	return d.fillWith(ctx, n, `{"template":"course","recipient":{"id":"r%d","name":"张伟"},"achievement":{"id":"C-301","name":"安全生产基础"},"result":{"completion_rate":100}}`)
}

// fillWith issues by a request, which holds a number, until there are n certificates.
func (d *daemon) fillWith(ctx context.Context, n int, request string) error {
	var requests bytes.Buffer
	for ; d.issued < n; d.issued++ {
		fmt.Fprintf(&requests, request+"\n", d.issued)
	}
	fill := exec.CommandContext(ctx, d.w.program("certd"), "issue", "--data", d.data, "-")
	fill.Stdin = &requests
	if out, err := fill.CombinedOutput(); err != nil {
		return fmt.Errorf("certd issue: %w\n%s", err, out[max(0, len(out)-500):])
	}
	return d.settled(ctx)
}

// settled waits until everything that was issued is published.
func (d *daemon) settled(ctx context.Context) error {
	for {
		pages, err := countPages(d.public)
		if err != nil || pages >= d.issued {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// row measures a hundred exams that nobody waits for, then a hundred that somebody does.
func (d *daemon) row(ctx context.Context, n int) error {
	var recorded, published []time.Duration
	for range 100 {
		_, took, err := d.issue(ctx, false)
		if err != nil {
			return err
		}
		recorded = append(recorded, took)
	}
	if err := d.settled(ctx); err != nil {
		return err
	}
	written, used := -1, d.processor()
	for k := range 100 {
		before := time.Now()
		_, took, err := d.issue(ctx, true)
		if err != nil {
			return err
		}
		published = append(published, took)
		if k == 0 {
			if written, err = newer(d.public, before); err != nil {
				return err
			}
		}
	}
	used = (d.processor() - used) / 100
	slices.Sort(recorded)
	slices.Sort(published)
	if d.w.figures {
		fmt.Printf("BenchmarkAddOne/%d 1 %.3f recorded-ms %.3f on-disk-ms %.3f cpu-ms %d files\n", n, ms(recorded[50]), ms(published[50]), ms(used), written)
		return nil
	}
	fmt.Printf("%-12d %9.1f ms %9.1f ms %9.1f ms %15d\n", n, ms(recorded[50]), ms(published[50]), ms(used), written)
	return nil
}

// processor is how much of the processor the daemon has used, in hundredths of a second as Linux counts it.
func (d *daemon) processor() time.Duration {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.command.Process.Pid))
	f := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// issue issues one exam and returns how long the answer took: until it is recorded, or with wait until all its files are
// on the disk.
func (d *daemon) issue(ctx context.Context, wait bool) (status int, took time.Duration, err error) {
	url := "http://" + d.addr + "/v1/certificates"
	if wait {
		url += "?wait=published"
	}
	body := fmt.Sprintf(`{"template":"exam","recipient":{"id":"e%d","name":"Nguyễn Thị Ánh Tuyết"},"achievement":{"id":"E-501","name":"Fire Safety"},"result":{"score":92.5}}`, d.issued)
	d.issued++
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewBufferString(body))
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+d.token)
	req.Header.Set("Content-Type", "application/json")
	start := time.Now()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, 0, err
	}
	answer, err := io.ReadAll(res.Body)
	took = time.Since(start)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return 0, 0, err
	}
	if res.StatusCode != http.StatusCreated {
		return res.StatusCode, took, fmt.Errorf("status %d: %s", res.StatusCode, answer)
	}
	return res.StatusCode, took, nil
}

func countPages(public string) (n int, err error) {
	numbers, err := os.ReadDir(filepath.Join(public, "c"))
	for _, e := range numbers {
		if _, err := os.Lstat(filepath.Join(public, "c", e.Name(), "index.html")); err == nil {
			n++
		}
	}
	return n, err
}

// newer counts the files that were written since a moment.
func newer(dir string, since time.Time) (n int, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err == nil && info.ModTime().After(since) {
			n++
		}
		return nil
	})
	return n, err
}

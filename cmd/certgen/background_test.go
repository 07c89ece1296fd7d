package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience bounds what a script waits for; no verdict depends on it otherwise.
const patience = 30 * time.Second

type backgroundKey struct{}

// background are the programs that a script has started.
type background map[string]*exec.Cmd

func setupBackground(env *testscript.Env) error {
	all := background{}
	env.Values[backgroundKey{}] = all
	env.Defer(func() {
		for _, c := range all {
			c.Process.Kill()
			c.Wait()
		}
	})
	return nil
}

// cmdStart: start NAME VERB ARGS…: certgen in the background, what it says going to the file NAME.log.
func cmdStart(ts *testscript.TestScript, _ bool, args []string) {
	program, err := exec.LookPath("certgen")
	ts.Check(err)
	c := exec.Command(program, args[1:]...)
	c.Dir = ts.MkAbs(".")
	log, err := os.Create(ts.MkAbs(args[0] + ".log"))
	ts.Check(err)
	defer log.Close()
	c.Stdout, c.Stderr = log, log
	ts.Check(c.Start())
	ts.Value(backgroundKey{}).(background)[args[0]] = c
}

// cmdStop: stop NAME: Ctrl-C, after which the program must exit with 0.
func cmdStop(ts *testscript.TestScript, _ bool, args []string) {
	all := ts.Value(backgroundKey{}).(background)
	c := all[args[0]]
	delete(all, args[0])
	ts.Check(c.Process.Signal(syscall.SIGINT))
	if err := c.Wait(); err != nil {
		ts.Fatalf("%s: %v\n%s", strings.Join(c.Args, " "), err, ts.ReadFile(args[0]+".log"))
	}
}

// cmdAwait: await FILE PATTERN [NAME]: waits until a file holds a match, whose first group becomes $NAME.
func cmdAwait(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + args[1])
	var last string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		if err != nil {
			continue
		}
		last = string(data)
		if m := pattern.FindStringSubmatch(last); m != nil {
			if len(args) > 2 {
				ts.Setenv(args[2], m[1])
			}
			return
		}
	}
	ts.Fatalf("%s never matched %s:\n%s", args[0], args[1], last)
}

// cmdGet: get STATUS URL FILE: fetches a page into a file.
func cmdGet(ts *testscript.TestScript, _ bool, args []string) {
	res, err := http.Get(args[1])
	ts.Check(err)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Clean(ts.MkAbs(args[2])), data, 0o644))
	if strconv.Itoa(res.StatusCode) != args[0] {
		ts.Fatalf("%s: status %d, want %s: %s", args[1], res.StatusCode, args[0], data)
	}
}

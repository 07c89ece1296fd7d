package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

type daemonsKey struct{}

func TestScripts(t *testing.T) {
	sample, err := filepath.Abs("../../data/sample/requests.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", programs+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("SAMPLE", sample)
			daemons := map[string]*process{}
			env.Values[daemonsKey{}] = daemons
			env.Defer(func() {
				for _, p := range daemons {
					_ = p.end(syscall.SIGKILL)
				}
			})
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start": start, "end": end, "request": request, "exitcode": exitcode, "capture": capture, "flip": flip, "waitkey": waitkey, "capturekey": capturekey,
		},
	})
}

// start NAME ARGS…: certd serve in the background, once it listens; $NAME is its address, NAME.log its log.
func start(ts *testscript.TestScript, neg bool, args []string) {
	p, err := launch(ts.MkAbs("."), ts.MkAbs(args[0]+".log"), append([]string{"--listen", "127.0.0.1:0"}, args[1:]...)...)
	ts.Check(err)
	ts.Value(daemonsKey{}).(map[string]*process)[args[0]] = p
	ts.Check(p.ready())
	ts.Setenv(args[0], p.addr)
}

// end NAME SIGNAL: ends a daemon; with !, it must not exit 0.
func end(ts *testscript.TestScript, neg bool, args []string) {
	sig := map[string]os.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "KILL": syscall.SIGKILL}[args[1]]
	if err := ts.Value(daemonsKey{}).(map[string]*process)[args[0]].end(sig); (err != nil) != neg {
		ts.Fatalf("the daemon ended with %v", err)
	}
}

// request STATUS METHOD URL [BODYFILE [HEADER: VALUE]…]: sends it with the bearer token of the file token, if
// there is one, and puts the answer into the file answer.
func request(ts *testscript.TestScript, neg bool, args []string) {
	var body io.Reader
	if len(args) > 3 && args[3] != "-" {
		body = strings.NewReader(ts.ReadFile(args[3]))
	}
	req, err := http.NewRequest(args[1], args[2], body)
	ts.Check(err)
	if token, err := os.ReadFile(ts.MkAbs("token")); err == nil {
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	req.Header.Set("Content-Type", "application/json")
	for _, h := range args[min(4, len(args)):] {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), data, 0o600))
	if fmt.Sprint(res.StatusCode) != args[0] {
		ts.Fatalf("%s %s: status %d, want %s: %s", args[1], args[2], res.StatusCode, args[0], data)
	}
}

// exitcode N COMMAND ARGS…: runs a command that must exit with N; its outputs are stdout.txt and stderr.txt.
func exitcode(ts *testscript.TestScript, neg bool, args []string) {
	cmd := exec.Command(program(args[1]), args[2:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = os.Environ()
	for _, name := range []string{"CERTD_LISTEN", "CERTD_PUBLIC", "CERTD_JWT_HS256_SECRET", "CERTD_MIN_FREE_MIB", "CERTD_LOG_COSIGN_EVERY"} {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	stdout, err := os.Create(ts.MkAbs("stdout.txt"))
	ts.Check(err)
	defer stdout.Close()
	stderr, err := os.Create(ts.MkAbs("stderr.txt"))
	ts.Check(err)
	defer stderr.Close()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	_ = cmd.Run()
	if got := fmt.Sprint(cmd.ProcessState.ExitCode()); got != args[0] {
		ts.Fatalf("%s exits %s, want %s: %s", strings.Join(args[1:], " "), got, args[0], ts.ReadFile("stderr.txt"))
	}
}

// capture NAME FILE FIELD: sets $NAME to a string field of a JSON answer.
func capture(ts *testscript.TestScript, neg bool, args []string) {
	_, rest, found := strings.Cut(ts.ReadFile(args[1]), `"`+args[2]+`":"`)
	value, _, ok := strings.Cut(rest, `"`)
	if !found || !ok {
		ts.Fatalf("%s has no %s", args[1], args[2])
	}
	ts.Setenv(args[0], value)
}

// waitkey PATTERN: asks for the keys until a line of them matches.
func waitkey(ts *testscript.TestScript, neg bool, args []string) {
	want := regexp.MustCompile(args[0])
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		stdout, stderr, err := certd(ts.MkAbs("."), "key", "list")
		if err == nil && want.MatchString(stdout) {
			return
		}
		if err != nil || time.Now().After(deadline) {
			ts.Fatalf("no key is %s: %v\n%s%s", args[0], err, stdout, stderr)
		}
	}
}

// capturekey NAME FILE: sets $NAME to the key that signs, in the output of certd key list.
func capturekey(ts *testscript.TestScript, neg bool, args []string) {
	found := regexp.MustCompile(`(?m)^signs .*#(z6Mk\w+)`).FindStringSubmatch(ts.ReadFile(args[1]))
	if found == nil {
		ts.Fatalf("%s: no key signs", args[1])
	}
	ts.Setenv(args[0], found[1])
}

// flip FILE TEXT: changes one bit wherever TEXT stands in FILE; some places may be of pages that are not in use.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not contain %s", args[0], args[1])
	}
	changed := []byte(args[1])
	changed[0] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], string(changed))), 0o600))
}

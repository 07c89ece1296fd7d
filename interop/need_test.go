package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// base is the address under which the sample tree is issued, as it would be in production.
const base = "https://certs.example.org"

// missing ends a test for which this machine lacks something: skipped at a developer's, failed in CI.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// node returns a command that runs a script of this folder on Node.
func node(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		missing(t, "Node is not installed: install Node 18 or newer, with npm")
	}
	if _, err := os.Stat("node_modules"); err != nil {
		missing(t, "the foreign verifiers are not installed: run npm ci --ignore-scripts in interop/")
	}
	cmd := exec.Command(path, args...)
	cmd.Stderr = os.Stderr
	return cmd
}

// chromium returns the path of a Chromium or Chrome.
func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "Chromium is not installed: install the package chromium")
	return ""
}

// programsDir names the environment variable by which TestMain hands the tests a folder for the programs.
const programsDir = "LAUREL_INTEROP_PROGRAMS"

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "laurel-interop-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv(programsDir, dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// build builds certd and certgen, once for all tests.
var build = sync.OnceValue(func() error {
	dir := os.Getenv(programsDir) + string(filepath.Separator)
	cmd := exec.Command("go", "build", "-o", dir, "./cmd/certd", "./cmd/certgen")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
})

// program returns the path of certd or certgen.
func program(t testing.TB, name string) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(os.Getenv(programsDir), name)
}

// run runs one of the programs and returns what it printed; it must exit with code.
func run(t testing.TB, code int, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program(t, name), args...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("%s %s: exit %d, want %d\n%s", name, strings.Join(args, " "), got, code, out)
	}
	return string(out)
}

package site

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"laurel/templates"
)

// holder is what this test binary becomes when it is started to hold a tree: it says when it has it, and waits.
const holder = "LAUREL_TEST_HOLD_TREE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holder); dir != "" {
		l, err := acquire(dir, filepath.Join(dir, "certd.sock"))
		if err != nil {
			os.Stdout.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Stdout.WriteString("held\n")
		io.Copy(io.Discard, os.Stdin)
		l.release()
		os.Exit(0)
	}
	if dir := os.Getenv(killed); dir != "" {
		if err := buildTree(dir); err != nil {
			os.Stdout.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// killed is what this test binary becomes to build a tree and be killed over it.
const killed = "LAUREL_TEST_BUILD_TREE"

func buildTree(dir string) error {
	set, err := templates.Open("")
	if err != nil {
		return err
	}
	b, err := Open(dir, set, Options{})
	if err != nil {
		return err
	}
	_, err = b.BuildTree(context.Background(), nil)
	return errors.Join(err, b.Close())
}

func TestATreeKilledAtAnyMomentEqualsACleanBuildAfterTheNext(t *testing.T) {
	i := newIssuer(t, testBase)
	docs := i.site(t)
	for n := range 24 {
		docs = append(docs, i.certificate(t, []func(*factsOf){nil, asExam, asAchievement}[n%3]))
	}
	clean := filepath.Join(t.TempDir(), "public")
	began := time.Now()
	build(t, clean, nil, each(docs), Options{})
	whole := time.Since(began)
	want := snapshotOf(t, clean)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "public")
	for _, d := range docs {
		putFile(t, dir, d.Path, string(d.Data))
	}
	cycles := 8
	if soak, err := strconv.Atoi(os.Getenv("LAUREL_SOAK")); err == nil {
		cycles = soak
	}
	for n := range cycles {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), killed+"="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Somewhere within the time that a build takes; no verdict hangs on where.
		time.Sleep(whole * time.Duration(n+1) / time.Duration(cycles))
		cmd.Process.Kill()
		cmd.Wait()
		for path, data := range snapshotOf(t, dir) {
			if full, ok := want[path]; ok && data != full {
				t.Errorf("killed in cycle %d: %s is neither missing nor whole", n, path)
			}
		}
		// Take some of it away again, so that the next cycle has work, with a manifest that may be ahead.
		for _, d := range docs[5+n%24:] {
			os.Remove(filepath.Join(dir, PicturePath(numberOf(d))))
		}
	}
	if err := buildTree(dir); err != nil {
		t.Fatal(err)
	}
	sameTrees(t, snapshotOf(t, dir), want)
}

// hold starts another process that holds a tree.
func hold(t *testing.T, dir string) (cmd *exec.Cmd, stdin io.WriteCloser) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(self)
	cmd.Env = append(os.Environ(), holder+"="+dir)
	stdin, err = cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || line != "held\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	return cmd, stdin
}

func TestATreeHeldByAnotherProcessIsLockedAndSaysWhereToAsk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "public")
	cmd, stdin := hold(t, dir)
	_, err := Open(dir, embeddedSet(t), Options{})
	var locked *LockedError
	if !errors.Is(err, ErrLocked) || !errors.As(err, &locked) || locked.Owner != filepath.Join(dir, "certd.sock") {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), "certd.sock") {
		t.Errorf("the message does not say where to ask: %v", err)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	b := open(t, dir, nil, Options{})
	if _, err := Open(dir, embeddedSet(t), Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("the same process got it twice: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, nil, Options{}).Close()
}

func TestTheStateFolderIsNobodyElsesToRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "public")
	if err := os.Mkdir(StateDir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	open(t, dir, nil, Options{}).Close()
	if info, err := os.Stat(StateDir(dir)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestWhatACrashLeftIsSweptWithTheNextOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "public")
	docs := newIssuer(t, testBase).all(t)
	build(t, dir, nil, each(docs), Options{})
	want := snapshotOf(t, dir)
	cmd, _ := hold(t, dir)
	left := []string{".laurel-0011.tmp", "c/" + string(numberOf(docs[5])) + "/.laurel-2233.tmp", "assets/.laurel-44.tmp"}
	for _, path := range left {
		putFile(t, dir, path, "half a fi")
	}
	cmd.Process.Kill()
	cmd.Wait()
	b := open(t, dir, nil, Options{})
	sameTrees(t, snapshotOf(t, dir), want)
	// While the tree is held, such a file is somebody's write in progress.
	b.Close()
	putFile(t, dir, left[0], "half a fi")
	open(t, dir, nil, Options{}).Close()
	if _, err := os.Stat(filepath.Join(dir, left[0])); err != nil {
		t.Error("a tree that was closed in order was searched through again")
	}
}

package control_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"laurel/internal/control"
)

// answering serves an empty token list at a socket.
func answering(t *testing.T, path string) {
	t.Helper()
	l, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/control/tokens" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(404)
			w.Write([]byte(`{"title":"Not found","detail":"Nothing there.","errors":[{"location":"path","message":"is wrong"}]}`))
			return
		}
		w.Write([]byte(`[]`))
	})}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
}

func TestASocketIsReachedHoweverLongItsPath(t *testing.T) {
	deep := filepath.Join(t.TempDir(), strings.Repeat("long/", 60))
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"short": filepath.Join(t.TempDir(), "s"), "long": filepath.Join(deep, "certd.sock")} {
		answering(t, path)
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != fs.ModeSocket|0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		c := control.Dial(path)
		defer c.Close()
		if _, err := c.Tokens(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := c.RevokeToken(t.Context(), "x"); err == nil || err.Error() != "Nothing there. path: is wrong" {
			t.Errorf("%s: the problem reads %v", name, err)
		}
	}
}

func TestALongPathIsReachedFromItsOwnFolderToo(t *testing.T) {
	deep := filepath.Join(t.TempDir(), strings.Repeat("long/", 60))
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(deep)
	answering(t, filepath.Join(deep, "certd.sock"))
	if _, err := control.Dial(filepath.Join(deep, "certd.sock")).Tokens(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestASocketThatAnswersIsNotTakenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "certd.sock")
	answering(t, path)
	if _, err := control.Listen(path); err == nil || !strings.Contains(err.Error(), "another certd answers") {
		t.Errorf("%v", err)
	}
	if _, err := control.Dial(path).Tokens(t.Context()); err != nil {
		t.Errorf("the first one no longer answers: %v", err)
	}
}

func TestASocketLeftBehindIsReplacedAndAnotherFileIsNot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "certd.sock")
	l, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // the file stays, as after a crash
	if _, err := control.Dial(path).Health(context.Background()); !errors.Is(err, control.ErrNoDaemon) {
		t.Errorf("left behind: %v", err)
	}
	answering(t, path)

	file := filepath.Join(t.TempDir(), "certd.sock")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Listen(file); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("%v", err)
	}
	if data, _ := os.ReadFile(file); string(data) != "mine" {
		t.Error("the file was overwritten")
	}
}

func TestNobodyAtTheSocketIsAnErrorOfItsOwn(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "none"), filepath.Join(t.TempDir(), "no", "folder")} {
		if _, err := control.Dial(path).Health(t.Context()); !errors.Is(err, control.ErrNoDaemon) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

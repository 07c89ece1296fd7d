package interop

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// store is a real S3 server, over a folder in which every object is a file.
type store struct {
	address string
	bucket  string // the folder of the bucket "certs"
}

// startStore builds the gateway, which is pinned in a module of its own, and starts it on a free port.
func startStore(t *testing.T) store {
	t.Helper()
	bin := filepath.Join(os.Getenv(programsDir), "versitygw")
	if _, err := os.Stat(bin); errors.Is(err, fs.ErrNotExist) {
		build := exec.Command("go", "build", "-o", bin, "github.com/versity/versitygw/cmd/versitygw")
		build.Dir = "gateway"
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build the S3 server: %v\n%s", err, out)
		}
	}
	root := t.TempDir()
	s := store{address: freeAddress(t), bucket: filepath.Join(root, "certs")}
	if err := os.Mkdir(s.bucket, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "laurel")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "laurel-secret")
	cmd := exec.Command(bin, "--port", s.address, "--quiet", "posix", root)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY=laurel", "ROOT_SECRET_KEY=laurel-secret")
	background(t, cmd)
	reachable(t, s.address)
	return s
}

func background(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func reachable(t *testing.T, address string) {
	t.Helper()
	for range 200 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nothing listens on %s", address)
}

// to is the target's address for certgen, by way of address.
func to(address string) string { return "s3://certs?endpoint=http://" + address }

// badLine is a proxy before the store that spoils one request in five: refuses it, never answers, or has it done and
// loses the answer.
func badLine(t *testing.T, s store, seed uint64) string {
	t.Helper()
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(seed, 0))
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: s.address})
			r.Out.Host = r.In.Host // which the signature covers
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		lot := dice.IntN(15)
		mu.Unlock()
		switch lot {
		case 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 1:
			select {
			case <-r.Context().Done():
			case <-time.After(time.Second):
			}
			panic(http.ErrAbortHandler)
		case 2:
			proxy.ServeHTTP(httptest.NewRecorder(), r.Clone(context.WithoutCancel(r.Context())))
			panic(http.ErrAbortHandler)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	server.Config.ErrorLog = nil
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// sameFolder complains of every difference between two folders, but for the one in which the store begins its files.
func sameFolder(t *testing.T, want, got string) {
	t.Helper()
	if out, err := exec.Command("diff", "-rq", "--exclude=.sgwtmp", want, got).CombinedOutput(); err != nil {
		t.Errorf("%v\n%.2000s", err, out)
	}
}

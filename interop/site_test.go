package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// samples are the requests that make run issues.
const samples = "../data/sample/requests.ndjson"

// receipt is what certd answers to a request, as far as the tests read it.
type receipt struct {
	Number    string `json:"number"`
	Template  string `json:"template"`
	URL       string `json:"url"`
	Recipient struct {
		Name string `json:"name"`
	} `json:"recipient"`
}

// issuedSite is a public tree and what was issued into it.
type issuedSite struct {
	base, data, public string
	receipts           []receipt
}

// issue creates a site with the given base address and issues requests, a file of NDJSON, without a daemon.
func issue(dir, baseURL, requests string) (*issuedSite, error) {
	if err := build(); err != nil {
		return nil, err
	}
	s := &issuedSite{base: baseURL, data: filepath.Join(dir, "data"), public: filepath.Join(dir, "public")}
	certd := filepath.Join(os.Getenv(programsDir), "certd")
	if _, err := output(exec.Command(certd, "init", "--data", s.data, "--public", s.public, "--base-url", baseURL,
		"--issuer-name", "示例学院 Example Academy", "--timezone", "Asia/Shanghai")); err != nil {
		return nil, err
	}
	out, err := output(exec.Command(certd, "issue", "--data", s.data, requests))
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		var r receipt
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil || r.Number == "" {
			return nil, fmt.Errorf("certd issue printed %q, which is no receipt", lines.Text())
		}
		s.receipts = append(s.receipts, r)
	}
	return s, lines.Err()
}

// output runs cmd and returns its standard output; the error holds what it said on standard error.
func output(cmd *exec.Cmd) ([]byte, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, stderr.Bytes())
	}
	return out, nil
}

// production is every sample certificate, issued once for all tests under the production address.
var production = sync.OnceValues(func() (*issuedSite, error) {
	return issue(filepath.Join(os.Getenv(programsDir), "production"), base, samples)
})

// local is a few certificates whose base address is the local port on which they are to be served.
var local = sync.OnceValues(func() (*issuedSite, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(os.Getenv(programsDir), "local")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	requests := filepath.Join(dir, "requests.ndjson")
	if err := os.WriteFile(requests, []byte(localRequests), 0o644); err != nil {
		return nil, err
	}
	return issue(dir, fmt.Sprintf("http://localhost:%d", port), requests)
})

// localRequests are one of each type, then a name as long as pages must bear and one full of mark-up.
const localRequests = `{"template":"exam","recipient":{"id":"l-1","name":"张伟"},"achievement":{"id":"E-1","name":"安全生产知识考试"},"result":{"score":92.5,"max_score":100},"issued_at":"2026-03-01T02:03:04Z"}
{"template":"course","recipient":{"id":"l-2","name":"Nguyễn Thị Minh Khai"},"achievement":{"id":"C 2/ü","name":"First Aid at Work"},"result":{"completion_rate":100},"issued_at":"2026-03-02T02:03:04Z","expires_at":"2099-03-01T00:00:00Z"}
{"template":"achievement","recipient":{"id":"l-3","name":"Karl-Theodor Maria Nikolaus Johann Jacob Philipp von Sample und zu Sample"},"achievement":{"id":"A-3","name":"Safety Award"},"issued_at":"2026-03-03T02:03:04Z"}
{"template":"achievement","recipient":{"id":"l-4","name":"<b>Ann & \"Bob\"</b>"},"achievement":{"id":"A-4","name":"<script>alert(1)</script>"},"issued_at":"2026-03-04T02:03:04Z"}
{"template":"course","recipient":{"id":"l-5","name":"李娜"},"achievement":{"id":"C-5","name":"旧课程"},"result":{"completion_rate":90},"issued_at":"2024-03-01T02:03:04Z","expires_at":"2026-03-01T00:00:00Z"}
`

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// serve starts certgen serve on public for the rest of the test and returns when it accepts connections.
func serve(t testing.TB, public string, port int) {
	t.Helper()
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	var stderr bytes.Buffer
	cmd := exec.Command(program(t, "certgen"), "serve", "--public", public, "--listen", addr)
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := <-ended; err != nil {
			t.Errorf("certgen serve did not stop cleanly: %v\n%s", err, &stderr)
		}
	})
	for range 500 {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("certgen serve ended: %v\n%s", err, &stderr)
		default:
		}
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("certgen serve does not accept connections")
}

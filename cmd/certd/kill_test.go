package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"laurel/internal/control"
	"laurel/site"
)

const (
	killCallers = 8
	killLoad    = 40 // certificates a cycle, at most
)

// site under fire: one data folder over all cycles, and what its callers know.
type siege struct {
	t     *testing.T
	dir   string
	token string
	rand  *rand.Rand
	cycle int

	mu    sync.Mutex
	sent  []string          // recipients asked for, in order
	acked map[string]string // recipient → number of a receipt that arrived
}

// TestKillNineLosesNothingThatWasAcknowledged kills certd under load at random moments, and again while it
// recovers, and asks after each restart for everything that any caller was told.
func TestKillNineLosesNothingThatWasAcknowledged(t *testing.T) {
	s := newSiege(t, randomSeed(t))
	for s.cycle = range cycles(t, 5) {
		s.killUnderLoad()
		for range s.rand.IntN(3) {
			s.killWhileItRecovers()
		}
		s.checkAcknowledged()
	}
	s.finish()
}

// cycles is how many crashes there are, unless LAUREL_SOAK says.
func cycles(t *testing.T, otherwise int) int {
	s := os.Getenv("LAUREL_SOAK")
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("LAUREL_SOAK=%s: %v", s, err)
	}
	return n
}

// randomSeed is another one every time, unless LAUREL_SEED says.
func randomSeed(t *testing.T) uint64 {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("LAUREL_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("LAUREL_SEED=%s: %v", s, err)
		}
	}
	t.Logf("LAUREL_SEED=%d", seed)
	return seed
}

func newSiege(t *testing.T, seed uint64) *siege {
	s := &siege{t: t, dir: t.TempDir(), rand: rand.New(rand.NewPCG(seed, 9)), acked: map[string]string{}}
	s.must(certd(s.dir, "init", "--base-url", "https://certs.example.org", "--issuer-name", "示例学院 Example Academy", "--timezone", "Asia/Shanghai"))
	s.token = strings.TrimSpace(s.must(certd(s.dir, "token", "create", "--name", "siege", "--scope", "issue", "--scope", "read", "--scope", "status")))
	return s
}

func (s *siege) must(stdout, stderr string, err error) string {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%v: %s%s", err, stdout, stderr)
	}
	return stdout
}

func (s *siege) start() *process {
	s.t.Helper()
	p, err := launch(s.dir, filepath.Join(s.dir, "log"), "--listen", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = p.end(syscall.SIGKILL) })
	return p
}

func (s *siege) ready() *process {
	s.t.Helper()
	p := s.start()
	if err := p.ready(); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// killUnderLoad lets callers issue, and kills the daemon up to 120 ms after the first of them has its receipt.
func (s *siege) killUnderLoad() {
	s.t.Helper()
	p := s.ready()
	delay := s.moment()
	first := make(chan struct{})
	var once sync.Once
	var callers sync.WaitGroup
	for c := range killCallers {
		callers.Go(func() {
			for i := c; i < killLoad; i += killCallers {
				if !s.post(p.addr, fmt.Sprintf("cycle %d request %d", s.cycle, i)) {
					return
				}
				once.Do(func() { close(first) })
			}
		})
	}
	select {
	case <-first:
	case <-time.After(time.Minute):
		s.t.Fatal("no receipt within a minute")
	}
	time.Sleep(delay)
	_ = p.end(syscall.SIGKILL)
	callers.Wait()
}

// killWhileItRecovers starts the daemon on what the last kill left, and kills it up to 120 ms later.
func (s *siege) killWhileItRecovers() {
	s.t.Helper()
	p := s.start()
	time.Sleep(s.moment())
	_ = p.end(syscall.SIGKILL)
}

// moment is up to 120 ms, and every other time up to 15 ms: the commits of a cycle are over that soon, and the
// renames of the publisher take the rest.
func (s *siege) moment() time.Duration {
	most := 120_000
	if s.rand.IntN(2) == 0 {
		most = 15_000
	}
	return time.Duration(s.rand.IntN(most)) * time.Microsecond
}

// post asks for one certificate and reports whether a receipt arrived.
func (s *siege) post(addr, recipient string) bool {
	s.mu.Lock()
	if s.acked[recipient] == "" {
		s.sent = append(s.sent, recipient)
	}
	s.mu.Unlock()
	body := fmt.Sprintf(`{"template":"course","recipient":{"id":%q,"name":"张伟"},"achievement":{"id":"C-301","name":"安全生产基础"},"result":{"completion_rate":100}}`, recipient)
	status, answer := s.call("POST", "http://"+addr+"/v1/certificates", body)
	if status == 0 {
		return false // the connection broke: nobody was told anything
	}
	var receipt struct{ Number string }
	if err := json.Unmarshal(answer, &receipt); err != nil || status != 200 && status != 201 || receipt.Number == "" {
		s.t.Errorf("%s: status %d: %s", recipient, status, answer)
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if before := s.acked[recipient]; before != "" && before != receipt.Number {
		s.t.Errorf("%s was issued as %s, and again as %s", recipient, before, receipt.Number)
	}
	s.acked[recipient] = receipt.Number
	return true
}

// call returns status 0 where no whole answer came.
func (s *siege) call(method, url, body string) (int, []byte) {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil
	}
	return res.StatusCode, data
}

// checkAcknowledged asks a restarted daemon for every receipt of this cycle, and kills it again.
func (s *siege) checkAcknowledged() {
	s.t.Helper()
	p := s.ready()
	prefix := fmt.Sprintf("cycle %d ", s.cycle)
	n := 0
	for recipient, number := range s.acked {
		if strings.HasPrefix(recipient, prefix) {
			s.stands(p.addr, recipient, number)
			n++
		}
	}
	if n == 0 {
		s.t.Errorf("cycle %d: no receipt to check", s.cycle)
	}
	_ = p.end(syscall.SIGKILL)
}

func (s *siege) stands(addr, recipient, number string) {
	s.t.Helper()
	status, answer := s.call("GET", "http://"+addr+"/v1/certificates/"+number, "")
	if status != 200 || !bytes.Contains(answer, []byte(`"id":"`+recipient+`"`)) {
		s.t.Errorf("%s was acknowledged as %s; now: status %d: %s", recipient, number, status, answer)
	}
}

// finish retries what was never acknowledged, and holds records and public tree against all that is known.
func (s *siege) finish() {
	s.t.Helper()
	p := s.ready()
	for _, recipient := range s.sent {
		if !s.post(p.addr, recipient) {
			s.t.Fatalf("%s: no answer", recipient)
		}
	}
	all := map[string]bool{}
	for recipient, number := range s.acked {
		s.stands(p.addr, recipient, number)
		all[number] = true
		status, answer := s.call("GET", "http://"+p.addr+"/v1/certificates?recipient="+strings.ReplaceAll(recipient, " ", "%20"), "")
		if status != 200 || !bytes.Contains(answer, []byte(`"total":1,`)) {
			s.t.Errorf("%s is not there once: %s", recipient, answer)
		}
	}
	if len(all) != len(s.acked) {
		s.t.Errorf("%d recipients share %d numbers", len(s.acked), len(all))
	}
	s.t.Logf("%d certificates, all there once", len(all))
	s.settle(p, len(all), 0)
}

// settle ends the daemon when all is published, and holds records, log and public tree against each other.
func (s *siege) settle(p *process, certificates, erased int) {
	s.t.Helper()
	s.published()
	want := fmt.Sprintf("%d records, 0 problems\n", certificates)
	if out := s.must(certd(s.dir, "fsck")); out != want {
		s.t.Errorf("fsck while it runs: %q, want %q", out, want)
	}
	if err := p.end(syscall.SIGTERM); err != nil {
		s.t.Error(err)
	}
	if out := s.must(certd(s.dir, "fsck")); out != want {
		s.t.Errorf("fsck: %q, want %q", out, want)
	}
	s.compareWithCleanBuild(certificates - erased)
	s.agrees(certificates)
}

// agrees holds the tree against its own log: every tile, every proof. Then it throws the tree away: written anew from
// the records, it must be the same to the last byte, log and proofs included.
func (s *siege) agrees(certificates int) {
	s.t.Helper()
	public := filepath.Join(s.dir, "public")
	want := fmt.Sprintf("%d certificates, 0 problems\n", certificates)
	if out, err := exec.Command(program("certgen"), "check", "--public", public, "--no-picture").CombinedOutput(); err != nil || string(out) != want {
		s.t.Errorf("certgen check: %v\n%s", err, out)
	}
	if out, err := exec.Command(program("certgen"), "audit", "--from", public, "--state", filepath.Join(s.dir, "audit.json")).CombinedOutput(); err != nil {
		s.t.Errorf("certgen audit: %v\n%s", err, out)
	}
	before := files(s.t, public)
	for _, dir := range []string{public, public + ".state"} {
		if err := os.RemoveAll(dir); err != nil {
			s.t.Fatal(err)
		}
	}
	s.must(certd(s.dir, "export"))
	after := files(s.t, public)
	for path, data := range before {
		if !bytes.Equal(after[path], data) {
			s.t.Errorf("%s came back with %d bytes, not the same %d", path, len(after[path]), len(data))
		}
	}
	for path := range after {
		if _, ok := before[path]; !ok {
			s.t.Errorf("%s came back and was not there", path)
		}
	}
}

// published waits until the daemon has nothing left to publish.
func (s *siege) published() {
	s.t.Helper()
	c := control.Dial(filepath.Join(s.dir, "data", "certd.sock"))
	defer c.Close()
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		h, err := c.Health(context.Background())
		if err != nil {
			s.t.Fatal(err)
		}
		if h.Pending == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("still unpublished: %+v", h)
		}
	}
}

// compareWithCleanBuild builds the documents of the tree anew, elsewhere, and compares every byte.
func (s *siege) compareWithCleanBuild(certificates int) {
	s.t.Helper()
	public, clean := filepath.Join(s.dir, "public"), filepath.Join(s.dir, "clean", "public")
	documents := 0
	for path, data := range files(s.t, public) {
		if strings.HasSuffix(path, "/credential.json") {
			documents++
		} else if !site.IsDocument(path) {
			continue
		}
		to := filepath.Join(clean, path)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	if documents != certificates {
		s.t.Errorf("%d documents are published of %d certificates", documents, certificates)
	}
	if out, err := exec.Command(program("certgen"), "build", "--public", clean).CombinedOutput(); err != nil {
		s.t.Fatalf("certgen build: %v\n%s", err, out)
	}
	got, want := files(s.t, public), files(s.t, clean)
	for path, data := range want {
		if other, ok := got[path]; !ok {
			s.t.Errorf("%s is missing from the public tree", path)
		} else if !bytes.Equal(data, other) {
			s.t.Errorf("%s differs from a clean build", path)
		}
	}
	for path := range got {
		if _, ok := want[path]; !ok {
			s.t.Errorf("%s is in the public tree and in no clean build", path)
		}
	}
}

// files reads a whole tree.
func files(t *testing.T, root string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		all[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

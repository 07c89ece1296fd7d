package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"laurel/credential"
	"laurel/site"
)

// known returns who has been told of which certificate by now.
func (s *siege) known() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.acked)
}

// backup takes a backup once n certificates are acknowledged, and returns those of before it.
func (s *siege) backup(file string, n int) map[string]string {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); len(s.known()) < n && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	before := s.known()
	if out := s.must(certd(s.dir, "backup", file)); !strings.Contains(out, " records, 0 problems") {
		s.t.Fatal(out)
	}
	return before
}

func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestABackupTakenUnderLoadIsWholeAndDoesNotForkTheLog(t *testing.T) {
	s := newSiege(t, 1)
	p := s.ready()
	var callers sync.WaitGroup
	for c := range 4 {
		callers.Go(func() {
			for i := range 25 {
				s.post(p.addr, fmt.Sprintf("caller %d request %d", c, i))
			}
		})
	}
	s.backup("early.db", 1)
	before := s.backup("late.db", 20)
	callers.Wait()
	if stdout, _, err := certd(s.dir, "backup", "late.db"); err == nil || stdout != "" {
		t.Errorf("a backup was overwritten: %s", stdout)
	}
	if err := p.end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.must(certd(s.dir, "export"))
	s.must(certd(s.dir, "backup", "cold.db"))
	checkpoint := read(t, s.dir, "public", "log", "checkpoint")

	// Elsewhere, with the seeds and nothing else.
	other := t.TempDir()
	if err := os.MkdirAll(filepath.Join(other, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, seed := range []string{"seed", "log-seed"} {
		if err := os.WriteFile(filepath.Join(other, "data", seed), read(t, s.dir, "data", seed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.must(certd(other, "restore", filepath.Join(s.dir, "late.db")))
	if out := s.must(certd(other, "fsck")); !strings.HasSuffix(out, " records, 0 problems\n") {
		t.Error(out)
	}
	s.must(certd(other, "export"))
	for recipient, number := range before {
		for _, path := range []string{site.CredentialPath(credential.Number(number)), site.PicturePath(credential.Number(number)), "c/" + number + "/index.html"} {
			if !bytes.Equal(read(t, other, "public", path), read(t, s.dir, "public", path)) {
				t.Errorf("%s, which %s was told of before the backup, is not the same", path, recipient)
			}
		}
	}
	if out, err := exec.Command(program("certgen"), "check", "--public", filepath.Join(other, "public")).CombinedOutput(); err != nil || !strings.Contains(string(out), ", 0 problems") {
		t.Errorf("%v: %s", err, out)
	}

	// Beside what was published since, an older backup would make a second log of the same name.
	whole := s.must(certd(s.dir, "fsck"))
	for _, old := range []string{"early.db", "late.db"} {
		stdout, stderr, err := certd(s.dir, "restore", old)
		if err == nil || !strings.Contains(stderr, "behind the published log") {
			t.Errorf("%s: %v: %s%s", old, err, stdout, stderr)
		}
		if after := s.must(certd(s.dir, "fsck")); after != whole || !bytes.Equal(checkpoint, read(t, s.dir, "public", "log", "checkpoint")) {
			t.Errorf("%s: records or log have changed", old)
		}
	}
	if out := s.must(certd(s.dir, "restore", "early.db", "--adopt", "public")); !strings.Contains(out, "adopted entries ") || !strings.Contains(out, "are lost") {
		t.Error(out)
	}
	if after := s.must(certd(s.dir, "fsck")); after != whole || !bytes.Equal(checkpoint, read(t, s.dir, "public", "log", "checkpoint")) {
		t.Errorf("adopted: %s, and it was %s", after, whole)
	}
	if out := s.must(certd(s.dir, "restore", "--adopt", "public")); !strings.Contains(out, "nothing was missing") {
		t.Error(out)
	}
	if out := s.must(certd(s.dir, "restore", "cold.db")); !strings.Contains(out, "certd.db.before-") {
		t.Error(out)
	}
	damaged := read(t, s.dir, "cold.db")
	for i := len(damaged) / 2; i < len(damaged); i += 97 {
		damaged[i] ^= 1
	}
	if err := os.WriteFile(filepath.Join(s.dir, "damaged.db"), damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, err := certd(s.dir, "restore", "damaged.db"); err == nil {
		t.Errorf("a damaged backup is taken: %s", stderr)
	}
	q := s.ready()
	if _, stderr, err := certd(s.dir, "restore", "cold.db"); err == nil || !strings.Contains(stderr, "end it first") {
		t.Errorf("under a running daemon: %v: %s", err, stderr)
	}
	s.checkAll(q.addr)
	if err := q.end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// checkAll asks for every certificate that anybody was told of.
func (s *siege) checkAll(addr string) {
	s.t.Helper()
	if n, want := total(s.t, addr, s.token), len(s.known()); n != want {
		s.t.Errorf("%d certificates, %d were acknowledged", n, want)
	}
}

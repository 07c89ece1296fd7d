package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tableOf writes a table of n lines.
func tableOf(t testing.TB, path string, n int) {
	t.Helper()
	var b strings.Builder
	b.WriteString("\ufefftemplate,recipient_id,recipient_name,achievement_id,achievement_name,completion_rate\r\n")
	for i := range n {
		fmt.Fprintf(&b, "course,%d,样例 %d,C-301,安全生产基础,%d\r\n", 100000+i, i, 80+i%21)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAnInterruptedImportIsRunAgainAndIssuesEachLineOnce(t *testing.T) {
	const lines = 2000
	dir := t.TempDir()
	if _, stderr, err := certd(dir, "init", "--base-url", "https://certs.example.org", "--issuer-name", "X"); err != nil {
		t.Fatal(stderr)
	}
	token, _, err := certd(dir, "token", "create", "--name", "reader", "--scope", "read")
	if err != nil {
		t.Fatal(err)
	}
	tableOf(t, filepath.Join(dir, "all.csv"), lines)
	p, err := launch(dir, filepath.Join(dir, "d.log"), "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer p.end(os.Kill)
	if err := p.ready(); err != nil {
		t.Fatal(err)
	}
	first := exec.Command(program("certd"), "import", "all.csv")
	first.Dir = dir
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	for issued := 0; issued < 100; issued = total(t, p.addr, strings.TrimSpace(token)) {
		time.Sleep(time.Millisecond)
	}
	if err := first.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	ended := first.Wait()
	done := total(t, p.addr, strings.TrimSpace(token))
	if done < lines && first.ProcessState.ExitCode() != 1 {
		t.Errorf("interrupted after %d lines, it ended with %v", done, ended)
	}
	if told := numbered(t, filepath.Join(dir, "all.csv.results.csv")); told != done {
		t.Errorf("%d lines are told of, %d were issued", told, done)
	}
	stdout, stderr, err := certd(dir, "import", "all.csv")
	if err != nil || !strings.Contains(stdout, fmt.Sprintf("issued %d, issued before %d, refused 0", lines-done, done)) {
		t.Errorf("again, after %d: %v: %s%s", done, err, stdout, stderr)
	}
	if told := numbered(t, filepath.Join(dir, "all.csv.results.csv")); told != lines {
		t.Errorf("%d of %d lines have a number", told, lines)
	}
	if stdout, _, err := certd(dir, "fsck"); err != nil || stdout != fmt.Sprintf("%d records, 0 problems\n", lines) {
		t.Errorf("%v: %s", err, stdout)
	}
}

// total asks the daemon how many certificates there are.
func total(t *testing.T, addr, token string) int {
	t.Helper()
	req, err := http.NewRequest("GET", "http://"+addr+"/v1/certificates?limit=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var list struct{ Total int }
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil || res.StatusCode != 200 {
		t.Fatalf("status %d, %v", res.StatusCode, err)
	}
	return list.Total
}

// numbered counts the lines of a results file that have a number, each once.
func numbered(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range rows[1:] {
		if seen[r[5]] {
			t.Errorf("%s stands twice", r[5])
		}
		seen[r[5]] = r[5] != ""
	}
	return len(seen)
}

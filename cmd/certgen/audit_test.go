package main

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"laurel/site"
)

func TestASiteIsAuditedByItsAddress(t *testing.T) {
	dir := t.TempDir()
	public, state, numbers := filepath.Join(dir, "public"), filepath.Join(dir, "seen.json"), filepath.Join(dir, "numbers")
	s, err := newSigner("https://certs.example.org")
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.tree(public)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(numbers, []byte(strings.Join(all, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	var asked []string
	files := http.FileServer(http.Dir(public))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		files.ServeHTTP(w, r)
	}))
	defer server.Close()

	visit := func(more ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"audit", "--from", server.URL, "--state", state}, more...), &out, &out)
		return out.String(), err
	}
	if out, err := visit(); err != nil || !strings.Contains(out, "3 entries, 3 of them new") || !strings.Contains(out, "0 certificates, 0 findings") {
		t.Errorf("%s, %v", out, err)
	}
	for _, path := range asked {
		if strings.HasPrefix(path, "/c/") {
			t.Errorf("%s was asked for, although no number was given", path)
		}
	}
	if out, err := visit("--numbers", numbers); err != nil || !strings.Contains(out, "3 certificates, 0 findings") {
		t.Errorf("%s, %v", out, err)
	}
	if err := os.Remove(filepath.Join(public, site.CheckpointPath)); err != nil {
		t.Fatal(err)
	}
	if out, err := visit(); !errors.Is(err, errFailed) || !strings.Contains(out, "unreadable: log/checkpoint: it is not there") {
		t.Errorf("%s, %v", out, err)
	}
	server.Close()
	if _, err := visit(); err == nil || errors.Is(err, errFailed) {
		t.Errorf("a host that does not answer: %v", err)
	}
}

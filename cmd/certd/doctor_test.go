package main

import (
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheDoctorAsksTheBaseAddressForTheVeryFilesOfTheTree(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, stderr, err := certd(dir, "init", "--base-url", fmt.Sprintf("http://localhost:%d", l.Addr().(*net.TCPAddr).Port), "--issuer-name", "X"); err != nil {
		t.Fatal(stderr)
	}
	files := http.FileServer(http.Dir(filepath.Join(dir, "public")))
	answer := http.HandlerFunc(files.ServeHTTP) // changed between runs of the doctor, never during one
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) })}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	if stdout, stderr, err := certd(dir, "doctor"); err != nil || strings.Contains(stdout, "BAD") || !strings.Contains(stdout, "ok   clock") {
		t.Errorf("%v: %s%s", err, stdout, stderr)
	}
	for want, wrong := range map[string]http.HandlerFunc{
		"answers 404 Not Found": http.NotFound,
		"is served as \"text/plain\"": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			files.ServeHTTP(w, r)
		},
		"is not what": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, "{}")
		},
		"differ by": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", "Sun, 01 Mar 2020 00:00:00 GMT")
			files.ServeHTTP(w, r)
		},
	} {
		answer = wrong
		if stdout, _, err := certd(dir, "doctor"); err == nil || !strings.Contains(stdout, want) {
			t.Errorf("%s: %v: %s", want, err, stdout)
		}
	}
}

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

	"github.com/goccy/go-yaml"

	"laurel/site"
	"laurel/templates"
)

// hosted serves a built tree of three certificates through change, and returns its address and a number.
func hosted(t *testing.T, change func(http.Handler) http.Handler) (address, number string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "public")
	s, err := newSigner("https://certs.example.org")
	if err != nil {
		t.Fatal(err)
	}
	numbers, err := s.tree(dir)
	if err != nil {
		t.Fatal(err)
	}
	set, err := templates.Open("")
	if err != nil {
		t.Fatal(err)
	}
	b, err := site.Open(dir, set, site.Options{Only: []string{site.OnlyHTML}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.BuildTree(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	h, err := newStatic(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	server := httptest.NewServer(change(h))
	t.Cleanup(server.Close)
	return server.URL, numbers[0]
}

func checkHosted(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), append([]string{"check-host"}, args...), &out, os.Stderr)
	return out.String(), err
}

// anyAge is enough for the checkpoint of the scripts' trees, which was signed once and for all.
const anyAge = "876000h"

func TestAnOldCheckpointIsAProblem(t *testing.T) {
	address, _ := hosted(t, func(h http.Handler) http.Handler { return h })
	out, err := checkHosted(t, address, "--quiet")
	if !errors.Is(err, errFailed) || !strings.Contains(out, "is certd running, and are its files copied here?") || !strings.HasSuffix(out, " 1 problems\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestAHostThatFollowsTheRulesIsGreen(t *testing.T) {
	address, number := hosted(t, func(h http.Handler) http.Handler { return h })
	out, err := checkHosted(t, address+"/", "--number", number, "--max-age", anyAge)
	if err != nil || !strings.Contains(out, "verification: valid") || !strings.HasSuffix(out, ", 0 problems\n") {
		t.Errorf("%v\n%s", err, out)
	}
	if !strings.Contains(out, "a copy: the original lives at https://certs.example.org") {
		t.Errorf("nothing about the copy\n%s", out)
	}
	out, err = checkHosted(t, address, "--max-age", anyAge)
	if err != nil || !strings.Contains(out, "give the number of one with --number") {
		t.Errorf("without a number: %v\n%s", err, out)
	}
}

// spoiled changes the answers to one path.
func spoiled(path string, spoil func(http.ResponseWriter, *http.Request, http.Handler)) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, path) && (path != "/" || r.URL.Path == "/") {
				spoil(w, r, h)
				return
			}
			h.ServeHTTP(w, r)
		})
	}
}

// over answers as h does, with one header replaced.
func over(name, value string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, h http.Handler) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		if w.Header().Set(name, value); value == "" {
			w.Header().Del(name)
		}
		w.WriteHeader(rec.Code)
		w.Write(rec.Body.Bytes())
	}
}

func TestWhatAHostDoesWrongIsSaid(t *testing.T) {
	for _, c := range []struct {
		name, path, want string
		spoil            func(http.ResponseWriter, *http.Request, http.Handler)
	}{
		{"type", "/.well-known/did.json", `Content-Type is "application/octet-stream"; it must be "application/json"`, over("Content-Type", "application/octet-stream")},
		{"charset", "/robots.txt", `Content-Type is "text/plain; charset=latin1"`, over("Content-Type", "text/plain; charset=latin1")},
		{"cache", "/assets/", `Cache-Control is "no-store"; it must be "public, max-age=31536000, immutable"`, over("Cache-Control", "no-store")},
		{"origin", "/status/", `verifiers elsewhere need "*"`, over("Access-Control-Allow-Origin", "")},
		{"found", "/c/0000-", "status 200; it must be 404", func(w http.ResponseWriter, r *http.Request, h http.Handler) {
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte("<p>welcome"))
		}},
		{"own page", "/c/0000-", "it is the host's own page", func(w http.ResponseWriter, r *http.Request, h http.Handler) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(404)
			w.Write([]byte("<h1>nginx"))
		}},
		{"gone", "/site.json", "status 404; it must be 200", func(w http.ResponseWriter, r *http.Request, h http.Handler) { http.NotFound(w, r) }},
		{"forged", "/status/revocation/", "verification: unavailable: status: the revocation list cannot be trusted", func(w http.ResponseWriter, r *http.Request, h http.Handler) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "public, max-age=300")
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Write([]byte("{}"))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			address, number := hosted(t, spoiled(c.path, c.spoil))
			out, err := checkHosted(t, address, "--number", number, "--quiet")
			if !errors.Is(err, errFailed) || !strings.Contains(out, c.want) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func TestAHostThatDoesNotAnswerIsNamed(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	if _, err := checkHosted(t, server.URL); err == nil || !strings.Contains(err.Error(), server.URL+" cannot be reached") {
		t.Errorf("got %v", err)
	}
	for _, args := range [][]string{{}, {"host"}, {"ftp://host"}, {"https://host/path"}, {"https://a", "https://b"}, {"https://a", "--number", "1"}} {
		var wrong *usageError
		if _, err := checkHosted(t, args...); !errors.As(err, &wrong) {
			t.Errorf("%q: %v", args, err)
		}
	}
}

func TestTheCloudFrontTemplateIsYAMLWithinItsLimits(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"host-config", "cloudfront"}, &out, os.Stderr); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Resources struct {
			Site struct {
				Properties struct {
					DistributionConfig struct {
						CacheBehaviors []map[string]any `yaml:"CacheBehaviors"`
					} `yaml:"DistributionConfig"`
				} `yaml:"Properties"`
			} `yaml:"Site"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if n := len(doc.Resources.Site.Properties.DistributionConfig.CacheBehaviors); n == 0 || n > 25 {
		t.Errorf("%d cache behaviours; a distribution takes 25", n)
	}
}

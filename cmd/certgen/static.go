package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"

	"laurel/site"
)

// static serves a folder as static hosts do. os.Root keeps every path inside it, links included.
type static struct {
	root *os.Root

	mu    sync.Mutex
	rules []headerRule
	read  os.FileInfo // the _headers file that rules are from
}

func newStatic(dir string) (*static, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("public tree: %w", err)
	}
	return &static{root: root}, nil
}

func (s *static) close() { s.root.Close() }

// contentTypes do not depend on what the machine's own tables say.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".ico":  "image/x-icon",
	".jpg":  "image/jpeg",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".pdf":  "application/pdf",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

func (s *static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	name, ok := fileName(r.URL.Path)
	if !ok {
		s.notFound(w, r)
		return
	}
	f, info, err := s.open(name)
	if errors.Is(err, errFolder) {
		if !strings.HasSuffix(r.URL.Path, "/") && s.has(name+"/index.html") {
			redirect(w, r)
			return
		}
		f, info, err = s.open(path.Join(name, "index.html"))
	}
	if err != nil || info.Name() != "index.html" && strings.HasSuffix(r.URL.Path, "/") {
		if f != nil {
			f.Close()
		}
		s.notFound(w, r)
		return
	}
	defer f.Close()
	s.setHeaders(w, r.URL.Path, info.Name())
	w.Header().Set("ETag", `"`+strconv.FormatInt(info.ModTime().UnixNano(), 36)+"-"+strconv.FormatInt(info.Size(), 36)+`"`)
	http.ServeContent(w, r, info.Name(), info.ModTime(), f)
}

// fileName turns a request's path into a file's name. Hidden files, what is meant for the host, and paths that are not
// clean have none; .well-known is the one hidden folder of a site.
func fileName(p string) (string, bool) {
	name := strings.TrimSuffix(strings.TrimPrefix(p, "/"), "/")
	if name == "" {
		return ".", p == "/"
	}
	if !strings.HasPrefix(p, "/") || !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") || name == site.HeadersPath {
		return "", false
	}
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") && part != ".well-known" {
			return "", false
		}
	}
	return name, true
}

// redirect adds the slash that a folder's address ends with. The target is a path, never another host.
func redirect(w http.ResponseWriter, r *http.Request) {
	to := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/") + "/", RawQuery: r.URL.RawQuery}
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusMovedPermanently)
}

var errFolder = errors.New("a folder")

// open opens a regular file of the tree.
func (s *static) open(name string) (*os.File, os.FileInfo, error) {
	f, err := s.root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = errFolder
	case !info.Mode().IsRegular():
		err = fs.ErrNotExist
	default:
		return f, info, nil
	}
	f.Close()
	return nil, nil, err
}

func (s *static) has(name string) bool {
	f, _, err := s.open(name)
	if err == nil {
		f.Close()
	}
	return err == nil
}

func (s *static) notFound(w http.ResponseWriter, r *http.Request) {
	f, _, err := s.open(site.NotFoundPath)
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	defer f.Close()
	s.setHeaders(w, "/"+site.NotFoundPath, site.NotFoundPath)
	w.WriteHeader(http.StatusNotFound)
	if r.Method == http.MethodGet {
		io.Copy(w, f)
	}
}

func (s *static) setHeaders(w http.ResponseWriter, p, file string) {
	typ, ok := contentTypes[strings.ToLower(path.Ext(file))]
	if !ok {
		typ = "application/octet-stream"
	}
	w.Header().Set("Content-Type", typ)
	for _, rule := range s.headerRules() {
		if rule.matches(p) {
			rule.apply(w.Header())
		}
	}
}

// headerRules reads _headers again when it has changed, as a build may change it.
func (s *static) headerRules() []headerRule {
	info, err := s.root.Stat(site.HeadersPath)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.rules, s.read = nil, nil
		return nil
	}
	if s.read != nil && os.SameFile(s.read, info) && s.read.ModTime().Equal(info.ModTime()) && s.read.Size() == info.Size() {
		return s.rules
	}
	f, info, err := s.open(site.HeadersPath)
	if err != nil {
		return s.rules
	}
	defer f.Close()
	s.rules, s.read = parseHeaders(io.LimitReader(f, 1<<20)), info
	return s.rules
}

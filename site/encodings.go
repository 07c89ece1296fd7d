package site

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// Encodings are those in which text files lie compressed beside themselves, for web servers that hand such files out as
// they are: names of AllEncodings in their order with commas between, "" for none. A file's name has its encoding added:
// index.html.gz. Such a file is a sibling of the one that it is made of.
type Encodings string

// The encodings, by the ends of names.
const (
	Gzip   = "gz"
	Brotli = "br"
)

// AllEncodings are the encodings that can be chosen.
func AllEncodings() []string { return []string{Gzip, Brotli} }

// ChooseEncodings makes a choice of names.
func ChooseEncodings(names []string) (Encodings, error) {
	var chosen []string
	for _, name := range names {
		if !slices.Contains(AllEncodings(), name) {
			return "", fmt.Errorf("unknown encoding %q; known are %s", name, strings.Join(AllEncodings(), ", "))
		}
	}
	for _, name := range AllEncodings() {
		if slices.Contains(names, name) {
			chosen = append(chosen, name)
		}
	}
	return Encodings(strings.Join(chosen, ",")), nil
}

// Names returns the chosen encodings.
func (e Encodings) Names() []string {
	if e == "" {
		return nil
	}
	return strings.Split(string(e), ",")
}

// Has reports whether an encoding was chosen.
func (e Encodings) Has(name string) bool { return slices.Contains(e.Names(), name) }

// Compressible reports whether files of a class may have siblings: text that is more than a few lines. did.json may not,
// because a mirror changes it in two steps.
func (c Class) Compressible() bool {
	typ, _, _ := strings.Cut(c.ContentType, ";")
	switch typ {
	case "text/html", "text/css", "text/javascript", "image/svg+xml", "application/json":
		return c.Pattern != DIDPath
	}
	return false
}

func compressible(path string) bool {
	c, ok := ClassOf(path)
	return ok && c.Compressible()
}

// siblings returns the paths that the siblings of a file can have.
func siblings(path string) (all []string) {
	for _, e := range AllEncodings() {
		all = append(all, path+"."+e)
	}
	return all
}

// SiblingOf returns the file that a path is a sibling of, and its encoding.
func SiblingOf(path string) (source, encoding string, ok bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 || !slices.Contains(AllEncodings(), path[i+1:]) || !compressible(path[:i]) {
		return "", "", false
	}
	return path[:i], path[i+1:], true
}

// How hard is compressed: beyond this, hours for large trees buy a hundredth.
const (
	gzipLevel   = gzip.BestCompression
	brotliLevel = 5
)

// press compresses. What it makes depends on nothing but the data: no time, name or system is in it. The zero value is
// ready, and safe for concurrent use.
type press struct{ gzip, brotli sync.Pool }

// compressor is a writer of either encoding.
type compressor interface {
	io.WriteCloser
	Reset(io.Writer)
}

// smaller returns data in an encoding, nil where that is no smaller.
func (p *press) smaller(encoding string, data []byte) ([]byte, error) {
	pool := &p.gzip
	if encoding == Brotli {
		pool = &p.brotli
	}
	w, ok := pool.Get().(compressor)
	if !ok {
		var err error
		if w, err = newCompressor(encoding); err != nil {
			return nil, err
		}
	}
	defer pool.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	_, err := w.Write(data)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	if out.Len() >= len(data) {
		return nil, nil
	}
	return out.Bytes(), nil
}

func newCompressor(encoding string) (compressor, error) {
	if encoding == Brotli {
		return brotli.NewWriterLevel(nil, brotliLevel), nil
	}
	return gzip.NewWriterLevel(nil, gzipLevel)
}

// maxExpanded is larger than any text file of a tree.
const maxExpanded = 64 << 20

// expand undoes an encoding.
func expand(encoding string, data []byte) ([]byte, error) {
	var r io.Reader = brotli.NewReader(bytes.NewReader(data))
	if encoding == Gzip {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		r = z
	}
	out, err := io.ReadAll(io.LimitReader(r, maxExpanded+1))
	if err == nil && len(out) > maxExpanded {
		err = fmt.Errorf("more than %d bytes", maxExpanded)
	}
	return out, err
}

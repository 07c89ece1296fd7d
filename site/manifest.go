package site

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"laurel/credential"
	"laurel/internal/durable"
)

// manifest remembers what the outputs of each certificate were made from. It is disposable: without it everything is
// rendered again and compared. It lies in one small file for each pair of first symbols of a number, 1,024 in all, to
// which lines are appended and whose last line about a number counts. So a daemon that adds one certificate to a
// million writes one line, and a build that goes through them in order holds few of them in memory.
type manifest struct {
	dir  string
	keep int // shards that stay in memory

	flushing sync.Mutex // held by flush

	mu      sync.Mutex
	shards  map[string]*shard
	recent  []string          // the shards in memory, the one loaded last at the end
	pending map[string][]byte // lines for the next flush
	leaving map[string][]byte // lines of the flush that is under way
}

// shard is one file of the manifest, read.
type shard struct {
	entries map[credential.Number]entry
	lines   int
}

// entry is what is known of one certificate's outputs.
type entry struct {
	doc  stamp
	seen sight
	look look
	made [outputCount]made

	beside stamp // of the certificate's siblings; zero: there are none
}

// made is one output: what it was made from, and how its file looked then.
type made struct {
	stamp stamp
	glance
}

// sight is how the files of a certificate's documents looked. Together with the entry of which it is a part it tells a
// build that there is nothing to read.
type sight struct{ credential, statements glance }

// glance is how a file looked; zero: it was not there.
type glance struct {
	size  int64
	mtime int64 // Unix nanoseconds
}

func (g glance) none() bool { return g == glance{} }

// glanceAt looks at a file. One that cannot be looked at is as good as none: whoever reads it says why.
func glanceAt(path string) glance {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return glance{}
	}
	return glance{info.Size(), info.ModTime().UnixNano()}
}

func (b *Builder) lookAt(n credential.Number) sight {
	return sight{glanceAt(b.path(CredentialPath(n))), glanceAt(b.path(StatusPath(n)))}
}

// look is all that a picture takes from its document besides the text: it lets a build find the layout of an unchanged
// document without reading it.
type look struct {
	template, kind string
	han            bool
}

// cachedShards is how many shards stay in memory at least; a build keeps one more than it has workers, each of which
// needs one, and gives it back.
const cachedShards = 4

func openManifest(state string) *manifest {
	return &manifest{dir: filepath.Join(state, "manifest"), keep: cachedShards, shards: map[string]*shard{}, pending: map[string][]byte{}, leaving: map[string][]byte{}}
}

func shardOf(n credential.Number) string { return string(n[:2]) }

// get returns what is known of a certificate.
func (m *manifest) get(n credential.Number) (entry, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.load(shardOf(n))
	e, ok := s.entries[n]
	return e, ok
}

// put remembers an entry; it reaches the disk with the next flush.
func (m *manifest) put(n credential.Number, e entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := shardOf(n)
	m.pending[key] = e.append(m.pending[key], n)
	if s, ok := m.shards[key]; ok {
		s.entries[n] = e
		s.lines++
	}
}

// drop forgets a certificate.
func (m *manifest) drop(n credential.Number) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := shardOf(n)
	m.pending[key] = append(append(m.pending[key], n...), '\n')
	if s, ok := m.shards[key]; ok {
		delete(s.entries, n)
		s.lines++
	}
}

// flush writes what waits, once sync has made the outputs themselves safe: a manifest that is ahead of the tree could
// hold a stale file for a fresh one. Nobody else waits while sync runs.
func (m *manifest) flush(sync func() error) error {
	m.flushing.Lock()
	defer m.flushing.Unlock()
	m.mu.Lock()
	for key, lines := range m.pending {
		if before, ok := m.leaving[key]; ok { // what an earlier flush could not write
			lines = append(before, lines...)
		}
		m.leaving[key] = lines
	}
	clear(m.pending)
	n := len(m.leaving)
	m.mu.Unlock()
	if n == 0 {
		return nil
	}
	if err := sync(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return err
	}
	for key, lines := range m.leaving {
		if err := appendFile(filepath.Join(m.dir, key), lines); err != nil {
			return fmt.Errorf("manifest: %w", err)
		}
		delete(m.leaving, key)
	}
	return nil
}

func appendFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	// A crash may have left half a line; it must not swallow the one that follows.
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		var last [1]byte
		if _, err := f.ReadAt(last[:], info.Size()-1); err == nil && last[0] != '\n' {
			data = append([]byte("\n"), data...)
		}
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// load returns a shard, from memory or from its file, together with what waits to be written to it.
func (m *manifest) load(key string) *shard {
	if s, ok := m.shards[key]; ok {
		return s
	}
	path := filepath.Join(m.dir, key)
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		data = nil // unreadable is as good as lost
	}
	s := &shard{entries: map[credential.Number]entry{}}
	s.parse(data)
	if s.lines > 2*len(s.entries)+16 {
		m.compact(path, s)
	}
	s.parse(m.leaving[key])
	s.parse(m.pending[key])
	m.shards[key] = s
	m.recent = append(m.recent, key)
	if len(m.recent) > m.keep {
		delete(m.shards, m.recent[0])
		m.recent = m.recent[1:]
	}
	return s
}

// compact rewrites a file whose lines are mostly outdated. Failing to is no loss.
func (m *manifest) compact(path string, s *shard) {
	var out []byte
	for n, e := range s.entries {
		out = e.append(out, n)
	}
	if durable.WriteFile(path, out, 0o600) == nil {
		s.lines = len(s.entries)
	}
}

// parse reads whole lines, and skips those that are none of ours: half of one after a crash, or another version's.
func (s *shard) parse(data []byte) {
	for {
		line, rest, ok := bytes.Cut(data, []byte("\n"))
		if !ok {
			return
		}
		data = rest
		s.lines++
		n, e, ok := parseEntry(string(line))
		switch {
		case ok:
			s.entries[n] = e
		case len(line) == len(n):
			delete(s.entries, n)
		}
	}
}

// append writes: number, document, size and time of credential and statements, template, kind, script, and stamp, size,
// time of each output, and the siblings where there are any.
func (e entry) append(dst []byte, n credential.Number) []byte {
	script := "other"
	if e.look.han {
		script = "han"
	}
	dst = fmt.Appendf(dst, "%s %x", n, e.doc)
	for _, g := range []glance{e.seen.credential, e.seen.statements} {
		dst = fmt.Appendf(dst, " %d %d", g.size, g.mtime)
	}
	dst = fmt.Appendf(dst, " %s %s %s", e.look.template, e.look.kind, script)
	for _, m := range e.made {
		dst = fmt.Appendf(dst, " %x %d %d", m.stamp, m.size, m.mtime)
	}
	if e.beside != (stamp{}) {
		dst = fmt.Appendf(dst, " %x", e.beside)
	}
	return append(dst, " .\n"...)
}

func parseEntry(line string) (n credential.Number, e entry, ok bool) {
	f := strings.Split(line, " ")
	n = credential.Number(f[0])
	if len(f) == 11+3*outputCount && parseStamp(&e.beside, f[len(f)-2]) {
		f = slices.Delete(f, len(f)-2, len(f)-1)
	}
	if len(f) != 10+3*outputCount || f[len(f)-1] != "." {
		return n, e, false
	}
	ok = parseStamp(&e.doc, f[1]) && e.seen.credential.parse(f[2:4]) && e.seen.statements.parse(f[4:6])
	e.look = look{template: strings.Clone(f[6]), kind: strings.Clone(f[7]), han: f[8] == "han"} // and not all of the line
	n = credential.Number(strings.Clone(f[0]))
	for i := range e.made {
		ok = ok && e.made[i].parse(f[9+3*i:12+3*i])
	}
	return n, e, ok
}

func (m *made) parse(f []string) bool { return parseStamp(&m.stamp, f[0]) && m.glance.parse(f[1:3]) }

func (g *glance) parse(f []string) bool {
	var err1, err2 error
	g.size, err1 = strconv.ParseInt(f[0], 10, 64)
	g.mtime, err2 = strconv.ParseInt(f[1], 10, 64)
	return err1 == nil && err2 == nil
}

func parseStamp(to *stamp, s string) bool {
	if len(s) != 2*len(to) {
		return false
	}
	_, err := hex.Decode(to[:], []byte(s))
	return err == nil
}

// fresh reports whether the output at path was made from what want stands for and has not been touched since.
func (m made) fresh(path string, want stamp) bool {
	return m.stamp == want && !m.none() && m.glance == glanceAt(path)
}

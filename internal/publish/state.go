package publish

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// state is what a target holds, as far as is known here. It lies in small files, one for each first two symbols of a
// unit's name and one for all other files, to which lines are appended and whose last line about a path counts. Before
// a file is touched on the target its line says that it is not known, and afterwards what it is; so whatever cuts a run
// off, nothing is believed that was not confirmed. It is disposable, at the price of comparing with a list of the target.
type state struct {
	dir  string
	lock *os.File

	mu      sync.Mutex
	shards  map[string]*shard
	pending map[string][]byte
	waiting int
}

type shard struct {
	entries map[string]entry
	lines   int
}

// entry is what is known of one file on the target.
type entry struct {
	known bool
	sum   sum
	size  int64 // of the file in the tree when it was uploaded
	mtime int64
	print uint32 // of the options that it was uploaded with
}

// sum is the beginning of a SHA-256.
type sum [16]byte

func sumOf(data []byte) sum {
	s := sha256.Sum256(data)
	return sum(s[:])
}

func printOf(o Options) uint32 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%q %q %t", o.ContentType, o.CacheControl, o.Immutable)
	return h.Sum32()
}

const commonShard = "common"

// openState takes the target's lock. The error is ErrBusy where another process has it.
func openState(dir, name string) (*state, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		if err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != unix.EINTR {
			break
		}
	}
	if err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", name, ErrBusy)
		}
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	s := &state{dir: dir, lock: f, shards: map[string]*shard{}, pending: map[string][]byte{}}
	return s, os.WriteFile(filepath.Join(dir, "target"), []byte(name+"\n"), 0o600)
}

func (s *state) close() error { return errors.Join(s.flush(), s.lock.Close()) }

func shardOf(unit string) string {
	if unit == "" {
		return commonShard
	}
	if len(unit) < 2 || !isPlain(unit[0]) || !isPlain(unit[1]) {
		return "other"
	}
	return unit[:2]
}

func isPlain(b byte) bool {
	return '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}

// names returns the keys of all shards that hold units, sorted.
func (s *state) names() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, "files"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	keys := map[string]bool{}
	for _, e := range entries {
		keys[e.Name()] = true
	}
	s.mu.Lock()
	for key := range s.pending {
		keys[key] = true
	}
	s.mu.Unlock()
	delete(keys, commonShard)
	return slices.Sorted(maps.Keys(keys)), nil
}

func (s *state) empty() bool {
	keys, err := s.names()
	return err == nil && len(keys) == 0 && len(s.load(commonShard).entries) == 0
}

func (s *state) get(key, path string) (entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.loadLocked(key).entries[path]
	return e, ok
}

// load returns a shard, which the caller must not change nor hold while the state is written.
func (s *state) load(key string) *shard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loadLocked(key)
}

func (s *state) loadLocked(key string) *shard {
	if sh, ok := s.shards[key]; ok {
		return sh
	}
	sh := &shard{entries: map[string]entry{}}
	data, err := os.ReadFile(s.file(key))
	if err == nil {
		sh.parse(data)
		if sh.lines > 2*len(sh.entries)+16 {
			s.compact(key, sh)
		}
	}
	sh.parse(s.pending[key])
	s.shards[key] = sh
	return sh
}

// release forgets the shards of units, which are read again when they are asked for.
func (s *state) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.shards {
		if key != commonShard {
			delete(s.shards, key)
		}
	}
}

func (s *state) file(key string) string { return filepath.Join(s.dir, "files", key) }

// doubt notes that a file on the target is about to change. What was doubted must be flushed before it does.
func (s *state) doubt(key, path string) { s.put(key, path, entry{}) }

// put notes what the target holds; it returns how many notes wait to be flushed.
func (s *state) put(key, path string, e entry) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending[key] = e.append(s.pending[key], path)
	s.waiting++
	sh := s.loadLocked(key)
	sh.entries[path] = e
	sh.lines++
	return s.waiting
}

// drop notes that the target does not hold a file any more.
func (s *state) drop(key, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending[key] = append(append(s.pending[key], path...), " - .\n"...)
	s.waiting++
	sh := s.loadLocked(key)
	delete(sh.entries, path)
	sh.lines++
}

// flush appends what waits to the files.
func (s *state) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for key, lines := range s.pending {
		if err := s.append(key, lines); err != nil {
			errs = append(errs, err)
			continue
		}
		delete(s.pending, key)
	}
	if len(s.pending) == 0 {
		s.waiting = 0
	}
	return errors.Join(errs...)
}

func (s *state) append(key string, lines []byte) error {
	f, err := os.OpenFile(s.file(key), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(s.file(key)), 0o700); err == nil {
			f, err = os.OpenFile(s.file(key), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
		}
	}
	if err != nil {
		return err
	}
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		var last [1]byte
		if _, err := f.ReadAt(last[:], info.Size()-1); err == nil && last[0] != '\n' {
			lines = append([]byte("\n"), lines...) // half a line of a run that was cut off
		}
	}
	_, err = f.Write(lines)
	return errors.Join(err, f.Close())
}

// compact rewrites a file most of whose lines are outdated. Failing to is no loss.
func (s *state) compact(key string, sh *shard) {
	var out []byte
	for _, path := range slices.Sorted(maps.Keys(sh.entries)) {
		out = sh.entries[path].append(out, path)
	}
	temp := filepath.Join(s.dir, "compact")
	if os.WriteFile(temp, out, 0o600) == nil && os.Rename(temp, s.file(key)) == nil {
		sh.lines = len(sh.entries)
	}
}

// reset forgets everything.
func (s *state) reset() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shards, s.pending, s.waiting = map[string]*shard{}, map[string][]byte{}, 0
	return os.RemoveAll(filepath.Join(s.dir, "files"))
}

// append writes a line: path, sum, size, time, print; or path and ? for what is not known.
func (e entry) append(dst []byte, path string) []byte {
	if !e.known {
		return append(append(dst, path...), " ? .\n"...)
	}
	return fmt.Appendf(dst, "%s %x %d %d %x .\n", path, e.sum, e.size, e.mtime, e.print)
}

// parse reads whole lines and skips what is none.
func (sh *shard) parse(data []byte) {
	for {
		line, rest, ok := bytes.Cut(data, []byte("\n"))
		if !ok {
			return
		}
		data = rest
		sh.lines++
		f := strings.Split(string(line), " ")
		switch {
		case len(f) < 3 || f[len(f)-1] != ".":
		case len(f) == 3 && f[1] == "-":
			delete(sh.entries, f[0])
		case len(f) == 3 && f[1] == "?":
			sh.entries[f[0]] = entry{}
		case len(f) == 6:
			if e, ok := parseEntry(f[1:5]); ok {
				sh.entries[f[0]] = e
			}
		}
	}
}

func parseEntry(f []string) (e entry, ok bool) {
	if len(f[0]) != 2*len(e.sum) {
		return e, false
	}
	_, err1 := hex.Decode(e.sum[:], []byte(f[0]))
	var err2, err3 error
	e.size, err2 = strconv.ParseInt(f[1], 10, 64)
	e.mtime, err3 = strconv.ParseInt(f[2], 10, 64)
	print, err4 := strconv.ParseUint(f[3], 16, 32)
	e.print, e.known = uint32(print), true
	return e, errors.Join(err1, err2, err3, err4) == nil
}

package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"laurel/certlog"
	"laurel/credential"
	"laurel/internal/durable"
	"laurel/templates"
)

// Options tell a Builder how to work. The zero value is good.
type Options struct {
	Jobs     int      // certificates rendered at the same time; 0: one for each core
	FontDirs []string // fonts to use besides the templates' own
	Log      *slog.Logger
	// Pace is called before a certificate is painted, to wait for quieter times, and what it returns, never nil, after
	// that; nil: never waits.
	Pace  func(context.Context) (done func(), err error)
	Prune bool     // Build removes what no document and no template calls for any more
	Force bool     // Build renders everything, whatever the manifest says
	Only  []string // Build renders these outputs of certificates alone (Outputs); empty: all
	// Precompress says in which encodings text files lie compressed beside themselves; nil: as the tree's settings say.
	Precompress *Encodings
	Owner       string // control socket of this process, written into the lock for others to ask
	// Like is a renderer from which fonts and compiled layouts are taken over where they are the same; nil: none. Who
	// opens many trees saves most of the time that takes.
	Like *Renderer
}

// Changes counts the pages, pictures and other files that a build made; signed documents are not counted.
type Changes struct {
	Built     int // written
	Unchanged int // found as they should be, and not touched
	Removed   int // taken away, because nothing calls for them any more
}

// Builder holds a public tree and brings it up to date. Its methods may be called concurrently.
type Builder struct {
	dir      string
	o        Options
	lock     *lock
	manifest *manifest
	build    sync.Mutex     // held by Build
	buffers  sync.Pool      // of *bytes.Buffer, for what is rendered until it is written
	stripes  [64]sync.Mutex // held while a certificate's files are written, by its number
	shared   sync.Mutex     // held while a document of the whole tree is written
	beside   beside

	mu       sync.Mutex  // guards what follows
	place    os.FileInfo // of dir, when its place was taken
	renderer *Renderer
	did      []byte // did.json and site.json of the tree
	settings []byte
	site     *siteState // what they say; nil until both are there and good
	siteErr  error
	based    stamp                          // what the outputs of the whole site were last made from
	newest   map[credential.Number]int      // revisions that Add has written, of those that were changed
	added    map[credential.Number]struct{} // by Add during a Build, which must leave them alone; nil outside
	listed   map[string]struct{}            // the same for status lists
}

// Open takes the lock of the tree at dir, which is made if it is not there, parses the templates and reads the tree's
// settings. After a crash it removes the files that were being written. The error is ErrLocked where another process
// builds the tree.
func Open(dir string, t *templates.Set, o Options) (*Builder, error) {
	return openWith(dir, o, func() (*Renderer, error) {
		if o.Like != nil && slices.Equal(o.Like.fontDirs, o.FontDirs) {
			return o.Like.Renew(t)
		}
		return NewRenderer(t, o.FontDirs)
	})
}

// openWith is Open with a renderer that is made once the tree is held.
func openWith(dir string, o Options, renderer func() (*Renderer, error)) (*Builder, error) {
	for _, only := range o.Only {
		if !slices.Contains(Outputs(), only) {
			return nil, fmt.Errorf("unknown output %q; known are %s", only, strings.Join(Outputs(), ", "))
		}
	}
	if o.Jobs <= 0 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	l, err := acquire(dir, o.Owner)
	if err != nil {
		return nil, err
	}
	b := &Builder{newest: map[credential.Number]int{}, dir: dir, o: o, lock: l, manifest: openManifest(StateDir(dir))}
	b.beside.load(StateDir(dir))
	b.manifest.keep = max(cachedShards, o.Jobs+1)
	if b.renderer, err = renderer(); err == nil {
		err = b.start()
	}
	if err != nil {
		return nil, errors.Join(err, l.release())
	}
	return b, nil
}

// start makes the tree ready: no leftovers, its settings read.
func (b *Builder) start() error {
	if err := b.TakePlace(); err != nil {
		return err
	}
	if b.lock.unswept {
		n, err := durable.Sweep(b.dir, func(name string) {
			if ext := filepath.Ext(name); ext != "" && slices.Contains(AllEncodings(), ext[1:]) {
				b.beside.set(true)
			}
		})
		if err != nil {
			return fmt.Errorf("remove what a crash left in %s: %w", b.dir, err)
		}
		durable.Sweep(b.manifest.dir, nil)
		if n > 0 {
			b.o.Log.Info("removed files of a build that was cut off", "tree", b.dir, "files", n)
		}
	}
	for path, to := range map[string]*[]byte{DIDPath: &b.did, SettingsPath: &b.settings} {
		data, err := readDocument(b.dir, path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		*to = data
	}
	b.readSite()
	return nil
}

// readSite reads the site's documents as they are now. Call it with mu held.
func (b *Builder) readSite() {
	b.site, b.siteErr = newSiteState(b.did, b.settings)
	if b.siteErr != nil {
		b.siteErr = fmt.Errorf("%s: %w", b.dir, b.siteErr)
	}
}

// newSiteState reads did.json and site.json together: the one gives the keys that signed the other.
func newSiteState(didJSON, siteJSON []byte) (*siteState, error) {
	if len(didJSON) == 0 || len(siteJSON) == 0 {
		return nil, fmt.Errorf("no %s and %s; this is no public tree of Laurel's, or certd export must write it anew", DIDPath, SettingsPath)
	}
	did, err := credential.ParseDID(didJSON)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", DIDPath, err)
	}
	s := &siteState{keys: did.Keys()}
	if s.Settings, err = ParseSettings(siteJSON, s.keys); err != nil {
		return nil, err
	}
	s.data = siteData{Host: s.Host(), BaseURL: s.BaseURL, IssuerName: s.IssuerName, DID: s.Issuer, Timezone: s.Timezone, Log: s.Log.String()}
	var signed struct{ Proof []credential.Proof }
	if err := json.Unmarshal(siteJSON, &signed); err != nil {
		return nil, fmt.Errorf("%s: %w", SettingsPath, err)
	}
	s.data.Fingerprint = fingerprint(signed.Proof)
	s.print = s.data.stamp()
	return s, nil
}

// SetTemplates makes the next Build or Add render by t. On an error the old templates stay in force.
func (b *Builder) SetTemplates(t *templates.Set) error {
	r, err := b.Renderer().Renew(t)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.renderer = r
	return nil
}

// Renderer returns the renderer in force.
func (b *Builder) Renderer() *Renderer {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.renderer
}

// Settings returns what the tree says of itself, or why it cannot be read.
func (b *Builder) Settings() (Settings, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.siteErr != nil {
		return Settings{}, b.siteErr
	}
	return b.site.Settings, nil
}

// DropPartial removes the beginnings of a tile of the log that is full by now.
func (b *Builder) DropPartial(t certlog.Tile) error {
	t.Width = certlog.TileWidth
	return os.RemoveAll(b.path(TilePath(t) + ".p"))
}

// DropPartials removes the beginnings of all tiles of the log that are full by now.
func (b *Builder) DropPartials() error {
	for path, err := range logTiles(b.dir) {
		t, _ := tileIn(path)
		if err != nil {
			return err
		}
		if t.Width == certlog.TileWidth {
			if err := b.DropPartial(t); err != nil {
				return err
			}
		}
	}
	return nil
}

// Sync waits until the tree, and what is remembered of it, has reached the disk.
func (b *Builder) Sync() error {
	synced := false
	err := b.manifest.flush(func() error { synced = true; return b.syncTree() })
	if err == nil && !synced {
		err = b.syncTree()
	}
	return err
}

func (b *Builder) syncTree() error { return durable.SyncFS(b.dir) }

// Close gives the tree back. Calls of Build and Add must have ended.
func (b *Builder) Close() error {
	return errors.Join(b.manifest.flush(b.syncTree), b.beside.save(), b.lock.release())
}

// path returns the file of a path of the tree.
func (b *Builder) path(p string) string { return filepath.Join(b.dir, filepath.FromSlash(p)) }

// stripe returns the mutex of a certificate's files.
func (b *Builder) stripe(n credential.Number) *sync.Mutex {
	var h uint
	for i := range len(n) {
		h = h*31 + uint(n[i])
	}
	return &b.stripes[h%uint(len(b.stripes))]
}

// wants reports whether an output is among those to render.
func (b *Builder) wants(output string) bool {
	return len(b.o.Only) == 0 || slices.Contains(b.o.Only, output)
}

// write writes a file of the tree unless it is there already with the same bytes.
func (b *Builder) write(p string, data []byte) (changed bool, err error) {
	path := b.path(p)
	if !durable.Same(path, data) {
		if err := b.clearSiblings(p); err != nil {
			return false, err
		}
		if err := durable.WriteFile(path, data, 0o644); err != nil {
			return true, err
		}
		changed = true
	}
	return changed, b.pressShared(p, new(Changes))
}

// writeDocument writes a signed document, unless Walk has just read it from this very tree, and takes note of those
// that all pages depend on.
func (b *Builder) writeDocument(d Document) error {
	if !IsDocument(d.Path) {
		return fmt.Errorf("%s: not the path of a signed document", d.Path)
	}
	if d.home == "" || d.home != b.dir {
		if _, err := b.write(d.Path, d.Data); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch d.Path {
	case DIDPath:
		b.did = d.Data
	case SettingsPath:
		b.settings = d.Data
	default:
		return nil
	}
	b.readSite()
	return nil
}

// snapshot is what one build renders by.
type snapshot struct {
	*Renderer
	site  *siteState
	pages stamp // of everything that verification pages depend on, apart from their documents
}

func (b *Builder) snapshot() (*snapshot, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.siteErr != nil {
		return nil, b.siteErr
	}
	s := &snapshot{Renderer: b.renderer, site: b.site}
	s.pages = digest(func(h hash.Hash) { put(h, s.pagesPrint[:], s.site.print[:]) })
	return s, nil
}

// writeBase writes what the site has whatever certificates it holds. It counts nothing twice for one snapshot.
func (b *Builder) writeBase(s *snapshot, again bool) (Changes, error) {
	var n Changes
	b.mu.Lock()
	done := b.based == s.basePrint()
	b.mu.Unlock()
	if done && !again {
		return n, nil
	}
	outputs, err := s.base(s.site)
	if err != nil {
		return n, err
	}
	for _, o := range outputs {
		changed, err := b.write(o.path, o.data)
		if err != nil {
			return n, err
		}
		if changed {
			n.Built++
		} else {
			n.Unchanged++
		}
	}
	b.mu.Lock()
	b.based = s.basePrint()
	b.mu.Unlock()
	return n, nil
}

// basePrint stands for what base outputs are made from: pages, site, and the certificate templates.
func (s *snapshot) basePrint() stamp {
	return digest(func(h hash.Hash) {
		put(h, s.pages[:], []byte(s.site.data.Fingerprint))
		for _, t := range s.set.Certificates() {
			put(h, []byte(t.ID), []byte(t.Type), []byte(t.Title.Zh), []byte(t.Title.En), []byte(t.Description.Zh), []byte(t.Description.En), []byte(t.Narrative()))
		}
	})
}

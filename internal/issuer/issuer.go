// Package issuer is the service: it alone knows the order of things. A request is checked, composed, signed
// and verified in its caller's goroutine; one writer commits it in a round with others, which is the issue;
// one publisher writes what was committed into the public tree. Loading an issuer is recovering it: what was
// committed and not published is found in the records and published, as on any other day.
package issuer

import (
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"laurel/credential"
	"laurel/internal/durable"
	"laurel/internal/publish"
	"laurel/internal/record"
	"laurel/site"
	"laurel/templates"
)

// Config is where an issuer lives and what it takes from outside.
type Config struct {
	DataDir      string
	PublicDir    string
	TemplatesDir string          // "": the embedded templates alone
	Files        templates.Files // which files certificates have, unless their template says so itself; "": all

	Precompress []string // encodings (site.AllEncodings) in which text files lie compressed beside themselves
	FontDirs    []string
	Like        *site.Renderer // of another issuer of this process, whose fonts and layouts need not be read again; nil: none

	BaseURL    string // Create only: https://HOST[:PORT], or http for localhost; no IP address, no path
	IssuerName string // Create only
	Timezone   string // Create only: IANA name

	Signers []crypto.Signer // Ed25519, besides the seeds in DataDir: from the environment, an HSM, a KMS
	LogSeed *Secret         // nil: the file log-seed in DataDir

	Witnesses   []string      // verifier keys of cosigners that others run, whose cosignatures of the log are kept and shown
	CosignEvery time.Duration // how often the log's own cosignature is renewed; 0: every hour
	KeyWait     time.Duration // how long a new key stands in did.json before it signs; 0: as long as caches keep that
	ListsEvery  time.Duration // how often status lists are signed anew though nothing has changed; 0: every day

	MostWaiting int // requests granted at a time, above which others are refused; 0: 4096

	Now     func() time.Time  // nil: time.Now
	Rand    io.Reader         // nil: crypto/rand
	Log     *slog.Logger      // nil: discarded
	Mirrors []publish.Backend // kept equal to the public tree

	Socket string // the daemon's control socket, named in the public tree's lock

	MinFree uint64                           // bytes that are kept free on the disks of DataDir and PublicDir; 0: none
	Free    func(dir string) (uint64, error) // nil: what the system says
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.MostWaiting <= 0 {
		c.MostWaiting = mostWaiting
	}
	if c.ListsEvery == 0 {
		c.ListsEvery = defaultListsEvery
	}
	if c.Free == nil {
		c.Free = durable.Free
	}
	if c.KeyWait <= 0 {
		c.KeyWait = site.CacheLife(site.DIDPath)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c Config) dbPath() string      { return filepath.Join(c.DataDir, "certd.db") }
func (c Config) seedPath() string    { return filepath.Join(c.DataDir, "seed") }
func (c Config) logSeedPath() string { return filepath.Join(c.DataDir, "log-seed") }

// store is what the issuer needs of its records.
type store interface {
	record.Store
	record.Outbox
	Oldest() (time.Time, error)
	Search(ctx context.Context, text string, f record.Filter, before *int64, n int) ([]*record.Record, *int64, error)
	PutToken(ctx context.Context, t Token) error
	Tokens(ctx context.Context) ([]Token, error)
	RotateToken(ctx context.Context, name string, now, until time.Time, change func(*Token)) (Token, error)
	UsedTokens(ctx context.Context, used map[string]time.Time) error
	RevokeToken(ctx context.Context, which string, at time.Time) error
	WriteTo(w io.Writer) (int64, error)
	Compact() (before, after int64, err error)
	Close() error
}

// Issuer issues certificates. Its methods may be called concurrently; Issue answers only while Run runs.
type Issuer struct {
	cfg      Config
	settings site.Settings
	zone     *time.Location
	ring     *ring
	store    store
	builder  *site.Builder
	lists    *lists
	book     *logbook
	keys     keykeeper
	cached   tokenCache
	pace     *pace
	rounds   chan *entrant
	keysBusy busyKeys
	pub      publisher
	mirrors  []*mirror
	space    space
	crowd    crowd
	meters   *Meters
	stopped  chan struct{} // closed when no more can be issued
	stop     sync.Once
	stopErr  atomic.Pointer[error]
	running  atomic.Bool
}

// Load opens the issuer that Create made. It recovers by loading: what a crash left unpublished is pending
// still, and Run publishes it. ErrLocked where another process has the records open.
func Load(ctx context.Context, cfg Config) (*Issuer, error) {
	cfg = cfg.withDefaults()
	if _, err := cfg.logSecret(); err != nil {
		return nil, err
	}
	db, err := record.OpenBolt(cfg.dbPath())
	if err != nil {
		return nil, err
	}
	i, err := load(ctx, cfg, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return i, nil
}

func load(ctx context.Context, cfg Config, db store) (*Issuer, error) {
	i := &Issuer{
		cfg: cfg, store: db, pace: newPace(time.Now), stopped: make(chan struct{}), meters: newMeters(),
		keys:    keykeeper{bell: make(chan struct{}, 1)},
		mirrors: newMirrors(cfg.Mirrors), crowd: make(crowd, cfg.MostWaiting),
		rounds: make(chan *entrant, roundSize), keysBusy: busyKeys{busy: map[record.RequestKey]chan struct{}{}},
	}
	if err := i.readSettings(ctx); err != nil {
		return nil, err
	}
	secret, err := cfg.logSecret()
	if err != nil {
		return nil, err
	}
	if err := i.openLog(ctx, secret.key().Seed()); err != nil {
		return nil, err
	}
	if err := i.compareMirrors(ctx); err != nil {
		return nil, err
	}
	if i.lists, err = loadLists(ctx, db); err != nil {
		return nil, err
	}
	if err := i.cached.load(ctx, db); err != nil {
		return nil, err
	}
	set, err := templates.Open(cfg.TemplatesDir)
	if err != nil {
		return nil, err
	}
	i.builder, err = site.Open(cfg.PublicDir, set, site.Options{FontDirs: cfg.FontDirs, Log: cfg.Log, Pace: i.pace.wait, Owner: cfg.Socket, Like: cfg.Like})
	if err != nil {
		return nil, err
	}
	i.pub.init()
	return i, nil
}

// readSettings takes base address, name, zone and keys from the signed documents in the records, and holds them
// against each other.
func (i *Issuer) readSettings(ctx context.Context) error {
	docs := map[string][]byte{}
	for d, err := range i.store.Documents(ctx) {
		if err != nil {
			return err
		}
		docs[d.Path] = d.Data
	}
	did, err := credential.ParseDID(docs[site.DIDPath])
	if err != nil {
		return fmt.Errorf("%s in the records: %w", site.DIDPath, err)
	}
	if i.settings, err = site.ParseSettings(docs[site.SettingsPath], did.Keys()); err != nil {
		return err
	}
	if i.zone, err = time.LoadLocation(i.settings.Timezone); err != nil {
		return fmt.Errorf("time zone of the records: %w", err)
	}
	i.ring, err = newRing(i.cfg, did.Keys(), docs[site.KeysPath])
	return err
}

// openLog reads the log's keys, and holds the records against what was published from them. Where the settings name
// other witnesses or files than site.json, that is signed anew.
func (i *Issuer) openLog(ctx context.Context, seed []byte) (err error) {
	if i.book, err = newLogbook(i.cfg, i.settings.Host(), seed); err != nil {
		return err
	}
	if i.settings.Log.Key != i.book.keys.Key || i.settings.Log.Cosigner != i.book.keys.Cosigner {
		return fmt.Errorf("%s holds another key than that of the log %s: is it the seed of another issuer?", i.cfg.logSeedPath(), i.book.origin)
	}
	encodings, err := i.cfg.encodings()
	if err != nil {
		return err
	}
	if err := i.compareHead(ctx); err != nil || i.settings.Log.Equal(i.book.keys) && i.settings.Files == i.cfg.Files && i.settings.Precompress == encodings {
		return err
	}
	i.settings.Log, i.settings.Files, i.settings.Precompress = i.book.keys, i.cfg.Files, encodings
	return i.sign(func(key crypto.Signer, method string, now time.Time) error {
		doc, err := signSettings(i.settings, key, method, now.In(i.zone))
		if err != nil {
			return err
		}
		return i.store.Commit(ctx, record.Batch{Documents: []record.Document{{Path: site.SettingsPath, Data: doc}}})
	})
}

func (c Config) encodings() (site.Encodings, error) {
	chosen, err := site.ChooseEncodings(c.Precompress)
	if err != nil {
		return "", fmt.Errorf("precompress: %w", err)
	}
	return chosen, nil
}

// Close gives records and public tree back. Run must have ended.
func (i *Issuer) Close() error {
	i.halt(ErrStopped)
	return errors.Join(i.builder.Close(), i.store.Close())
}

// halt makes every later Issue fail. The first reason is kept.
func (i *Issuer) halt(reason error) {
	i.stop.Do(func() {
		i.stopErr.Store(&reason)
		close(i.stopped)
	})
}

func (i *Issuer) haltReason() error {
	if err := i.stopErr.Load(); err != nil {
		return *err
	}
	return nil
}

// Run writes rounds and publishes them until ctx ends or a commit fails, and returns why.
func (i *Issuer) Run(ctx context.Context) error {
	if !i.running.CompareAndSwap(false, true) {
		return errors.New("the issuer is running already")
	}
	ctx, cancel := context.WithCancel(ctx)
	i.progressed(0)
	var helpers sync.WaitGroup
	helpers.Go(func() { i.publish(ctx) })
	helpers.Go(func() { i.publishUrgent(ctx) })
	helpers.Go(func() { i.keepBuilt(ctx) })
	helpers.Go(func() { i.noteUses(ctx) })
	helpers.Go(func() { i.keepAlive(ctx) })
	helpers.Go(func() { i.keepKeys(ctx) })
	helpers.Go(func() { i.keepLists(ctx) })
	for _, m := range i.mirrors {
		helpers.Go(func() { i.keepMirrored(ctx, m) })
	}
	err := i.write(ctx)
	i.halt(fmt.Errorf("%w: %w", ErrStopped, err))
	cancel()
	helpers.Wait()
	return err
}

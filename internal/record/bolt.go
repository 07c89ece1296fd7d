package record

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"laurel/certlog"
	"laurel/credential"
)

// The buckets. Rows of a certificate are keyed by its log index, big-endian, so that commits write at the
// right-hand edge of the tree. Every value is sealed.
var (
	bucketRecords   = []byte("records")      // index → record
	bucketDocuments = []byte("documents")    // index → credential
	bucketStatement = []byte("statements")   // index → status statements
	bucketErased    = []byte("erased")       // index → nothing
	bucketEntries   = []byte("entries")      // index → log entry
	bucketPending   = []byte("pending")      // index → nothing
	bucketNumbers   = []byte("numbers")      // number → index
	bucketNatural   = []byte("natural")      // natural key → index of the newest
	bucketRecipient = []byte("recipient")    // recipient id, 0, index → nothing
	bucketType      = []byte("type")         // type, 0, index → nothing
	bucketTemplate  = []byte("template")     // template, 0, index → nothing
	bucketOrg       = []byte("organisation") // organisation, 0, index → nothing; of records that have one
	bucketRequests  = []byte("requests")     // request key → body digest, time, number
	bucketRequestAt = []byte("request_at")   // time, request key → nothing
	bucketSite      = []byte("site")         // path → document
	bucketSitePend  = []byte("site_pending") // path → nothing
	bucketLists     = []byte("lists")        // list → key, next
	bucketState     = []byte("state")        // "tree" → the log's tree; "size" → the file's size
	bucketTokens    = []byte("tokens")       // id → token
	bucketHeads     = []byte("checkpoints")  // size → signed checkpoint

	bucketHooks      = []byte("webhooks")     // endpoint → what it is
	bucketOutbox     = []byte("outbox")       // endpoint, place → delivery that waits
	bucketChain      = []byte("outbox_chain") // endpoint, number, place → nothing; of those that wait
	bucketDue        = []byte("outbox_due")   // endpoint, time, place → nothing; of the first of each number
	bucketDeliveries = []byte("deliveries")   // endpoint, place → delivery that arrived or was given up
)

// outboxBuckets are those whose keys begin with an endpoint.
func outboxBuckets() [][]byte {
	return [][]byte{bucketOutbox, bucketChain, bucketDue, bucketDeliveries}
}

func buckets() [][]byte {
	return [][]byte{
		bucketRecords, bucketDocuments, bucketStatement, bucketErased, bucketEntries, bucketPending, bucketNumbers, bucketNatural, bucketRecipient, bucketType,
		bucketTemplate, bucketOrg, bucketRequests, bucketRequestAt, bucketSite, bucketSitePend, bucketLists, bucketState, bucketTokens, bucketHeads,
		bucketHooks, bucketOutbox, bucketChain, bucketDue, bucketDeliveries,
	}
}

var (
	keyTree = []byte("tree")
	keySize = []byte("size")
)

// Bolt is the store in one bbolt file.
type Bolt struct {
	db      *file
	copying sync.RWMutex // held to read while the file is copied, and to write while it is exchanged for another
	pending atomic.Int64
	size    int64         // of the file, as last noted in it; belongs to the transaction that writes
	bell    chan struct{} // something may have to be delivered
}

// openPatience is how long to wait for another process to let go of the file.
const openPatience = 200 * time.Millisecond

// CreateBolt makes the file, mode 0600. It refuses one that exists.
func CreateBolt(path string) (*Bolt, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("%s: %w", path, os.ErrExist)
	}
	return openBolt(path)
}

// OpenBolt opens the file that CreateBolt made. ErrLocked where another process has it open, ErrDamaged
// where it is not whole.
func OpenBolt(path string) (*Bolt, error) {
	h, err := readHeader(path)
	if err != nil {
		return nil, err
	}
	if err := h.check(path); err != nil {
		return nil, err
	}
	return openBolt(path)
}

func openBolt(path string) (*Bolt, error) {
	db, err := openFile(path)
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("%s: %w", path, ErrLocked)
	case err != nil:
		return nil, fmt.Errorf("%s: %w: %w", path, ErrDamaged, err)
	}
	s := &Bolt{db: &file{path: path, db: db}, bell: make(chan struct{}, 1)}
	if err := errors.Join(discard(besides(path)), s.prepare()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func openFile(path string) (*bolt.DB, error) {
	return bolt.Open(path, 0o600, &bolt.Options{Timeout: openPatience, FreelistType: bolt.FreelistMapType})
}

// prepare makes the buckets.
func (s *Bolt) prepare() error {
	return s.db.Update(func(tx *bolt.Tx) error {
		for _, name := range buckets() {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		s.pending.Store(int64(tx.Bucket(bucketPending).Stats().KeyN))
		return s.noteSize(tx)
	})
}

// noteSize keeps in the file how long it is, so that Fsck notices a lost end even where nothing was in use yet.
func (s *Bolt) noteSize(tx *bolt.Tx) error {
	info, err := os.Stat(s.db.Path())
	if err != nil || info.Size() == s.size {
		return err
	}
	s.size = info.Size()
	return put(tx, bucketState, keySize, binary.BigEndian.AppendUint64(nil, uint64(s.size)))
}

// sizeIn returns what noteSize noted; 0 if nothing.
func sizeIn(tx *bolt.Tx) int64 {
	b := tx.Bucket(bucketState)
	if b == nil {
		return 0
	}
	value, err := open(bucketState, keySize, b.Get(keySize))
	if err != nil || len(value) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(value))
}

// Close closes the file.
func (s *Bolt) Close() error {
	if info, err := os.Stat(s.db.Path()); err == nil && info.Size() != s.size {
		_ = s.db.Update(s.noteSize) // a help to Fsck; no reason to fail where nothing more can be written
	}
	return s.db.Close()
}

// WriteTo writes a consistent copy of the file while the store goes on.
func (s *Bolt) WriteTo(w io.Writer) (n int64, err error) {
	s.copying.RLock()
	defer s.copying.RUnlock()
	err = s.db.View(func(tx *bolt.Tx) error {
		n, err = tx.WriteTo(w)
		return err
	})
	return n, err
}

func indexKey(index int64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 0, 8), uint64(index))
}

func get(tx *bolt.Tx, bucket, key []byte) ([]byte, error) {
	sealed := tx.Bucket(bucket).Get(key)
	if sealed == nil {
		return nil, ErrNotFound
	}
	return open(bucket, key, sealed)
}

func put(tx *bolt.Tx, bucket, key, value []byte) error {
	return tx.Bucket(bucket).Put(key, seal(bucket, key, value))
}

// Tree returns the log's tree as of the last commit.
func (s *Bolt) Tree(context.Context) (tree *certlog.Tree, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		tree, err = treeIn(tx)
		return err
	})
	return tree, err
}

func treeIn(tx *bolt.Tx) (*certlog.Tree, error) {
	value, err := get(tx, bucketState, keyTree)
	if errors.Is(err, ErrNotFound) {
		return &certlog.Tree{}, nil
	}
	if err != nil {
		return nil, err
	}
	return certlog.ParseTree(value)
}

// Head returns the log's head as of the last commit.
func (s *Bolt) Head(ctx context.Context) (certlog.Head, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return certlog.Head{}, err
	}
	return tree.Head(), nil
}

// Get returns the record of a number, with its document.
func (s *Bolt) Get(_ context.Context, n credential.Number) (r *Record, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		key, err := get(tx, bucketNumbers, []byte(n))
		if err != nil {
			return err
		}
		r, err = whole(tx, key)
		return err
	})
	return r, err
}

// At returns the record of the certificate with a log index, with its document.
func (s *Bolt) At(_ context.Context, index int64) (r *Record, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		r, err = whole(tx, indexKey(index))
		return err
	})
	return r, err
}

// Has reports whether a number is given out.
func (s *Bolt) Has(_ context.Context, n credential.Number) (has bool, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		has = tx.Bucket(bucketNumbers).Get([]byte(n)) != nil
		return nil
	})
	return has, err
}

// Natural returns the newest record under a natural key, with its document.
func (s *Bolt) Natural(_ context.Context, k NaturalKey) (r *Record, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		key, err := get(tx, bucketNatural, k[:])
		if err != nil {
			return err
		}
		r, err = whole(tx, key)
		return err
	})
	return r, err
}

// row reads a record by its index key, without its document.
func row(tx *bolt.Tx, key []byte) (*Record, error) {
	value, err := get(tx, bucketRecords, key)
	if err != nil {
		return nil, err
	}
	r := new(Record)
	if err := json.Unmarshal(value, r); err != nil {
		return nil, damaged(bucketRecords, key, err.Error())
	}
	r.Published = tx.Bucket(bucketPending).Get(key) == nil
	return r, nil
}

// whole is row with document and statements. What was erased has no document.
func whole(tx *bolt.Tx, key []byte) (*Record, error) {
	r, err := row(tx, key)
	if err != nil {
		return nil, err
	}
	doc, err := get(tx, bucketDocuments, key)
	if err != nil && !(r.Erased && errors.Is(err, ErrNotFound)) {
		return nil, err
	}
	statements, err := get(tx, bucketStatement, key)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	r.Document, r.Statements = append([]byte(nil), doc...), append([]byte(nil), statements...)
	return r, nil
}

// Request returns what a request key was used for.
func (s *Bolt) Request(_ context.Context, k RequestKey) (r Request, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		value, err := get(tx, bucketRequests, k[:])
		if err != nil {
			return err
		}
		r, err = parseRequest(k, value)
		return err
	})
	return r, err
}

// readAtOnce is how many rows a long walk reads in one transaction: an open one keeps old pages from being reused.
const readAtOnce = 128

// Certificates yields all records with their documents, oldest first.
func (s *Bolt) Certificates(ctx context.Context) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for from := int64(0); ; {
			records, err := s.rowsFrom(from)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
				from = r.LogIndex + 1
			}
			if len(records) == 0 {
				return
			}
		}
	}
}

func (s *Bolt) rowsFrom(from int64) (records []*Record, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketRecords).Cursor()
		for k, _ := c.Seek(indexKey(from)); k != nil && len(records) < readAtOnce; k, _ = c.Next() {
			r, err := whole(tx, k)
			if err != nil {
				return err
			}
			records = append(records, r)
		}
		return nil
	})
	return records, err
}

// entriesAtOnce is how many entries one transaction reads: they are small, and a log has many.
const entriesAtOnce = 1024

// Entries yields the log's entries from one index up to, not including, another. No transaction is open while the
// caller looks at one, so that a slow reader holds up nothing.
func (s *Bolt) Entries(ctx context.Context, from, to int64) iter.Seq2[certlog.Entry, error] {
	return func(yield func(certlog.Entry, error) bool) {
		for from < to {
			var entries []certlog.Entry
			err := ctx.Err()
			if err == nil {
				entries, err = s.entries(from, min(to, from+entriesAtOnce))
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
			if err != nil {
				yield(certlog.Entry{}, err)
				return
			}
			from += entriesAtOnce
		}
	}
}

func (s *Bolt) entries(from, to int64) (entries []certlog.Entry, err error) {
	entries = make([]certlog.Entry, 0, to-from)
	err = s.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketEntries).Cursor()
		k, sealed := c.Seek(indexKey(from))
		for i := from; i < to; i++ {
			if !bytes.Equal(k, indexKey(i)) {
				return fmt.Errorf("%w: entry %d of the log", ErrNotFound, i)
			}
			value, err := open(bucketEntries, k, sealed)
			if err != nil {
				return err
			}
			e, err := certlog.ParseEntry(value)
			if err != nil {
				return err
			}
			entries = append(entries, e)
			k, sealed = c.Next()
		}
		return nil
	})
	return entries, err
}

var _ Store = (*Bolt)(nil)

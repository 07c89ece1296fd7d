package record

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	bolt "go.etcd.io/bbolt"

	"laurel/certlog"
	"laurel/credential"
)

// A damaged file can end the process that reads it, so the tests read as certd does: in a child. The child
// is this test binary, told by the environment which file to read.
const childFile = "LAUREL_FSCK_FILE"

func TestMain(m *testing.M) {
	file := os.Getenv(childFile)
	if file == "" {
		os.Exit(m.Run())
	}
	report, err := Fsck(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// found has a child read a file and returns what it found; a crash of the child is a finding.
func found(t *testing.T, path string) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFile+"="+path)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		first, _, _ := strings.Cut(stderr.String(), "\n")
		return []string{"the reader ended: " + err.Error() + ": " + first}
	}
	var report FsckReport
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatalf("the child said %q: %v", stdout.String(), err)
	}
	var all []string
	for _, p := range report.Problems {
		all = append(all, p.String())
	}
	return all
}

func TestAGoodFileHasNoProblems(t *testing.T) {
	path, _ := newFile(t, 40)
	report, err := Fsck(path)
	if err != nil || len(report.Problems) != 0 || report.Records != 40 {
		t.Fatalf("%d records, %v, %v", report.Records, report.Problems, err)
	}
	if all := found(t, path); len(all) != 0 {
		t.Fatalf("the child found %v", all)
	}
}

func TestASnapshotHasNoProblems(t *testing.T) {
	path, _ := newFile(t, 40)
	db, err := OpenBolt(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	copied := filepath.Join(t.TempDir(), "copy.db")
	f, err := os.Create(copied)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	report, err := Fsck(copied)
	if err != nil || len(report.Problems) != 0 || report.Records != 40 {
		t.Fatalf("%d records, %v, %v", report.Records, report.Problems, err)
	}
}

// span is a stretch of a file that holds a key or a value.
type span struct {
	at, size int64
	what     string
}

// spans finds where the keys and values of the buckets stand in the file. bbolt keeps a small bucket within a page of
// its parent, and hands out copies of what is in it.
func spans(t *testing.T, path string, names ...[]byte) []span {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, PreLoadFreelist: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	base := db.Info().Data
	var all []span
	err = db.View(func(tx *bolt.Tx) error {
		used, err := live(tx, data, db.Info().PageSize)
		if err != nil {
			return err
		}
		for _, name := range names {
			err := tx.Bucket(name).ForEach(func(k, v []byte) error {
				row := append(bytes.Clone(k), v...)
				at := int64(uintptr(unsafe.Pointer(&k[0])) - base)
				if at < 0 || at >= int64(len(data)) {
					if n := bytes.Count(used, row); n != 1 {
						return fmt.Errorf("%s %s: found %d times", name, printable(k), n)
					}
					at = int64(bytes.Index(used, row))
				}
				if !bytes.Equal(data[at:at+int64(len(row))], row) {
					return fmt.Errorf("%s %s: does not stand at %d", name, printable(k), at)
				}
				all = append(all, span{at, int64(len(row)), string(name) + " " + printable(k)})
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// live blanks the pages that are not in use, which hold what the file used to say.
func live(tx *bolt.Tx, data []byte, pageSize int) ([]byte, error) {
	out := make([]byte, len(data))
	for id := 2; ; {
		p, err := tx.Page(id)
		if err != nil || p == nil {
			return out, err
		}
		size := (1 + p.OverflowCount) * pageSize
		if p.Type != "free" {
			copy(out[id*pageSize:], data[id*pageSize:id*pageSize+size])
		} else {
			size = pageSize // what a free page says of its length is of old
		}
		id += size / pageSize
	}
}

// damage calls change on copies of a file, several at a time, and fails where a child finds nothing.
func damage(t *testing.T, path string, n int, change func(i int, data []byte) (damaged []byte, what string)) {
	t.Helper()
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	next := make(chan int)
	var workers sync.WaitGroup
	for w := range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			copied := filepath.Join(dir, fmt.Sprintf("%d.db", w))
			for i := range next {
				data, what := change(i, bytes.Clone(good))
				if err := os.WriteFile(copied, data, 0o600); err != nil {
					t.Error(err)
					continue
				}
				if all := found(t, copied); len(all) == 0 {
					t.Errorf("%s: not found", what)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
}

func TestOneFlippedBitInARecordIsFound(t *testing.T) {
	path, _ := newFile(t, 40)
	places := spans(t, path, bucketRecords, bucketDocuments)
	damage(t, path, 200, func(i int, data []byte) ([]byte, string) {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		p := places[r.IntN(len(places))]
		at, bit := p.at+r.Int64N(p.size), r.IntN(8)
		data[at] ^= 1 << bit
		return data, fmt.Sprintf("bit %d of byte %d, in %s", bit, at, p.what)
	})
}

func TestOneFlippedBitInAnyBucketIsFound(t *testing.T) {
	path, _ := newFile(t, 20)
	var places [][]span
	for _, name := range buckets() {
		all := spans(t, path, name)
		if len(all) == 0 {
			t.Fatalf("bucket %s is empty: nothing to damage", name)
		}
		places = append(places, all)
	}
	damage(t, path, 5*len(places), func(i int, data []byte) ([]byte, string) {
		r := rand.New(rand.NewPCG(2, uint64(i)))
		all := places[i%len(places)]
		p := all[r.IntN(len(all))]
		at, bit := p.at+r.Int64N(p.size), r.IntN(8)
		data[at] ^= 1 << bit
		return data, fmt.Sprintf("bit %d of byte %d, in %s", bit, at, p.what)
	})
}

func TestOneFlippedBitInTheFirstPagesIsFound(t *testing.T) {
	path, _ := newFile(t, 5)
	page := os.Getpagesize()
	damage(t, path, 40, func(i int, data []byte) ([]byte, string) {
		r := rand.New(rand.NewPCG(3, uint64(i)))
		at, bit := i%2*page+pageHeaderSize+r.IntN(metaSize), r.IntN(8)
		data[at] ^= 1 << bit
		return data, fmt.Sprintf("bit %d of byte %d", bit, at)
	})
}

func TestALostEndIsFound(t *testing.T) {
	path, _ := newFile(t, 40)
	damage(t, path, 50, func(i int, data []byte) ([]byte, string) {
		r := rand.New(rand.NewPCG(4, uint64(i)))
		size := r.IntN(len(data))
		if i == 0 {
			size = 0
		}
		return data[:size], fmt.Sprintf("%d of %d bytes left", size, len(data))
	})
}

func TestAFileThatLostItsEndIsNotOpened(t *testing.T) {
	path, _ := newFile(t, 10)
	h, err := readHeader(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int64{"empty": 0, "half a page": 2000, "its last page gone": h.used - 1} {
		copied := filepath.Join(t.TempDir(), "certd.db")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied, data[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := OpenBolt(copied)
		if err == nil {
			t.Errorf("%s: opened", name)
			db.Close()
		} else if !strings.Contains(err.Error(), ErrDamaged.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a bug or a stray hand could do to rows, each sealed as it should be.
func TestRowsThatContradictEachOtherAreFound(t *testing.T) {
	for name, change := range map[string]func(tx *bolt.Tx) error{
		"an index row is gone":             func(tx *bolt.Tx) error { return dropFirst(tx, bucketRecipient) },
		"a number is gone":                 func(tx *bolt.Tx) error { return dropFirst(tx, bucketNumbers) },
		"a natural key is gone":            func(tx *bolt.Tx) error { return dropFirst(tx, bucketNatural) },
		"a request's time is gone":         func(tx *bolt.Tx) error { return dropFirst(tx, bucketRequestAt) },
		"a record is gone":                 func(tx *bolt.Tx) error { return dropFirst(tx, bucketRecords) },
		"a document is gone":               func(tx *bolt.Tx) error { return dropFirst(tx, bucketDocuments) },
		"an entry is gone":                 func(tx *bolt.Tx) error { return dropFirst(tx, bucketEntries) },
		"the last entry is gone":           func(tx *bolt.Tx) error { return tx.Bucket(bucketEntries).Delete(indexKey(12)) },
		"a statement is gone":              func(tx *bolt.Tx) error { return dropFirst(tx, bucketStatement) },
		"an erasure is forgotten":          func(tx *bolt.Tx) error { return dropFirst(tx, bucketErased) },
		"a status of its own":              func(tx *bolt.Tx) error { return alter(tx, 5, func(r *Record) { r.Status = Revoked }) },
		"a status taken back":              func(tx *bolt.Tx) error { return alter(tx, 0, func(r *Record) { r.Status = Valid }) },
		"a reason of its own":              func(tx *bolt.Tx) error { return alter(tx, 0, func(r *Record) { r.History[0].Code = "misconduct" }) },
		"a name that came back":            func(tx *bolt.Tx) error { return alter(tx, 9, func(r *Record) { r.Recipient.Name = "样例 Sample" }) },
		"a bit of nobody":                  func(tx *bolt.Tx) error { return put(tx, bucketSite, []byte("status/revocation/0.json"), emptyList()) },
		"a list is gone":                   func(tx *bolt.Tx) error { return dropFirst(tx, bucketLists) },
		"a pending row of nothing":         func(tx *bolt.Tx) error { return put(tx, bucketPending, indexKey(99), nil) },
		"a site row of nothing":            func(tx *bolt.Tx) error { return put(tx, bucketSitePend, []byte("gone.json"), nil) },
		"an index row of nothing":          func(tx *bolt.Tx) error { return put(tx, bucketType, under("course", indexKey(99)), nil) },
		"an organisation's row is gone":    func(tx *bolt.Tx) error { return dropFirst(tx, bucketOrg) },
		"an organisation's row of nothing": func(tx *bolt.Tx) error { return put(tx, bucketOrg, under("acme", indexKey(99)), nil) },
		"two documents swapped":            swapDocuments,
		"the tree is of another":           func(tx *bolt.Tx) error { return put(tx, bucketState, keyTree, make([]byte, 8)) },
		"a checkpoint of another log": func(tx *bolt.Tx) error {
			return put(tx, bucketHeads, indexKey(5), newSampler(t).checkpoint(certlog.Head{Size: 5}))
		},
		"a checkpoint beyond the log": func(tx *bolt.Tx) error { return put(tx, bucketHeads, indexKey(14), []byte("x")) },
		"a counter was set back": func(tx *bolt.Tx) error {
			return putList(tx, List{N: 0, Key: [32]byte{7}, Next: 3})
		},
		"a bucket of nobody": func(tx *bolt.Tx) error {
			_, err := tx.CreateBucket([]byte("strange"))
			return err
		},
	} {
		path, _ := newFile(t, 10)
		db, err := OpenBolt(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.db.Update(change); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if all := found(t, path); len(all) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
}

func dropFirst(tx *bolt.Tx, name []byte) error {
	k, _ := tx.Bucket(name).Cursor().First()
	return tx.Bucket(name).Delete(bytes.Clone(k))
}

func alter(tx *bolt.Tx, index int64, change func(*Record)) error {
	r, err := row(tx, indexKey(index))
	if err != nil {
		return err
	}
	change(r)
	value, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return put(tx, bucketRecords, indexKey(index), value)
}

// emptyList is a revocation list in which nothing is revoked.
func emptyList() []byte {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	doc, err := credential.SignStatusList(&credential.StatusList{
		URL: sampleBase + "/status/revocation/0.json", Issuer: "did:web:certs.example.org", Purpose: "revocation",
		ValidFrom: time.Unix(0, 0), Bits: make([]byte, credential.StatusListSize/8),
	}, key, credential.Method("did:web:certs.example.org", key.Public().(ed25519.PublicKey)), time.Unix(0, 0))
	if err != nil {
		panic(err)
	}
	return doc
}

func swapDocuments(tx *bolt.Tx) error {
	a, err := get(tx, bucketDocuments, indexKey(0))
	if err != nil {
		return err
	}
	b, err := get(tx, bucketDocuments, indexKey(1))
	if err != nil {
		return err
	}
	a, b = bytes.Clone(a), bytes.Clone(b)
	if err := put(tx, bucketDocuments, indexKey(0), b); err != nil {
		return err
	}
	return put(tx, bucketDocuments, indexKey(1), a)
}

package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"laurel/certlog"
	"laurel/credential"
)

// FsckReport is what Fsck found.
type FsckReport struct {
	Records  int       `json:"records"`
	Problems []Problem `json:"problems"`
}

// Problem is one thing that is not as it was written.
type Problem struct {
	Where   string `json:"where"`
	Message string `json:"message"`
}

// String returns both in one line.
func (p Problem) String() string { return p.Where + ": " + p.Message }

// maxProblems is where Fsck stops counting: a file that is damaged everywhere needs no longer list.
const maxProblems = 1000

// Fsck reads every value of the file against its digest, every index against the rows and the rows against
// it, the documents against the log and the log against its head, and runs bbolt's own check. It writes
// nothing. A damaged file can crash the process that reads it, so run this in a child. The error says that
// the file could not be read at all; ErrLocked.
func Fsck(path string) (FsckReport, error) {
	if _, err := os.Stat(path); err != nil {
		return FsckReport{}, err
	}
	f := &checker{}
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: openPatience})
	if errors.Is(err, berrors.ErrTimeout) {
		return FsckReport{}, fmt.Errorf("%s: %w", path, ErrLocked)
	}
	if err != nil {
		f.add(path, "bbolt cannot open it: %v; restore a backup", err)
		return f.report, nil
	}
	defer db.Close()
	err = db.View(func(tx *bolt.Tx) error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.Size() < tx.Size() {
			f.add(path, "the file has %d bytes and should have %d: its end is missing; restore a backup", info.Size(), tx.Size())
			return nil
		}
		for err := range tx.Check() {
			f.add("structure", "%v", err)
		}
		f.values(tx)
		if f.structure = f.structure || len(f.report.Problems) > 0; !f.structure {
			f.relations(tx)
		}
		return nil
	})
	return f.report, err
}

type checker struct {
	report    FsckReport
	structure bool // what stands in the buckets cannot be trusted to be all
}

func (f *checker) add(where, format string, args ...any) {
	if len(f.report.Problems) < maxProblems {
		f.report.Problems = append(f.report.Problems, Problem{Where: where, Message: fmt.Sprintf(format, args...)})
	}
}

// values reads every value of every bucket against its digest.
func (f *checker) values(tx *bolt.Tx) {
	known := map[string]bool{}
	for _, name := range buckets() {
		known[string(name)] = true
		b := tx.Bucket(name)
		if b == nil {
			f.add(string(name), "the bucket is missing")
			continue
		}
		c := b.Cursor()
		var prev []byte
		for k, sealed := c.First(); k != nil; k, sealed = c.Next() {
			if prev != nil && bytes.Compare(prev, k) >= 0 {
				f.add(string(name)+" "+printable(k), "stands out of order")
			}
			prev = k
			if _, err := open(name, k, sealed); err != nil {
				f.add(string(name)+" "+printable(k), "the content does not match its digest")
			}
		}
		if bytes.Equal(name, bucketRecords) {
			f.report.Records = b.Stats().KeyN
		}
	}
	_ = tx.ForEach(func(name []byte, _ *bolt.Bucket) error {
		if !known[string(name)] {
			f.add(printable(name), "a bucket that this version does not know")
		}
		return nil
	})
}

// relations holds rows, indexes, documents and log against each other, once all values are as written.
func (f *checker) relations(tx *bolt.Tx) {
	var tree certlog.Tree
	var lastTime int64
	counts := map[string]int{}
	c := tx.Bucket(bucketEntries).Cursor()
	for k, sealed := c.First(); k != nil; k, sealed = c.Next() {
		where := fmt.Sprintf("entry %d", tree.Size())
		if !bytes.Equal(k, indexKey(tree.Size())) {
			f.add(where, "is missing; the next one there is %s", printable(k))
			return
		}
		e, err := certlog.ParseEntry(sealed[:len(sealed)-sealSize])
		if err != nil {
			f.add(where, "%v", err)
			return
		}
		if e.Time < lastTime {
			f.add(where, "is older than the one before it")
		}
		lastTime = e.Time
		if tree.Append(e); e.Kind == certlog.Issue {
			f.certificate(tx, where, k, e, counts)
		}
	}
	want, err := treeIn(tx)
	if err != nil || !want.Head().Same(tree.Head()) {
		f.add("log", "its head is not that of its %d entries", tree.Size())
	}
	f.indexSizes(tx, counts)
}

// certificate holds one issue entry against its record, document and indexes.
func (f *checker) certificate(tx *bolt.Tx, where string, key []byte, e certlog.Entry, counts map[string]int) {
	r, err := whole(tx, key)
	if err != nil {
		f.add(where, "its record or document is missing: %v", err)
		return
	}
	where = fmt.Sprintf("record %s", r.Number)
	if r.LogIndex != int64(binary.BigEndian.Uint64(key)) {
		f.add(where, "says entry %d and stands at %d", r.LogIndex, binary.BigEndian.Uint64(key))
	}
	if sum, err := credential.Digest(r.Document); err != nil || sum != e.Digest {
		f.add(where, "the log's entry %d has another document", r.LogIndex)
	}
	if c, err := credential.Decode(r.Document); err != nil || c.Number() != r.Number || c.Recipient() != r.Recipient.Name {
		f.add(where, "its document is of another certificate")
	}
	if at, err := get(tx, bucketNumbers, []byte(r.Number)); err != nil || !bytes.Equal(at, key) {
		f.add(where, "cannot be found by its number")
	}
	for _, index := range []struct{ bucket, key []byte }{
		{bucketRecipient, under(r.Recipient.ID, key)}, {bucketType, under(r.Type, key)}, {bucketTemplate, under(r.Template, key)},
	} {
		if tx.Bucket(index.bucket).Get(index.key) == nil {
			f.add(where, "cannot be found by its %s", index.bucket)
		}
	}
	for _, name := range [][]byte{bucketRecords, bucketDocuments, bucketNumbers, bucketRecipient, bucketType, bucketTemplate} {
		counts[string(name)]++
	}
}

// indexSizes finds what stands in an index or a bucket of rows without an entry in the log.
func (f *checker) indexSizes(tx *bolt.Tx, counts map[string]int) {
	for _, name := range [][]byte{bucketRecords, bucketDocuments, bucketNumbers, bucketRecipient, bucketType, bucketTemplate} {
		if n := tx.Bucket(name).Stats().KeyN; n != counts[string(name)] {
			f.add(string(name), "has %d rows for %d certificates in the log", n, counts[string(name)])
		}
	}
	for _, name := range [][]byte{bucketPending, bucketNatural} {
		_ = tx.Bucket(name).ForEach(func(k, sealed []byte) error {
			at := k
			if bytes.Equal(name, bucketNatural) {
				at = sealed[:len(sealed)-sealSize]
			}
			if tx.Bucket(bucketRecords).Get(at) == nil {
				f.add(string(name)+" "+printable(k), "names a record that is not there")
			}
			return nil
		})
	}
}

package record

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
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
	if errors.Is(err, os.ErrPermission) {
		return FsckReport{}, err
	}
	if err != nil {
		f.add(path, "bbolt cannot open it: %v; restore a backup", err)
		return f.report, nil
	}
	defer db.Close()
	h, err := readHeader(path)
	if err == nil {
		err = h.check(path)
	}
	if err != nil {
		f.add("file", "%v", err)
		return f.report, nil
	}
	err = db.View(func(tx *bolt.Tx) error {
		for err := range tx.Check() {
			f.add("structure", "%v", err)
		}
		f.values(tx)
		if len(f.report.Problems) == 0 {
			f.relations(tx)
		}
		for _, err := range h.problems(sizeIn(tx)) {
			f.add("file", "%v", err)
		}
		return nil
	})
	return f.report, err
}

type checker struct{ report FsckReport }

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

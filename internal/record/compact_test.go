package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"laurel/credential"
)

func TestAfterCompactionTheFileHoldsNothingOfWhatWasErased(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "certd.db")
	db := must[*Bolt](t)(CreateBolt(path))
	s := newSampler(t)
	s.commit(db, 20)
	personal := s.issue(func(r *Record) {
		r.Recipient, r.Principal, r.Organisation, r.Occasion = Person{ID: "id-4711", Name: "尉迟恭", Email: "yuchi@example.org"}, "principal-4711", "org-4711", "occasion-4711"
	})
	s.request(&personal, "a key of its own", s.now)
	if err := db.Commit(ctx, s.round(personal)); err != nil {
		t.Fatal(err)
	}
	s.commit(db, 20)
	b := s.round()
	s.state(&b, personal.Record, Revoked, credential.CodeErased)
	if err := db.Commit(ctx, b); err != nil {
		t.Fatal(err)
	}
	traces := map[string][]byte{
		"name": []byte("尉迟恭"), "id": []byte("id-4711"), "address": []byte("yuchi@example.org"), "principal": []byte("principal-4711"),
		"organisation": []byte("org-4711"), "occasion": []byte("occasion-4711"),
		"natural key": personal.Natural[:], "request key": personal.Request.Key[:], "document": personal.Record.Document[:200],
	}
	left := func() (names []string) {
		file := must[[]byte](t)(os.ReadFile(path))
		for name, trace := range traces {
			if bytes.Contains(file, trace) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names
	}
	if len(left()) == 0 {
		t.Error("bbolt overwrites what is erased by itself; then nothing has to be compacted")
	}
	before, after, err := db.Compact()
	if err != nil || after == 0 || after > before {
		t.Errorf("from %d to %d bytes, %v", before, after, err)
	}
	if names := left(); names != nil {
		t.Errorf("the file still holds the %v", names)
	}
	s.commit(db, 5)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if report, err := Fsck(path); err != nil || len(report.Problems) > 0 || report.Records != 46 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestNothingIsLostWhereRecordsAreCompactedUnderReadersAndWriters(t *testing.T) {
	path, s := newFile(t, 30)
	db := must[*Bolt](t)(OpenBolt(path))
	number := must[*Record](t)(db.At(t.Context(), 0)).Number
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := db.Get(t.Context(), number); err != nil {
					t.Error(err)
					return
				}
				for _, err := range db.Certificates(t.Context()) {
					if err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	for range 5 {
		s.commit(db, 6)
		if _, _, err := db.Compact(); err != nil {
			t.Error(err)
		}
	}
	close(done)
	readers.Wait()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if report, err := Fsck(path); err != nil || len(report.Problems) > 0 || report.Records != 60 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestRecordsAreNotCompactedUnderACopyThatIsBeingTaken(t *testing.T) {
	path, _ := newFile(t, 3)
	db := must[*Bolt](t)(OpenBolt(path))
	defer db.Close()
	r, w := io.Pipe()
	copied := make(chan error, 1)
	go func() {
		_, err := db.WriteTo(w)
		copied <- errors.Join(err, w.Close())
	}()
	if _, err := io.ReadFull(r, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.Compact(); !errors.Is(err, ErrCopying) {
		t.Errorf("while a copy is taken: %v", err)
	}
	_, err := io.Copy(io.Discard, r)
	if err = errors.Join(err, <-copied); err != nil {
		t.Error(err)
	}
	if _, _, err := db.Compact(); err != nil {
		t.Errorf("when it is done: %v", err)
	}
}

func TestWhatACrashLeftOfACompactionIsRemoved(t *testing.T) {
	path, _ := newFile(t, 3)
	if err := os.WriteFile(besides(path), []byte("half of the records"), 0o600); err != nil {
		t.Fatal(err)
	}
	db := must[*Bolt](t)(OpenBolt(path))
	if _, err := os.Stat(besides(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is there still: %v", err)
	}
	if _, _, err := db.Compact(); err != nil {
		t.Error(err)
	}
	if _, err := OpenBolt(path); !errors.Is(err, ErrLocked) {
		t.Errorf("another process may open what came in its place: %v", err)
	}
	if info := must[os.FileInfo](t)(os.Stat(path)); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if entries := must[[]os.DirEntry](t)(os.ReadDir(filepath.Dir(path))); len(entries) != 1 {
		t.Error(fmt.Sprint(entries))
	}
}

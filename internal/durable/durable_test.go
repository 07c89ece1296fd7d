package durable

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

func TestAFileIsReplacedWholeUnderItsReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "er", "file")
	versions := [][]byte{bytes.Repeat([]byte("a"), 1<<20), bytes.Repeat([]byte("b"), 1<<19)}
	if err := WriteFile(path, versions[0], 0o644); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			got, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(got, versions[0]) && !bytes.Equal(got, versions[1]) {
				t.Errorf("a reader saw %d bytes, %v: neither the old file nor the new one", len(got), err)
				return
			}
		}
	})
	for i := range 200 {
		if err := WriteFile(path, versions[i%2], 0o644); err != nil {
			t.Error(err)
			break
		}
	}
	close(stop)
	wg.Wait()
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(names) != 1 {
		t.Errorf("beside the file lie others: %v, %v", names, err)
	}
}

func TestAFailedWriteLeavesTheOldFileAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "name")
	if err := os.MkdirAll(filepath.Join(path, "occupied"), 0o755); err != nil { // a folder cannot be renamed over
		t.Fatal(err)
	}
	for name, write := range map[string]func(string, []byte, fs.FileMode) error{"WriteFile": WriteFile, "WriteFileSync": WriteFileSync} {
		if err := write(path, []byte("x"), 0o644); err == nil {
			t.Errorf("%s replaced a folder", name)
		}
	}
	names, _ := os.ReadDir(dir)
	if len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}

func TestSweepRemovesWhatAWriteLeftAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	keep := []string{"index.html", "a/.hidden", "a/b/laurel-1.tmp", "a/b/.laurel-.tmp", ".laurel-x.tmpl"}
	drop := []string{".laurel-00ff.tmp", "a/.laurel-1.tmp", "a/b/.laurel-abc.tmp"}
	for k := range portion { // of which a folder has more than is read at a time
		keep, drop = append(keep, fmt.Sprint("many/", k)), append(drop, fmt.Sprintf("many/.laurel-%d.tmp", k))
	}
	for _, name := range slices.Concat(keep, drop) {
		if err := WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := Sweep(dir, nil); err != nil || n != len(drop) {
		t.Errorf("Sweep removed %d, %v; want %d", n, err, len(drop))
	}
	for _, name := range keep {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("Sweep took %s away", name)
		}
	}
	for _, name := range drop {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			t.Errorf("Sweep left %s", name)
		}
	}
	if n, err := Sweep(filepath.Join(dir, "missing"), nil); err != nil || n != 0 {
		t.Errorf("a missing folder: %d, %v", n, err)
	}
}

func TestEveryTemporaryNameIsRecognised(t *testing.T) {
	dir := t.TempDir()
	for range 100 {
		f, err := create(dir, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		if name := filepath.Base(f.Name()); !IsTemp(name) {
			t.Errorf("%s is not recognised", name)
		}
	}
}

func TestSameComparesContentAndIsFalseForWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if Same(path, nil) {
		t.Error("a missing file equals nothing")
	}
	if err := WriteFileSync(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !Same(path, []byte("abc")) || Same(path, []byte("abd")) || Same(path, []byte("ab")) {
		t.Error("content is not compared")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if Same(link, []byte("abc")) {
		t.Error("a link passes for the file, and would never be replaced by one")
	}
}

func TestSyncReportsAMissingFolder(t *testing.T) {
	if err := SyncFS(t.TempDir()); err != nil {
		t.Error(err)
	}
	if SyncFS(filepath.Join(t.TempDir(), "missing")) == nil || SyncDir(filepath.Join(t.TempDir(), "missing")) == nil {
		t.Error("a missing folder was synced")
	}
}

//go:build linux

package disktest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// writer adds to a file of a disk until that fails, and then says why. It has begun when it is returned.
func writer(t *testing.T, path string) (failed <-chan error) {
	t.Helper()
	f, err := os.Create(path)
	if err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if err != nil {
		t.Fatal(err)
	}
	ch := make(chan error, 1)
	go func() {
		defer f.Close()
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
		ch <- err
	}()
	return ch
}

func TestADiskIsFilledWhileItIsWrittenToAndHasRoomAgainOnceItIsLarger(t *testing.T) {
	disk := Own(t, "32m")
	if disk == nil {
		return
	}
	failed := writer(t, filepath.Join(disk.Dir, "log"))
	disk.Fill()
	if err := <-failed; !errors.Is(err, unix.ENOSPC) {
		t.Errorf("writing went on until %v", err)
	}
	note := filepath.Join(disk.Dir, "note")
	if err := os.WriteFile(note, []byte("x"), 0o644); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("a byte on a full disk: %v", err)
	}
	disk.Grow("64m")
	if err := os.WriteFile(note, []byte("x"), 0o644); err != nil {
		t.Errorf("a byte on a larger disk: %v", err)
	}
}

func TestAFolderIsMadeReadOnlyWhileItIsWrittenTo(t *testing.T) {
	disk := Own(t, "32m")
	if disk == nil {
		return
	}
	dir := filepath.Join(disk.Dir, "www")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	note := filepath.Join(dir, "note")
	failed := make(chan error, 1)
	go func() { // opens anew for each byte, and so comes upon every state that the folder is in
		var err error
		for err == nil {
			err = os.WriteFile(note, []byte("x"), 0o644)
		}
		failed <- err
	}()
	disk.ReadOnly(dir)
	if err := <-failed; !errors.Is(err, unix.EROFS) {
		t.Errorf("writing went on until %v", err)
	}
	disk.Writable(dir)
	if err := os.WriteFile(note, []byte("x"), 0o644); err != nil {
		t.Errorf("writable again: %v", err)
	}
}

package templates

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// patience only bounds a test that fails; no verdict depends on it otherwise.
const patience = 20 * time.Second

func TestEverySaveOfAnEditorIsNoticed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "certificates/exam.md", exam)
	ctx, cancel := context.WithCancel(t.Context())
	changed, err := Watch(ctx, dir, 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "certificates", "exam.md")
	for _, save := range []struct {
		name string
		do   func() error
	}{
		{"written in place", func() error { return os.WriteFile(path, []byte(exam+"1"), 0o644) }},
		{"written aside and renamed", func() error {
			if err := os.WriteFile(path+".new", []byte(exam+"2"), 0o644); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}},
		{"moved away and written anew", func() error {
			if err := os.Rename(path, path+"~"); err != nil {
				return err
			}
			return os.WriteFile(path, []byte(exam+"3"), 0o644)
		}},
		{"a new folder with a file", func() error {
			if err := os.Mkdir(filepath.Join(dir, "layouts"), 0o755); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "layouts", "x.yaml"), nil, 0o644)
		}},
		{"an edit in the new folder", func() error {
			return os.WriteFile(filepath.Join(dir, "layouts", "x.yaml"), []byte("a: 1"), 0o644)
		}},
		{"removed", func() error { return os.Remove(path) }},
	} {
		drain(changed)
		if err := save.do(); err != nil {
			t.Fatal(err)
		}
		select {
		case _, ok := <-changed:
			if !ok {
				t.Fatal("the watch ended")
			}
		case <-time.After(patience):
			t.Fatalf("%s: not noticed", save.name)
		}
	}
	cancel()
	for range changed { // ends, or the test runs into its own limit
	}
}

// drain takes what an earlier edit may still bring.
func drain(changed <-chan struct{}) {
	for {
		select {
		case <-changed:
		case <-time.After(200 * time.Millisecond):
			return
		}
	}
}

func TestAMissingFolderCannotBeWatched(t *testing.T) {
	if _, err := Watch(t.Context(), filepath.Join(t.TempDir(), "missing"), time.Millisecond); err == nil {
		t.Error("it was watched")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Watch(t.Context(), file, time.Millisecond); err == nil {
		t.Error("a file was watched as a folder")
	}
}

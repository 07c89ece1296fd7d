package templates

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestTwoSetsTellWhichFilesWereEditedAddedAndRemoved(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "layouts/stays.yaml", "a: 1\n")
	write(t, dir, "layouts/edited.yaml", "a: 1\n")
	write(t, dir, "layouts/removed.yaml", "a: 1\n")
	before, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "layouts/edited.yaml", "a: 2\n")
	write(t, dir, "layouts/added.yaml", "a: 1\n")
	if err := os.Remove(filepath.Join(dir, "layouts", "removed.yaml")); err != nil {
		t.Fatal(err)
	}
	after, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"layouts/added.yaml", "layouts/edited.yaml", "layouts/removed.yaml"}
	if got := after.Changed(before); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := after.Changed(after); got != nil {
		t.Errorf("a set differs from itself in %q", got)
	}
	if !after.Own("layouts/added.yaml") || after.Own("layouts/classical.yaml") {
		t.Error("Own does not tell the user's files from the embedded ones")
	}
}

package site

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"laurel/credential"
)

func TestNumbersPackInTheirOrder(t *testing.T) {
	names := someNumbers(t)
	dir := t.TempDir()
	for _, name := range append(names, "notes", "0000-0000-0000-000i", "0000_0000-0000-0000", "0000-0000-0000-00000") {
		putFile(t, dir, "c/"+name+"/x", "")
	}
	list, err := listNumbers(dir, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	got, n := read(t, list)
	if !slices.Equal(got, names) || list.count != len(names) || n < 2 {
		t.Errorf("%d of %d numbers, %d said, in %d stretches", len(got), len(names), list.count, n)
	}
}

func TestNumbersOfManyRunsComeInTheirOrderWhereverTheRunsLie(t *testing.T) {
	names := someNumbers(t)
	for where, state := range map[string]string{"a file": t.TempDir(), "memory, since no file can be made": filepath.Join(t.TempDir(), "missing")} {
		list := &treeNumbers{}
		for k := range 9 { // every ninth number, and the last first
			var run []packed
			for m := k; m < len(names); m += 9 {
				p, ok := pack(names[len(names)-1-m])
				if !ok {
					t.Fatal(names[m])
				}
				run = append(run, p)
			}
			if k < 8 {
				list.put(state, run)
			} else {
				list.hold(run)
			}
		}
		if (list.file != nil) != (where == "a file") {
			t.Errorf("the runs are not in %s", where)
		}
		if got, _ := read(t, list); !slices.Equal(got, names) || list.count != len(names) {
			t.Errorf("in %s: %d of %d numbers, %d said", where, len(got), len(names), list.count)
		}
		if left, _ := os.ReadDir(state); len(left) > 0 {
			t.Errorf("in %s: %v is left", where, left)
		}
		if err := list.close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNumbersThatCannotBeReadAgainAreAnError(t *testing.T) {
	list := &treeNumbers{}
	p, _ := pack(someNumbers(t)[0])
	list.put(t.TempDir(), []packed{p})
	if err := list.close(); err != nil {
		t.Fatal(err)
	}
	for _, err := range list.stretches() {
		if err == nil {
			t.Error("a closed file was read")
		}
		return
	}
	t.Error("numbers are missing, and nobody says so")
}

// someNumbers are numbers of certificates, sorted.
func someNumbers(t *testing.T) []string {
	t.Helper()
	var names []string
	for range 200 {
		n, err := credential.NewNumber(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, string(n))
	}
	slices.Sort(names)
	return names
}

// read reads a list, each stretch of which must be of one shard.
func read(t *testing.T, list *treeNumbers) (names []string, stretches int) {
	t.Helper()
	for stretch, err := range list.stretches() {
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range stretch {
			if shardOf(p.number()) != shardOf(stretch[0].number()) {
				t.Errorf("%s is filed with %s", p.number(), stretch[0].number())
			}
			names = append(names, string(p.number()))
		}
		stretches++
	}
	return names, stretches
}

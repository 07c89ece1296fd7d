package site

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"laurel/internal/durable"
	"laurel/internal/durable/disktest"
	"laurel/templates"
)

func TestADiskThatIsFullReadOnlyOrTakenAwayTearsNothingAndTheBuildGoesOn(t *testing.T) {
	disk := disktest.Own(t, "512k")
	if disk == nil {
		return
	}
	i := newIssuer(t, testBase)
	docs := i.site(t)
	for n := range 8 {
		docs = append(docs, i.certificate(t, []func(*factsOf){nil, asExam, asAchievement}[n%3]))
	}
	public, want := filepath.Join(disk.Dir, "public"), filepath.Join(t.TempDir(), "want")
	for _, d := range docs {
		putFile(t, public, d.Path, string(d.Data))
	}
	build(t, want, nil, each(docs), Options{})
	set, err := templates.Open("")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(public, set, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name string
		do   func()
		want error
		part bool // not all files have to be there
	}{
		{"full", func() {}, syscall.ENOSPC, true},
		{"full still", func() {}, syscall.ENOSPC, true},
		{"larger", func() { disk.Grow("64m") }, nil, false},
		{"read-only", func() { os.Remove(filepath.Join(public, NotFoundPath)); disk.ReadOnly(public) }, syscall.EROFS, true},
		{"writable again", func() { disk.Writable(public) }, nil, false},
	} {
		step.do()
		if _, err := b.BuildTree(context.Background(), nil); !errors.Is(err, step.want) || step.want != nil && !strings.Contains(err.Error(), public) {
			t.Fatalf("%s: %v, want %v", step.name, err, step.want)
		}
		if err := sameAs(public, want, step.part); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
	}
	back := disk.Away()
	if _, err := b.BuildTree(context.Background(), nil); !errors.Is(err, errGone) || !strings.Contains(err.Error(), public) {
		t.Errorf("taken away: %v, want %v", err, errGone)
	}
	if left, err := os.ReadDir(disk.Dir); err != nil || len(left) > 0 {
		t.Errorf("what lies under the disk was written to: %v, %v", left, err)
	}
	back()
	if c, err := b.BuildTree(context.Background(), nil); err != nil || c.Built > 0 {
		t.Errorf("put back: %+v, %v", c, err)
	}
}

// sameAs compares a tree with the one that it should be, or become.
func sameAs(dir, want string, part bool) error {
	return filepath.WalkDir(want, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(want, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			names, err := list(filepath.Join(dir, rel))
			for _, name := range names {
				if durable.IsTemp(name) {
					return fmt.Errorf("%s/%s is left", rel, name)
				}
			}
			return err
		}
		full, err1 := os.ReadFile(path)
		got, err2 := os.ReadFile(filepath.Join(dir, rel))
		if part && errors.Is(err2, fs.ErrNotExist) {
			return err1
		}
		if err := errors.Join(err1, err2); err != nil || string(full) != string(got) {
			return fmt.Errorf("%s is not what it should be: %d bytes of %d, %v", rel, len(got), len(full), err)
		}
		return nil
	})
}

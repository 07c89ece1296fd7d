package publish

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Class is how files of one kind are served and when they travel.
type Class struct {
	Options
	Stage   int  // files of lower stages are on the target before those of higher ones, and are deleted after them
	Keep    bool // never deleted from the target unless Tree.Gone says that it must be
	Split   bool // additions to it travel in its stage and removals after everything else, by Tree.Union
	Lasting bool // what it refers to is never taken away, so that it may be uploaded as it was a while ago
	Spare   bool // superseded where it is gone, so that its deletion does not count against MaxDeletes

	// Of is the file that this is another form of (Tree.Forms): it is of a later stage than that.
	Of string
}

// Tree is what is mirrored. It may be written to while it is, by renaming, in the order of the stages.
type Tree struct {
	Dir      string
	Classify func(path string) (Class, bool) // false: no public file, and left at home

	// Units is the folder whose folders are many and refer to nothing in each other, "c" for example. Files in them
	// travel after all others of the stages below UnitStage and before all others of the stages from it on.
	Units     string
	UnitStage int

	Sentinel string // a file by which a target is told from an empty or foreign one
	// Forms are the paths at which other forms of a file may lie, one of which a server hands out in its place; Plain
	// undoes one. A form leaves the target before its file changes there, and comes after that, if it is of the very bytes
	// that the target then holds. Both may be nil.
	Forms func(path string) []string
	Plain func(path string, data []byte) ([]byte, error)

	Gone  func(unit string) bool                             // what the tree no longer holds of a unit must leave the target
	Union func(path string, old, new []byte) ([]byte, error) // for Class.Split: new, and what old has besides

	withheld *atomic.Bool // set where a form was seen and stays at home; nil: the target takes forms
}

// isWithheld reports whether a file stays at home because it is another form of one that does not.
func (t Tree) isWithheld(path string) bool {
	class, ok := t.Classify(path)
	return ok && class.Of != "" && t.withheld != nil
}

// File is a file of the tree as a scan found it.
type File struct {
	Path  string // slash-separated, relative to the tree
	Size  int64
	Mtime int64 // Unix nanoseconds
	Class Class

	inode uint64 // tells a file from the one that is put in its place in the same tick of the system's clock
	fresh bool   // written so short a time before it was looked at that its time may not tell it from a later one
}

// freshFor is longer than a tick of any system's clock of files.
const freshFor = 50 * time.Millisecond

func fileOf(path string, info fs.FileInfo, class Class) File {
	f := File{Path: path, Size: info.Size(), Mtime: info.ModTime().UnixNano(), Class: class, fresh: time.Since(info.ModTime()) < freshFor}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		f.inode = s.Ino
	}
	return f
}

// remembered is the time by which the file is known again; that of a fresh file is none, so that it is read again.
func (f File) remembered() int64 {
	if f.fresh {
		return 0
	}
	return f.Mtime
}

// unitOf returns the unit that a path belongs to, or "".
func (t Tree) unitOf(path string) string {
	rest, ok := strings.CutPrefix(path, t.Units+"/")
	if !ok || t.Units == "" {
		return ""
	}
	unit, _, ok := strings.Cut(rest, "/")
	if !ok {
		return ""
	}
	return unit
}

// units returns the names of all units, sorted.
func (t Tree) units() ([]string, error) {
	if t.Units == "" {
		return nil, nil
	}
	d, err := os.Open(t.file(t.Units))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}

// unit returns the public files of one unit. One that is not there has none.
func (t Tree) unit(unit string) ([]File, error) {
	dir := t.Units + "/" + unit
	entries, err := os.ReadDir(t.file(dir))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := make([]File, 0, len(entries))
	for _, e := range entries {
		f, ok, err := t.look(dir+"/"+e.Name(), e)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, f)
		}
	}
	return out, nil
}

// common returns the public files outside units, sorted by path, and the names of files that are not public. The tree
// must be there: an unreadable one is an error, not an empty tree.
func (t Tree) common() (files []File, others []string, err error) {
	err = filepath.WalkDir(t.Dir, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name != t.Dir {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(t.Dir, name)
		if err != nil {
			return err
		}
		path := filepath.ToSlash(rel)
		if d.IsDir() {
			if t.Units != "" && path == t.Units {
				return fs.SkipDir
			}
			return nil
		}
		f, ok, err := t.look(path, d)
		switch {
		case err != nil:
			return err
		case ok:
			files = append(files, f)
		case !strings.HasPrefix(d.Name(), ".") && !t.isWithheld(path):
			others = append(others, path)
		}
		return nil
	})
	return files, others, err
}

// look finds out what is to be known of one file; ok is false for what is not public or not a regular file.
func (t Tree) look(path string, d fs.DirEntry) (f File, ok bool, err error) {
	class, ok := t.Classify(path)
	if ok && class.Of != "" && t.withheld != nil {
		t.withheld.Store(true)
		return f, false, nil
	}
	if !ok || !d.Type().IsRegular() || strings.ContainsAny(path, " \n") {
		return f, false, nil
	}
	info, err := d.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return f, false, nil
	}
	if err != nil {
		return f, false, err
	}
	return fileOf(path, info, class), true, nil
}

func (t Tree) file(path string) string { return filepath.Join(t.Dir, filepath.FromSlash(path)) }

// read returns a file's bytes if it still is what the scan found.
func (t Tree) read(f File) (data []byte, same bool, err error) {
	data, err = os.ReadFile(t.file(f.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	info, err := os.Lstat(t.file(f.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	now := fileOf(f.Path, info, f.Class)
	return data, now.Size == f.Size && now.Mtime == f.Mtime && now.inode == f.inode && int64(len(data)) == f.Size, nil
}

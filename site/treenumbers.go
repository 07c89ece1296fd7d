package site

import (
	"bufio"
	"bytes"
	"container/heap"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
)

// runLength is how many numbers of a tree are held and sorted at a time.
const runLength = 1 << 16

// treeNumbers are the folders of a public tree that have the form of a number, in order. What is no number among them is
// for the caller to find out. However many there are, one run of them is in memory: the others lie sorted in a file
// without a name, and are merged as they are read.
type treeNumbers struct {
	count int
	runs  []io.Reader
	file  *os.File // nil where one run is all
	size  int64    // of file
}

// listNumbers lists the numbers of the tree at dir; state is where a file may be made.
func listNumbers(dir, state string) (*treeNumbers, error) {
	l := &treeNumbers{}
	d, err := os.Open(filepath.Join(dir, "c"))
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	var run []packed
	for {
		names, err := d.Readdirnames(1024)
		for _, name := range names {
			p, ok := pack(name)
			if !ok {
				continue
			}
			if len(run) == runLength {
				l.put(state, run)
				run = run[:0]
			}
			run = append(run, p)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errors.Join(err, l.close())
		}
	}
	l.hold(run)
	return l, nil
}

// sorted gives the bytes of a run, which it sorts.
func sorted(run []packed) []byte {
	slices.SortFunc(run, func(a, b packed) int { return bytes.Compare(a[:], b[:]) })
	out := make([]byte, 0, len(run)*len(packed{}))
	for _, p := range run {
		out = append(out, p[:]...)
	}
	return out
}

// hold adds a run that stays in memory.
func (l *treeNumbers) hold(run []packed) {
	l.count += len(run)
	l.runs = append(l.runs, bytes.NewReader(sorted(run)))
}

// put adds a run that goes to the file. A disk that does not take it is no reason not to build: there may be nothing
// else to write.
func (l *treeNumbers) put(state string, run []packed) {
	if l.file == nil {
		name := filepath.Join(state, "numbers")
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			l.hold(run)
			return
		}
		os.Remove(name) // the next build does what a crash here leaves undone
		l.file = f
	}
	data := sorted(run)
	if _, err := l.file.WriteAt(data, l.size); err != nil {
		l.hold(run)
		return
	}
	l.runs = append(l.runs, io.NewSectionReader(l.file, l.size, int64(len(data))))
	l.size += int64(len(data))
	l.count += len(run)
}

func (l *treeNumbers) close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

// all yields the numbers in order. They can be read once.
func (l *treeNumbers) all() iter.Seq2[packed, error] {
	return func(yield func(packed, error) bool) {
		var m merge
		for _, r := range l.runs {
			n := &next{from: bufio.NewReader(r)}
			switch err := n.read(); {
			case err == nil:
				m = append(m, n)
			case !errors.Is(err, io.EOF):
				yield(packed{}, err)
				return
			}
		}
		heap.Init(&m)
		for len(m) > 0 {
			if !yield(m[0].p, nil) {
				return
			}
			switch err := m[0].read(); {
			case err == nil:
				heap.Fix(&m, 0)
			case errors.Is(err, io.EOF):
				heap.Pop(&m)
			default:
				yield(packed{}, err)
				return
			}
		}
	}
}

// stretches yields the numbers in those of one shard each.
func (l *treeNumbers) stretches() iter.Seq2[[]packed, error] {
	return func(yield func([]packed, error) bool) {
		var stretch []packed
		for p, err := range l.all() {
			if err != nil {
				yield(nil, err)
				return
			}
			if len(stretch) > 0 && p.shard() != stretch[0].shard() {
				if !yield(stretch, nil) {
					return
				}
				stretch = nil
			}
			stretch = append(stretch, p)
		}
		if len(stretch) > 0 {
			yield(stretch, nil)
		}
	}
}

// next is the number of a run that comes next.
type next struct {
	p    packed
	from *bufio.Reader
}

func (n *next) read() error {
	_, err := io.ReadFull(n.from, n.p[:])
	return err
}

// merge is a heap of runs, the one with the smallest number on top.
type merge []*next

func (m merge) Len() int           { return len(m) }
func (m merge) Less(i, j int) bool { return bytes.Compare(m[i].p[:], m[j].p[:]) < 0 }
func (m merge) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *merge) Push(x any)        { *m = append(*m, x.(*next)) }
func (m *merge) Pop() any {
	last := len(*m) - 1
	x := (*m)[last]
	*m = (*m)[:last]
	return x
}

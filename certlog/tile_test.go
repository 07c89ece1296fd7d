package certlog

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

func TestTilesHaveThePathsOfTheFormat(t *testing.T) {
	for path, tile := range map[string]Tile{
		"tile/0/x001/x234/067":          {0, 1234067, 256},
		"tile/0/000.p/1":                {0, 0, 1},
		"tile/2/x001/000.p/255":         {2, 1000, 255},
		"tile/entries/999":              {Bundle, 999, 256},
		"tile/entries/x001/x000/000.p/": {},
		"tile/63/000":                   {63, 0, 256},
		"tile/64/000":                   {}, "tile/-1/000": {}, "tile/00/000": {}, "tile/0/0": {}, "tile/0/x001": {}, "tile/0/000.p/256": {},
		"tile/0/000.p/0": {}, "tile/0/000.p/01": {}, "tile/0/001/x002": {}, "tile/0/x000/001": {}, "tile/8/0/000": {}, "tile/0/../000": {},
		"tile/entries": {}, "tile/0/+01": {}, "": {},
	} {
		got, err := ParseTile(path)
		if want := tile; got != want || (want == Tile{}) != errors.Is(err, ErrTile) {
			t.Errorf("%s: %v, %v", path, got, err)
		}
		if err == nil && got.Path() != path {
			t.Errorf("%v is written %s, not %s", got, got.Path(), path)
		}
	}
}

func FuzzAPathIsWrittenInOneWay(f *testing.F) {
	f.Add("tile/0/x001/x234/067.p/12")
	f.Add("tile/entries/000")
	f.Fuzz(func(t *testing.T, path string) {
		tile, err := ParseTile(path)
		if err == nil && tile.Path() != path {
			t.Fatalf("%q came back as %q", path, tile.Path())
		}
	})
}

func FuzzABundleIsItsEntries(f *testing.F) {
	e := sampleEntry(1)
	f.Add(e.Append([]byte{0, EntrySize}))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := SplitBundle(data)
		if err != nil {
			return
		}
		var back []byte
		for _, e := range entries {
			back = e.Append(append(back, 0, EntrySize))
		}
		if !bytes.Equal(back, data) {
			t.Fatalf("%x came back as %x", data, back)
		}
	})
}

// shelf holds tiles in memory by their path.
type shelf map[string][]byte

func (s shelf) put(t Tile, data []byte) error {
	s[t.Path()] = bytes.Clone(data)
	return nil
}

func (s shelf) read(t Tile) ([]byte, error) {
	if data, ok := s[t.Path()]; ok {
		return data, nil
	}
	if data, ok := s[Tile{t.Level, t.N, TileWidth}.Path()]; ok {
		step := tlog.HashSize
		if t.Level == Bundle {
			step = 2 + EntrySize
		}
		return data[:t.Width*step], nil
	}
	return nil, fmt.Errorf("no tile %s", t.Path())
}

// grown is an edge of size entries whose tiles, those of the last size among them, are on the shelf.
func grown(t testing.TB, size int) (*Edge, shelf) {
	t.Helper()
	e, s := new(Edge), shelf{}
	for i := range size {
		if err := e.Append(sampleEntry(i), s.put); err != nil {
			t.Fatal(err)
		}
	}
	for tile, data := range e.Partial() {
		s.put(tile, data)
	}
	return e, s
}

// The example of the format: what a tree of 70,000 entries consists of.
func TestATreeOfSeventyThousandHasTheTilesOfTheFormatsExample(t *testing.T) {
	_, s := grown(t, 70_000)
	full, part := map[int]int{}, map[int]int{}
	for path := range s {
		tile, err := ParseTile(path)
		if err != nil {
			t.Fatal(err)
		}
		if tile.Width == TileWidth {
			full[tile.Level]++
		} else {
			part[tile.Level] += tile.Width
		}
	}
	if got, want := fmt.Sprint(full, part), fmt.Sprint(map[int]int{Bundle: 273, 0: 273, 1: 1}, map[int]int{Bundle: 112, 0: 112, 1: 17, 2: 1}); got != want {
		t.Errorf("full and partial tiles by level: %s, want %s", got, want)
	}
}

func TestTheEdgeHasTheRootsAndTilesOfTheWholeTree(t *testing.T) {
	var (
		tree Tree
		all  hashes
		edge Edge
		ours = shelf{}
	)
	for i := range 70_000 {
		e := sampleEntry(i)
		tree.Append(e)
		if err := edge.Append(e, ours.put); err != nil {
			t.Fatal(err)
		}
		more, err := tlog.StoredHashesForRecordHash(int64(i), e.Hash(), all)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, more...)
		if size := i + 1; size < 600 || size%4099 == 0 || size >= 65_530 && size < 65_540 {
			if !bytes.Equal(edge.Tree().Marshal(), tree.Marshal()) {
				t.Fatalf("size %d: the edge is that of another tree", size)
			}
		}
	}
	for tile, data := range edge.Partial() {
		ours.put(tile, data)
	}
	theirs := 0
	for _, tile := range tlog.NewTiles(tileBits, 0, edge.Size()) {
		want, err := tlog.ReadTileData(tile, all)
		if err != nil {
			t.Fatal(err)
		}
		path := Tile{tile.L, tile.N, tile.W}.Path()
		if theirs++; !bytes.Equal(ours[path], want) {
			t.Fatalf("tile %s has other hashes", path)
		}
	}
	if n := len(ours) - theirs; n != 70_000/256+1 {
		t.Errorf("%d tiles that are no bundle's too many", n-70_000/256-1)
	}
}

func TestTheEdgeIsReadBackFromItsTiles(t *testing.T) {
	for _, size := range []int{0, 1, 255, 256, 257, 65_535, 65_536, 65_537} {
		edge, s := grown(t, size)
		back, err := ReadEdge(edge.Tree().Head(), s.read)
		if err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		for i := range 300 {
			edge.Append(sampleEntry(size+i), s.put)
			back.Append(sampleEntry(size+i), s.put)
		}
		if !back.Tree().Head().Same(edge.Tree().Head()) {
			t.Errorf("size %d: what was read grows into another tree", size)
		}
	}
}

func TestAnEdgeIsNotReadFromTilesOfAnotherTree(t *testing.T) {
	edge, s := grown(t, 65_537+300)
	head := edge.Tree().Head()
	for _, tile := range TilesOf(head.Size) {
		path := tile.Path()
		good := s[path]
		for _, at := range []int{0, len(good) - 1} {
			bad := bytes.Clone(good)
			bad[at] ^= 1
			s[path] = bad
			if _, err := ReadEdge(head, s.read); !errors.Is(err, ErrTile) && !errors.Is(err, ErrEntry) {
				t.Errorf("%s, byte %d changed: %v", path, at, err)
			}
		}
		s[path] = good[:len(good)-1]
		if _, err := ReadEdge(head, s.read); !errors.Is(err, ErrTile) {
			t.Errorf("%s cut short: %v", path, err)
		}
		s[path] = good
	}
}

func TestEveryEntryIsProvenFromTilesAndIncludedInLaterTrees(t *testing.T) {
	edge, s := grown(t, 66_000)
	later := edge.Tree().Head()
	for _, size := range []int64{1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 66_000} {
		e := new(Edge)
		for i := range size {
			e.Append(sampleEntry(int(i)), func(Tile, []byte) error { return nil })
		}
		c := &Checkpoint{Origin: "certs.example.org/log", Head: e.Tree().Head()}
		all := NewHashes(later.Size, s.read)
		for _, index := range slices.Compact([]int64{0, size / 3, size / 2, size - 1}) {
			entry := sampleEntry(int(index))
			if _, err := Prove(entry, index, c, all); err != nil {
				t.Errorf("entry %d in %d: %v", index, size, err)
			}
			if err := CheckIncluded(later, index, entry.Hash(), s.read); err != nil {
				t.Errorf("entry %d in the later tree: %v", index, err)
			}
			if err := CheckIncluded(later, index, sampleEntry(70_000).Hash(), s.read); !errors.Is(err, ErrInclusion) {
				t.Errorf("another entry at %d: %v", index, err)
			}
		}
	}
	if err := CheckIncluded(later, later.Size, sampleEntry(0).Hash(), s.read); !errors.Is(err, ErrInclusion) {
		t.Errorf("beyond the end: %v", err)
	}
}

// go test -bench Append ./certlog prints what an entry costs in a log of ten thousand and of a million: the same.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			drop := func(Tile, []byte) error { return nil }
			e := new(Edge)
			for i := range size {
				e.Append(sampleEntry(i), drop)
			}
			for i := 0; b.Loop(); i++ {
				e.Append(sampleEntry(size+i), drop)
			}
		})
	}
}

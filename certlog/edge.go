package certlog

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"golang.org/x/mod/sumdb/tlog"
)

// Edge is the right edge of a log that is written as tiles: all of it that further entries can still change, which
// is less than 256 hashes a level, however large the log is. The zero Edge is that of an empty log.
type Edge struct {
	size   int64
	levels [][]tlog.Hash // of each level, the last tile as far as it is there
	bundle []byte
}

// Size returns the number of entries.
func (e *Edge) Size() int64 { return e.size }

// Append adds an entry and gives every tile that it fills to full, bundles before hashes and lower levels first.
func (e *Edge) Append(entry Entry, full func(Tile, []byte) error) error {
	start := len(e.bundle) + 2
	e.bundle = entry.Append(append(e.bundle, 0, EntrySize))
	h := tlog.RecordHash(e.bundle[start:])
	e.size++
	if e.size%TileWidth == 0 {
		if err := full(Tile{Bundle, e.size/TileWidth - 1, TileWidth}, e.bundle); err != nil {
			return err
		}
		e.bundle = e.bundle[:0]
	}
	for level, n := 0, e.size; ; level++ {
		if level == len(e.levels) {
			e.levels = append(e.levels, make([]tlog.Hash, 0, TileWidth))
		}
		e.levels[level] = append(e.levels[level], h)
		if n%TileWidth != 0 {
			return nil
		}
		n /= TileWidth
		if err := full(Tile{level, n - 1, TileWidth}, tileBytes(e.levels[level])); err != nil {
			return err
		}
		h = subtree(e.levels[level])
		e.levels[level] = e.levels[level][:0]
	}
}

// Partial yields the tiles that are not full.
func (e *Edge) Partial() iter.Seq2[Tile, []byte] {
	return func(yield func(Tile, []byte) bool) {
		for _, t := range TilesOf(e.size) {
			data := e.bundle
			if t.Level != Bundle {
				data = tileBytes(e.levels[t.Level])
			}
			if !yield(t, data) {
				return
			}
		}
	}
}

// Tree returns the tree of which this is the edge.
func (e *Edge) Tree() *Tree {
	t := &Tree{size: e.size}
	for level := len(e.levels) - 1; level >= 0; level-- {
		hashes := e.levels[level]
		for half := TileWidth / 2; half > 0; half /= 2 {
			if len(hashes) >= half {
				t.roots = append(t.roots, subtree(hashes[:half]))
				hashes = hashes[half:]
			}
		}
	}
	return t
}

// ReadEdge takes the edge of a tree from its rightmost tiles. The error is ErrTile where they do not give head's root.
func ReadEdge(head Head, read func(Tile) ([]byte, error)) (*Edge, error) {
	e := &Edge{size: head.Size}
	for n := head.Size; n > 0; n /= TileWidth {
		e.levels = append(e.levels, make([]tlog.Hash, 0, TileWidth))
	}
	for _, t := range TilesOf(head.Size) {
		data, err := readTile(t, read)
		if err != nil {
			return nil, err
		}
		if t.Level == Bundle {
			e.bundle = data
			continue
		}
		for ; len(data) > 0; data = data[tlog.HashSize:] {
			e.levels[t.Level] = append(e.levels[t.Level], tlog.Hash(data))
		}
	}
	if got := e.Tree().Head(); !got.Same(head) {
		return nil, fmt.Errorf("%w: the tiles of size %d give another root than the checkpoint", ErrTile, head.Size)
	}
	return e, e.checkBundle()
}

// checkBundle holds the entries of the last bundle against their hashes.
func (e *Edge) checkBundle() error {
	entries, err := SplitBundle(e.bundle)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		if entry.Hash() != e.levels[0][i] {
			return fmt.Errorf("%w: entry %d has another hash in its tile", ErrTile, e.size-int64(len(entries)-i))
		}
	}
	return nil
}

// readTile reads a tile and holds it to its size.
func readTile(t Tile, read func(Tile) ([]byte, error)) ([]byte, error) {
	data, err := read(t)
	if err != nil {
		return nil, err
	}
	if len(data) != t.bytes() {
		return nil, fmt.Errorf("%w: %s has %d bytes, not %d", ErrTile, t.Path(), len(data), t.bytes())
	}
	return append(make([]byte, 0, TileWidth*(2+EntrySize)), data...), nil
}

func tileBytes(hashes []tlog.Hash) []byte {
	data := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		data = append(data, h[:]...)
	}
	return data
}

// subtree is the root over hashes, whose number is a power of two.
func subtree(hashes []tlog.Hash) tlog.Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	half := len(hashes) / 2
	return tlog.NodeHash(subtree(hashes[:half]), subtree(hashes[half:]))
}

// Tiles reads tiles by their paths. Where one that is not full is gone, it takes the full one, which stands there by
// then, and cuts it. A file that is not there must be fs.ErrNotExist.
func Tiles(file func(path string) ([]byte, error)) func(Tile) ([]byte, error) {
	return func(t Tile) ([]byte, error) {
		data, err := file(t.Path())
		if t.Width == TileWidth || !errors.Is(err, fs.ErrNotExist) {
			return data, err
		}
		full, err2 := file(Tile{t.Level, t.N, TileWidth}.Path())
		if want := t.bytes(); err2 == nil && len(full) >= want {
			return full[:want], nil
		}
		return nil, err
	}
}

// bytes is how many a tile has.
func (t Tile) bytes() int {
	if t.Level == Bundle {
		return t.Width * (2 + EntrySize)
	}
	return t.Width * tlog.HashSize
}

package certlog

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// keptTiles is how many tiles Hashes keeps: neighbours in the log need the same ones.
const keptTiles = 64

// Hashes finds the hashes of a tree in its tiles, of which it keeps a few in memory. It is a tlog.HashReader, and
// believes what it reads: a proof made with it must be held against the tree's root, and one that holds is right.
type Hashes struct {
	size   int64
	read   func(Tile) ([]byte, error)
	tiles  map[Tile][][]tlog.Hash // the levels below each tile's root, lowest first
	recent []Tile
}

// NewHashes reads the tiles of a tree of a size.
func NewHashes(size int64, read func(Tile) ([]byte, error)) *Hashes {
	return &Hashes{size: size, read: read, tiles: map[Tile][][]tlog.Hash{}}
}

// ReadHashes returns hashes by their place in tlog's order of storage.
func (h *Hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		within := level % tileBits
		t := Tile{Level: level / tileBits, N: n >> (tileBits - within)}
		t.Width = int(min(TileWidth, h.size>>(t.Level*tileBits)-t.N*TileWidth))
		place := int(n & (TileWidth>>within - 1))
		if t.Width < (place+1)<<within {
			return nil, fmt.Errorf("%w: a tree of %d entries has no hash %d at level %d", ErrTile, h.size, n, level)
		}
		nodes, err := h.tile(t)
		if err != nil {
			return nil, err
		}
		out[i] = nodes[within][place]
	}
	return out, nil
}

// tile returns a tile's hashes, and what they give in pairs, level by level.
func (h *Hashes) tile(t Tile) ([][]tlog.Hash, error) {
	if nodes, ok := h.tiles[t]; ok {
		return nodes, nil
	}
	data, err := readTile(t, h.read)
	if err != nil {
		return nil, err
	}
	row := make([]tlog.Hash, t.Width)
	for i := range row {
		row[i] = tlog.Hash(data[i*tlog.HashSize:])
	}
	nodes := [][]tlog.Hash{row}
	for len(nodes) < tileBits {
		next := make([]tlog.Hash, len(row)/2)
		for i := range next {
			next[i] = tlog.NodeHash(row[2*i], row[2*i+1])
		}
		nodes, row = append(nodes, next), next
	}
	h.tiles[t] = nodes
	if h.recent = append(h.recent, t); len(h.recent) > keptTiles {
		delete(h.tiles, h.recent[0])
		h.recent = h.recent[1:]
	}
	return nodes, nil
}

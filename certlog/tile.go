package certlog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// TileWidth is the number of hashes in a full tile, and of entries in a full bundle (C2SP tlog-tiles).
const TileWidth = 256

const tileBits = 8

// Bundle is the Level of a Tile that holds entries instead of hashes.
const Bundle = -1

// maxLevel is the highest level that tlog-tiles allows.
const maxLevel = 63

// ErrTile says that a path or bytes are no tile, or not the tile that a checkpoint stands for.
var ErrTile = errors.New("not a tile of this log")

// Tile names a tile of the log: its Level, its place N within that, and how many of its 256 hashes it holds.
type Tile struct {
	Level int // 0 for the hashes of entries, and up; or Bundle
	N     int64
	Width int // 1 to 256
}

// Path is where the tile lies below the log's prefix: tile/0/x001/234, or tile/entries/000.p/17 for one that is
// not full.
func (t Tile) Path() string {
	level := "entries"
	if t.Level != Bundle {
		level = strconv.Itoa(t.Level)
	}
	path := "tile/" + level + "/" + numberPath(t.N)
	if t.Width < TileWidth {
		path += ".p/" + strconv.Itoa(t.Width)
	}
	return path
}

// numberPath writes 1234067 as x001/x234/067.
func numberPath(n int64) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	return s
}

// ParseTile reads what Path wrote, and refuses any other writing of it. The error is ErrTile.
func ParseTile(path string) (Tile, error) {
	t, ok := parseTile(path)
	if !ok || t.Path() != path {
		return Tile{}, fmt.Errorf("%w: %q", ErrTile, path)
	}
	return t, nil
}

func parseTile(path string) (t Tile, ok bool) {
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok {
		return t, false
	}
	level, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return t, false
	}
	if t.Level = Bundle; level != "entries" {
		if t.Level, ok = small(level, maxLevel); !ok {
			return t, false
		}
	}
	t.Width = TileWidth
	rest, width, partial := strings.Cut(rest, ".p/")
	if partial {
		if t.Width, ok = small(width, TileWidth-1); !ok || t.Width == 0 {
			return t, false
		}
	}
	parts := strings.Split(rest, "/")
	if len(parts) > 6 { // 10^18 tiles
		return t, false
	}
	for _, part := range parts {
		n, ok := small(strings.TrimPrefix(part, "x"), 999)
		if !ok {
			return t, false
		}
		t.N = 1000*t.N + int64(n)
	}
	return t, true
}

// small reads digits alone, up to most.
func small(s string, most int) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 16)
	return int(n), err == nil && n <= uint64(most)
}

// TilesOf returns the rightmost tiles of a tree of a size, full or not: those of which one level's last hash is
// part, bundles among them. A tree needs them for its root, and all before them are full.
func TilesOf(size int64) []Tile {
	var tiles []Tile
	if w := int(size % TileWidth); w > 0 {
		tiles = append(tiles, Tile{Bundle, size / TileWidth, w})
	}
	for level := 0; size > 0; level++ {
		if w := int(size % TileWidth); w > 0 {
			tiles = append(tiles, Tile{level, size / TileWidth, w})
		}
		size /= TileWidth
	}
	return tiles
}

// SplitBundle cuts a bundle into its entries. Each is preceded by its length, which for ours is always 50. The error
// is ErrTile or ErrEntry.
func SplitBundle(data []byte) ([]Entry, error) {
	const step = 2 + EntrySize
	if len(data)%step != 0 || len(data) > TileWidth*step {
		return nil, fmt.Errorf("%w: a bundle of %d bytes", ErrTile, len(data))
	}
	entries := make([]Entry, 0, len(data)/step)
	for ; len(data) > 0; data = data[step:] {
		if n := int(data[0])<<8 | int(data[1]); n != EntrySize {
			return nil, fmt.Errorf("%w: an entry of %d bytes in a bundle", ErrTile, n)
		}
		e, err := ParseEntry(data[2:step])
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

package site

import "laurel/certlog"

// tilesOf reads the tiles of any size that the log has had out of the tiles of a later size: where a tile was not full
// yet, it is the beginning of the one that stands there now.
func (l *Log) tilesOf(size int64) func(certlog.Tile) ([]byte, error) {
	return func(t certlog.Tile) ([]byte, error) {
		later := t
		later.Width = int(min(certlog.TileWidth, size>>(8*max(t.Level, 0))-t.N*certlog.TileWidth))
		if later.Width <= t.Width {
			return l.Tile(t)
		}
		data, err := l.Tile(later)
		if err != nil || len(data)%later.Width != 0 {
			return data, err
		}
		return data[:len(data)/later.Width*t.Width], nil
	}
}

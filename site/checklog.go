package site

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"laurel/certlog"
	"laurel/credential"
)

// checkedLog is the log of a tree whose tiles are all as its entries make them.
type checkedLog struct {
	*Log
	now *certlog.Checkpoint
}

// checkLog holds the checkpoint against its signatures, and every tile against the entries.
func (c *checker) checkLog() error {
	c.known[CheckpointPath] = true
	log, err := TreeLog(c.dir, c.site.Log)
	if err != nil {
		return err
	}
	now, err := log.Checkpoint()
	if err == nil && now.CosignedBy(log.own).IsZero() {
		err = errors.New("the issuer's own cosignature is missing or false")
	}
	if err != nil {
		c.problem(CheckpointPath, "%v; certd export writes it anew", gone(err))
	}
	if now == nil {
		c.knowTiles(log, 0)
		return nil
	}
	edge, recorded, whole := c.regrow(log, now.Size)
	if whole && !edge.Tree().Head().Same(now.Head) {
		c.problem(CheckpointPath, "its root is not that of the %d entries in the tiles", now.Size)
	}
	if whole {
		c.log = &checkedLog{Log: log, now: now}
		c.anchored(recorded)
	}
	c.knowTiles(log, now.Size)
	return nil
}

// gone says of a missing file that it is missing.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("missing")
	}
	return err
}

// regrow makes the tiles of the first size entries anew and compares them. recorded is what the newest entry of keys, if
// there is one, has of the key history.
func (c *checker) regrow(log *Log, size int64) (edge *certlog.Edge, recorded *[32]byte, whole bool) {
	edge, whole = new(certlog.Edge), true
	compare := func(t certlog.Tile, want []byte) error {
		got, err := log.file(TilePath(t))
		if err != nil {
			got, err = log.Tile(t)
		}
		if err != nil || !bytes.Equal(got, want) {
			c.problem(TilePath(t), "%v", cmpError(err, "not the tile that the entries give; certd export writes it anew"))
			whole = false
			if t.Level == 0 {
				bundle := certlog.Tile{Level: certlog.Bundle, N: t.N, Width: t.Width}
				c.problem(TilePath(bundle), "an entry in it has another hash in %s; certd export writes both anew", TilePath(t))
			}
		}
		return nil
	}
	for from := int64(0); from < size; from += certlog.TileWidth {
		t := certlog.Tile{Level: certlog.Bundle, N: from / certlog.TileWidth, Width: int(min(certlog.TileWidth, size-from))}
		data, err := log.Tile(t)
		var entries []certlog.Entry
		if err == nil {
			entries, err = certlog.SplitBundle(data)
		}
		if err == nil && len(entries) != t.Width {
			err = fmt.Errorf("%d entries, not %d", len(entries), t.Width)
		}
		if err != nil {
			c.problem(TilePath(t), "%v; certd export writes it anew", gone(err))
			return edge, nil, false
		}
		for _, e := range entries {
			c.speaks(edge.Size(), e)
			if err := edge.Append(e, compare); err != nil {
				return edge, nil, false
			}
			if e.Kind == certlog.Key {
				recorded = &e.Digest
			}
		}
	}
	for t, data := range edge.Partial() {
		compare(t, data)
	}
	return edge, recorded, whole
}

// anchored holds keys.json, whose first version has no entry, against the log, and the thefts in it against the log's
// own past.
func (c *checker) anchored(recorded *[32]byte) {
	doc, err := readDocument(c.dir, KeysPath)
	if err != nil {
		c.problem(KeysPath, "%v", err)
		return
	}
	digest, err := credential.Digest(doc)
	if err != nil || recorded == nil && c.told.Sequence != 1 || recorded != nil && *recorded != digest {
		c.problem(KeysPath, "not the version that the log recorded last; whoever stole a key may have signed it: export the tree anew with certd export")
	}
	for _, k := range c.told.Keys {
		if k.Revoked != nil && wasHead(c.log.Log, k.Revoked, c.log.now.Size) != nil {
			c.problem(KeysPath, "it says of %s that the log had another root at %d entries than it had", k.Method, k.Revoked.Size)
		}
	}
}

func cmpError(err error, otherwise string) error {
	if err != nil {
		return gone(err)
	}
	return errors.New(otherwise)
}

// knowTiles accounts for the tiles of a log of size entries, and of all its sizes before; those have been compared,
// unless an earlier size's stands there still, which must be the beginning of the later one.
func (c *checker) knowTiles(log *Log, size int64) {
	for path, err := range logTiles(c.dir) {
		if err != nil {
			c.problem(path, "%v", err)
			continue
		}
		t, _ := tileIn(path)
		level := max(t.Level, 0)
		there := size>>(8*level) - t.N*certlog.TileWidth // hashes that the tile has by now
		if level > 7 || there < int64(t.Width) {
			if size > 0 {
				c.problem(path, "beyond the %d entries of the checkpoint; certd publishes that last, or remove this", size)
			}
			c.known[path] = true
			continue
		}
		c.known[path] = true
		if int64(t.Width) < min(there, certlog.TileWidth) {
			c.earlier(log, path, t, int(min(there, certlog.TileWidth)))
		}
	}
}

// earlier compares a tile of an earlier size with that of a later one.
func (c *checker) earlier(log *Log, path string, t certlog.Tile, width int) {
	if width == certlog.TileWidth {
		c.problem(path, "the full tile stands beside it; remove it")
		return
	}
	got, err := log.file(path)
	later := t
	later.Width = width
	want, err2 := log.Tile(later)
	if err != nil || err2 == nil && !bytes.HasPrefix(want, got) {
		c.problem(path, "%v", cmpError(err, "not the beginning of the later tile; certd export writes it anew"))
	}
}

// inclusion holds a certificate's proof against the certificate and the tiles.
func (c *checker) inclusion(signed *credential.Credential) {
	path := ProofPath(signed.Number())
	if c.log == nil {
		return
	}
	own := *c.log.Log
	own.file = nil // its own proof alone
	found, err := own.Find(signed)
	switch {
	case errors.Is(err, ErrNotLogged):
		c.problem(path, "missing; certd export writes it anew")
	case err != nil:
		c.problem(path, "%v", err)
	case found.AsOf.IsZero():
		c.problem(path, "the issuer's own cosignature is missing or false")
	case found.Index < c.log.now.Size:
		if err := c.log.holds(found.Index, signed.Digest()); err != nil {
			c.problem(path, "%v", err)
		}
	}
}

// holds reports whether the tiles have an issue of a digest at an index.
func (l *checkedLog) holds(index int64, digest [32]byte) error {
	data, err := l.Tile(certlog.Tile{Level: certlog.Bundle, N: index / certlog.TileWidth, Width: int(min(certlog.TileWidth, l.now.Size-index/certlog.TileWidth*certlog.TileWidth))})
	if err != nil {
		return err
	}
	entries, err := certlog.SplitBundle(data)
	if err != nil {
		return err
	}
	if e := entries[index%certlog.TileWidth]; e.Kind != certlog.Issue || e.Digest != digest {
		return fmt.Errorf("entry %d of the log is another one", index)
	}
	return nil
}

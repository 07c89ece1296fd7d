package site

import (
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"time"

	"laurel/certlog"
)

type spot struct{ list, index uint32 }

// grow reads the entries since the last visit, or all of them where every one must be explained, and holds them against
// both checkpoints: if they lead from the old root to the new one, the log has only grown.
func (a *auditor) grow(ctx context.Context) (ok bool, err error) {
	seen, err := a.last.seen()
	if err != nil {
		return false, err
	}
	a.state = &AuditState{Version: 1, LogKey: a.site.Log.Key, Checkpoint: string(a.now.Head.Checkpoint), AsOf: a.report.AsOf, LastEntry: a.last.LastEntry, Issues: a.last.Issues, Key: a.last.Key}
	spots := map[spot]auditedSpot{}
	for _, p := range a.last.Places {
		spots[spot{p.List, p.Index}] = p
	}
	edge, err := certlog.ReadEdge(seen, a.log.Tile)
	if err != nil {
		return a.unfollowed(err, "the tiles no longer give the root that the log had at %d entries, at the last visit", seen.Size)
	}
	if a.source.Whole {
		a.issues = make(map[[32]byte]int64, a.now.Size)
		if edge, ok, err = a.again(ctx, seen); !ok {
			return false, err
		}
	}
	a.report.New = a.now.Size - seen.Size
	err = a.entries(ctx, seen.Size, func(index int64, e certlog.Entry) error {
		a.newEntry(index, e, spots)
		return edge.Append(e, noTile)
	})
	if err != nil {
		return a.unfollowed(err, "")
	}
	if !edge.Tree().Head().Same(a.now.Head) {
		a.find(Forked, CheckpointPath, "the entries do not lead from the %d of the last visit to the root of %d: it is another log", seen.Size, a.now.Size)
		return false, nil
	}
	a.state.Places = slices.SortedFunc(maps.Values(spots), func(x, y auditedSpot) int {
		if x.List != y.List {
			return int(x.List) - int(y.List)
		}
		return int(x.Index) - int(y.Index)
	})
	return true, nil
}

func noTile(certlog.Tile, []byte) error { return nil }

// again reads the entries of earlier visits once more, to know what they recorded.
func (a *auditor) again(ctx context.Context, seen certlog.Head) (edge *certlog.Edge, ok bool, err error) {
	edge = new(certlog.Edge)
	err = a.entriesUpTo(ctx, 0, seen.Size, func(index int64, e certlog.Entry) error {
		if e.Kind == certlog.Issue {
			a.issues[e.Digest] = index
		}
		return edge.Append(e, noTile)
	})
	if err != nil {
		ok, err = a.unfollowed(err, "")
		return edge, ok, err
	}
	if !edge.Tree().Head().Same(seen) {
		a.find(Forked, CheckpointPath, "the entries do not give the root that the log had at %d, at the last visit: it was rewritten", seen.Size)
		return edge, false, nil
	}
	return edge, true, nil
}

// newEntry judges the time of an entry and notes what it says.
func (a *auditor) newEntry(index int64, e certlog.Entry, spots map[spot]auditedSpot) {
	path := TilePath(bundleOf(index, a.now.Size))
	at := time.UnixMilli(e.Time).UTC()
	switch {
	case e.Time < a.state.LastEntry:
		a.find(Backdated, path, "entry %d bears the time %s, before that of the entry that precedes it", index, at.Format(time.RFC3339))
	case at.Add(auditTolerance).Before(a.last.AsOf):
		a.find(Backdated, path, "entry %d bears the time %s, and was not there at the visit of %s", index, at.Format(time.RFC3339), a.last.AsOf.Format(time.RFC3339))
	case at.After(a.report.AsOf.Add(auditTolerance)):
		a.find(Backdated, path, "entry %d bears the time %s, after the checkpoint of %s that holds it", index, at.Format(time.RFC3339), a.report.AsOf.Format(time.RFC3339))
	}
	a.state.LastEntry = max(a.state.LastEntry, e.Time)
	switch e.Kind {
	case certlog.Issue:
		a.state.Issues++
		if a.issues != nil {
			a.issues[e.Digest] = index
		}
	case certlog.Key:
		a.state.Key = &auditedKey{Index: index, Time: e.Time, Digest: hex.EncodeToString(e.Digest[:])}
	default:
		s := spots[spot{e.List, e.Index}]
		spots[spot{e.List, e.Index}] = auditedSpot{List: e.List, Index: e.Index, Kind: e.Kind, Time: e.Time, Count: s.Count + 1}
	}
}

// bundleOf is the bundle that holds an entry in a log of a size.
func bundleOf(index, size int64) certlog.Tile {
	n := index / certlog.TileWidth
	return certlog.Tile{Level: certlog.Bundle, N: n, Width: int(min(certlog.TileWidth, size-n*certlog.TileWidth))}
}

func (a *auditor) entries(ctx context.Context, from int64, f func(index int64, e certlog.Entry) error) error {
	return a.entriesUpTo(ctx, from, a.now.Size, f)
}

// entriesUpTo reads the entries from one index up to, not including, another.
func (a *auditor) entriesUpTo(ctx context.Context, from, to int64, f func(index int64, e certlog.Entry) error) error {
	for from < to {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := bundleOf(from, a.now.Size)
		data, err := a.log.Tile(t)
		if err != nil {
			return err
		}
		all, err := certlog.SplitBundle(data)
		if err != nil {
			return err
		}
		for first := t.N * certlog.TileWidth; from < to && from-first < int64(len(all)); from++ {
			if err := f(from, all[from-first]); err != nil {
				return err
			}
		}
		if len(all) < t.Width {
			return certlog.ErrTile
		}
	}
	return nil
}

// unfollowed makes a finding of what keeps the log from being followed, unless it is the source that fails.
func (a *auditor) unfollowed(err error, rewritten string, args ...any) (bool, error) {
	switch {
	case errors.Is(err, certlog.ErrTile) && rewritten != "":
		a.find(Forked, CheckpointPath, rewritten, args...)
	case errors.Is(err, certlog.ErrTile), errors.Is(err, certlog.ErrEntry):
		a.find(Changed, CheckpointPath, "its tiles cannot be read: %v", err)
	case errors.Is(err, fs.ErrNotExist):
		a.find(Dropped, CheckpointPath, "a tile of it is not there: %v", err)
	default:
		return false, err
	}
	return false, nil
}

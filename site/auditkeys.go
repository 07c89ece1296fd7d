package site

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"time"

	"laurel/certlog"
	"laurel/credential"
)

// keyHistory holds keys.json against the log, where whoever stole a signing key cannot enter another, and every theft in
// it against the log's own past.
func (a *auditor) keyHistory() error {
	if !a.anchored() {
		a.find(Changed, KeysPath, "it is not what the log has, %s", recordedVersion(a.state.Key))
	}
	for _, k := range a.history.Keys {
		if k.Revoked == nil {
			continue
		}
		err := wasHead(a.log, k.Revoked, a.now.Size)
		switch {
		case errors.Is(err, certlog.ErrTile):
			a.find(Changed, KeysPath, "it says of %s that the log had another root at %d entries than it had", k.Method, k.Revoked.Size)
		case errors.Is(err, fs.ErrNotExist):
			a.find(Dropped, CheckpointPath, "a tile of it is not there: %v", err)
		case err != nil:
			return err
		}
	}
	return nil
}

// recordedVersion says what the log has of the key history.
func recordedVersion(k *auditedKey) string {
	if k == nil {
		return "which has no entry of keys, so that only the first version is good"
	}
	return "whose newest entry of keys is of " + time.UnixMilli(k.Time).UTC().Format(time.RFC3339)
}

// anchored reports whether keys.json is the version that the log recorded last; the first version has no entry. Caches
// may have the one before for some minutes, and a version may be published a moment before the checkpoint over its entry.
func (a *auditor) anchored() bool {
	k := a.state.Key
	if k == nil {
		return a.history.Sequence == 1 || a.history.Sequence == 2 && a.history.Updated.After(a.report.AsOf)
	}
	if k.Digest == hex.EncodeToString(a.version[:]) {
		return true
	}
	settled := a.report.AsOf.Add(-auditTolerance)
	newer := k.Digest == hex.EncodeToString(a.history.Previous[:]) && a.history.Updated.After(a.report.AsOf)
	return newer || time.UnixMilli(k.Time).After(settled)
}

// wasHead reports whether the log had the head that a revocation freezes. The error is certlog.ErrTile where it had not.
func wasHead(l *Log, r *credential.Revocation, size int64) error {
	if r.Size > size {
		return certlog.ErrTile
	}
	_, err := certlog.ReadEdge(certlog.Head{Size: r.Size, Hash: r.Root}, l.tilesOf(size))
	return err
}

package publish

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"os"
)

// Relist forgets what is known of the target and lists it instead: for a state that was lost, or a target that was
// changed by others. What it holds with the very bytes of the tree is taken as uploaded, everything else is not known.
func (m *Mirror) Relist(ctx context.Context) error {
	if err := m.state.reset(); err != nil {
		return err
	}
	for o, err := range m.backend.List(ctx) {
		if err != nil {
			return fmt.Errorf("list %s: %w", m.backend.Name(), err)
		}
		class, ok := m.tree.Classify(o.Key)
		if !ok {
			continue // not ours: never touched
		}
		n := m.state.put(shardOf(m.tree.unitOf(o.Key)), o.Key, m.listed(o, class))
		if n >= flushEvery {
			if err := m.state.flush(); err != nil {
				return err
			}
			m.state.release()
		}
	}
	return m.state.flush()
}

// listed says what an object of a listing tells.
func (m *Mirror) listed(o Object, class Class) entry {
	info, err := os.Lstat(m.tree.file(o.Key))
	if err != nil || o.MD5 == "" || info.Size() != o.Size {
		return entry{}
	}
	f := fileOf(o.Key, info, class)
	data, same, err := m.tree.read(f)
	if err != nil || !same {
		return entry{}
	}
	if digest := md5.Sum(data); hex.EncodeToString(digest[:]) != o.MD5 {
		return entry{}
	}
	return entry{known: true, sum: sumOf(data), size: f.Size, mtime: f.remembered(), print: printOf(class.Options)}
}

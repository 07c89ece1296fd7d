package certlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// Head is a state of the log.
type Head struct {
	Size       int64
	Hash       tlog.Hash // RFC 6962 root
	Checkpoint []byte    // signed note over both; empty until checkpoints are made
}

// Same reports whether two heads are of the same tree.
func (h Head) Same(o Head) bool { return h.Size == o.Size && h.Hash == o.Hash }

// Tree is as much of the Merkle tree as appending needs: the roots of its complete subtrees, largest
// first, one for each bit that is set in the size. The zero Tree is empty.
type Tree struct {
	size  int64
	roots []tlog.Hash
}

// ErrTree says that bytes are no tree.
var ErrTree = errors.New("not a log tree")

// Size returns the number of entries.
func (t *Tree) Size() int64 { return t.size }

// Append adds an entry and returns its index.
func (t *Tree) Append(e Entry) int64 {
	h := e.Hash()
	for range bits.TrailingZeros64(^uint64(t.size)) {
		h = tlog.NodeHash(t.roots[len(t.roots)-1], h)
		t.roots = t.roots[:len(t.roots)-1]
	}
	t.roots = append(t.roots, h)
	t.size++
	return t.size - 1
}

// Head returns the tree's size and root, without a checkpoint.
func (t *Tree) Head() Head {
	if t.size == 0 {
		return Head{Hash: emptyRoot()}
	}
	h := t.roots[len(t.roots)-1]
	for i := len(t.roots) - 2; i >= 0; i-- {
		h = tlog.NodeHash(t.roots[i], h)
	}
	return Head{Size: t.size, Hash: h}
}

// Clone returns a tree that can grow apart from t.
func (t *Tree) Clone() *Tree {
	return &Tree{size: t.size, roots: append(make([]tlog.Hash, 0, len(t.roots)+1), t.roots...)}
}

// Marshal returns the size, big-endian, and the roots.
func (t *Tree) Marshal() []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(t.roots)*tlog.HashSize), uint64(t.size))
	for _, h := range t.roots {
		b = append(b, h[:]...)
	}
	return b
}

// ParseTree reads what Marshal wrote. The error is ErrTree.
func ParseTree(b []byte) (*Tree, error) {
	if len(b) < 8 {
		return nil, fmt.Errorf("%w: %d bytes", ErrTree, len(b))
	}
	size := binary.BigEndian.Uint64(b)
	roots := b[8:]
	if size > 1<<62 || len(roots) != bits.OnesCount64(size)*tlog.HashSize {
		return nil, fmt.Errorf("%w: %d bytes of roots for size %d", ErrTree, len(roots), size)
	}
	t := &Tree{size: int64(size)}
	for ; len(roots) > 0; roots = roots[tlog.HashSize:] {
		t.roots = append(t.roots, tlog.Hash(roots[:tlog.HashSize]))
	}
	return t, nil
}

// emptyRoot is the hash of no data (RFC 6962 §2.1).
func emptyRoot() tlog.Hash {
	h, err := tlog.TreeHash(0, nil)
	if err != nil {
		panic(err) // tlog needs no hashes for an empty tree
	}
	return h
}

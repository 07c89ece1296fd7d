// Package certlog is the transparency log's arithmetic: entries of fixed size, the Merkle tree over them,
// and its head. It knows no domain and no files; what an entry's digest stands for is its caller's business.
// Hashing follows RFC 6962, by golang.org/x/mod/sumdb/tlog.
package certlog

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// The kinds of entries.
const (
	Issue     uint8 = 1
	Revoke    uint8 = 2
	Suspend   uint8 = 3
	Reinstate uint8 = 4
	Supersede uint8 = 5
	Erase     uint8 = 6
	Key       uint8 = 7
)

// NoList is the List and Index of an entry that concerns no place in a status list.
const NoList uint32 = 0xFFFFFFFF

// EntrySize is the length of every entry in bytes.
const EntrySize = 50

const entryVersion = 0x01

// ErrEntry says that bytes are no log entry.
var ErrEntry = errors.New("not a log entry")

// Entry is one event: 0x01 ‖ kind u8 ‖ time u64 ‖ list u32 ‖ index u32 ‖ digest, big-endian.
type Entry struct {
	Kind        uint8
	Time        int64 // Unix milliseconds; never decreases along the log
	List, Index uint32
	Digest      [32]byte
}

// Append appends the entry's 50 bytes to dst.
func (e Entry) Append(dst []byte) []byte {
	dst = append(dst, entryVersion, e.Kind)
	dst = binary.BigEndian.AppendUint64(dst, uint64(e.Time))
	dst = binary.BigEndian.AppendUint32(dst, e.List)
	dst = binary.BigEndian.AppendUint32(dst, e.Index)
	return append(dst, e.Digest[:]...)
}

// Hash is the hash of the entry as a leaf of the tree (RFC 6962 §2.1).
func (e Entry) Hash() tlog.Hash {
	var buf [EntrySize]byte
	return tlog.RecordHash(e.Append(buf[:0]))
}

// ParseEntry reads what Append wrote. The error is ErrEntry.
func ParseEntry(b []byte) (Entry, error) {
	switch {
	case len(b) != EntrySize:
		return Entry{}, fmt.Errorf("%w: %d bytes, not %d", ErrEntry, len(b), EntrySize)
	case b[0] != entryVersion:
		return Entry{}, fmt.Errorf("%w: version %d", ErrEntry, b[0])
	case b[1] < Issue || b[1] > Key:
		return Entry{}, fmt.Errorf("%w: kind %d", ErrEntry, b[1])
	}
	e := Entry{
		Kind:  b[1],
		Time:  int64(binary.BigEndian.Uint64(b[2:])),
		List:  binary.BigEndian.Uint32(b[10:]),
		Index: binary.BigEndian.Uint32(b[14:]),
	}
	if e.Time < 0 {
		return Entry{}, fmt.Errorf("%w: time beyond what 63 bits hold", ErrEntry)
	}
	copy(e.Digest[:], b[18:])
	return e, nil
}

package certlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// MaxProof is the size in bytes above which a text is no inclusion proof of ours.
const MaxProof = 32 << 10

// ErrInclusion says that bytes are no inclusion proof, or that they prove something else.
var ErrInclusion = errors.New("not included in the log")

// Proof says that an entry is in a log, for whoever has nothing else of it (C2SP tlog-proof).
type Proof struct {
	Entry      Entry // the entry itself, which stands in the format's extra line
	Index      int64
	Path       tlog.RecordProof
	Checkpoint []byte // signed
}

const proofHeader = "c2sp.org/tlog-proof@v1\n"

// Prove proves the entry at an index in the tree of a checkpoint, with the hashes of that tree or a later one.
func Prove(entry Entry, index int64, c *Checkpoint, hashes tlog.HashReader) (*Proof, error) {
	path, err := tlog.ProveRecord(c.Size, index, hashes)
	if err != nil {
		return nil, fmt.Errorf("proving entry %d: %w", index, err)
	}
	if err := tlog.CheckRecord(path, c.Size, c.Hash, index, entry.Hash()); err != nil {
		return nil, fmt.Errorf("%w: entry %d in the tree of size %d: %w", ErrTile, index, c.Size, err)
	}
	return &Proof{Entry: entry, Index: index, Path: path, Checkpoint: c.Head.Checkpoint}, nil
}

// Marshal writes the proof as C2SP tlog-proof.
func (p *Proof) Marshal() []byte {
	b := append(make([]byte, 0, 2048), proofHeader...)
	b = append(b, "extra "...)
	b = base64.StdEncoding.AppendEncode(b, p.Entry.Append(nil))
	b = fmt.Appendf(b, "\nindex %d\n", p.Index)
	for _, h := range p.Path {
		b = append(base64.StdEncoding.AppendEncode(b, h[:]), '\n')
	}
	return append(append(b, '\n'), p.Checkpoint...)
}

// ParseProof reads what Marshal wrote. The error is ErrInclusion.
func ParseProof(b []byte) (*Proof, error) {
	p, what := parseProof(b)
	if what != "" {
		return nil, fmt.Errorf("%w: not a tlog-proof: %s", ErrInclusion, what)
	}
	return p, nil
}

func parseProof(b []byte) (p *Proof, what string) {
	if len(b) > MaxProof {
		return nil, "too large"
	}
	head, checkpoint, ok := strings.Cut(string(b), "\n\n")
	head, known := strings.CutPrefix(head, proofHeader)
	if !ok || !known {
		return nil, "its first line is another"
	}
	lines := strings.Split(head, "\n")
	if len(lines) < 2 || len(lines) > 2+64 {
		return nil, fmt.Sprintf("%d lines", len(lines))
	}
	p = &Proof{Checkpoint: []byte(checkpoint)}
	extra, _ := strings.CutPrefix(lines[0], "extra ")
	entry, err := base64.StdEncoding.DecodeString(extra)
	if err == nil {
		p.Entry, err = ParseEntry(entry)
	}
	if err != nil {
		return nil, err.Error()
	}
	index, _ := strings.CutPrefix(lines[1], "index ")
	if p.Index, err = strconv.ParseInt(index, 10, 64); err != nil || p.Index < 0 {
		return nil, "its index is no number"
	}
	for _, line := range lines[2:] {
		h, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(h) != tlog.HashSize {
			return nil, "a line is no hash"
		}
		p.Path = append(p.Path, tlog.Hash(h))
	}
	if string(p.Marshal()) != string(b) {
		return nil, "it is not written as the format asks"
	}
	return p, ""
}

// Verify checks the proof against the key of the log, and returns the checkpoint that it is for. The caller must hold
// the entry against what it stands for. The error is ErrInclusion or ErrCheckpoint.
func (p *Proof) Verify(log note.Verifier, cosigners ...note.Verifier) (*Checkpoint, error) {
	c, err := OpenCheckpoint(p.Checkpoint, log, cosigners...)
	if err != nil {
		return nil, err
	}
	if err := tlog.CheckRecord(p.Path, c.Size, c.Hash, p.Index, p.Entry.Hash()); err != nil {
		return nil, fmt.Errorf("%w: entry %d does not lead to the root of size %d", ErrInclusion, p.Index, c.Size)
	}
	return c, nil
}

// CheckIncluded finds out from the tiles of a later tree whether an entry stands at an index of it. What the tiles say
// counts only as far as the head's root bears it out. The error is ErrInclusion where they do not lead from the entry
// to that root, ErrTile where one has not the size that it should have, and else that of read.
func CheckIncluded(h Head, index int64, entry tlog.Hash, read func(Tile) ([]byte, error)) error {
	if index >= h.Size {
		return fmt.Errorf("%w: a tree of %d entries has no entry %d", ErrInclusion, h.Size, index)
	}
	path, err := tlog.ProveRecord(h.Size, index, NewHashes(h.Size, read))
	if err != nil {
		return err
	}
	if tlog.CheckRecord(path, h.Size, h.Hash, index, entry) != nil {
		return fmt.Errorf("%w: entry %d does not lead to the root of size %d", ErrInclusion, index, h.Size)
	}
	return nil
}

package certlog

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// MaxCheckpoint is the size in bytes above which a text is no checkpoint of ours.
const MaxCheckpoint = 16 << 10

// ErrCheckpoint says that bytes are no checkpoint, or that the log did not sign them.
var ErrCheckpoint = errors.New("not a checkpoint of this log")

// Checkpoint is a head that its log has signed (C2SP tlog-checkpoint), and who else has.
type Checkpoint struct {
	Origin string
	Head
	Cosigned []Cosignature // by the cosigners that were asked for, in that order
}

// Cosignature is what a cosigner states: at that time it knew of no larger tree, and that this one only grew.
type Cosignature struct {
	Name string
	Time time.Time // whole seconds
}

// CosignedBy returns when a cosigner signed the checkpoint; zero where it did not.
func (c *Checkpoint) CosignedBy(name string) time.Time {
	for _, s := range c.Cosigned {
		if s.Name == name {
			return s.Time
		}
	}
	return time.Time{}
}

// SignCheckpoint writes head as the signed note of a log.
func SignCheckpoint(origin string, h Head, signers ...note.Signer) ([]byte, error) {
	return note.Sign(&note.Note{Text: formatHead(origin, h)}, signers...)
}

func formatHead(origin string, h Head) string {
	return fmt.Sprintf("%s\n%d\n%s\n", origin, h.Size, base64.StdEncoding.EncodeToString(h.Hash[:]))
}

// Cosign returns a checkpoint with the signatures of further signers at its end. Of its own signatures those stay that
// keep names and that are good; an older one of the same signer goes.
func Cosign(signed []byte, keep []note.Verifier, signers ...note.Signer) ([]byte, error) {
	n, err := note.Open(signed, lenient(signed, keep))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	return note.Sign(&note.Note{Text: n.Text, Sigs: n.Sigs}, signers...)
}

// OpenCheckpoint reads a checkpoint that the log whose key is given must have signed. Cosigners that are not known, or
// whose signature is false, count for nothing. The error is ErrCheckpoint.
func OpenCheckpoint(signed []byte, log note.Verifier, cosigners ...note.Verifier) (*Checkpoint, error) {
	if len(signed) > MaxCheckpoint {
		return nil, fmt.Errorf("%w: %d bytes", ErrCheckpoint, len(signed))
	}
	n, err := note.Open(signed, note.VerifierList(log))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	c, err := parseHead(n.Text)
	if err != nil {
		return nil, err
	}
	if c.Origin != log.Name() {
		return nil, fmt.Errorf("%w: it is of %q, not %q", ErrCheckpoint, c.Origin, log.Name())
	}
	c.Head.Checkpoint = signed
	for _, v := range cosigners {
		// One at a time: note.Open refuses the whole of a note for one false signature, and anybody can add a line.
		n, err := note.Open(signed, note.VerifierList(v))
		if err != nil {
			continue
		}
		if at, ok := cosignedAt(n.Sigs[0]); ok {
			c.Cosigned = append(c.Cosigned, Cosignature{v.Name(), at})
		}
	}
	return c, nil
}

// PeekCheckpoint reads a checkpoint without asking who signed it.
func PeekCheckpoint(signed []byte) (*Checkpoint, error) {
	i := strings.Index(string(signed), "\n\n")
	if i < 0 || len(signed) > MaxCheckpoint {
		return nil, fmt.Errorf("%w: it has no signatures", ErrCheckpoint)
	}
	c, err := parseHead(string(signed[:i+1]))
	if err == nil {
		c.Head.Checkpoint = signed
	}
	return c, err
}

// parseHead reads the three lines of a head. Extension lines, which nobody can audit, are refused.
func parseHead(text string) (*Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] == "" || lines[3] != "" {
		return nil, fmt.Errorf("%w: it has not three lines", ErrCheckpoint)
	}
	c := &Checkpoint{Origin: lines[0]}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	hash, err2 := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || err2 != nil || size < 0 || size > 1<<62 || len(hash) != tlog.HashSize {
		return nil, fmt.Errorf("%w: size %q, root %q", ErrCheckpoint, lines[1], lines[2])
	}
	c.Size, c.Hash = size, tlog.Hash(hash)
	if formatHead(c.Origin, c.Head) != text {
		return nil, fmt.Errorf("%w: it is not written as the format asks", ErrCheckpoint)
	}
	return c, nil
}

// cosignedAt returns the time in a cosignature.
func cosignedAt(s note.Signature) (time.Time, bool) {
	b, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(b) != 4+8+64 {
		return time.Time{}, false
	}
	return time.Unix(int64(binary.BigEndian.Uint64(b[4:])), 0).UTC(), true
}

// lenient knows those of the verifiers whose signature in a note is good.
func lenient(signed []byte, verifiers []note.Verifier) note.Verifiers {
	good := slices.DeleteFunc(slices.Clone(verifiers), func(v note.Verifier) bool {
		_, err := note.Open(signed, note.VerifierList(v))
		return err != nil
	})
	return note.VerifierList(good...)
}

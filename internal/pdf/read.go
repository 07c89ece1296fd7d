package pdf

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrFormat says that bytes are no PDF that this reader understands.
var ErrFormat = errors.New("not a PDF that can be read")

// ErrNoAttachment says that a PDF does not carry the attachment asked for.
var ErrNoAttachment = errors.New("no such attachment in this PDF")

// Bounds of what is read of a file that anybody may have made.
const (
	maxSections   = 64      // of the cross-reference table: one for each time that a file was added to
	maxObjects    = 1 << 16 // in it
	maxStreams    = 256     // of objects
	maxDepth      = 24      // of objects within objects
	maxNames      = 256     // of attachments
	maxUnpacked   = 2 << 20 // bytes of all that is unpacked and read on the way to an attachment
	MaxAttachment = 4 << 20 // bytes of an attachment
)

// Attached gives the data of the attachment of a name. It reads documents as Writer makes them, with their objects in an
// object stream, as it made them before, with a table in plain text, and as programs leave them that add to a file or
// write it anew: signatures, comments. An encrypted document is ErrFormat, and so is one that carries the name twice: then
// nobody can say which was meant.
func Attached(file []byte, name string) ([]byte, error) {
	r := &reader{file: file, places: map[int]place{}, streams: map[int]*objectStream{}, room: maxUnpacked}
	if !bytes.HasPrefix(file, []byte("%PDF-")) {
		return nil, fmt.Errorf("%w: it does not begin with %%PDF-", ErrFormat)
	}
	trailer, err := r.readSections()
	if err != nil {
		return nil, err
	}
	if trailer["Encrypt"] != nil {
		return nil, fmt.Errorf("%w: it is encrypted; take the file as it was issued", ErrFormat)
	}
	root, err := r.dict(trailer["Root"])
	if err != nil {
		return nil, err
	}
	names, err := r.dict(root["Names"])
	if err != nil {
		return nil, err
	}
	var specs []any
	if err := r.find(names["EmbeddedFiles"], name, &specs, 0); err != nil {
		return nil, err
	}
	switch len(specs) {
	case 0:
		return nil, fmt.Errorf("%w: %s", ErrNoAttachment, name)
	case 1:
		return r.data(specs[0])
	}
	return nil, fmt.Errorf("%w: it carries %s %d times", ErrFormat, name, len(specs))
}

// reader reads one file.
type reader struct {
	file    []byte
	places  map[int]place // of the objects; the newest section that names one counts
	streams map[int]*objectStream
	room    int // how many bytes may still be unpacked and read
	names   int
}

// find gathers the file specifications of a name from a name tree (§7.9.6).
func (r *reader) find(node any, name string, out *[]any, depth int) error {
	if node == nil {
		return nil
	}
	d, err := r.dict(node)
	if err != nil {
		return err
	}
	if depth > maxDepth {
		return fmt.Errorf("%w: its list of attachments is too deep", ErrFormat)
	}
	pairs, err := r.array(d["Names"])
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if r.names++; r.names > maxNames {
			return fmt.Errorf("%w: more than %d attachments", ErrFormat, maxNames)
		}
		key, err := r.resolve(pairs[i])
		if err != nil {
			return err
		}
		if s, ok := key.(text); ok && string(s) == name {
			*out = append(*out, pairs[i+1])
		}
	}
	kids, err := r.array(d["Kids"])
	if err != nil {
		return err
	}
	for _, kid := range kids {
		if r.names++; r.names > maxNames {
			return fmt.Errorf("%w: more than %d attachments", ErrFormat, maxNames)
		}
		if err := r.find(kid, name, out, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// data reads the embedded file of a file specification.
func (r *reader) data(spec any) ([]byte, error) {
	d, err := r.dict(spec)
	if err != nil {
		return nil, err
	}
	ef, err := r.dict(d["EF"])
	if err != nil {
		return nil, err
	}
	s, err := r.stream(ef["F"])
	if err != nil {
		return nil, err
	}
	return s.unpack(MaxAttachment)
}

package pdf

import (
	"bytes"
	"crypto/sha256"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zlib"
)

// compression is deflate's level of what changes from document to document; what does not is packed once, with the best.
const compression = 3

// Ref is the number of an indirect object.
type Ref int

// Writer writes one document after another, each from Begin to End. The same calls give the same bytes.
//
// Streams lie in the file as they are written; everything else goes into one object stream at the end (ISO 32000-1
// §7.5.7), packed together, which takes a fifth of what the objects take by themselves.
type Writer struct {
	Buffer         // what is written so far; between Open and Close, an object's content goes here
	places []place // by object number less one
	zip    *zlib.Writer
	raw    *flate.Writer
	packed bytes.Buffer

	open   Ref  // the object that is being written
	from   int  // where it began
	stream bool // it has turned out to be a stream
	head   Buffer

	loose   Buffer // the objects that are no streams
	listed  Buffer // their numbers and where they begin
	n       int    // how many there are
	scratch Buffer
	file    fontFile
}

// place is where an object lies: at an offset of the file, or at a place in the object stream.
type place struct {
	kind entryKind
	at   int
}

// NewWriter makes a Writer, which is worth keeping: it holds memory that every document needs.
func NewWriter() *Writer {
	z, err := zlib.NewWriterLevel(io.Discard, compression)
	if err != nil {
		panic(err) // the level is a constant
	}
	d, err := flate.NewWriter(io.Discard, compression)
	if err != nil {
		panic(err)
	}
	return &Writer{zip: z, raw: d}
}

// Begin starts a document. The bytes above 127 tell programs that the file is binary (§7.5.2).
func (w *Writer) Begin() {
	w.Reset()
	w.loose.Reset()
	w.listed.Reset()
	w.places, w.n = w.places[:0], 0
	w.Raw("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
}

// Reserve gives the next object number, to be written later.
func (w *Writer) Reserve() Ref {
	w.places = append(w.places, place{})
	return Ref(len(w.places))
}

// Open begins an object; its content is appended to w, then it is closed. Objects are written one after another.
func (w *Writer) Open(r Ref) {
	w.open, w.from, w.stream = r, len(w.B), false
}

// Close ends an object.
func (w *Writer) Close() {
	if w.stream {
		w.places[w.open-1] = place{entryAt, w.from}
		w.Raw("\nendobj\n")
		return
	}
	w.places[w.open-1] = place{entryWithin, w.n}
	w.n++
	w.listed.Int(int(w.open))
	w.listed.Raw(" ")
	w.listed.Int(len(w.loose.B))
	w.listed.Raw(" ")
	w.loose.B = append(append(w.loose.B, w.B[w.from:]...), '\n')
	w.B = w.B[:w.from]
}

// Object writes a new object with this content.
func (w *Writer) Object(content string) Ref {
	r := w.Reserve()
	w.Open(r)
	w.Raw(content)
	w.Close()
	return r
}

// Stream ends a dictionary that was begun in an open object, "<</Type/XObject" for instance, and writes its data, as
// they are or, where they are packed, with the filter named.
func (w *Writer) Stream(data []byte, packed bool) {
	w.stream = true
	w.head.Reset()
	w.head.B = append(w.head.B, w.B[w.from:]...)
	w.B = w.B[:w.from]
	w.Int(int(w.open))
	w.Raw(" 0 obj\n")
	w.B = append(w.B, w.head.B...)
	if packed {
		w.Raw("/Filter/FlateDecode")
	}
	w.Raw("/Length ")
	w.Int(len(data))
	w.Raw(">>\nstream\n")
	w.B = append(w.B, data...)
	w.Raw("\nendstream")
}

// Pack deflates data. The result holds until the next call.
func (w *Writer) Pack(data []byte) ([]byte, error) {
	w.packed.Reset()
	w.zip.Reset(&w.packed)
	if _, err := w.zip.Write(data); err != nil {
		return nil, err
	}
	if err := w.zip.Close(); err != nil {
		return nil, err
	}
	return w.packed.Bytes(), nil
}

// deflate packs data without the frame of zlib, as the last blocks of something or as such that others follow. The result
// holds until the next call.
func (w *Writer) deflate(data []byte, last bool) ([]byte, error) {
	w.packed.Reset()
	w.raw.Reset(&w.packed)
	if _, err := w.raw.Write(data); err != nil {
		return nil, err
	}
	end := w.raw.Flush
	if last {
		end = w.raw.Close
	}
	err := end()
	return w.packed.Bytes(), err
}

// PackOnce deflates as well as can be what many documents will hold.
func PackOnce(data []byte) []byte {
	var out bytes.Buffer
	z, err := zlib.NewWriterLevel(&out, zlib.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	z.Write(data) // a bytes.Buffer takes all
	z.Close()
	return out.Bytes()
}

// End writes the object stream and the cross-reference stream and returns the document, which holds until the next
// Begin. Its identifier is a digest of its content: no clock and no chance.
func (w *Writer) End(root, info Ref) ([]byte, error) {
	h := sha256.New()
	h.Write(w.B)
	h.Write(w.loose.B)
	id := h.Sum(nil)[:16]
	objects, err := w.writeObjects()
	if err != nil {
		return nil, err
	}
	w.writeReferences(objects, root, info, id)
	return w.B, nil
}

func (b *Buffer) hex(data []byte) {
	for _, c := range data {
		b.B = append(b.B, hexDigits[c>>4], hexDigits[c&15])
	}
}

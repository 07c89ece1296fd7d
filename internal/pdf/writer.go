package pdf

import (
	"bytes"
	"crypto/sha256"
	"io"
	"strconv"

	"github.com/klauspost/compress/zlib"
)

// compression is deflate's level of what changes from document to document; what does not is packed once, with the best.
const compression = 5

// Ref is the number of an indirect object.
type Ref int

// Writer writes one document after another, each from Begin to End. The same calls give the same bytes.
type Writer struct {
	Buffer        // what is written so far; between Open and Close, an object's content goes here
	offsets []int // by object number less one; 0 until written
	zip     *zlib.Writer
	packed  bytes.Buffer
	scratch Buffer
}

// NewWriter makes a Writer, which is worth keeping: it holds memory that every document needs.
func NewWriter() *Writer {
	z, err := zlib.NewWriterLevel(io.Discard, compression)
	if err != nil {
		panic(err) // the level is a constant
	}
	return &Writer{zip: z}
}

// Begin starts a document. The bytes above 127 tell programs that the file is binary (§7.5.2).
func (w *Writer) Begin() {
	w.Reset()
	w.offsets = w.offsets[:0]
	w.Raw("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
}

// Reserve gives the next object number, to be written later.
func (w *Writer) Reserve() Ref {
	w.offsets = append(w.offsets, 0)
	return Ref(len(w.offsets))
}

// Open begins an object; its content is appended to w, then it is closed.
func (w *Writer) Open(r Ref) {
	w.offsets[r-1] = len(w.B)
	w.Int(int(r))
	w.Raw(" 0 obj\n")
}

// Close ends an object.
func (w *Writer) Close() { w.Raw("\nendobj\n") }

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

// End writes cross-reference table and trailer and returns the document, which holds until the next Begin. Its
// identifier is a digest of its content: no clock and no chance.
func (w *Writer) End(root, info Ref) []byte {
	id := sha256.Sum256(w.B)
	start := len(w.B)
	w.Raw("xref\n0 ")
	w.Int(len(w.offsets) + 1)
	w.Raw("\n0000000000 65535 f \n")
	for _, at := range w.offsets {
		const zeros = "0000000000"
		digits := len(strconv.Itoa(at))
		w.Raw(zeros[:10-digits])
		w.Int(at)
		w.Raw(" 00000 n \n")
	}
	w.Raw("trailer\n<</Size ")
	w.Int(len(w.offsets) + 1)
	w.Raw("/Root ")
	w.Ref(root)
	w.Raw("/Info ")
	w.Ref(info)
	w.Raw("/ID[<")
	w.hex(id[:16])
	w.Raw("><")
	w.hex(id[:16])
	w.Raw(">]>>\nstartxref\n")
	w.Int(start)
	w.Raw("\n%%EOF\n")
	return w.B
}

func (b *Buffer) hex(data []byte) {
	for _, c := range data {
		b.B = append(b.B, hexDigits[c>>4], hexDigits[c&15])
	}
}

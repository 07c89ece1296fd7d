package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"sync"

	"github.com/klauspost/compress/zlib"
)

const signature = "\x89PNG\r\n\x1a\n"

// compression is deflate's level: the layouts' figures repeat within its window, and a higher one takes twice the time
// for a few percent.
const compression = 5

// PNG paints the picture: 8 bits a pixel, the layout's own palette, the physical size of its paper. The same picture
// gives the same bytes.
func (p *Picture) PNG(w io.Writer) error {
	b := painters.Get().(*painter)
	defer painters.Put(b)
	n := p.variant.height * (p.variant.width + 1)
	if cap(b.pix) < n {
		b.pix = make([]byte, n)
	}
	b.pix = b.pix[:n]
	if err := p.paint(b.pix); err != nil {
		return err
	}
	b.data.Reset()
	b.zip.Reset(&b.data)
	if _, err := b.zip.Write(b.pix); err != nil {
		return err
	}
	if err := b.zip.Close(); err != nil {
		return err
	}
	b.out = p.file(b.out[:0], b.data.Bytes())
	_, err := w.Write(b.out)
	return err
}

// painter is the memory of one painting.
type painter struct {
	pix  []byte
	data bytes.Buffer
	zip  *zlib.Writer
	out  []byte
}

// painters are kept between paintings; sync.Pool gives their memory back when it is needed elsewhere.
var painters = sync.Pool{New: func() any {
	z, err := zlib.NewWriterLevel(io.Discard, compression)
	if err != nil {
		panic(err) // the level is a constant
	}
	return &painter{zip: z}
}}

// file puts a PNG together (W3C PNG §5): IHDR, sRGB, PLTE, pHYs, IDAT, IEND.
func (p *Picture) file(out, idat []byte) []byte {
	v := p.variant
	out = append(out, signature...)
	head := binary.BigEndian.AppendUint32(nil, uint32(v.width))
	head = binary.BigEndian.AppendUint32(head, uint32(v.height))
	out = appendChunk(out, "IHDR", append(head, 8, 3, 0, 0, 0))
	out = appendChunk(out, "sRGB", []byte{0})
	var colours []byte
	for _, c := range v.palette.colours {
		colours = append(colours, c.R, c.G, c.B)
	}
	out = appendChunk(out, "PLTE", colours)
	if v.paper > 0 {
		perMetre := uint32(math.Round(float64(v.width) / v.paper * 1000))
		size := binary.BigEndian.AppendUint32(nil, perMetre)
		out = appendChunk(out, "pHYs", append(binary.BigEndian.AppendUint32(size, perMetre), 1))
	}
	out = appendChunk(out, "IDAT", idat)
	return appendChunk(out, "IEND", nil)
}

func appendChunk(out []byte, kind string, data []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	from := len(out)
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[from:]))
}

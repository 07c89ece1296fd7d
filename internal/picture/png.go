package picture

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"sync"

	"github.com/klauspost/compress/flate"
)

const signature = "\x89PNG\r\n\x1a\n"

// zlibHead begins a zlib stream (RFC 1950 §2.2): deflate, a window of 32 kB, no dictionary.
var zlibHead = []byte{0x78, 0x01}

// PNG paints the picture: 8 bits a pixel and the layout's own palette, or 24 where the layout is photographic; the physical
// size of its paper. The same picture gives the same bytes.
//
// Only the strips that this picture does not share with others are painted and compressed; each strip, or run of strips
// that were painted on, is an IDAT chunk of its own.
//
// What is to be baked in goes with it: the file is as Bake makes it of one without.
func (p *Picture) PNG(w io.Writer, baked ...Text) error {
	for _, t := range baked {
		if err := checkText(t.Keyword, t.Text); err != nil {
			return err
		}
	}
	set := p.layout.fonts.pool.Get().(*setter)
	defer p.layout.fonts.pool.Put(set)
	b, err := p.base(set)
	if err != nil {
		return err
	}
	m := painters.Get().(*painter)
	defer painters.Put(m)
	c := m.sheet(p, set, b)
	if err := m.paint(c, p.items); err != nil {
		return err
	}
	m.out = append(m.out[:0], p.head()...)
	total, err := m.strips(c)
	if err != nil {
		return err
	}
	m.out = appendChunk(m.out, "IDAT", binary.BigEndian.AppendUint32([]byte{3, 0}, total.value())) // the last block, empty
	for _, t := range baked {
		m.out = appendText(m.out, t)
	}
	m.out = appendChunk(m.out, "IEND", nil)
	_, err = w.Write(m.out)
	return err
}

// painter is the memory of one painting.
type painter struct {
	pix    []byte
	live   []bool
	awake  []bool
	levels []byte
	zip    deflater
	near   deflater // does not look a repeat of an ornament back, where something may lie that is not painted
	block  blockWriter
	lanes  lanes
	found  []token
	out    []byte

	filtered []byte        // of a photographic layout's strips
	photo    *flate.Writer // compresses these
}

// painters are kept between paintings; sync.Pool gives their memory back when it is needed elsewhere.
var painters = sync.Pool{New: func() any { return new(painter) }}

// sheet gives a sheet for a picture that has this base.
func (m *painter) sheet(p *Picture, s *setter, b *base) *sheet {
	grow(&m.pix, len(b.pix))
	grow(&m.live, len(b.strips))
	clear(m.live)
	grow(&m.awake, len(b.strips))
	clear(m.awake)
	r := b.rows
	r.pix = m.pix
	return &sheet{setter: s, layout: p.layout, variant: p.variant, inks: b.inks, rows: r, under: b, live: m.live, awake: m.awake, levels: m.levels}
}

// paint paints what is the picture's own. Where rows are put together, that is only what meets something else; of the rest
// it takes note.
func (m *painter) paint(c *sheet, items []item) error {
	if c.under.code == nil {
		return c.paint(items, true)
	}
	m.zip.setRows(c.stride, c.variant.layer(c.layout.fonts).period)
	m.near.nearBy(&m.zip)
	m.lanes.reset(c)
	for i := range items {
		if it := &items[i]; it.own {
			if err := m.note(c, it); err != nil {
				return err
			}
		}
	}
	m.lanes.sort()
	c.awake = nil
	for i := range m.lanes.regions {
		m.lanes.regions[i].uncover(c)
	}
	for i := range m.lanes.regions {
		if r := &m.lanes.regions[i]; r.painted {
			if err := r.paint(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func grow[T any](s *[]T, n int) {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	*s = (*s)[:n]
}

// strips appends the IDAT chunks and gives the sum of what they hold.
func (m *painter) strips(c *sheet) (total adler, err error) {
	b := c.under
	total = none
	photographic := c.variant.palette.full
	for i := 0; i < len(b.strips); {
		if !c.live[i] {
			chunk := b.strips[i].after
			if i == 0 || c.live[i-1] {
				chunk = b.strips[i].alone
			}
			m.out = append(m.out, chunk...)
			total = total.then(b.strips[i].sum, b.strips[i].n)
			i++
			continue
		}
		from := i
		for i < len(b.strips) && c.live[i] {
			i++
		}
		run := m.run
		if photographic {
			run = m.runFull
		}
		s, err := run(c, from, i)
		if err != nil {
			return none, err
		}
		total = total.then(s, (min(i*c.strip, c.height)-from*c.strip)*c.stride)
	}
	return total, nil
}

// run appends one chunk of the strips from and up to to, which were painted on, and gives their sum. The rows above may
// be referred to where they are the base's.
func (m *painter) run(c *sheet, from, to int) (total adler, err error) {
	start, end := from*stripRows*c.stride, min(to*stripRows*c.stride, len(c.pix))
	back := 0
	if from > 0 {
		back = min(window, stripRows*c.stride)
	}
	at := len(m.out)
	m.out = append(m.out, 0, 0, 0, 0, 'I', 'D', 'A', 'T')
	if from == 0 {
		m.out = append(m.out, zlibHead...)
	}
	if c.variant.under != nil {
		copy(c.pix[start-back:start], c.under.pix[start-back:start])
		total, err = sum(c.pix[start:end]), m.deflateFrame(c.pix[start-back:end], back)
	} else {
		m.near.low = start - back
		m.block.begin(c.under.code, m.out)
		total = none
		for y := from * stripRows; y < min(to*stripRows, c.height); y++ {
			total = total.then(m.row(c, y).of(c.under.sums[y]), c.stride)
		}
		m.out = m.block.end()
	}
	m.out = finishChunk(m.out, at)
	return total, err
}

// deflateFrame compresses strips of a banded picture, whose lines cross the whole sheet, frame and all: it takes ten
// times as long and finds what repeats along a row.
func (m *painter) deflateFrame(data []byte, from int) error {
	out := appender{m.out}
	w, err := flate.NewWriterDict(&out, 6, data[:from])
	if err != nil {
		return err
	}
	if _, err := w.Write(data[from:]); err != nil {
		return err
	}
	err = w.Flush()
	m.out = out.bytes
	return err
}

// appender is a slice that is written to.
type appender struct{ bytes []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.bytes = append(a.bytes, p...)
	return len(p), nil
}

// head is what comes before the pixels (W3C PNG §5): IHDR, sRGB, PLTE, pHYs.
func (p *Picture) head() []byte {
	v := p.variant
	out := append([]byte(nil), signature...)
	head := binary.BigEndian.AppendUint32(nil, uint32(v.width))
	head = binary.BigEndian.AppendUint32(head, uint32(v.height))
	kind := byte(3) // indexed
	if v.palette.full {
		kind = 2 // red, green, blue
	}
	out = appendChunk(out, "IHDR", append(head, 8, kind, 0, 0, 0))
	out = appendChunk(out, "sRGB", []byte{0})
	if !v.palette.full {
		var colours []byte
		for _, c := range v.palette.colours {
			colours = append(colours, c.R, c.G, c.B)
		}
		out = appendChunk(out, "PLTE", colours)
	}
	if v.paper > 0 {
		perMetre := uint32(math.Round(float64(v.width) / v.paper * 1000))
		size := binary.BigEndian.AppendUint32(nil, perMetre)
		out = appendChunk(out, "pHYs", append(binary.BigEndian.AppendUint32(size, perMetre), 1))
	}
	return out
}

func appendChunk(out []byte, kind string, data []byte) []byte {
	at := len(out)
	out = append(append(append(out, 0, 0, 0, 0), kind...), data...)
	return finishChunk(out, at)
}

// finishChunk writes length and checksum of the chunk that begins at a place and goes to the end.
func finishChunk(out []byte, at int) []byte {
	binary.BigEndian.PutUint32(out[at:], uint32(len(out)-at-8))
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[at+4:]))
}

package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"math"
	"slices"
	"sync"

	"github.com/klauspost/compress/flate"
)

// maxBases bounds the bases that a layout keeps, in bytes.
const maxBases = 96 << 20

// stripRows is the height of a strip in rows: the least that is compressed anew where something was painted on it.
const stripRows = 24

// base is what many pictures have in common, painted and compressed once: the static layer of a variant and the texts
// and ornaments that depend on shared values only. A picture takes over the strips that nothing of its own touches.
type base struct {
	rows
	inks   inks
	sums   []adler // of each row
	strips []strip
	tokens []token // what the rows are, each looked at alone; none where pictures are compressed otherwise
	begins []int32 // where those of each row begin, and of one row more
	code   *blockCode
	bits   []byte   // what the tokens are with that code
	places []uint32 // of each token in bits, and of one more
	inked  []uint16 // of each column of blocks, for each row, the first from there on that is not all paper in it
}

// inkedBlock is the width of a column of blocks, in pixels.
const inkedBlock = 8

// findInk fills inked.
func (b *base) findInk(ground uint8) {
	paper := bytes.Repeat([]byte{ground}, inkedBlock)
	for x := 0; x < b.width; x += inkedBlock {
		n := min(inkedBlock, b.width-x)
		column := make([]uint16, b.height)
		next := b.height
		for y := b.height - 1; y >= 0; y-- {
			if !bytes.Equal(b.pix[y*b.stride+1+x:][:n], paper[:n]) {
				next = y
			}
			column[y] = uint16(next)
		}
		b.inked = append(b.inked, column...)
	}
}

// bare tells whether there is nothing but paper in a rectangle of the sheet; where its blocks have anything else beside
// it, it has to look.
func (b *base) bare(x, y, w, h int, paper []byte) bool {
	clear := true
	for at := x / inkedBlock * b.height; at <= (x+w-1)/inkedBlock*b.height; at += b.height {
		clear = clear && int(b.inked[at+y]) >= y+h
	}
	for at := y*b.stride + 1 + x; !clear && at < (y+h)*b.stride; at += b.stride {
		if !bytes.Equal(b.pix[at:at+w], paper[:w]) {
			return false
		}
	}
	return true
}

// strip is some rows, compressed.
type strip struct {
	sum          adler
	n            int    // bytes before compression
	alone, after []byte // IDAT chunks; after may refer to the strip above, as it is in the base
}

// staticLayer is what all pictures of a variant have in common, painted when first needed.
type staticLayer struct {
	once   sync.Once
	rows   []byte // each row begins with its filter byte
	inks   inks
	period int // rows after which an ornament repeats; 0 for none
	code   *blockCode
}

func (v *variant) layer(fs *Fonts) *staticLayer {
	l := &v.static
	l.once.Do(func() {
		p := v.palette
		l.inks = newIndexed(p)
		if p.full {
			l.inks = &full{p}
		}
		if v.under != nil {
			under := v.under.layer(fs)
			l.rows, l.period = under.rows, under.period
			if p.full && p.grey {
				l.rows = greyRows(l.rows, v.width)
			}
			return
		}
		s := fs.pool.Get().(*setter)
		defer fs.pool.Put(s)
		if p.full {
			l.rows = rgbRows(s.paintOver(&p.colours[p.ground], p.colours, v.figures, 0, 0, v.width, v.height, false))
			return
		}
		l.rows = s.paintIndices(v.palette, v.figures, 0, 0, v.width, v.height, 1)
		l.period = repeats(l.rows, 1+v.width)
		l.code = v.code(s, l)
	})
	return l
}

// repeats finds after how many rows an upright ornament repeats: the least number up to the window's height for which
// most rows are as the one so many above, if that saves more than the row above does.
func repeats(pix []byte, stride int) int {
	best, at := 0, 0
	for k := 1; k*stride <= window && k*stride < len(pix); k++ {
		same := 0
		for from := k * stride; from+stride <= len(pix); from += 5 * stride { // a sample
			if bytes.Equal(pix[from:from+stride], pix[from-k*stride:][:stride]) {
				same++
			}
		}
		if same > best {
			best, at = same, k
		}
	}
	if at == 1 {
		return 0
	}
	return at
}

// base gives the base of a picture, made anew where it is not kept.
func (p *Picture) base(s *setter) (*base, error) {
	key := p.baseKey()
	b, ok, aging := p.layout.bases.get(key)
	if !ok {
		var err error
		if b, err = p.newBase(s); err != nil {
			return nil, err
		}
	}
	if !ok || aging {
		p.layout.bases.put(key, b, b.cost())
	}
	return b, nil
}

// rows is a sheet as the layer has it.
func (v *variant) rows(l *staticLayer) rows {
	n := l.inks.size()
	r := rows{width: v.width, height: v.height, pixel: n, stride: 1 + v.width*n, strip: stripRows, pix: bytes.Clone(l.rows)}
	if v.palette.full {
		r.strip = photoStrip
	}
	return r
}

func (p *Picture) newBase(s *setter) (*base, error) {
	v := p.variant
	layer := v.layer(p.layout.fonts)
	r := v.rows(layer)
	c := sheet{setter: s, layout: p.layout, variant: v, inks: layer.inks, rows: r}
	if err := c.paint(p.items, false); err != nil {
		return nil, err
	}
	b := &base{rows: r, inks: layer.inks}
	if v.palette.full {
		return b, b.compressFull()
	}
	for y := range b.height {
		b.sums = append(b.sums, sum(b.pix[y*b.stride:][:b.stride]))
	}
	if v.under == nil {
		b.read(layer.period)
		b.write(layer.code)
		b.findInk(v.palette.ground)
	}
	return b, b.compress()
}

// leastPlain is how many bytes that are as those above are told to be, even where a whole repeat of the ornament above has
// more: something may be painted on that, and mostly is not on the row above.
const leastPlain = 32

// read looks at every row, as it will stand where nothing is painted on it.
func (b *base) read(period int) {
	var d deflater
	d.setRows(b.stride, period)
	d.data = b.pix
	var found []token
	for y := range b.height {
		b.begins = append(b.begins, int32(len(b.tokens)))
		found = found[:0]
		for at, to := y*b.stride, (y+1)*b.stride; at < to; {
			if n := d.asAbove(at, to); n >= leastPlain {
				found = split(found, 0, n, 0)
				at += n
				continue
			}
			next := d.nextPlain(at, to)
			found = d.read(found, at, next)
			at = next
		}
		b.tokens = mergedTokens(b.tokens, found)
	}
	b.begins = append(b.begins, int32(len(b.tokens)))
	b.tokens = slices.Clip(b.tokens)
}

// write makes bits of the tokens. A repetition that is too short, which a row may end with, is none of them.
func (b *base) write(code *blockCode) {
	b.code = code
	k := blockWriter{code: code}
	data := b.pix
	for _, t := range b.tokens {
		b.places = append(b.places, k.out.at())
		k.room(int(t.literals) + int(t.length))
		k.put(data[:t.literals])
		k.match(t)
		data = data[int(t.literals)+int(t.length):]
	}
	b.places = append(b.places, k.out.at())
	b.bits, b.places = k.out.padded(), slices.Clip(b.places)
}

func (b *base) compress() error {
	w, err := flate.NewWriter(nil, baseCompression)
	if err != nil {
		return err
	}
	for from := 0; from < len(b.pix); from += stripRows * b.stride {
		data := b.pix[from:min(from+stripRows*b.stride, len(b.pix))]
		s := strip{sum: none, n: len(data)}
		for y := from / b.stride; y < from/b.stride+len(data)/b.stride; y++ {
			s.sum = s.sum.then(b.sums[y], b.stride)
		}
		if s.alone, err = deflated(w, data, nil, from == 0); err != nil {
			return err
		}
		if from > 0 {
			if s.after, err = deflated(w, data, b.pix[max(0, from-min(window, stripRows*b.stride)):from], false); err != nil {
				return err
			}
		}
		b.strips = append(b.strips, s)
	}
	return nil
}

// baseCompression is deflate's level of what a base has in common: higher ones take three times as long for a hundredth.
const baseCompression = 7

// deflated makes an IDAT chunk of data that may refer to what lies before it; the first begins the zlib stream.
func deflated(w *flate.Writer, data, before []byte, first bool) ([]byte, error) {
	var out bytes.Buffer
	if first {
		out.Write(zlibHead)
	}
	w.ResetDict(&out, before)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	return appendChunk(nil, "IDAT", out.Bytes()), nil
}

func (b *base) cost() int {
	n := len(b.pix) + 8*len(b.sums) + 6*len(b.tokens) + len(b.bits) + 4*len(b.places) + 2*len(b.inked)
	for i := range b.strips {
		n += len(b.strips[i].alone) + len(b.strips[i].after)
	}
	return n
}

// settle decides what belongs into the base: what depends on shared values only, unless something of the picture's own
// lies below it.
func (p *Picture) settle() {
	var own []image.Rectangle
	for i := range p.items {
		it := &p.items[i]
		r := it.reach()
		for _, o := range own {
			it.own = it.own || r.Overlaps(o)
		}
		if it.own {
			own = append(own, r)
		}
	}
}

// reach is a box around an item, not a tight one.
func (it *item) reach() image.Rectangle {
	switch it.kind {
	case itemGlyphs:
		if len(it.glyphs) == 0 {
			return image.Rectangle{}
		}
		x0, x1 := math.Inf(1), math.Inf(-1)
		for i := range it.glyphs {
			x0, x1 = math.Min(x0, it.glyphs[i].x), math.Max(x1, it.glyphs[i].x)
		}
		y := it.glyphs[0].y
		return image.Rect(int(x0-it.size/2), int(y-1.3*it.size), int(x1+1.5*it.size), int(y+.5*it.size))
	case itemPath:
		return bounds([]figure{{path: it.path, width: it.width}})
	case itemStamp:
		return it.stamp.bounds.Add(image.Pt(it.stamp.x, it.stamp.y))
	}
	return image.Rect(int(it.box.x), int(it.box.y), int(math.Ceil(it.box.x+it.box.w)), int(math.Ceil(it.box.y+it.box.h)))
}

// baseKey tells bases apart: by the variant, and by everything that is painted on them, exactly.
func (p *Picture) baseKey() string {
	key := make([]byte, 0, 2048)
	key = append(append(key, p.variant.name...), 0)
	for i := range p.items {
		if it := &p.items[i]; !it.own {
			key = it.identity(key)
		}
	}
	return string(key)
}

// identity appends all that an item's pixels depend on.
func (it *item) identity(key []byte) []byte {
	number := func(v float64) { key = binary.LittleEndian.AppendUint64(key, math.Float64bits(v)) }
	key = append(key, byte(it.kind), it.colour)
	number(it.size)
	number(it.width)
	for _, v := range []float64{it.box.x, it.box.y, it.box.w, it.box.h} {
		number(v)
	}
	key = binary.LittleEndian.AppendUint32(key, uint32(len(it.glyphs)))
	for i := range it.glyphs {
		g := &it.glyphs[i]
		key = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(key, uint32(g.face.index)), uint32(g.id))
		number(g.x)
		number(g.y)
	}
	if it.kind == itemCode {
		key = append(append(key, it.text...), 0)
	}
	if s := it.stamp; s != nil {
		key = binary.LittleEndian.AppendUint32(key, uint32(s.key.element))
		key = append(append(append(append(key, s.key.a...), 0), s.key.b...), 0)
		number(float64(s.x))
		number(float64(s.y))
	}
	for i := range it.path {
		key = append(key, byte(it.path[i].op))
		for _, q := range it.path[i].p {
			number(q.x)
			number(q.y)
		}
	}
	return key
}

package picture

import (
	"bytes"
	"hash/adler32"
	"image"

	"github.com/klauspost/compress/flate"
)

// full are the inks of a photographic layout: red, green and blue, mixed as they are.
type full struct{ palette *palette }

func (k *full) size() int { return 3 }

func (k *full) cover(row, by []byte, colour uint8) {
	for i, l := range by {
		if l != 0 {
			k.mix(row[3*i:3*i+3], int(l), colour)
		}
	}
}

func (k *full) coverAll(row []byte, level int, colour uint8) {
	for i := 0; i < len(row); i += 3 {
		k.mix(row[i:i+3], level, colour)
	}
}

// mix covers one pixel by a level.
func (k *full) mix(pixel []byte, level int, colour uint8) {
	c := &k.palette.colours[colour]
	if level == levels-1 {
		pixel[0], pixel[1], pixel[2] = c.R, c.G, c.B
		return
	}
	rest := levels - 1 - level
	pixel[0] = uint8((int(pixel[0])*rest + int(c.R)*level + levels/2) / (levels - 1))
	pixel[1] = uint8((int(pixel[1])*rest + int(c.G)*level + levels/2) / (levels - 1))
	pixel[2] = uint8((int(pixel[2])*rest + int(c.B)*level + levels/2) / (levels - 1))
}

// patch holds four bytes a pixel, the colours multiplied by the fourth.
func (k *full) patch(s *setter, figures []figure) *patch {
	b := bounds(figures)
	p := &patch{x: b.Min.X, y: b.Min.Y, w: b.Dx(), h: b.Dy()}
	p.pix = s.paintOver(nil, k.palette.colours, figures, p.x, p.y, p.w, p.h, k.palette.grey).Pix
	return p
}

func (k *full) lay(row []byte, p *patch, x, y int) {
	src := p.pix[4*(y*p.w+x):]
	for i := 0; i < len(row); i += 3 {
		q := src[i/3*4 : i/3*4+4]
		switch rest := 255 - int(q[3]); rest {
		case 255:
		case 0:
			row[i], row[i+1], row[i+2] = q[0], q[1], q[2]
		default:
			for c := range 3 {
				row[i+c] = uint8(min(255, int(q[c])+(int(row[i+c])*rest+127)/255))
			}
		}
	}
}

// rgbRows turns a sheet into rows of three bytes a pixel, each begun by PNG's filter byte.
func rgbRows(img *image.RGBA) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := make([]byte, h*(1+3*w))
	for y := range h {
		row := out[y*(1+3*w)+1:]
		for x := range w {
			copy(row[3*x:3*x+3], img.Pix[y*img.Stride+4*x:])
		}
	}
	return out
}

// greyRows turns rows of three bytes a pixel to the grey of their luminance.
func greyRows(rows []byte, width int) []byte {
	out := bytes.Clone(rows)
	stride := 1 + 3*width
	for y := 0; y < len(out); y += stride {
		row := out[y+1 : y+stride]
		for i := 0; i < len(row); i += 3 {
			v := grey(row[i], row[i+1], row[i+2])
			row[i], row[i+1], row[i+2] = v, v, v
		}
	}
	return out
}

// Filters (W3C PNG §9.2): what a byte is said relative to.
const (
	filterSub = 1 // to the pixel before
	filterUp  = 2 // to the row above
)

// filtered writes what the rows of a strip are relative to the rows above, which deflate makes more of. Nothing in it
// refers to the strip above, which may be another one in another picture.
func filtered(out, rows []byte, stride int) []byte {
	for at := 0; at < len(rows); at += stride {
		row := rows[at+1 : at+stride]
		if at == 0 {
			out = append(out, filterSub, row[0], row[1], row[2])
			for i := 3; i < len(row); i++ {
				out = append(out, row[i]-row[i-3])
			}
			continue
		}
		above := rows[at-stride+1 : at][:len(row)]
		out = append(out, filterUp)
		from := len(out)
		out = append(out, row...)
		for i, v := range above {
			out[from+i] -= v
		}
	}
	return out
}

// photoStrip is the height of a photographic layout's strips in rows: what is compressed anew costs more there.
const photoStrip = 8

// compressFull compresses the strips of a photographic base.
func (b *base) compressFull() error {
	w, err := flate.NewWriter(nil, baseCompression)
	if err != nil {
		return err
	}
	var scratch []byte
	for from := 0; from < len(b.pix); from += b.strip * b.stride {
		scratch = filtered(scratch[:0], b.pix[from:min(from+b.strip*b.stride, len(b.pix))], b.stride)
		s := strip{sum: sum(scratch), n: len(scratch)}
		if s.alone, err = deflated(w, scratch, nil, from == 0); err != nil {
			return err
		}
		s.after = s.alone
		b.strips = append(b.strips, s)
	}
	return nil
}

// runFull appends one chunk of photographic strips that were painted on.
func (m *painter) runFull(c *sheet, from, to int) (adler, error) {
	m.filtered = m.filtered[:0]
	for i := from; i < to; i++ {
		m.filtered = filtered(m.filtered, c.pix[i*c.strip*c.stride:min((i+1)*c.strip*c.stride, len(c.pix))], c.stride)
	}
	at := len(m.out)
	m.out = append(m.out, 0, 0, 0, 0, 'I', 'D', 'A', 'T')
	if from == 0 {
		m.out = append(m.out, zlibHead...)
	}
	out := appender{m.out}
	if m.photo == nil {
		var err error
		if m.photo, err = flate.NewWriter(&out, photoCompression); err != nil {
			return none, err
		}
	} else {
		m.photo.Reset(&out)
	}
	if _, err := m.photo.Write(m.filtered); err != nil {
		return none, err
	}
	if err := m.photo.Flush(); err != nil {
		return none, err
	}
	m.out = finishChunk(out.bytes, at)
	s := adler32.Checksum(m.filtered)
	return adler{s & 0xffff, s >> 16}, nil
}

// photoCompression is deflate's level for strips of photographs: the fastest one.
const photoCompression = flate.BestSpeed

package picture

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/zlib"
)

// Draft paints the picture like PNG, pixel for pixel, but keeps nothing for the pictures that follow and compresses it
// in haste: for somebody who waits for one picture of a layout that is edited again in a second. The first PNG of a
// layout takes twice as long.
func (p *Picture) Draft(w io.Writer) error {
	set := p.layout.fonts.pool.Get().(*setter)
	defer p.layout.fonts.pool.Put(set)
	v := p.variant
	layer := v.layer(p.layout.fonts)
	r := v.rows(layer)
	c := sheet{setter: set, layout: p.layout, variant: v, inks: layer.inks, rows: r}
	for _, own := range []bool{false, true} {
		if err := c.paint(p.items, own); err != nil {
			return err
		}
	}
	out := bytes.NewBuffer(p.head())
	at := out.Len()
	out.Write(binary.BigEndian.AppendUint32(nil, 0))
	out.WriteString("IDAT")
	z, err := zlib.NewWriterLevel(out, zlib.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := z.Write(r.pix); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	file := appendChunk(finishChunk(out.Bytes(), at), "IEND", nil)
	_, err = w.Write(file)
	return err
}

package picture

import (
	"bytes"
	"encoding/binary"
)

// adler is the Adler-32 sum of some bytes (RFC 1950 §8.2), kept apart so that the sums of neighbouring stretches can be
// put together and one can follow a change.
type adler struct{ a, b uint32 }

const adlerMod = 65521

// none is the sum of no bytes.
var none = adler{1, 0}

// sum gives the sum of bytes.
func sum(data []byte) adler {
	s := none
	for len(data) > 0 {
		n := min(len(data), 4096) // as many as b can take without a remainder
		for _, c := range data[:n] {
			s.a += uint32(c)
			s.b += s.a
		}
		s.a %= adlerMod
		s.b %= adlerMod
		data = data[n:]
	}
	return s
}

// then gives the sum of two stretches, the second n bytes long.
func (s adler) then(t adler, n int) adler {
	a := (s.a + t.a + adlerMod - 1) % adlerMod
	b := (uint64(s.b) + uint64(t.b) + uint64(n)*uint64(s.a+adlerMod-1)) % adlerMod
	return adler{a, uint32(b)}
}

// change is what becomes of the sum of a row when some of its bytes become others.
type change struct{ a, b int64 }

// of gives the sum of a row after a change.
func (c change) of(s adler) adler {
	mod := func(v int64) uint32 { return uint32((v%adlerMod + adlerMod) % adlerMod) }
	return adler{mod(int64(s.a) + c.a), mod(int64(s.b) + c.b)}
}

func (c *change) add(d change) { c.a, c.b = c.a+d.a, c.b+d.b }

// before gives a change of bytes that n more come after than it was reckoned with.
func (c change) before(n int) change { return change{c.a, c.b + c.a*int64(n)} }

// changed gives the change when was becomes is, whose first byte has n − 1 bytes of the row after it.
func changed(was, is []byte, n int) change {
	var a, b int64
	i := 0
	for i+8 <= len(was) {
		to := min(i+64, len(was)&^7)
		if bytes.Equal(was[i:to], is[i:to]) {
			i = to
			continue
		}
		for ; i < to; i += 8 {
			x, y := binary.LittleEndian.Uint64(was[i:]), binary.LittleEndian.Uint64(is[i:])
			xa, xb := eight(x)
			ya, yb := eight(y)
			d := int64(ya) - int64(xa)
			a += d
			b += d*int64(n-i-7) + int64(yb) - int64(xb)
		}
	}
	for ; i < len(was); i++ {
		d := int64(is[i]) - int64(was[i])
		a += d
		b += d * int64(n-i)
	}
	return change{a, b}
}

// eight gives the sum of eight bytes, and their sum weighed by 7, 6, … 0, the lowest byte first: four lanes of 16 bits at
// a time, whose products add up in the uppermost one.
func eight(x uint64) (a, b uint64) {
	const lanes = 0x00ff00ff00ff00ff
	even, odd := x&lanes, x>>8&lanes
	a = (even + odd) * 0x0001000100010001 >> 48
	b = even*0x0007000500030001>>48 + odd*0x0006000400020000>>48
	return a, b
}

func (s adler) value() uint32 { return s.b<<16 | s.a }

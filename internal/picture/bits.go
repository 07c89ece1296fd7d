package picture

import (
	"encoding/binary"
	"slices"
)

// bitString is n bits, the first lowest.
type bitString struct {
	bits uint64
	n    uint
}

// bitWriter packs bits, the least significant first.
type bitWriter struct {
	bytes []byte
	held  uint64
	n     uint // bits held, up to 7 between calls
}

// put writes up to 32 bits.
func (w *bitWriter) put(v uint64, n uint) {
	w.reserve(8)
	w.add(v, n)
}

// reserve makes room for so many bytes more, and the eight that add writes at a time.
func (w *bitWriter) reserve(n int) { w.bytes = slices.Grow(w.bytes, n+8) }

// add writes up to 57 bits into reserved room: eight bytes, of which those that are full are kept.
func (w *bitWriter) add(v uint64, n uint) {
	held := w.held | v<<(w.n&63)
	at := len(w.bytes)
	b := w.bytes[:at+8]
	binary.LittleEndian.PutUint64(b[at:], held)
	all := w.n + n
	w.bytes = b[:at+int(all>>3)]
	w.held = held >> (all &^ 7 & 63)
	w.n = all & 7
}

// align fills the last byte.
func (w *bitWriter) align() {
	if w.n > 0 {
		w.put(0, 8-w.n)
	}
}

// at is the number of bits written.
func (w *bitWriter) at() uint32 { return uint32(8*len(w.bytes)) + uint32(w.n) }

// copy writes bits of src, which has eight bytes more after them, into reserved room.
func (w *bitWriter) copy(src []byte, from, to uint32) {
	held, n, out := w.held, w.n, w.bytes
	at := len(out)
	out = out[:cap(out)]
	for from < to {
		k := min(to-from, 56)
		v := binary.LittleEndian.Uint64(src[from>>3:]) >> (from & 7) & (1<<k - 1)
		held |= v << (n & 63)
		binary.LittleEndian.PutUint64(out[at:], held)
		all := n + uint(k)
		at += int(all >> 3)
		held >>= all &^ 7 & 63
		n = all & 7
		from += k
	}
	w.held, w.n, w.bytes = held, n, out[:at]
}

// padded gives all bits, and eight bytes more.
func (w *bitWriter) padded() []byte {
	w.put(0, 7) // what is held is written
	return append(w.bytes, make([]byte, 8)...)
}

package picture

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// deflater compresses rows of palette indices, several times as fast as a general one, because it knows where their
// repetitions lie: in the row above, a pixel beside it where an edge leans, a whole repeat of the ornament above, and the
// pixel before. It writes one block with Huffman codes of its own a call (RFC 1951 §3.2.7).
type deflater struct {
	back   []int    // the distances looked at, the most likely first
	codes  []uint8  // of each, its distance code
	extra  []uint32 // of each, the extra bits of that code
	tokens []token
	literals,
	distances huffman
	out bitWriter
}

// token is a literal byte, or a length (from 3 to 258) shifted by 8 and the place in back of its distance.
type token uint32

const (
	window        = 32 << 10
	longestMatch  = 258 // of a match
	shortestMatch = 4   // shorter ones save nothing at these distances
	enough        = 24  // a match of this length is taken without looking for a longer one
	matchToken    = 1 << 24
)

// setRows says how many bytes a row has and after how many rows an ornament repeats; 0 where none does.
func (d *deflater) setRows(stride, period int) {
	d.back, d.codes, d.extra = d.back[:0], d.codes[:0], d.extra[:0]
	leaning := 0
	if period == 0 { // what has an ornament has no room for large slanting figures
		leaning = 1
	}
	for _, n := range []int{stride, stride * period, (stride + 1) * leaning, (stride - 1) * leaning, 1} {
		if n < 1 || n > window {
			continue
		}
		c := distanceCode(n)
		d.back, d.codes, d.extra = append(d.back, n), append(d.codes, uint8(c)), append(d.extra, uint32(n-distanceBase(c)))
	}
}

// deflate appends data[from:], compressed, to out. What lies before from was compressed before, and is what the reader
// of these bytes has there as well. The block is followed by an empty one, which fills the last byte.
func (d *deflater) deflate(out, data []byte, from int) []byte {
	d.tokens = d.tokens[:0]
	d.literals.reset(286)
	d.distances.reset(30)
	for i := from; i < len(data); {
		length, which := d.match(data, i)
		if length < shortestMatch {
			d.tokens = append(d.tokens, token(data[i]))
			d.literals.count[data[i]]++
			i++
			continue
		}
		i += length
		for length > 0 {
			n := min(length, longestMatch)
			if rest := length - n; rest > 0 && rest < 3 {
				n -= 3
			}
			d.tokens = append(d.tokens, token(matchToken|n<<8|which))
			d.literals.count[lengthSymbol[n]]++
			d.distances.count[d.codes[which]]++
			length -= n
		}
	}
	d.literals.count[endOfBlock]++
	d.literals.build(15)
	d.distances.build(15)
	return d.write(out)
}

// match gives the longest repetition at i and which of the distances it has.
func (d *deflater) match(data []byte, i int) (length, which int) {
	if i+8 > len(data) {
		return 0, 0
	}
	here := binary.LittleEndian.Uint64(data[i:])
	for k, n := range d.back {
		if i < n {
			continue
		}
		x := here ^ binary.LittleEndian.Uint64(data[i-n:])
		if uint32(x) != 0 {
			continue
		}
		l := bits.TrailingZeros64(x) >> 3
		if x == 0 {
			l = 8 + common(data[i+8:], data[i-n+8:])
		}
		if l > length {
			length, which = l, k
		}
		if length >= enough {
			break
		}
	}
	return length, which
}

// common counts the bytes at the beginning of a that b begins with as well; b is the longer one.
func common(a, b []byte) int {
	n := 0
	for ; n+8 <= len(a) && n < 32; n += 8 {
		if x := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); x != 0 {
			return n + bits.TrailingZeros64(x)>>3
		}
	}
	for n+128 <= len(a) && bytes.Equal(a[n:n+128], b[n:n+128]) { // rows of paper
		n += 128
	}
	for ; n+8 <= len(a); n += 8 {
		if x := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); x != 0 {
			return n + bits.TrailingZeros64(x)>>3
		}
	}
	for n < len(a) && a[n] == b[n] {
		n++
	}
	return n
}

func (d *deflater) write(out []byte) []byte {
	w := &d.out
	*w = bitWriter{bytes: out}
	w.put(0b100, 3) // not the last block; Huffman codes of its own
	writeCodes(w, &d.literals, &d.distances)
	lit, dist := &d.literals, &d.distances
	for _, t := range d.tokens {
		if t < matchToken {
			w.put(uint64(lit.code[t]), uint(lit.length[t]))
			continue
		}
		n, which := int(t>>8&0x1ff), int(t&0xff)
		s := lengthSymbol[n]
		w.put(uint64(lit.code[s])|uint64(n-lengthBase[s-endOfBlock-1])<<lit.length[s], uint(lit.length[s])+uint(lengthExtra[s-endOfBlock-1]))
		c := d.codes[which]
		w.put(uint64(dist.code[c])|uint64(d.extra[which])<<dist.length[c], uint(dist.length[c])+uint(distanceExtra(int(c))))
	}
	w.put(uint64(lit.code[endOfBlock]), uint(lit.length[endOfBlock]))
	w.put(0, 3) // an empty stored block
	w.align()
	return append(w.bytes, 0, 0, 0xff, 0xff)
}

// bitWriter packs bits, the least significant first.
type bitWriter struct {
	bytes []byte
	held  uint64
	n     uint
}

// put writes up to 32 bits.
func (w *bitWriter) put(v uint64, n uint) {
	w.held |= v << w.n
	if w.n += n; w.n >= 32 {
		w.bytes = binary.LittleEndian.AppendUint32(w.bytes, uint32(w.held))
		w.held >>= 32
		w.n -= 32
	}
}

func (w *bitWriter) align() {
	for ; w.n > 0; w.n -= min(w.n, 8) {
		w.bytes = append(w.bytes, byte(w.held))
		w.held >>= 8
	}
}

const endOfBlock = 256

// Lengths: the symbol after endOfBlock that stands for each, where its range begins, how many bits follow (§3.2.5).
var (
	lengthBase   = [29]int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra  = [29]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	lengthSymbol = lengthSymbols()
)

func lengthSymbols() (out [longestMatch + 1]uint16) {
	s := 0
	for n := 3; n <= longestMatch; n++ {
		for s+1 < len(lengthBase) && lengthBase[s+1] <= n {
			s++
		}
		out[n] = uint16(endOfBlock + 1 + s)
	}
	return out
}

// distanceCode gives the code of a distance from 1 to 32768; distanceBase where the code's range begins, distanceExtra
// how many bits follow it.
func distanceCode(n int) int {
	if n <= 4 {
		return n - 1
	}
	b := bits.Len(uint(n-1)) - 1
	return 2*b + (n-1)>>(b-1)&1
}

func distanceBase(code int) int {
	if code < 4 {
		return code + 1
	}
	return 1 + (2+code&1)<<(code/2-1)
}

func distanceExtra(code int) int { return max(0, code/2-1) }

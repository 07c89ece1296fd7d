package picture

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// deflater finds what is repeated in rows of palette indices, several times as fast as a general one, because it knows
// where their repetitions lie: in the row above, a pixel beside it where an edge leans, a whole repeat of the ornament
// above, and the pixel before.
type deflater struct {
	stride int // bytes of a row

	back  []int       // the distances looked at, the most likely first
	ways  []direction // of each
	codes []uint8     // of each, its distance code
	extra []uint32    // of each, the extra bits of that code

	data []byte
	low  int // the first place in data that may be referred to
}

const (
	window        = 32 << 10
	longestMatch  = 258 // of a match
	shortestMatch = 4   // shorter ones save nothing at these distances
	enough        = 24  // a match of this length is taken without looking for a longer one
)

// direction tells where a distance leads.
type direction uint8

const (
	upright  direction = iota // to the row above
	periodic                  // to a whole repeat of the ornament above
	leaning                   // to the row above, a pixel to one side
	beside                    // to the pixel before
)

// setRows says how many bytes a row has and after how many rows an ornament repeats; 0 where none does.
func (d *deflater) setRows(stride, period int) {
	d.stride = stride
	d.back, d.ways, d.codes, d.extra = d.back[:0], d.ways[:0], d.codes[:0], d.extra[:0]
	leans := 0
	if period == 0 { // what has an ornament has no room for large slanting figures
		leans = 1
	}
	for i, n := range []int{stride, stride * period, (stride + 1) * leans, (stride - 1) * leans, 1} {
		if n < 1 || n > window {
			continue
		}
		c := distanceCode(n)
		d.back, d.ways = append(d.back, n), append(d.ways, [...]direction{upright, periodic, leaning, leaning, beside}[i])
		d.codes, d.extra = append(d.codes, uint8(c)), append(d.extra, uint32(n-distanceBase(c)))
	}
}

// next gives how many literals, up to 8, come before the next repetition at one of the distances, and that repetition:
// its length, 0 where none begins within the bytes looked at, and which of the distances it has. Neither reaches beyond
// to, but for literals.
//
// It looks for the beginning at five places at a time: a byte of same is set where a byte equals the one so far back,
// and of begins where four in a row do.
func (d *deflater) next(i, to int) (literals, length, which int) {
	data := d.data
	if i+8 > len(data) {
		return len(data) - i, 0, 0
	}
	const (
		low    = 0x7f7f7f7f7f7f7f7f
		places = 0x8080808080
	)
	here := binary.LittleEndian.Uint64(data[i:])
	var begins uint64
	for _, n := range d.back {
		if i-n < d.low {
			continue
		}
		x := here ^ binary.LittleEndian.Uint64(data[i-n:])
		same := ^(x&low + low | x | low)
		same &= same >> 8
		begins |= same & (same >> 16)
	}
	if begins &= places; begins == 0 {
		return 5, 0, 0
	}
	literals = bits.TrailingZeros64(begins) >> 3
	length, which = d.match(i+literals, to)
	if length == 0 {
		literals++ // what the last eight bytes repeat is not looked at
	}
	return literals, length, which
}

// match gives the longest repetition at i and which of the distances it has.
func (d *deflater) match(i, to int) (length, which int) {
	data := d.data
	if i+8 > len(data) || i >= to {
		return 0, 0
	}
	here := binary.LittleEndian.Uint64(data[i:])
	for k, n := range d.back {
		if i-n < d.low {
			continue
		}
		x := here ^ binary.LittleEndian.Uint64(data[i-n:])
		if uint32(x) != 0 {
			continue
		}
		l := bits.TrailingZeros64(x) >> 3
		if x == 0 && i+8 < to {
			l = 8 + common(data[i+8:to], data[i-n+8:])
		}
		if l > length {
			length, which = l, k
		}
		if length >= enough {
			break
		}
	}
	return min(length, to-i), which
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

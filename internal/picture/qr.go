package picture

import (
	"fmt"
	"math/bits"
	"sync"

	"github.com/skip2/go-qrcode"
)

// QR codes of versions 1 to 6 at level M in byte mode (ISO/IEC 18004): all that an address needs, in a fraction of the time
// that skip2/go-qrcode takes, which was half of a certificate's. That library stays the judge: before a version is used,
// a code of it is held against the library's, and should they not say the same in the same places, the library's are used.

// qrVersion is what codes of a version have in common.
type qrVersion struct {
	size   int // modules a side
	data   int // codewords of data in a block; all blocks are alike
	blocks int
	ec     int   // codewords of error correction of a block
	order  []int // of the data's bits, y·64 + x
	fixed  qrGrid
	masks  [8]qrGrid // what each mask turns about, where data may be
	divide []byte    // the generator polynomial, without its leading 1
	agrees bool      // with the library
}

// qrGrid are modules by rows and by columns, the first in the lowest bit.
type qrGrid struct{ rows, columns [41]uint64 }

func (g *qrGrid) set(x, y int) {
	g.rows[y] |= 1 << x
	g.columns[x] |= 1 << y
}

func (g *qrGrid) dark(x, y int) bool { return g.rows[y]>>x&1 == 1 }

// qrVersions are made when first needed.
var qrVersions = [...]func() *qrVersion{
	sync.OnceValue(func() *qrVersion { return newQRVersion(1, 16, 1, 10) }),
	sync.OnceValue(func() *qrVersion { return newQRVersion(2, 28, 1, 16) }),
	sync.OnceValue(func() *qrVersion { return newQRVersion(3, 44, 1, 26) }),
	sync.OnceValue(func() *qrVersion { return newQRVersion(4, 32, 2, 18) }),
	sync.OnceValue(func() *qrVersion { return newQRVersion(5, 43, 2, 24) }),
	sync.OnceValue(func() *qrVersion { return newQRVersion(6, 27, 4, 16) }),
}

func newQRVersion(version, data, blocks, ec int) *qrVersion {
	v := &qrVersion{size: 17 + 4*version, data: data, blocks: blocks, ec: ec, divide: qrGenerator(ec)}
	taken := v.functions(version)
	for right := v.size - 1; right > 0; right -= 2 { // two columns at a time, up and down by turns
		if right == 6 {
			right--
		}
		for i := range v.size {
			y := i
			if (right+1)&2 == 0 {
				y = v.size - 1 - i
			}
			for _, x := range []int{right, right - 1} {
				if !taken.dark(x, y) {
					v.order = append(v.order, y<<6|x)
				}
			}
		}
	}
	for m := range v.masks {
		for _, at := range v.order {
			if x, y := at&63, at>>6; qrMask(m, x, y) {
				v.masks[m].set(x, y)
			}
		}
	}
	v.agrees = v.judged()
	return v
}

// judged reports whether the library makes the same code of a text that fills the version: the same but for the mask,
// which is its maker's choice, and the format, which tells that. Lower case alone keeps it from modes other than bytes.
func (v *qrVersion) judged() bool {
	const text = "abcdefghijklmnopqrstuvwxyz_~abcdefghijklmnopqrstuvwxyz_~abcdefghijklmnopqrstuvwxyz_~abcdefghijklmnopqrstuvwxyz_~"
	sample := text[:v.data*v.blocks-2]
	theirs, err := library(sample)
	return err == nil && v.sameButForMask(v.encode(sample), theirs)
}

// sameButForMask reports whether two codes of the version differ by nothing but their masks.
func (v *qrVersion) sameButForMask(a, b [][]bool) bool {
	if len(a) != v.size || len(b) != v.size {
		return false
	}
	var turned qrGrid
	for _, at := range v.order {
		if x, y := at&63, at>>6; a[y][x] != b[y][x] {
			turned.set(x, y)
		}
	}
	for _, one := range v.masks {
		for _, other := range v.masks {
			same := true
			for y := range v.size {
				same = same && turned.rows[y] == one.rows[y]^other.rows[y]
			}
			if same {
				return true
			}
		}
	}
	return false
}

// library has a text encoded by skip2/go-qrcode.
func library(text string) ([][]bool, error) {
	q, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("QR code of %q: %w", brief(text), err)
	}
	q.DisableBorder = true
	return q.Bitmap(), nil
}

// functions draws what every code of the version has, and gives the modules that hold no data.
func (v *qrVersion) functions(version int) (taken qrGrid) {
	n := v.size
	put := func(x, y int, dark bool) {
		if x < 0 || y < 0 || x >= n || y >= n {
			return
		}
		taken.set(x, y)
		if dark {
			v.fixed.set(x, y)
		}
	}
	for _, at := range [][2]int{{3, 3}, {n - 4, 3}, {3, n - 4}} {
		for dy := -4; dy <= 4; dy++ {
			for dx := -4; dx <= 4; dx++ {
				d := max(dx, -dx, dy, -dy)
				put(at[0]+dx, at[1]+dy, d != 2 && d != 4)
			}
		}
	}
	if version > 1 {
		for dy := -2; dy <= 2; dy++ {
			for dx := -2; dx <= 2; dx++ {
				put(n-7+dx, n-7+dy, max(dx, -dx, dy, -dy) != 1)
			}
		}
	}
	for i := 8; i < n-8; i++ {
		put(i, 6, i&1 == 0)
		put(6, i, i&1 == 0)
	}
	for _, at := range qrFormatPlaces(n) {
		put(at[0], at[1], false)
	}
	put(8, n-8, true) // always dark
	return taken
}

// qrFormatPlaces are the modules of the format's fifteen bits, lowest first, twice.
func qrFormatPlaces(n int) (out [30][2]int) {
	for i := range 15 {
		switch {
		case i < 6:
			out[i] = [2]int{8, i}
		case i < 8:
			out[i] = [2]int{8, i + 1}
		case i == 8:
			out[i] = [2]int{7, 8}
		default:
			out[i] = [2]int{14 - i, 8}
		}
		if i < 8 {
			out[15+i] = [2]int{n - 1 - i, 8}
		} else {
			out[15+i] = [2]int{8, n - 15 + i}
		}
	}
	return out
}

func qrMask(m, x, y int) bool {
	switch m {
	case 0:
		return (x+y)%2 == 0
	case 1:
		return y%2 == 0
	case 2:
		return x%3 == 0
	case 3:
		return (x+y)%3 == 0
	case 4:
		return (x/3+y/2)%2 == 0
	case 5:
		return x*y%2+x*y%3 == 0
	case 6:
		return (x*y%2+x*y%3)%2 == 0
	}
	return ((x+y)%2+x*y%3)%2 == 0
}

// modules is an encoded QR code without its quiet zone, which is the bare paper around its box.
func modules(text string) ([][]bool, error) {
	for _, version := range qrVersions {
		v := version()
		switch {
		case len(text)+2 > v.data*v.blocks:
			continue
		case !v.agrees:
			return library(text)
		}
		return v.encode(text), nil
	}
	return nil, fmt.Errorf("QR code of %q: %d bytes; a code here holds %d", brief(text), len(text), maxCode)
}

func (v *qrVersion) encode(text string) [][]bool {
	base := v.fixed
	at := 0
	for _, c := range v.codewords(text) {
		for b := 7; b >= 0; b-- {
			if c>>b&1 == 1 {
				base.set(v.order[at]&63, v.order[at]>>6)
			}
			at++
		}
	}
	best, least := qrGrid{}, -1
	for m := range v.masks {
		g := base
		for i := range v.size {
			g.rows[i] ^= v.masks[m].rows[i]
			g.columns[i] ^= v.masks[m].columns[i]
		}
		v.format(&g, m)
		if p := v.penalty(&g); least < 0 || p < least {
			best, least = g, p
		}
	}
	all := make([]bool, v.size*v.size)
	out := make([][]bool, v.size)
	for y := range out {
		out[y] = all[y*v.size:][:v.size:v.size]
		for x := range out[y] {
			out[y][x] = best.dark(x, y)
		}
	}
	return out
}

// codewords are the data and their error correction, the blocks' by turns (§8.6).
func (v *qrVersion) codewords(text string) []byte {
	data := make([]byte, 0, v.data*v.blocks)
	data = append(data, 0x40|byte(len(text)>>4)) // byte mode, and the length in eight bits
	low := byte(len(text)) << 4
	for i := range len(text) {
		data = append(data, low|text[i]>>4)
		low = text[i] << 4
	}
	data = append(data, low) // and the terminator
	for fill := byte(0xEC); len(data) < cap(data); fill ^= 0xEC ^ 0x11 {
		data = append(data, fill)
	}
	out := make([]byte, 0, (v.data+v.ec)*v.blocks)
	for i := range v.data {
		for b := range v.blocks {
			out = append(out, data[b*v.data+i])
		}
	}
	var rests [4][26]byte
	for b := range v.blocks {
		v.remainder(rests[b][:v.ec], data[b*v.data:][:v.data])
	}
	for i := range v.ec {
		for b := range v.blocks {
			out = append(out, rests[b][i])
		}
	}
	return out
}

// qrField are the powers of 2 in GF(256) by x⁸+x⁴+x³+x²+1, twice over, and their logarithms.
var qrField = func() (f struct {
	exp [510]byte
	log [256]int
}) {
	x := 1
	for i := range 255 {
		f.exp[i], f.exp[i+255], f.log[x] = byte(x), byte(x), i
		if x <<= 1; x > 255 {
			x ^= 0x11D
		}
	}
	return f
}()

func qrGenerator(degree int) []byte {
	g := []byte{1}
	for i := range degree {
		next := make([]byte, len(g)+1)
		for k, c := range g {
			next[k] ^= c
			if c != 0 {
				next[k+1] ^= qrField.exp[qrField.log[c]+i]
			}
		}
		g = next
	}
	return g[1:]
}

// remainder divides a block by the generator polynomial.
func (v *qrVersion) remainder(out, data []byte) {
	for _, d := range data {
		factor := d ^ out[0]
		copy(out, out[1:])
		out[len(out)-1] = 0
		if factor != 0 {
			l := qrField.log[factor]
			for i, c := range v.divide {
				out[i] ^= qrField.exp[l+qrField.log[c]]
			}
		}
	}
}

// format writes level M and the mask, with their error correction (§8.9).
func (v *qrVersion) format(g *qrGrid, mask int) {
	rest := mask << 10 // level M is 00
	for b := 14; b >= 10; b-- {
		if rest>>b&1 == 1 {
			rest ^= 0x537 << (b - 10)
		}
	}
	word := (mask<<10 | rest) ^ 0x5412
	for i, at := range qrFormatPlaces(v.size) {
		if word>>(i%15)&1 == 1 {
			g.set(at[0], at[1])
		}
	}
}

// penalty is what readers find hard in a code (§8.8.2).
func (v *qrVersion) penalty(g *qrGrid) int {
	n, dark := v.size, 0
	p := 0
	pair := uint64(1)<<(n-1) - 1
	for i := range n {
		p += qrLine(g.rows[i], n) + qrLine(g.columns[i], n)
		dark += bits.OnesCount64(g.rows[i])
		if i+1 < n {
			a, b := g.rows[i], g.rows[i+1]
			p += 3 * bits.OnesCount64(^(a^a>>1)&^(b^b>>1)&^(a^b)&pair)
		}
	}
	return p + 10*(max(dark*100/(n*n)-50, 50-(dark*100+n*n-1)/(n*n))/5)
}

// qrLine scores a line: runs of five and more of one colour, and what looks like a finder.
func qrLine(line uint64, n int) int {
	same := ^(line ^ line>>1) & (1<<(n-1) - 1)
	five := same & (same >> 1) & (same >> 2) & (same >> 3)
	p := bits.OnesCount64(five) + 2*bits.OnesCount64(five&^(five<<1))
	light := ^line
	finder := line & (light >> 1) & (line >> 2) & (line >> 3) & (line >> 4) & (light >> 5) & (line >> 6)
	after := finder & (light >> 7) & (light >> 8) & (light >> 9) & (light >> 10) & (1<<(n-10) - 1)
	before := finder & (light << 1) & (light << 2) & (light << 3) & (light << 4) &^ 15 & (1<<(n-6) - 1)
	return p + 40*(bits.OnesCount64(after)+bits.OnesCount64(before))
}

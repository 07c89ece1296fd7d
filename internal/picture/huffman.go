package picture

import (
	"cmp"
	"math/bits"
	"slices"
)

// huffman is a Huffman code over an alphabet of symbols, made from how often each occurs.
type huffman struct {
	count  []uint32
	length []uint8  // bits of each symbol's code; 0 for one that does not occur
	code   []uint16 // as it is written, the first bit lowest
	leaves []node
	nodes  []node
}

type node struct {
	weight      uint32
	symbol      int // of a leaf; −1 for an inner node
	left, right int
}

func (h *huffman) reset(n int) {
	if cap(h.count) < n {
		h.count, h.length, h.code = make([]uint32, n), make([]uint8, n), make([]uint16, n)
	}
	h.count, h.length, h.code = h.count[:n], h.length[:n], h.code[:n]
	clear(h.count)
}

// build gives every symbol that occurs a code of at most most bits.
func (h *huffman) build(most uint8) {
	for shift := uint(0); ; shift++ {
		h.leaves = h.leaves[:0]
		for s, c := range h.count {
			if c > 0 {
				h.leaves = append(h.leaves, node{weight: max(1, c>>shift), symbol: s})
			}
		}
		if h.lengths() <= most {
			break
		} // too long: flatten the weights and try again
	}
	h.codes()
}

// lengths sets the code lengths by Huffman's construction and gives the longest.
func (h *huffman) lengths() (longest uint8) {
	clear(h.length)
	if len(h.leaves) == 0 {
		return 0
	}
	if len(h.leaves) == 1 {
		h.length[h.leaves[0].symbol] = 1
		return 1
	}
	slices.SortFunc(h.leaves, func(a, b node) int {
		return cmp.Or(cmp.Compare(a.weight, b.weight), cmp.Compare(a.symbol, b.symbol))
	})
	h.nodes = append(h.nodes[:0], h.leaves...)
	leaf, inner := 0, len(h.leaves)
	next := func() int {
		if leaf < len(h.leaves) && (inner >= len(h.nodes) || h.nodes[leaf].weight <= h.nodes[inner].weight) {
			leaf++
			return leaf - 1
		}
		inner++
		return inner - 1
	}
	for len(h.nodes) < 2*len(h.leaves)-1 {
		a := next()
		b := next()
		h.nodes = append(h.nodes, node{weight: h.nodes[a].weight + h.nodes[b].weight, symbol: -1, left: a, right: b})
	}
	return h.depths()
}

// depths walks the tree from its root, which is the last node: every inner node stands after its children.
func (h *huffman) depths() (longest uint8) {
	depth := make([]uint8, len(h.nodes))
	for i := len(h.nodes) - 1; i >= 0; i-- {
		n := &h.nodes[i]
		if n.symbol >= 0 {
			h.length[n.symbol] = depth[i]
			longest = max(longest, depth[i])
			continue
		}
		depth[n.left], depth[n.right] = depth[i]+1, depth[i]+1
	}
	return longest
}

// codes numbers the symbols of each length in order (RFC 1951 §3.2.2).
func (h *huffman) codes() {
	var of [17]uint16
	for _, n := range h.length {
		of[n]++
	}
	of[0] = 0
	var next [17]uint16
	for n := 1; n < len(next); n++ {
		next[n] = (next[n-1] + of[n-1]) << 1
	}
	for s, n := range h.length {
		if n > 0 {
			h.code[s] = bits.Reverse16(next[n]) >> (16 - n)
			next[n]++
		}
	}
}

// codeOrder is the order in which the lengths of the code-length code are written.
var codeOrder = [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// writeCodes writes the head of a block: the lengths of both codes, run-length coded, and the code of those (§3.2.7).
func writeCodes(w *bitWriter, literals, distances *huffman) {
	nl, nd := used(literals.length, 257), used(distances.length, 1)
	lengths := append(slices.Clone(literals.length[:nl]), distances.length[:nd]...)
	runs := lengthRuns(lengths)
	var h huffman
	h.reset(len(codeOrder))
	for _, r := range runs {
		h.count[r.symbol]++
	}
	h.build(7)
	n := len(codeOrder)
	for n > 4 && h.length[codeOrder[n-1]] == 0 {
		n--
	}
	w.put(uint64(nl-257)|uint64(nd-1)<<5|uint64(n-4)<<10, 14)
	for _, s := range codeOrder[:n] {
		w.put(uint64(h.length[s]), 3)
	}
	for _, r := range runs {
		w.put(uint64(h.code[r.symbol]), uint(h.length[r.symbol]))
		w.put(uint64(r.extra), uint(r.bits))
	}
}

// used is how many lengths need writing, least at the least.
func used(lengths []uint8, least int) int {
	n := len(lengths)
	for n > least && lengths[n-1] == 0 {
		n--
	}
	return n
}

// lengthRun is a code length, or a repetition: of the last length (16), of zeros (17, 18).
type lengthRun struct{ symbol, extra, bits uint8 }

func lengthRuns(lengths []uint8) []lengthRun {
	var out []lengthRun
	for i := 0; i < len(lengths); {
		j := i
		for j < len(lengths) && lengths[j] == lengths[i] {
			j++
		}
		n, zero := j-i, lengths[i] == 0
		if !zero {
			out = append(out, lengthRun{symbol: lengths[i]})
			n--
		}
		for n > 0 {
			k := 1
			switch {
			case zero && n >= 11:
				k = min(n, 138)
				out = append(out, lengthRun{18, uint8(k - 11), 7})
			case zero && n >= 3:
				k = n
				out = append(out, lengthRun{17, uint8(k - 3), 3})
			case !zero && n >= 3:
				k = min(n, 6)
				out = append(out, lengthRun{16, uint8(k - 3), 2})
			default:
				out = append(out, lengthRun{symbol: lengths[i]})
			}
			n -= k
		}
		i = j
	}
	return out
}

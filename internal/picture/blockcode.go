package picture

// blockCode is the Huffman codes that the blocks of a variant's pictures are written with (RFC 1951 §3.2.7). That all have
// the same costs a little room, and lets what they have in common be kept as bits.
type blockCode struct {
	head    []byte // of a block: its kind and both codes, as far as they fill bytes
	rest    bitString
	literal [256]uint32 // bits, and how many of them from the 16th bit on
	lengths [longestMatch + 1]bitString
	backs   []bitString // by the place of a distance
	end     bitString
}

// tally counts how often what is written occurs.
type tally struct {
	literals  [286]uint32
	distances [30]uint32
}

// add counts what tokens say of some bytes.
func (t *tally) add(d *deflater, tokens []token, data []byte) {
	for _, k := range tokens {
		for _, c := range data[:k.literals] {
			t.literals[c]++
		}
		data = data[int(k.literals)+int(k.length):]
		if k.length >= shortestMatch {
			t.literals[lengthSymbol[k.length]]++
			t.distances[d.codes[k.which]]++
		}
	}
}

// What is counted is a sample, and of what it lacks there may be something in every picture. So everything is taken to occur
// once in so many symbols, besides what was counted of it.
const (
	everyColour = 150 // of the layout
	everyLength = 200
	longest258  = 16 // paper between texts is repeated at full length
	everything  = 4096
)

// code makes the code for what was counted, with the distances of d, in pictures of so many colours.
func (t *tally) code(d *deflater, colours int) *blockCode {
	var lit, dist huffman
	lit.reset(len(t.literals))
	dist.reset(len(t.distances))
	all := uint32(0)
	for _, n := range t.literals {
		all += n
	}
	for s, n := range t.literals {
		share := uint32(everything)
		switch {
		case s < colours:
			share = everyColour
		case s == int(lengthSymbol[longestMatch]):
			share = longest258
		case s > endOfBlock:
			share = everyLength
		}
		lit.count[s] = n + all/share + 1
	}
	for _, c := range d.codes {
		dist.count[c] = t.distances[c] + all/everything + 1
	}
	lit.build(15)
	dist.build(15)
	return newBlockCode(&lit, &dist, d)
}

func newBlockCode(lit, dist *huffman, d *deflater) *blockCode {
	k := &blockCode{end: bitString{uint64(lit.code[endOfBlock]), uint(lit.length[endOfBlock])}}
	var w bitWriter
	w.put(0b100, 3) // not the last block; Huffman codes of its own
	writeCodes(&w, lit, dist)
	k.head, k.rest = w.bytes, bitString{w.held, w.n}
	for c := range k.literal {
		k.literal[c] = uint32(lit.code[c]) | uint32(lit.length[c])<<16
	}
	for n := 3; n <= longestMatch; n++ {
		s := lengthSymbol[n]
		i := s - endOfBlock - 1
		k.lengths[n] = bitString{uint64(lit.code[s]) | uint64(n-lengthBase[i])<<lit.length[s], uint(lit.length[s]) + uint(lengthExtra[i])}
	}
	for i, c := range d.codes {
		k.backs = append(k.backs, bitString{uint64(dist.code[c]) | uint64(d.extra[i])<<dist.length[c], uint(dist.length[c]) + uint(distanceExtra(int(c)))})
	}
	return k
}

// repetition is what the repetition of a token is, nothing where that is too short.
func (k *blockCode) repetition(t token) bitString {
	if t.length < shortestMatch {
		return bitString{}
	}
	l, back := k.lengths[t.length], k.backs[t.which]
	return bitString{l.bits | back.bits<<l.n, l.n + back.n}
}

// sampled is what is set in every style of a layout to count what is written: letters and characters as names and dates
// have them.
const sampled = "国永华安业证书第一年月日 AEMSadeghilnorstu0123456789-./"

// code is the code that the pictures of a variant are written with: made for the rows of its static layer, some of them,
// and for letters in all its styles.
func (v *variant) code(s *setter, l *staticLayer) *blockCode {
	var t tally
	var d deflater
	d.setRows(1+v.width, l.period)
	d.data = l.rows
	for y := sampledRow; y < v.height; y += sampledRow {
		from, to := y*(1+v.width), (y+1)*(1+v.width)
		t.add(&d, d.read(nil, from, to), l.rows[from:to])
	}
	for i := range v.styles {
		st := &v.styles[i]
		for _, r := range sampled {
			fonts := st.face.other
			if isHan(r) {
				fonts = st.face.han
			}
			f := s.firstWith(fonts, []rune{r})
			if f == nil {
				continue
			}
			id, _ := f.font.NominalGlyph(r)
			m := s.mask(maskKey{face: f, id: id, size: st.size})
			d.eachRow(m.onPaper(l.inks, v.palette.ground, st.colour), m.w, func(tokens []token, row []byte) { t.add(&d, tokens, row) })
		}
	}
	return t.code(&d, len(v.palette.colours))
}

// sampledRow: every so many rows of a static layer one is counted.
const sampledRow = 64

package picture

// blockWriter writes a deflate block, piece by piece. What repeats where one piece ends and the next begins becomes one
// repetition, and one that stays too short to be worth it becomes literals: so rows can be put together from pieces that
// were each looked at alone.
type blockWriter struct {
	code *blockCode
	out  bitWriter

	length int                 // of the repetition that what comes may continue
	which  uint8               // of its distance
	short  [shortestMatch]byte // the bytes while it is too short
}

// begin starts a block after what is in out.
func (b *blockWriter) begin(code *blockCode, out []byte) {
	b.code, b.length = code, 0
	b.out = bitWriter{append(out, code.head...), code.rest.bits, code.rest.n}
}

// room makes room for what n bytes can become, besides a repetition that began before them.
func (b *blockWriter) room(n int) { b.out.reserve(2*n + 16) } // a literal has 15 bits at most, a repetition, of 4 bytes at least, 48

// literals says what the next bytes are.
func (b *blockWriter) literals(data []byte) {
	if len(data) == 0 {
		return
	}
	b.settle()
	b.put(data)
}

func (b *blockWriter) put(data []byte) {
	w, literal := &b.out, &b.code.literal
	for ; len(data) >= 3; data = data[3:] { // 45 bits at most
		x, y, z := literal[data[0]], literal[data[1]], literal[data[2]]
		w.add(uint64(x&0xffff)|uint64(y&0xffff)<<(x>>16)|uint64(z&0xffff)<<(x>>16+y>>16), uint(x>>16+y>>16+z>>16))
	}
	for _, c := range data {
		v := literal[c]
		w.add(uint64(v&0xffff), uint(v>>16))
	}
}

// repeat says that the next n bytes repeat others. Where they are fewer than shortestMatch, data begins with them.
func (b *blockWriter) repeat(n int, which uint8, data []byte) {
	if b.length > 0 && which != b.which {
		b.settle()
	}
	if n < shortestMatch && b.length < shortestMatch {
		copy(b.short[b.length:], data)
	}
	b.length += n
	b.which = which
}

// settle writes the repetition that nothing continues.
func (b *blockWriter) settle() {
	n := b.length
	b.length = 0
	switch {
	case n == 0:
		return
	case n < shortestMatch:
		b.put(b.short[:n])
		return
	case n > longestMatch:
		b.out.reserve(n/longestMatch*6 + 16)
	}
	for n > 0 {
		k := oneMatch(n)
		b.match(token{length: uint16(k), which: b.which})
		n -= k
	}
}

// match writes the repetition of a token as it is, nothing where that is too short.
func (b *blockWriter) match(t token) {
	s := b.code.repetition(t)
	b.out.add(s.bits, s.n)
}

// tokens says what the next bytes are, which data begins with.
func (b *blockWriter) tokens(tokens []token, data []byte) {
	for _, t := range tokens {
		b.literals(data[:t.literals])
		data = data[t.literals:]
		if t.length > 0 {
			b.repeat(int(t.length), t.which, data)
			data = data[t.length:]
		}
	}
}

// stretch says what the next bytes are, as it was found before.
func (b *blockWriter) stretch(p *stretch, bits []byte) {
	if p.lead.length > 0 {
		b.repeat(int(p.lead.length), p.lead.which, p.lead.short[:])
	}
	if p.from < p.to {
		b.settle()
		b.out.copy(bits, p.from, p.to)
	}
	if p.trail.length > 0 {
		b.repeat(int(p.trail.length), p.trail.which, p.trail.short[:])
	}
}

// end gives all that was written, the block ended and followed by an empty one, which fills the last byte.
func (b *blockWriter) end() []byte {
	b.settle()
	w := &b.out
	w.reserve(16)
	w.add(b.code.end.bits, b.code.end.n)
	w.add(0, 3) // an empty stored block
	w.align()
	return append(w.bytes, 0, 0, 0xff, 0xff)
}

// stretch is what some bytes of a row are. The repetitions at its ends, of length 0 where there are none, may go on in what
// stands beside them; all between is bits.
type stretch struct {
	lead, trail repetition
	from, to    uint32 // the place of its bits
}

// repetition is a repetition of earlier bytes, and these where it is too short to be written as one.
type repetition struct {
	length uint16
	which  uint8
	short  [shortestMatch - 1]byte
}

func repetitionOf(t token, data []byte) repetition {
	r := repetition{length: t.length, which: t.which}
	if t.length < shortestMatch {
		copy(r.short[:], data[:t.length])
	}
	return r
}

// stretch makes one of tokens and the bytes that they tell of; its bits go to w.
func (k *blockCode) stretch(w *bitWriter, tokens []token, data []byte) (p stretch) {
	if len(tokens) > 0 && tokens[0].literals == 0 {
		p.lead = repetitionOf(tokens[0], data)
		data = data[tokens[0].length:]
		tokens = tokens[1:]
	}
	p.from = w.at()
	b := blockWriter{code: k, out: *w}
	b.room(len(data))
	for i, t := range tokens {
		b.put(data[:t.literals])
		data = data[t.literals:]
		if i == len(tokens)-1 {
			p.trail = repetitionOf(t, data)
			break
		}
		b.match(t)
		data = data[t.length:]
	}
	*w = b.out
	p.to = w.at()
	return p
}

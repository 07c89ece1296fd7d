package picture

// token is some literal bytes and a repetition of earlier ones after them: how many bytes, 0 for none, and the place in
// back of its distance.
type token struct {
	literals, length uint16
	which            uint8
}

const mostOf = 1<<16 - 1 // what a token holds of either

// begin starts a block of what stands in data from at on. Bytes from low on may be referred to: they were compressed
// before, and are what the reader of the block has there as well.
func (d *deflater) begin(data []byte, low, at int) {
	d.data, d.low, d.start = data, low, at
	d.waiting, d.length = 0, 0
	d.tokens = d.tokens[:0]
	d.literals.reset(286)
	d.distances.reset(30)
	clear(d.lengthsOf[:])
}

// feed says what the next bytes are, as read found them. Repetitions that go on where the last one ended become one; those
// that stay too short to be worth it become literals. So rows can be put together from pieces that were each looked at
// alone. Only the ends of a piece can meet others: what lies between them is taken over as it is.
func (d *deflater) feed(tokens []token) {
	n := len(tokens)
	if n < 5 {
		d.join(tokens)
		return
	}
	d.join(tokens[:2])
	d.settle()
	if d.waiting > 0 {
		d.join(tokens[2:])
		return
	}
	d.tokens = append(d.tokens, tokens[2:n-1]...)
	d.join(tokens[n-1:])
}

// join takes tokens one by one.
func (d *deflater) join(tokens []token) {
	for _, t := range tokens {
		if d.length > 0 && (t.literals > 0 || t.which != d.which) {
			d.settle()
		}
		d.waiting += int(t.literals)
		d.length += int(t.length)
		d.which = t.which
	}
}

// joined appends to out what pieces side by side are as one piece.
func (d *deflater) joined(out, pieces []token) []token {
	d.tokens, d.waiting, d.length = d.tokens[:0], 0, 0
	d.join(pieces)
	return split(append(out, d.tokens...), d.waiting, d.length, d.which)
}

// settle decides what becomes of the repetition that nothing continues.
func (d *deflater) settle() {
	switch {
	case d.length >= shortestMatch:
		d.add(d.waiting, d.length, d.which)
		d.waiting = 0
	default:
		d.waiting += d.length
	}
	d.length = 0
}

// literal says that the next n bytes are literals.
func (d *deflater) literal(n int) { d.join([]token{{uint16(n), 0, d.which}}) }

// repeat says that the next n bytes repeat others.
func (d *deflater) repeat(n int, which uint8) { d.join([]token{{0, uint16(n), which}}) }

// add appends a token to the block, or as many as it takes.
func (d *deflater) add(literals, length int, which uint8) {
	d.tokens = split(d.tokens, literals, length, which)
}

// split appends to out what stands for literals and a repetition of any length.
func split(out []token, literals, length int, which uint8) []token {
	for ; literals > mostOf; literals -= mostOf {
		out = append(out, token{mostOf, 0, 0})
	}
	for {
		n := min(length, longestMatch)
		if rest := length - n; rest > 0 && rest < shortestMatch {
			n -= shortestMatch
		}
		out = append(out, token{uint16(literals), uint16(n), which})
		if length -= n; length == 0 {
			return out
		}
		literals = 0
	}
}

// end appends the block to out, followed by an empty one, which fills the last byte.
func (d *deflater) end(out []byte) []byte {
	d.settle()
	d.add(d.waiting, 0, 0)
	d.count()
	d.literals.build(15)
	d.distances.build(15)
	return d.write(out)
}

// count counts how often each symbol is written.
func (d *deflater) count() {
	count := (*[256]uint32)(d.literals.count)
	var backs [8]uint32
	var other [256]uint32 // by turns: a count that was just written takes long to read
	data := d.data[d.start:]
	for _, t := range d.tokens {
		literals := data[:t.literals]
		data = data[int(t.literals)+int(t.length):]
		for ; len(literals) >= 2; literals = literals[2:] {
			count[literals[0]]++
			other[literals[1]]++
		}
		if len(literals) > 0 {
			count[literals[0]]++
		}
		if t.length > 0 {
			d.lengthsOf[t.length&511]++
			backs[t.which&7]++
		}
	}
	for i, c := range d.codes {
		d.distances.count[c] += backs[i]
	}
	for c, n := range other {
		count[c] += n
	}
	for n := 3; n <= longestMatch; n++ {
		d.literals.count[lengthSymbol[n]] += d.lengthsOf[n]
	}
	d.literals.count[endOfBlock]++
}

// read appends to out what the bytes from i to to are. A repetition at either end may be short: what stands beside it may
// continue it.
func (d *deflater) read(out []token, i, to int) []token {
	literals := 0
	if n := d.asAbove(i, to); n > 0 {
		out = split(out, 0, n, 0)
		i += n
	}
	for i < to {
		n, length, which := d.next(i, to)
		n = min(n, to-i)
		i, literals = i+n, literals+n
		if length > 0 {
			out = split(out, literals, length, uint8(which))
			i, literals = i+length, 0
		}
	}
	if literals == 0 {
		return out
	}
	n := 0
	for back := d.back[0]; n < literals && to-1-n-back >= d.low && d.data[to-1-n] == d.data[to-1-n-back]; n++ {
	}
	return split(out, literals-n, n, 0)
}

// asAbove counts the bytes from i on, up to to, that are as those at the first distance.
func (d *deflater) asAbove(i, to int) int {
	if i-d.back[0] < d.low {
		return 0
	}
	return common(d.data[i:to], d.data[i-d.back[0]:])
}

// nextPlain finds the first place after i, or to, from which on leastPlain bytes are as those above.
func (d *deflater) nextPlain(i, to int) int {
	for i++; i < to; i++ {
		n := d.asAbove(i, min(i+leastPlain, to))
		if n == leastPlain {
			return i
		}
		i += n
	}
	return to
}

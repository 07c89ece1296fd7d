package picture

// token is some literal bytes and a repetition of earlier ones after them: how many bytes, 0 for none, and the place in
// back of its distance.
type token struct {
	literals, length uint16
	which            uint8
}

const mostOf = 1<<16 - 1 // what a token holds of either

// mergedTokens appends to out what pieces side by side are as one. Repetitions that go on where the last one ended become one;
// those that stay too short to be worth it become literals.
func mergedTokens(out, pieces []token) []token {
	var last token
	literals, length := 0, 0
	settle := func() {
		if length >= shortestMatch {
			out, literals = split(out, literals, length, last.which), 0
		} else {
			literals += length
		}
		length = 0
	}
	for _, t := range pieces {
		if length > 0 && (t.literals > 0 || t.which != last.which) {
			settle()
		}
		literals += int(t.literals)
		length += int(t.length)
		last = t
	}
	return split(out, literals, length, last.which)
}

// split appends to out what stands for literals and a repetition of any length.
func split(out []token, literals, length int, which uint8) []token {
	for ; literals > mostOf; literals -= mostOf {
		out = append(out, token{mostOf, 0, 0})
	}
	for {
		n := oneMatch(length)
		out = append(out, token{uint16(literals), uint16(n), which})
		if length -= n; length == 0 {
			return out
		}
		literals = 0
	}
}

// oneMatch is how much of a repetition is written as one, so that no rest is too short.
func oneMatch(length int) int {
	n := min(length, longestMatch)
	if rest := length - n; rest > 0 && rest < shortestMatch {
		n -= shortestMatch
	}
	return n
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

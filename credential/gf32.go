package credential

// The field GF(32) = GF(2)[x]/(x⁵+x²+1). Its elements are the values of the symbols, its addition is
// exclusive or, and α = x = 2 generates the 31 others.

// gfMul multiplies.
func gfMul(a, b byte) byte {
	var p byte
	for ; b != 0; b >>= 1 {
		if b&1 != 0 {
			p ^= a
		}
		if a <<= 1; a&32 != 0 {
			a ^= 0b100101
		}
	}
	return p
}

// gfPower returns αⁱ.
func gfPower(i int) byte {
	p := byte(1)
	for range i {
		p = gfMul(p, 2)
	}
	return p
}

// gfLog returns i with αⁱ = a, 0 … 30; a is not 0.
func gfLog(a byte) int {
	i := 0
	for p := byte(1); p != a; p = gfMul(p, 2) {
		i++
	}
	return i
}

// gfDiv divides by b, which is not 0: b³⁰ is its inverse.
func gfDiv(a, b byte) byte {
	for range 30 {
		a = gfMul(a, b)
	}
	return a
}

// checksums returns Σsᵢ and Σsᵢαⁱ, both 0 for a certificate number.
func checksums(s *[numberSymbols]byte) (sum, weighted byte) {
	for i := len(s) - 1; i >= 0; i-- {
		sum ^= s[i]
		weighted = gfMul(weighted, 2) ^ s[i] // Horner's rule
	}
	return sum, weighted
}

package credential

import (
	"encoding/binary"
	"strings"
)

// base58btc, as multibase's "z" means it: the bytes are one big number, written with 58 digits; each zero
// byte in front is written as the digit 1.

const (
	base58Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	base58Group  = 5                      // digits handled at once:
	base58Big    = 58 * 58 * 58 * 58 * 58 // they are one limb below 2³²
	base58Most   = 128                    // characters accepted, far more than a key or a signature has
)

// appendBase58 appends data in base58btc.
func appendBase58(dst, data []byte) []byte {
	zeros := 0
	for zeros < len(data) && data[zeros] == 0 {
		zeros++
	}
	for range zeros {
		dst = append(dst, base58Digits[0])
	}
	data = data[zeros:]
	var limbs []uint32 // the least first, base 58⁵
	var word [4]byte
	head := len(data) % 4
	copy(word[4-head:], data[:head])
	limbs = base58Shift(limbs, binary.BigEndian.Uint32(word[:]))
	for rest := data[head:]; len(rest) > 0; rest = rest[4:] {
		limbs = base58Shift(limbs, binary.BigEndian.Uint32(rest))
	}
	start := len(dst)
	for i := len(limbs) - 1; i >= 0; i-- {
		limb, group := limbs[i], [base58Group]byte{}
		for d := base58Group - 1; d >= 0; d-- {
			group[d] = base58Digits[limb%58]
			limb /= 58
		}
		digits := group[:]
		for len(dst) == start && len(digits) > 0 && digits[0] == base58Digits[0] {
			digits = digits[1:]
		}
		dst = append(dst, digits...)
	}
	return dst
}

// base58Shift returns limbs·2³² + word.
func base58Shift(limbs []uint32, word uint32) []uint32 {
	carry := uint64(word)
	for i := range limbs {
		carry += uint64(limbs[i]) << 32
		limbs[i] = uint32(carry % base58Big)
		carry /= base58Big
	}
	for carry > 0 {
		limbs = append(limbs, uint32(carry%base58Big))
		carry /= base58Big
	}
	return limbs
}

// decodeBase58 returns the bytes of a base58btc text, ok false if it is none or too long.
func decodeBase58(s string) (data []byte, ok bool) {
	if len(s) > base58Most {
		return nil, false
	}
	zeros := 0
	for zeros < len(s) && s[zeros] == base58Digits[0] {
		zeros++
	}
	var words []uint32 // the least first
	for i := zeros; i < len(s); i++ {
		digit := strings.IndexByte(base58Digits, s[i])
		if digit < 0 {
			return nil, false
		}
		carry := uint64(digit)
		for j := range words {
			carry += uint64(words[j]) * 58
			words[j] = uint32(carry)
			carry >>= 32
		}
		if carry > 0 {
			words = append(words, uint32(carry))
		}
	}
	data = make([]byte, zeros, zeros+4*len(words))
	for i := len(words) - 1; i >= 0; i-- {
		data = binary.BigEndian.AppendUint32(data, words[i])
	}
	significant := data[zeros:]
	for len(significant) > 0 && significant[0] == 0 {
		significant = significant[1:]
	}
	return append(data[:zeros], significant...), true
}

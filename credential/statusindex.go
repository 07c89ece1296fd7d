package credential

import (
	"crypto/sha256"
	"encoding/binary"
)

const (
	statusIndexRounds = 8
	highBits, lowBits = 8, 9 // 17 bits: StatusListSize = 2¹⁷
)

// StatusIndex returns the place in its list of the certificate that counter numbers, both 0 …
// StatusListSize-1: a permutation that key determines, so that what was issued together is not found
// together. It is a Feistel network over halves of 8 and 9 bits, whose round function is SHA-256 over the
// key, the number of the round and the other half. The format is for ever: the places of published
// certificates hang on it.
func StatusIndex(key [32]byte, counter uint32) uint32 {
	high, low := counter>>lowBits&(1<<highBits-1), counter&(1<<lowBits-1)
	var in [32 + 1 + 2]byte
	copy(in[:], key[:])
	for round := range byte(statusIndexRounds) {
		in[32] = round
		half := low
		if round%2 == 1 {
			half = high
		}
		binary.BigEndian.PutUint16(in[33:], uint16(half))
		sum := sha256.Sum256(in[:])
		mask := uint32(binary.BigEndian.Uint16(sum[:]))
		if round%2 == 1 {
			low ^= mask & (1<<lowBits - 1)
		} else {
			high ^= mask & (1<<highBits - 1)
		}
	}
	return high<<lowBits | low
}

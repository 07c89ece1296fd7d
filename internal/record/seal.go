package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// sealSize is how much of a SHA-256 stands behind each value. A flipped bit must be noticed, not an
// attacker: who can write the file can write seals. 128 bits leave no room for chance.
const sealSize = 16

// seal returns value with its digest over bucket, key and value, so that a value that has strayed to
// another key is noticed as well.
func seal(bucket, key, value []byte) []byte {
	sum := digest(bucket, key, value)
	return append(append(make([]byte, 0, len(value)+sealSize), value...), sum[:sealSize]...)
}

// open returns the value in what seal wrote; it lies in sealed's own memory. The error is ErrDamaged.
func open(bucket, key, sealed []byte) ([]byte, error) {
	if len(sealed) < sealSize {
		return nil, damaged(bucket, key, "the value is cut short")
	}
	value, want := sealed[:len(sealed)-sealSize], sealed[len(sealed)-sealSize:]
	if sum := digest(bucket, key, value); !bytes.Equal(sum[:sealSize], want) {
		return nil, damaged(bucket, key, "the content does not match its digest")
	}
	return value, nil
}

func digest(bucket, key, value []byte) [32]byte {
	h := sha256.New()
	var lengths [4]byte
	binary.BigEndian.PutUint16(lengths[:2], uint16(len(bucket)))
	binary.BigEndian.PutUint16(lengths[2:], uint16(len(key)))
	h.Write(lengths[:])
	h.Write(bucket)
	h.Write(key)
	h.Write(value)
	return [32]byte(h.Sum(nil))
}

func damaged(bucket, key []byte, what string) error {
	return fmt.Errorf("%w: %s %s: %s; run certd fsck", ErrDamaged, bucket, printable(key), what)
}

// printable shows a key: text as it is, anything else in hexadecimal.
func printable(key []byte) string {
	for _, c := range key {
		if c < 0x20 || c > 0x7e {
			return fmt.Sprintf("%x", key)
		}
	}
	return string(key)
}

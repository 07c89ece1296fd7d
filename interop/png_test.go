package interop

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"
)

// rebaked is a picture whose iTXt chunk says something else, with a right checksum.
func rebaked(t *testing.T, png []byte, old, new string) []byte {
	t.Helper()
	const signature = 8
	out := bytes.Clone(png[:signature])
	found := false
	for rest := png[signature:]; len(rest) > 0; {
		length := binary.BigEndian.Uint32(rest)
		kind, data := rest[4:8], rest[8:8+length]
		rest = rest[12+length:]
		if string(kind) == "iTXt" {
			found = found || bytes.Contains(data, []byte(old))
			data = bytes.Replace(data, []byte(old), []byte(new), 1)
		}
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		chunk := append(bytes.Clone(kind), data...)
		out = append(out, chunk...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	}
	if !found {
		t.Fatalf("%q does not stand in the picture's iTXt chunk", old)
	}
	return out
}

// noted is a picture with a chunk more, a comment that shows nothing, after its head.
func noted(png []byte) []byte {
	const head = 8 + 12 + 13 // the signature and IHDR
	chunk := []byte("tEXta\x00bc")
	out := binary.BigEndian.AppendUint32(bytes.Clone(png[:head]), uint32(len(chunk)-4))
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, png[head:]...)
}

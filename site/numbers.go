package site

import (
	"bytes"

	"laurel/credential"
)

// packed is a certificate number in ten bytes, in the order of the numbers themselves.
type packed [10]byte

const symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// pack packs a name that has the form of a number; whether it is one is for credential.ParseNumber to say.
func pack(name string) (p packed, ok bool) {
	if len(name) != 19 {
		return p, false
	}
	bit := 0
	for i := range len(name) {
		if i%5 == 4 {
			if name[i] != '-' {
				return p, false
			}
			continue
		}
		v := bytes.IndexByte([]byte(symbols), name[i])
		if v < 0 {
			return p, false
		}
		at, left := bit/8, 11-bit%8 // of the sixteen bits from byte at on, those behind the symbol
		wide := uint16(v) << left
		p[at] |= byte(wide >> 8)
		if at+1 < len(p) {
			p[at+1] |= byte(wide)
		}
		bit += 5
	}
	return p, true
}

func (p packed) number() credential.Number {
	out := make([]byte, 0, 19)
	for i := range 16 {
		if i > 0 && i%4 == 0 {
			out = append(out, '-')
		}
		at := 5 * i / 8
		wide := uint16(p[at]) << 8
		if at+1 < len(p) {
			wide |= uint16(p[at+1])
		}
		out = append(out, symbols[wide>>(11-5*i%8)&31])
	}
	return credential.Number(out)
}

// shard is what the manifest files a number under: its first two symbols.
func (p packed) shard() int { return int(p[0])<<2 | int(p[1]>>6) }

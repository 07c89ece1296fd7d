package site

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"laurel/credential"
)

// packed is a certificate number in ten bytes, in the order of the numbers themselves: a build of a million holds their
// numbers in ten megabytes.
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

// treeNumbers returns the folders of a public tree that have the form of a number, sorted. What is no number among them
// is for the caller to find out.
func treeNumbers(dir string) ([]packed, error) {
	d, err := os.Open(filepath.Join(dir, "c"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	var out []packed
	for {
		names, err := d.Readdirnames(4096)
		for _, name := range names {
			if p, ok := pack(name); ok {
				out = append(out, p)
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b packed) int { return bytes.Compare(a[:], b[:]) })
	return out, nil
}

// stretches cuts sorted numbers into those of one shard each.
func stretches(numbers []packed) iter.Seq[[]packed] {
	return func(yield func([]packed) bool) {
		for len(numbers) > 0 {
			n := slices.IndexFunc(numbers, func(p packed) bool { return p.shard() != numbers[0].shard() })
			if n < 0 {
				n = len(numbers)
			}
			if !yield(numbers[:n]) {
				return
			}
			numbers = numbers[n:]
		}
	}
}

package picture

import (
	"bytes"
	"compress/flate"
	"hash/adler32"
	"io"
	"math/rand/v2"
	"testing"
)

// inflate reads what was deflated after some bytes, by the standard library.
func inflate(t testing.TB, data, before []byte) []byte {
	t.Helper()
	r := flate.NewReaderDict(bytes.NewReader(append(bytes.Clone(data), 3, 0)), before)
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// deflateAll appends data[from:] to out, compressed by looking at every byte, in one piece and one that was made before.
func deflateAll(d *deflater, out, data []byte, from int) []byte {
	d.data = data
	var count tally
	count.add(d, d.read(nil, from, len(data)), data[from:])
	var b blockWriter
	b.begin(count.code(d, 16), out)
	b.room(len(data) - from)
	middle := from + (len(data)-from)/3
	b.tokens(d.read(nil, from, middle), data[from:middle])
	var w bitWriter
	p := b.code.stretch(&w, mergedTokens(nil, d.read(nil, middle, len(data))), data[middle:])
	b.stretch(&p, w.padded())
	return b.end()
}

func TestWhatIsDeflatedInflates(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var d deflater
	for _, c := range []struct {
		why          string
		rows, stride int
		period       int
		pixel        func(x, y int) byte
	}{
		{"nothing but paper", 40, 1601, 0, func(x, y int) byte { return 0 }},
		{"an ornament that repeats every eight rows", 60, 1601, 8, func(x, y int) byte { return byte(x * (y % 8) % 50) }},
		{"noise of every byte", 9, 301, 0, func(x, y int) byte { return byte(rnd.Uint32()) }},
		{"a slanting edge", 200, 400, 0, func(x, y int) byte { return byte(min(x/(y+1), 3)) }},
		{"one rare byte among many, whose code would be too long", 200, 1601, 0, func(x, y int) byte { return byte(rnd.ExpFloat64() * 3) }},
		{"one pixel", 1, 2, 0, func(x, y int) byte { return 7 }},
		{"a row so long that the one above is out of reach", 3, 40000, 2, func(x, y int) byte { return byte(x) }},
	} {
		data := make([]byte, c.rows*c.stride)
		for i := range data {
			data[i] = c.pixel(i%c.stride, i/c.stride)
		}
		d.setRows(c.stride, c.period)
		for _, from := range []int{0, min(len(data)-1, c.stride)} {
			out := deflateAll(&d, []byte("before"), data, from)
			if string(out[:6]) != "before" {
				t.Fatalf("%s: what stood before is gone", c.why)
			}
			if got := inflate(t, out[6:], data[:from]); !bytes.Equal(got, data[from:]) {
				t.Errorf("%s, from %d: it does not inflate to what it was", c.why, from)
			}
		}
	}
}

func FuzzDeflate(f *testing.F) {
	f.Add([]byte("paper paper paper ink paper paper"), uint16(6), uint8(2), uint16(3))
	f.Add(bytes.Repeat([]byte{1, 2, 3}, 400), uint16(3), uint8(0), uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, stride uint16, period uint8, from uint16) {
		var d deflater
		at := min(int(from), len(data))
		d.setRows(int(stride), int(period))
		if got := inflate(t, deflateAll(&d, nil, data, at), data[:at]); !bytes.Equal(got, data[at:]) {
			t.Error("it does not inflate to what it was")
		}
	})
}

func TestSumsArePutTogetherAndFollowChanges(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	data := make([]byte, 9000)
	for i := range data {
		data[i] = byte(rnd.Uint32())
	}
	if got, want := sum(data).value(), adler32.Checksum(data); got != want {
		t.Errorf("the sum is %08x, want %08x", got, want)
	}
	for _, cut := range []int{0, 1, 4000, 9000} {
		if got, want := sum(data[:cut]).then(sum(data[cut:]), len(data)-cut).value(), adler32.Checksum(data); got != want {
			t.Errorf("cut at %d: %08x, want %08x", cut, got, want)
		}
	}
	is := bytes.Clone(data)
	for i := 3000; i < 3020; i += 3 {
		is[i] ^= byte(i)
	}
	is[8999] = 1
	if got, want := changed(data[2990:], is[2990:], len(data)-2990).of(sum(data)).value(), adler32.Checksum(is); got != want {
		t.Errorf("changed: %08x, want %08x", got, want)
	}
}

package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	stdpng "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const keyword = "openbadgecredential"

// tiny is a PNG of one pixel.
func tiny(extra ...[]byte) []byte {
	head := appendChunk([]byte(signature), "IHDR", []byte{0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0})
	for _, e := range extra {
		head = append(head, e...)
	}
	head = appendChunk(head, "IDAT", []byte{0x78, 0x01, 0x01, 2, 0, 0xfd, 0xff, 0, 0xff, 1, 1, 1, 0})
	return appendChunk(head, "IEND", nil)
}

func TestWhatIsBakedIsUnbaked(t *testing.T) {
	png := paint(t, "modern", sample())
	for _, text := range []string{`{"name":"张伟 𬱖"}`, "", strings.Repeat("long ", 100_000)} {
		baked, err := Bake(png, keyword, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Unbake(baked, keyword); err != nil || got != text {
			t.Errorf("unbaked %.40q, %v; baked %.40q", got, err, text)
		}
		if _, err := stdpng.Decode(bytes.NewReader(baked)); err != nil {
			t.Errorf("Go's own reader refuses a baked picture: %v", err)
		}
	}
}

func TestTheChunkIsOneUncompressedITXtBeforeIEND(t *testing.T) {
	baked, err := Bake(tiny(), keyword, "signed")
	if err != nil {
		t.Fatal(err)
	}
	want := append([]byte("\x00\x00\x00\x1eiTXtopenbadgecredential\x00\x00\x00\x00\x00signed"), 0, 0, 0, 0)
	binary.BigEndian.PutUint32(want[len(want)-4:], crc32.ChecksumIEEE(want[4:len(want)-4]))
	end := appendChunk(nil, "IEND", nil)
	if !bytes.Equal(baked, append(append(tiny()[:len(tiny())-len(end)], want...), end...)) {
		t.Errorf("baked:\n%q", baked)
	}
}

func TestBakingAgainReplacesTheText(t *testing.T) {
	once, _ := Bake(tiny(), keyword, "one")
	twice, _ := Bake(once, keyword, "two")
	if got, err := Unbake(twice, keyword); err != nil || got != "two" {
		t.Errorf("%q, %v", got, err)
	}
	direct, _ := Bake(tiny(), keyword, "two")
	if !bytes.Equal(twice, direct) {
		t.Error("a picture baked twice differs from one baked once")
	}
}

func TestPngcheckAcceptsABakedPicture(t *testing.T) {
	pngcheck := tool(t, "pngcheck", "pngcheck")
	for _, layout := range []string{"classical", "modern"} {
		baked, err := Bake(paint(t, layout, sample()), keyword, `{"name":"张伟"}`)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "certificate.png")
		if err := os.WriteFile(file, baked, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(pngcheck, "-v", file).CombinedOutput(); err != nil || !bytes.Contains(out, []byte("iTXt")) {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

func TestBrokenPicturesAreRefused(t *testing.T) {
	text := func(data string) []byte { return appendChunk(nil, "iTXt", []byte(data)) }
	good := text(keyword + "\x00\x00\x00\x00\x00signed")
	badSum := bytes.Clone(good)
	badSum[len(badSum)-1] ^= 1
	whole := tiny(good)
	for name, png := range map[string][]byte{
		"empty":                     nil,
		"a JPEG":                    []byte("\xff\xd8\xff\xe0 JFIF and so on"),
		"the signature alone":       []byte(signature),
		"broken off in a chunk":     whole[:len(whole)-20],
		"no IEND":                   whole[:len(whole)-12],
		"bytes after IEND":          append(bytes.Clone(whole), 0),
		"a second picture after it": append(bytes.Clone(whole), whole...),
		"a wrong checksum":          tiny(badSum),
		"a length of 4 GiB":         append([]byte(signature+"\xff\xff\xff\xffIHDR"), whole[16:]...),
		"a length past the end":     append([]byte(signature+"\x00\x00\xff\xffIHDR"), whole[16:]...),
		"a type that is no letters": tiny(appendChunk(nil, "a1b2", nil)),
		"no IHDR":                   appendChunk(appendChunk([]byte(signature), "IDAT", nil), "IEND", nil),
		"no pixels":                 appendChunk(appendChunk([]byte(signature), "IHDR", make([]byte, 13)), "IEND", nil),
		"a second IHDR":             tiny(appendChunk(nil, "IHDR", make([]byte, 13))),
		"the text twice":            tiny(good, good),
		"a compressed text":         tiny(text(keyword + "\x00\x01\x00\x00\x00signed")),
		"a text that breaks off":    tiny(text(keyword + "\x00\x00\x00\x00")),
		"a text of no flags":        tiny(text(keyword + "\x00")),
		"a text that is not UTF-8":  tiny(text(keyword + "\x00\x00\x00\x00\x00\xff")),
	} {
		if got, err := Unbake(png, keyword); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestAPictureWithoutTheTextSaysSo(t *testing.T) {
	for name, png := range map[string][]byte{
		"no text":           tiny(),
		"another text":      tiny(appendChunk(nil, "iTXt", []byte("Comment\x00\x00\x00\x00\x00hello"))),
		"of another kind":   tiny(appendChunk(nil, "tEXt", []byte(keyword+"\x00signed"))),
		"a longer keyword":  tiny(appendChunk(nil, "iTXt", []byte(keyword+"s\x00\x00\x00\x00\x00signed"))),
		"no keyword at all": tiny(appendChunk(nil, "iTXt", []byte(keyword))),
	} {
		if _, err := Unbake(png, keyword); !errors.Is(err, ErrNoChunk) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatAChunkCannotCarryIsNotBaked(t *testing.T) {
	for _, c := range [][2]string{{"", "x"}, {strings.Repeat("k", 80), "x"}, {"a b\x00", "x"}, {"ключ", "x"}, {keyword, "a\x00b"}, {keyword, "\xff"}} {
		if _, err := Bake(tiny(), c[0], c[1]); err == nil {
			t.Errorf("baked %q: %q", c[0], c[1])
		}
	}
	if _, err := Bake([]byte("no PNG"), keyword, "x"); !errors.Is(err, ErrFormat) {
		t.Errorf("%v", err)
	}
}

// FuzzPNGChunks: whatever the bytes, reading ends with a text or a clear error; what can be read can be baked, and what
// was baked is unbaked.
func FuzzPNGChunks(f *testing.F) {
	baked, _ := Bake(tiny(), keyword, `{"name":"张伟"}`)
	for _, seed := range [][]byte{nil, []byte(signature), tiny(), baked, baked[:40], append(bytes.Clone(baked), 0), tiny(appendChunk(nil, "tEXt", []byte("Comment\x00x"))),
		tiny(appendChunk(nil, "iTXt", []byte(keyword+"\x00\x00\x00zh-CN\x00t\x00text")))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, png []byte) {
		text, err := Unbake(png, keyword)
		if err != nil && (text != "" || !errors.Is(err, ErrFormat) && !errors.Is(err, ErrNoChunk)) {
			t.Fatalf("%q, %v", text, err)
		}
		again, bakeErr := Bake(png, keyword, "anew")
		if err == nil && bakeErr != nil {
			t.Fatalf("can be read, cannot be baked: %v", bakeErr)
		}
		if bakeErr != nil {
			return
		}
		if got, err := Unbake(again, keyword); err != nil || got != "anew" {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

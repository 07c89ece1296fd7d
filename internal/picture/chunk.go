package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"unicode/utf8"
)

// chunk is one chunk of a PNG, as it lies in the file.
type chunk struct {
	kind string
	data []byte
	at   int // offset of its length field
	end  int // offset after its checksum
}

// Bake puts one uncompressed iTXt chunk with the text before IEND (Open Badges 3.0 §5.3.1.1 asks for just that, the
// keyword being "openbadgecredential"). An iTXt chunk with the same keyword is replaced; every other byte stays. The
// picture must be well formed, checksums and all, else the error is ErrFormat.
func Bake(png []byte, keyword, text string) ([]byte, error) {
	if err := checkText(keyword, text); err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(png)+len(keyword)+len(text)+17)
	out = append(out, signature...)
	err := readChunks(png, func(c chunk) error {
		switch {
		case c.kind == "IEND":
			out = appendText(out, Text{keyword, text})
		case c.kind == "iTXt" && keywordOf(c.data) == keyword:
			return nil
		}
		out = append(out, png[c.at:c.end]...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Text is what an iTXt chunk holds.
type Text struct{ Keyword, Text string }

func appendText(out []byte, t Text) []byte {
	data := make([]byte, 0, len(t.Keyword)+len(t.Text)+5)
	data = append(append(data, t.Keyword...), 0, 0, 0, 0, 0) // not compressed, no language, no translated keyword
	return appendChunk(out, "iTXt", append(data, t.Text...))
}

// Unbake gives the text of the iTXt chunk with this keyword. The error is ErrNoChunk where there is none, and ErrFormat
// where the PNG is not well formed, or the keyword stands twice or its text is compressed: then nobody can say which
// text was meant.
func Unbake(png []byte, keyword string) (string, error) {
	text, found := "", false
	err := readChunks(png, func(c chunk) error {
		if c.kind != "iTXt" || keywordOf(c.data) != keyword {
			return nil
		}
		if found {
			return fmt.Errorf("%w: the text %q stands twice", ErrFormat, keyword)
		}
		found = true
		var err error
		text, err = textOf(c.data[len(keyword)+1:])
		return err
	})
	if err != nil {
		return "", err
	}
	if !found {
		return "", fmt.Errorf("%w: no text %q", ErrNoChunk, keyword)
	}
	return text, nil
}

// textOf reads an iTXt chunk after its keyword (W3C PNG §11.3.3.4).
func textOf(data []byte) (string, error) {
	if len(data) < 2 {
		return "", fmt.Errorf("%w: an iTXt chunk breaks off", ErrFormat)
	}
	if data[0] != 0 {
		return "", fmt.Errorf("%w: the text is compressed; a baked credential is not", ErrFormat)
	}
	_, rest, ok := bytes.Cut(data[2:], []byte{0}) // the language
	if ok {
		_, rest, ok = bytes.Cut(rest, []byte{0}) // the translated keyword
	}
	if !ok {
		return "", fmt.Errorf("%w: an iTXt chunk breaks off", ErrFormat)
	}
	if !utf8.Valid(rest) || bytes.IndexByte(rest, 0) >= 0 {
		return "", fmt.Errorf("%w: an iTXt chunk is not UTF-8 text", ErrFormat)
	}
	return string(rest), nil
}

func keywordOf(data []byte) string {
	k, _, ok := bytes.Cut(data, []byte{0})
	if !ok {
		return ""
	}
	return string(k)
}

// checkText holds the rules for what a chunk can carry (W3C PNG §11.3.3.1), narrowed to ASCII keywords.
func checkText(keyword, text string) error {
	if len(keyword) == 0 || len(keyword) > 79 {
		return fmt.Errorf("bake: keyword %q: a keyword has 1 to 79 characters", brief(keyword))
	}
	for i := range len(keyword) {
		if keyword[i] <= ' ' || keyword[i] > '~' {
			return fmt.Errorf("bake: keyword %q: visible ASCII characters only", keyword)
		}
	}
	if !utf8.ValidString(text) || bytes.IndexByte([]byte(text), 0) >= 0 {
		return fmt.Errorf("bake: the text is not UTF-8, or has a zero byte")
	}
	return nil
}

// readChunks gives each chunk of a PNG in order. It refuses whatever is not well formed: a wrong signature, lengths that
// lead out of the file, chunk types that are not four letters, wrong checksums, another first chunk than IHDR, no IDAT,
// bytes after IEND. It never reads outside the data and keeps nothing.
func readChunks(png []byte, each func(chunk) error) error {
	if len(png) < len(signature) || string(png[:len(signature)]) != signature {
		return fmt.Errorf("%w: it does not begin like one", ErrFormat)
	}
	pixels := false
	for at := len(signature); ; {
		c, err := chunkAt(png, at)
		if err != nil {
			return err
		}
		if first := at == len(signature); first != (c.kind == "IHDR") || first && len(c.data) != 13 {
			return fmt.Errorf("%w: IHDR is not its one first chunk", ErrFormat)
		}
		pixels = pixels || c.kind == "IDAT"
		if c.kind == "IEND" && (len(c.data) != 0 || c.end != len(png) || !pixels) {
			return fmt.Errorf("%w: IEND at byte %d is not the end of a picture", ErrFormat, c.at)
		}
		if err := each(c); err != nil {
			return err
		}
		if c.kind == "IEND" {
			return nil
		}
		at = c.end
	}
}

func chunkAt(png []byte, at int) (chunk, error) {
	if len(png)-at < 12 {
		return chunk{}, fmt.Errorf("%w: it breaks off at byte %d of %d", ErrFormat, at, len(png))
	}
	n := binary.BigEndian.Uint32(png[at:])
	if n > 1<<31-1 || uint64(n) > uint64(len(png)-at-12) {
		return chunk{}, fmt.Errorf("%w: the chunk at byte %d claims %d bytes of %d", ErrFormat, at, n, len(png)-at-12)
	}
	end := at + 12 + int(n)
	for _, b := range png[at+4 : at+8] {
		if b|0x20 < 'a' || b|0x20 > 'z' {
			return chunk{}, fmt.Errorf("%w: the chunk at byte %d has the type %q", ErrFormat, at, png[at+4:at+8])
		}
	}
	if crc32.ChecksumIEEE(png[at+4:end-4]) != binary.BigEndian.Uint32(png[end-4:]) {
		return chunk{}, fmt.Errorf("%w: the chunk %s at byte %d does not match its checksum", ErrFormat, png[at+4:at+8], at)
	}
	return chunk{kind: string(png[at+4 : at+8]), data: png[at+8 : end-4], at: at, end: end}, nil
}

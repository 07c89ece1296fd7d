package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/klauspost/compress/zlib"
)

// ErrFormat says that bytes are no PDF that this reader understands.
var ErrFormat = errors.New("not a PDF that can be read")

// ErrNoAttachment says that a PDF does not carry the attachment asked for.
var ErrNoAttachment = errors.New("no such attachment in this PDF")

// Bounds of what is read of a file that anybody may have made.
const (
	maxSections   = 64      // of the cross-reference table: one for each time that a file was added to
	maxObjects    = 1 << 16 // in it
	maxDepth      = 24      // of objects within objects
	maxNames      = 256     // of attachments
	MaxAttachment = 4 << 20 // bytes of an attachment
)

// Attached gives the data of the attachment of a name. It reads documents as Writer makes them, and as programs leave them
// that only add to a file: signatures, comments. A document that a program wrote anew, with its objects compressed or
// encrypted, is ErrFormat, and so is one that carries the name twice: then nobody can say which was meant.
func Attached(file []byte, name string) ([]byte, error) {
	r := &reader{file: file, offsets: map[int]int{}}
	if !bytes.HasPrefix(file, []byte("%PDF-")) {
		return nil, fmt.Errorf("%w: it does not begin with %%PDF-", ErrFormat)
	}
	trailer, err := r.readSections()
	if err != nil {
		return nil, err
	}
	if trailer["Encrypt"] != nil {
		return nil, fmt.Errorf("%w: it is encrypted; take the file as it was issued", ErrFormat)
	}
	root, err := r.dict(trailer["Root"])
	if err != nil {
		return nil, err
	}
	names, err := r.dict(root["Names"])
	if err != nil {
		return nil, err
	}
	var specs []any
	if err := r.find(names["EmbeddedFiles"], name, &specs, 0); err != nil {
		return nil, err
	}
	switch len(specs) {
	case 0:
		return nil, fmt.Errorf("%w: %s", ErrNoAttachment, name)
	case 1:
		return r.data(specs[0])
	}
	return nil, fmt.Errorf("%w: it carries %s %d times", ErrFormat, name, len(specs))
}

// reader reads one file.
type reader struct {
	file    []byte
	offsets map[int]int // of the objects; the newest section that names one counts
	names   int
}

// readSections follows the cross-reference tables from the newest to the oldest (ISO 32000-1 §7.5.4–7.5.6) and returns the
// newest trailer.
func (r *reader) readSections() (newest dict, err error) {
	tail := r.file[max(0, len(r.file)-2048):]
	i := bytes.LastIndex(tail, []byte("startxref"))
	if i < 0 {
		return nil, fmt.Errorf("%w: it breaks off, or something follows its end", ErrFormat)
	}
	p := parser{data: tail, at: i + len("startxref")}
	at, ok := p.integer()
	for n := 0; ; n++ {
		if !ok || at <= 0 || at >= len(r.file) || n == maxSections {
			return nil, fmt.Errorf("%w: its cross-reference table is not where it says", ErrFormat)
		}
		trailer, err := r.readSection(at)
		if err != nil {
			return nil, err
		}
		if newest == nil {
			newest = trailer
		}
		if trailer["XRefStm"] != nil {
			return nil, errCompressed
		}
		prev, there := trailer["Prev"]
		if !there {
			return newest, nil
		}
		at, ok = prev.(int)
	}
}

var errCompressed = fmt.Errorf("%w: another program wrote it anew, with its objects compressed; take the file as it was issued", ErrFormat)

func (r *reader) readSection(at int) (dict, error) {
	p := parser{data: r.file, at: at}
	if !p.word("xref") {
		if _, ok := p.integer(); ok {
			return nil, errCompressed
		}
		return nil, fmt.Errorf("%w: no cross-reference table at %d", ErrFormat, at)
	}
	for !p.word("trailer") {
		first, ok1 := p.integer()
		n, ok2 := p.integer()
		if !ok1 || !ok2 || first < 0 || n < 0 || first > maxObjects || n > maxObjects {
			return nil, fmt.Errorf("%w: its cross-reference table is damaged", ErrFormat)
		}
		for i := range n {
			offset, ok1 := p.integer()
			_, ok2 := p.integer()
			used := p.word("n")
			if !ok1 || !ok2 || !used && !p.word("f") {
				return nil, fmt.Errorf("%w: its cross-reference table is damaged", ErrFormat)
			}
			if _, known := r.offsets[first+i]; !known {
				if !used {
					offset = 0
				}
				r.offsets[first+i] = offset
			}
		}
	}
	o, err := p.object(0)
	trailer, ok := o.(dict)
	if err != nil || !ok {
		return nil, fmt.Errorf("%w: it has no trailer", ErrFormat)
	}
	return trailer, nil
}

// find gathers the file specifications of a name from a name tree (§7.9.6).
func (r *reader) find(node any, name string, out *[]any, depth int) error {
	if node == nil {
		return nil
	}
	d, err := r.dict(node)
	if err != nil {
		return err
	}
	if depth > maxDepth {
		return fmt.Errorf("%w: its list of attachments is too deep", ErrFormat)
	}
	pairs, err := r.array(d["Names"])
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if r.names++; r.names > maxNames {
			return fmt.Errorf("%w: more than %d attachments", ErrFormat, maxNames)
		}
		key, _, err := r.resolve(pairs[i])
		if err != nil {
			return err
		}
		if s, ok := key.(text); ok && string(s) == name {
			*out = append(*out, pairs[i+1])
		}
	}
	kids, err := r.array(d["Kids"])
	if err != nil {
		return err
	}
	for _, kid := range kids {
		if r.names++; r.names > maxNames {
			return fmt.Errorf("%w: more than %d attachments", ErrFormat, maxNames)
		}
		if err := r.find(kid, name, out, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// data reads the embedded file of a file specification.
func (r *reader) data(spec any) ([]byte, error) {
	d, err := r.dict(spec)
	if err != nil {
		return nil, err
	}
	ef, err := r.dict(d["EF"])
	if err != nil {
		return nil, err
	}
	stream, after, err := r.resolve(ef["F"])
	if err != nil {
		return nil, err
	}
	head, ok := stream.(dict)
	if !ok || after == 0 {
		return nil, fmt.Errorf("%w: its attachment is no stream", ErrFormat)
	}
	size, _, err := r.resolve(head["Length"])
	if err != nil {
		return nil, err
	}
	n, ok := size.(int)
	p := parser{data: r.file, at: after}
	if !p.streamStart() || !ok || n < 0 || n > MaxAttachment || p.at+n > len(r.file) {
		return nil, fmt.Errorf("%w: its attachment breaks off, or has more than %d bytes", ErrFormat, MaxAttachment)
	}
	return unpack(r.file[p.at:p.at+n], head["Filter"])
}

func unpack(data []byte, filter any) ([]byte, error) {
	if list, ok := filter.([]any); ok && len(list) == 1 {
		filter = list[0]
	}
	switch filter {
	case nil:
		return bytes.Clone(data), nil
	case name("FlateDecode"):
	default:
		return nil, fmt.Errorf("%w: its attachment is packed in a way that is not understood", ErrFormat)
	}
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: its attachment is damaged: %v", ErrFormat, err)
	}
	out, err := io.ReadAll(io.LimitReader(z, MaxAttachment+1))
	if err != nil || len(out) > MaxAttachment {
		return nil, fmt.Errorf("%w: its attachment is damaged, or has more than %d bytes", ErrFormat, MaxAttachment)
	}
	return out, nil
}

func (r *reader) dict(o any) (dict, error) {
	o, _, err := r.resolve(o)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return dict{}, nil
	}
	d, ok := o.(dict)
	if !ok {
		return nil, fmt.Errorf("%w: something stands where a dictionary belongs", ErrFormat)
	}
	return d, nil
}

func (r *reader) array(o any) ([]any, error) {
	o, _, err := r.resolve(o)
	if err != nil || o == nil {
		return nil, err
	}
	a, ok := o.([]any)
	if !ok {
		return nil, fmt.Errorf("%w: something stands where a list belongs", ErrFormat)
	}
	return a, nil
}

// resolve follows references; after is where the object ends in the file, 0 for a direct one.
func (r *reader) resolve(o any) (object any, after int, err error) {
	for range 8 {
		n, ok := o.(reference)
		if !ok {
			return o, after, nil
		}
		at := r.offsets[int(n)]
		if at <= 0 || at >= len(r.file) {
			return nil, 0, nil // a missing object is null (§7.3.10)
		}
		p := parser{data: r.file, at: at}
		number, ok1 := p.integer()
		_, ok2 := p.integer()
		if !ok1 || !ok2 || number != int(n) || !p.word("obj") {
			return nil, 0, fmt.Errorf("%w: object %d is not where it should be", ErrFormat, int(n))
		}
		if o, err = p.object(0); err != nil {
			return nil, 0, err
		}
		after = p.at
	}
	return nil, 0, fmt.Errorf("%w: references go in a circle", ErrFormat)
}

// Objects: nil, bool, int, text, name, reference, []any, dict. A number that is no integer is read as 0: none is needed.
type (
	text      string
	name      string
	reference int
	dict      map[string]any
)

// parser reads objects (§7.3).
type parser struct {
	data []byte
	at   int
}

func (p *parser) fail(what string) error {
	return fmt.Errorf("%w: %s at %d", ErrFormat, what, p.at)
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (p *parser) space() {
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case isSpace(c):
			p.at++
		case c == '%':
			for p.at < len(p.data) && p.data[p.at] != '\n' && p.data[p.at] != '\r' {
				p.at++
			}
		default:
			return
		}
	}
}

// token gives the regular characters that come next, without taking them.
func (p *parser) token() []byte {
	p.space()
	end := p.at
	for end < len(p.data) && !isSpace(p.data[end]) && !isDelimiter(p.data[end]) {
		end++
	}
	return p.data[p.at:end]
}

func (p *parser) word(w string) bool {
	if string(p.token()) != w {
		return false
	}
	p.at += len(w)
	return true
}

func (p *parser) integer() (int, bool) {
	t := p.token()
	if len(t) > 12 {
		return 0, false
	}
	n, err := strconv.Atoi(string(t))
	if err != nil {
		return 0, false
	}
	p.at += len(t)
	return n, true
}

// streamStart takes the keyword and the line end after it.
func (p *parser) streamStart() bool {
	if !p.word("stream") {
		return false
	}
	if p.at < len(p.data) && p.data[p.at] == '\r' {
		p.at++
	}
	if p.at < len(p.data) && p.data[p.at] == '\n' {
		p.at++
		return true
	}
	return false
}

func (p *parser) object(depth int) (any, error) {
	if depth > maxDepth {
		return nil, p.fail("objects are too deep")
	}
	p.space()
	rest := p.data[p.at:]
	switch {
	case len(rest) == 0:
		return nil, p.fail("it breaks off")
	case bytes.HasPrefix(rest, []byte("<<")):
		p.at += 2
		return p.dictionary(depth)
	case rest[0] == '[':
		p.at++
		return p.list(depth)
	case rest[0] == '(':
		p.at++
		return p.literal()
	case rest[0] == '<':
		p.at++
		return p.hexadecimal()
	case rest[0] == '/':
		p.at++
		t := p.nameToken()
		return name(t), nil
	}
	return p.plain()
}

// plain reads numbers, references and the words null, true and false.
func (p *parser) plain() (any, error) {
	if n, ok := p.integer(); ok {
		back := p.at
		if _, ok := p.integer(); ok && n > 0 && p.word("R") {
			return reference(n), nil
		}
		p.at = back
		return n, nil
	}
	t := p.token()
	if len(t) == 0 {
		return nil, p.fail("no object")
	}
	p.at += len(t)
	switch string(t) {
	case "null":
		return nil, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	if _, err := strconv.ParseFloat(string(t), 64); err != nil {
		return nil, p.fail("no object")
	}
	return 0, nil
}

func (p *parser) dictionary(depth int) (any, error) {
	d := dict{}
	for {
		p.space()
		if bytes.HasPrefix(p.data[p.at:], []byte(">>")) {
			p.at += 2
			return d, nil
		}
		if p.at >= len(p.data) || p.data[p.at] != '/' {
			return nil, p.fail("a dictionary is damaged")
		}
		p.at++
		key := p.nameToken()
		v, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, twice := d[key]; twice {
			return nil, p.fail("a dictionary has a key twice")
		}
		d[key] = v
	}
}

func (p *parser) list(depth int) (any, error) {
	var out []any
	for {
		p.space()
		if p.at < len(p.data) && p.data[p.at] == ']' {
			p.at++
			return out, nil
		}
		v, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
}

func (p *parser) nameToken() string {
	if p.at < len(p.data) && isSpace(p.data[p.at]) {
		return ""
	}
	t := p.token()
	p.at += len(t)
	if bytes.IndexByte(t, '#') < 0 {
		return string(t)
	}
	var out []byte
	for i := 0; i < len(t); i++ {
		if t[i] == '#' && i+2 < len(t) {
			if v, err := strconv.ParseUint(string(t[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(v))
				i += 2
				continue
			}
		}
		out = append(out, t[i])
	}
	return string(out)
}

// literal reads a string in parentheses; of escapes, those that a file name can need.
func (p *parser) literal() (any, error) {
	var out []byte
	for open := 1; p.at < len(p.data); p.at++ {
		switch c := p.data[p.at]; c {
		case '\\':
			if p.at++; p.at >= len(p.data) {
				return nil, p.fail("a string breaks off")
			}
			out = append(out, p.data[p.at])
			continue
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				p.at++
				return text(out), nil
			}
		}
		out = append(out, p.data[p.at])
	}
	return nil, p.fail("a string breaks off")
}

func (p *parser) hexadecimal() (any, error) {
	end := bytes.IndexByte(p.data[p.at:], '>')
	if end < 0 {
		return nil, p.fail("a string breaks off")
	}
	var digits []byte
	for _, c := range p.data[p.at : p.at+end] {
		if !isSpace(c) {
			digits = append(digits, c)
		}
	}
	p.at += end + 1
	if len(digits)%2 != 0 {
		digits = append(digits, '0')
	}
	out := make([]byte, len(digits)/2)
	for i := range out {
		v, err := strconv.ParseUint(string(digits[2*i:2*i+2]), 16, 8)
		if err != nil {
			return nil, p.fail("a string is damaged")
		}
		out[i] = byte(v)
	}
	if bytes.HasPrefix(out, []byte("\xfe\xff")) { // UTF-16: other programs write names so
		if ascii, ok := fromUTF16(out[2:]); ok {
			return text(ascii), nil
		}
	}
	return text(out), nil
}

func fromUTF16(b []byte) (string, bool) {
	var out []byte
	for i := 0; i+1 < len(b); i += 2 {
		if b[i] != 0 || b[i+1] > 0x7E {
			return "", false
		}
		out = append(out, b[i+1])
	}
	return string(out), true
}

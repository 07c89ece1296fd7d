package pdf

import (
	"bytes"
	"fmt"
)

// readSections follows the cross-reference sections from the newest to the oldest (ISO 32000-1 §7.5.4–7.5.8) and returns
// the newest trailer.
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
			return nil, fmt.Errorf("%w: its cross-reference section is not where it says", ErrFormat)
		}
		trailer, err := r.readSection(at)
		if err != nil {
			return nil, err
		}
		if newest == nil {
			newest = trailer
		}
		if trailer["XRefStm"] != nil {
			return nil, fmt.Errorf("%w: another program wrote it anew, with two tables in one; take the file as it was issued", ErrFormat)
		}
		prev, there := trailer["Prev"]
		if !there {
			return newest, nil
		}
		at, ok = prev.(int)
	}
}

// readSection reads a section in either form.
func (r *reader) readSection(at int) (dict, error) {
	p := parser{data: r.file, at: at}
	if p.word("xref") {
		return r.readTable(&p)
	}
	_, ok1 := p.integer()
	_, ok2 := p.integer()
	if !ok1 || !ok2 || !p.word("obj") {
		return nil, fmt.Errorf("%w: no cross-reference section at %d", ErrFormat, at)
	}
	return r.readTableStream(&p)
}

// note takes an entry, unless a newer section had one.
func (r *reader) note(number int, p place) {
	if _, known := r.places[number]; !known {
		r.places[number] = p
	}
}

var errTable = fmt.Errorf("%w: its cross-reference table is damaged", ErrFormat)

// readTable reads a table in plain text and the trailer after it (§7.5.4).
func (r *reader) readTable(p *parser) (dict, error) {
	for !p.word("trailer") {
		first, ok1 := p.integer()
		n, ok2 := p.integer()
		if !ok1 || !ok2 || first < 0 || n < 0 || first > maxObjects || n > maxObjects {
			return nil, errTable
		}
		for i := range n {
			offset, ok1 := p.integer()
			_, ok2 := p.integer()
			used := p.word("n")
			if !ok1 || !ok2 || !used && !p.word("f") {
				return nil, errTable
			}
			e := place{entryAt, offset}
			if !used || offset <= 0 || offset >= len(r.file) {
				e = place{}
			}
			r.note(first+i, e)
		}
	}
	o, err := p.object(0)
	trailer, ok := o.(dict)
	if err != nil || !ok {
		return nil, fmt.Errorf("%w: it has no trailer", ErrFormat)
	}
	return trailer, nil
}

// readTableStream reads a cross-reference stream, whose dictionary is the trailer (§7.5.8). Its length is a number of its
// own: no object can be found before it is read.
func (r *reader) readTableStream(p *parser) (dict, error) {
	s, err := r.streamAt(p)
	if err != nil {
		return nil, err
	}
	if s.head["Type"] != name("XRef") {
		return nil, errTable
	}
	rows, err := r.unpack(s)
	if err != nil {
		return nil, err
	}
	widths, err := numbers(s.head["W"], 3)
	if err != nil {
		return nil, err
	}
	ranges := []int{0, 0}
	if s.head["Index"] == nil {
		ranges[1], _ = s.head["Size"].(int)
	} else if ranges, err = numbers(s.head["Index"], -1); err != nil {
		return nil, err
	}
	size := 0
	for _, w := range widths {
		if w > 4 {
			return nil, errTable
		}
		size += w
	}
	for i := 0; i+1 < len(ranges); i += 2 {
		first, n := ranges[i], ranges[i+1]
		if first > maxObjects || n > maxObjects || size == 0 || n*size > len(rows) {
			return nil, errTable
		}
		for k := range n {
			r.note(first+k, placeOf(rows[k*size:], widths))
		}
		rows = rows[n*size:]
	}
	return s.head, nil
}

// placeOf reads an entry of a cross-reference stream. What the place of an object within a stream says is not needed: the
// stream lists its objects by their numbers.
func placeOf(row []byte, widths []int) place {
	var fields [3]int
	for i, w := range widths {
		for _, b := range row[:w] {
			fields[i] = fields[i]<<8 | int(b)
		}
		row = row[w:]
	}
	if widths[0] == 0 {
		fields[0] = int(entryAt) // Table 17
	}
	switch kind := entryKind(min(fields[0], 255)); kind {
	case entryAt, entryWithin:
		return place{kind, fields[1]}
	}
	return place{} // free, or of a kind to come, which is null (§7.5.8.3)
}

// numbers reads a list of whole numbers that are not negative: n of them, or an even number where n is −1.
func numbers(o any, n int) ([]int, error) {
	list, ok := o.([]any)
	if !ok || n >= 0 && len(list) != n || n < 0 && len(list)%2 != 0 {
		return nil, errTable
	}
	out := make([]int, len(list))
	for i, o := range list {
		v, ok := o.(int)
		if !ok || v < 0 {
			return nil, errTable
		}
		out[i] = v
	}
	return out, nil
}

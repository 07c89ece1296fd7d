package pdf

// writeObjects writes the object stream (ISO 32000-1 §7.5.7): the numbers and places of the loose objects, then the
// objects themselves.
func (w *Writer) writeObjects() (Ref, error) {
	b := &w.scratch
	b.Reset()
	b.B = append(append(b.B, w.listed.B...), w.loose.B...)
	packed, err := w.Pack(b.B)
	if err != nil {
		return 0, err
	}
	r := w.Reserve()
	w.Open(r)
	w.Raw("<</Type/ObjStm/N ")
	w.Int(w.n)
	w.Raw("/First ")
	w.Int(len(w.listed.B))
	w.Stream(packed, true)
	w.Close()
	return r, nil
}

// entryKind is the kind of an entry of a cross-reference stream (§7.5.8.3).
type entryKind uint8

const (
	entryFree   entryKind = iota
	entryAt               // an offset
	entryWithin           // the number of an object stream, and a place in it
)

// writeReferences writes the cross-reference stream (§7.5.8), which is the trailer too, and the end of the file. An entry
// is a byte for its kind, an offset or a number, and the place in the object stream; it is not packed, since offsets have
// nothing in common and the others take no more than what says how they are packed.
func (w *Writer) writeReferences(objects, root, info Ref, id []byte) {
	self := w.Reserve()
	start := len(w.B)
	w.places[self-1] = place{entryAt, start}
	wide, many := bytesOf(max(start, int(objects))), bytesOf(w.n)
	b := &w.scratch
	b.Reset()
	entry := func(kind entryKind, v, place int) {
		b.B = append(b.B, byte(kind))
		b.bytes(v, wide)
		b.bytes(place, many)
	}
	entry(entryFree, 0, 0)
	for _, p := range w.places {
		if p.kind == entryWithin {
			entry(p.kind, int(objects), p.at)
		} else {
			entry(p.kind, p.at, 0)
		}
	}
	w.Open(self)
	w.Raw("<</Type/XRef/Size ")
	w.Int(len(w.places) + 1)
	w.Raw("/W[1 ")
	w.Int(wide)
	w.Raw(" ")
	w.Int(many)
	w.Raw("]/Root ")
	w.Ref(root)
	w.Raw("/Info ")
	w.Ref(info)
	w.Raw("/ID[<")
	w.hex(id)
	w.Raw("><")
	w.hex(id)
	w.Raw(">]")
	w.Stream(b.B, false)
	w.Close()
	w.Raw("startxref\n")
	w.Int(start)
	w.Raw("\n%%EOF\n")
}

// bytesOf is how many bytes a number takes.
func bytesOf(v int) int {
	n := 1
	for v >>= 8; v > 0; v >>= 8 {
		n++
	}
	return n
}

// bytes appends the last n bytes of a number, the highest first.
func (b *Buffer) bytes(v, n int) {
	for n--; n >= 0; n-- {
		b.B = append(b.B, byte(v>>(8*n)))
	}
}

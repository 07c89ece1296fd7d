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
// is a byte for its kind, three for an offset or a number and two for the place in the object stream; as differences from
// the entry above (§7.4.4.4) they are mostly zeros.
func (w *Writer) writeReferences(objects, root, info Ref, id []byte) error {
	const columns = 6
	self := w.Reserve()
	start := len(w.B)
	w.places[self-1] = place{entryAt, start}
	b := &w.scratch
	b.Reset()
	var above [columns]byte
	entry := func(kind entryKind, v, place int) {
		row := [columns]byte{byte(kind), byte(v >> 16), byte(v >> 8), byte(v), byte(place >> 8), byte(place)}
		b.B = append(b.B, 2) // PNG's filter Up
		for i, c := range row {
			b.B = append(b.B, c-above[i])
		}
		above = row
	}
	entry(entryFree, 0, 0)
	for _, p := range w.places {
		if p.kind == entryWithin {
			entry(p.kind, int(objects), p.at)
		} else {
			entry(p.kind, p.at, 0)
		}
	}
	packed, err := w.Pack(b.B)
	if err != nil {
		return err
	}
	w.Open(self)
	w.Raw("<</Type/XRef/Size ")
	w.Int(len(w.places) + 1)
	w.Raw("/W[1 3 2]/Root ")
	w.Ref(root)
	w.Raw("/Info ")
	w.Ref(info)
	w.Raw("/ID[<")
	w.hex(id)
	w.Raw("><")
	w.hex(id)
	w.Raw(">]/DecodeParms<</Predictor 12/Columns 6>>")
	w.Stream(packed, true)
	w.Close()
	w.Raw("startxref\n")
	w.Int(start)
	w.Raw("\n%%EOF\n")
	return nil
}

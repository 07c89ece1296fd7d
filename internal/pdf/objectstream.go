package pdf

import "fmt"

// objectStream is an object stream, unpacked (ISO 32000-1 §7.5.7).
type objectStream struct {
	data    []byte
	offsets map[int]int // in data, by the objects' numbers
	reading bool        // it is being read: whoever needs it now goes in a circle
}

// within reads an object out of the stream that its place names.
func (r *reader) within(p place, number int) (any, error) {
	s, err := r.objects(p.at)
	if err != nil {
		return nil, err
	}
	at, ok := s.offsets[number]
	if !ok {
		return nil, fmt.Errorf("%w: object %d is not in the stream %d that should hold it", ErrFormat, number, p.at)
	}
	in := parser{data: s.data, at: at}
	o, err := in.object(0)
	if r.room -= in.at - at; err == nil && r.room < 0 { // a large one may be asked for many times
		return nil, fmt.Errorf("%w: there is more than %d bytes to read before the attachment", ErrFormat, maxUnpacked)
	}
	return o, err
}

// objects gives an object stream by its number.
func (r *reader) objects(number int) (*objectStream, error) {
	if s := r.streams[number]; s != nil {
		if s.reading {
			return nil, fmt.Errorf("%w: the object stream %d cannot be read without itself", ErrFormat, number)
		}
		return s, nil
	}
	if len(r.streams) >= maxStreams {
		return nil, fmt.Errorf("%w: more than %d object streams", ErrFormat, maxStreams)
	}
	out := &objectStream{reading: true}
	r.streams[number] = out
	s, err := r.stream(reference(number))
	if err != nil {
		return nil, err
	}
	n, ok1 := s.head["N"].(int)
	first, ok2 := s.head["First"].(int)
	if s.head["Type"] != name("ObjStm") || !ok1 || !ok2 || n < 0 || n > maxObjects || first < 0 {
		return nil, fmt.Errorf("%w: %d is no object stream", ErrFormat, number)
	}
	if out.data, err = r.unpack(s); err != nil {
		return nil, err
	}
	if err := out.list(n, first); err != nil {
		return nil, err
	}
	out.reading = false
	return out, nil
}

// list reads where the objects lie.
func (s *objectStream) list(n, first int) error {
	s.offsets = map[int]int{}
	p := parser{data: s.data[:min(first, len(s.data))]}
	for range n {
		number, ok1 := p.integer()
		at, ok2 := p.integer()
		if _, twice := s.offsets[number]; !ok1 || !ok2 || at < 0 || at > len(s.data)-first || twice {
			return fmt.Errorf("%w: an object stream's list is damaged", ErrFormat)
		}
		s.offsets[number] = first + at
	}
	return nil
}

package pdf

import "fmt"

func (r *reader) dict(o any) (dict, error) {
	o, err := r.resolve(o)
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
	o, err := r.resolve(o)
	if err != nil || o == nil {
		return nil, err
	}
	a, ok := o.([]any)
	if !ok {
		return nil, fmt.Errorf("%w: something stands where a list belongs", ErrFormat)
	}
	return a, nil
}

// resolve follows references.
func (r *reader) resolve(o any) (object any, err error) {
	for range 8 {
		n, ok := o.(reference)
		if !ok {
			return o, nil
		}
		switch p := r.places[int(n)]; p.kind {
		case entryFree:
			return nil, nil // a missing object is null (§7.3.10)
		case entryWithin:
			o, err = r.within(p, int(n))
		default:
			var at parser
			if at, err = r.open(int(n), p.at); err == nil {
				o, err = at.object(0)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: references go in a circle", ErrFormat)
}

// open finds the object of a number at its offset.
func (r *reader) open(n, at int) (parser, error) {
	p := parser{data: r.file, at: at}
	if at <= 0 || at >= len(r.file) {
		return p, fmt.Errorf("%w: object %d is not in it", ErrFormat, n)
	}
	number, ok1 := p.integer()
	_, ok2 := p.integer()
	if !ok1 || !ok2 || number != n || !p.word("obj") {
		return p, fmt.Errorf("%w: object %d is not where it should be", ErrFormat, n)
	}
	return p, nil
}

// stream finds a stream, which is never within another (§7.5.7).
func (r *reader) stream(o any) (*stream, error) {
	n, ok := o.(reference)
	p := r.places[int(n)]
	if !ok || p.kind != entryAt {
		return nil, fmt.Errorf("%w: something stands where a stream belongs", ErrFormat)
	}
	at, err := r.open(int(n), p.at)
	if err != nil {
		return nil, err
	}
	return r.streamAt(&at)
}

// streamAt reads a stream whose dictionary comes next.
func (r *reader) streamAt(p *parser) (*stream, error) {
	o, err := p.object(0)
	if err != nil {
		return nil, err
	}
	head, ok := o.(dict)
	if !ok || !p.streamStart() {
		return nil, fmt.Errorf("%w: something stands where a stream belongs", ErrFormat)
	}
	size, err := r.resolve(head["Length"])
	if err != nil {
		return nil, err
	}
	n, ok := size.(int)
	if !ok || n < 0 || n > len(r.file)-p.at {
		return nil, fmt.Errorf("%w: a stream breaks off", ErrFormat)
	}
	s := &stream{head: head, data: r.file[p.at : p.at+n]}
	return s, s.readFilter()
}

// unpack gives the data of a stream that leads to the attachment. How much of such data is unpacked of a file is bounded.
func (r *reader) unpack(s *stream) ([]byte, error) {
	out, err := s.unpack(r.room)
	r.room -= len(out)
	return out, err
}

package pdf

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"
)

// stream is a stream of a file that is read.
type stream struct {
	head   dict
	data   []byte // as it lies in the file
	packed bool
	up     int // the length of rows that are differences from the row above (§7.4.4.4); 0: there are none
}

var errPacked = fmt.Errorf("%w: it is packed in a way that is not understood; take the file as it was issued", ErrFormat)

// readFilter reads how a stream is packed: not at all, or deflated, perhaps by PNG's filters.
func (s *stream) readFilter() error {
	filter, parameters := only(s.head["Filter"]), only(s.head["DecodeParms"])
	switch filter {
	case nil:
		return nil
	case name("FlateDecode"):
		s.packed = true
	default:
		return errPacked
	}
	p, ok := parameters.(dict)
	if parameters == nil || ok && (p["Predictor"] == nil || p["Predictor"] == 1) {
		return nil
	}
	predictor, _ := p["Predictor"].(int)
	columns, _ := p["Columns"].(int)
	if predictor < 10 || predictor > 15 || columns < 1 || columns > 64 || p["Colors"] != nil && p["Colors"] != 1 || p["BitsPerComponent"] != nil && p["BitsPerComponent"] != 8 {
		return errPacked
	}
	s.up = columns
	return nil
}

// only takes the one object of a list, as filters may be written.
func only(o any) any {
	if list, ok := o.([]any); ok && len(list) == 1 {
		return list[0]
	}
	return o
}

// unpack gives a stream's data, most bytes of them at the most.
func (s *stream) unpack(most int) ([]byte, error) {
	if len(s.data) > most {
		return nil, fmt.Errorf("%w: a stream has more than %d bytes", ErrFormat, most)
	}
	if !s.packed {
		return bytes.Clone(s.data), nil
	}
	z, err := zlib.NewReader(bytes.NewReader(s.data))
	if err != nil {
		return nil, fmt.Errorf("%w: a stream is damaged: %v", ErrFormat, err)
	}
	out, err := io.ReadAll(io.LimitReader(z, int64(most)+1))
	if err != nil || len(out) > most {
		return nil, fmt.Errorf("%w: a stream is damaged, or has more than %d bytes", ErrFormat, most)
	}
	if s.up > 0 {
		return unfilter(out, s.up)
	}
	return out, nil
}

// unfilter undoes PNG's filters None, Sub and Up, which are all that rows of whole numbers are written with.
func unfilter(rows []byte, columns int) ([]byte, error) {
	out := make([]byte, 0, len(rows))
	above := make([]byte, columns)
	for ; len(rows) > columns; rows = rows[columns+1:] {
		filter, row := rows[0], rows[1:columns+1]
		if filter > 2 {
			return nil, errPacked
		}
		for i := range row {
			switch {
			case filter == 1 && i > 0:
				row[i] += row[i-1]
			case filter == 2:
				row[i] += above[i]
			}
		}
		out, above = append(out, row...), row
	}
	return out, nil
}

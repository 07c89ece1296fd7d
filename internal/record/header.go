package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// header is what a bbolt file says of itself: two meta pages at its start, written in turn, of which the newer good
// one counts. bbolt falls back to the older one without a word, which after a crash is right (the commit was never
// answered) and after damage is a lost commit; and it maps the file as long as the meta page says, so that reading
// behind a lost end ends the process. Both are worth a look before.
type header struct {
	size int64 // of the file
	used int64 // bytes that its pages take up, by the newest good meta page
	good int   // meta pages that fit their checksum, of two
}

// The layout of bbolt's meta page behind the 16 bytes of its page header, in the machine's byte order.
const (
	pageHeaderSize = 16
	metaSize       = 64
	metaMagic      = 0xED0CDAED
	metaVersion    = 2
)

type meta struct{ pageSize, pages, tx uint64 }

// readHeader reads the header of the file at path. The error is ErrDamaged where no meta page is good.
func readHeader(path string) (header, error) {
	f, err := os.Open(path)
	if err != nil {
		return header{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return header{}, err
	}
	h := header{size: info.Size()}
	var newest meta
	// The second page starts where the first one says; if that is not to be read, at the system's page size.
	first, ok := readMeta(f, 0)
	at := int64(os.Getpagesize())
	if ok {
		h.good, newest, at = 1, first, int64(first.pageSize)
	}
	if second, ok := readMeta(f, at); ok {
		if h.good++; h.good == 1 || second.tx > newest.tx {
			newest = second
		}
	}
	if h.good == 0 {
		return h, fmt.Errorf("%s: %w: it does not begin like a file of records; restore a backup", path, ErrDamaged)
	}
	h.used = int64(newest.pages * newest.pageSize)
	return h, nil
}

func readMeta(f io.ReaderAt, at int64) (meta, bool) {
	var b [metaSize]byte
	if _, err := f.ReadAt(b[:], at+pageHeaderSize); err != nil {
		return meta{}, false
	}
	order := binary.NativeEndian
	sum := fnv.New64a()
	sum.Write(b[:metaSize-8])
	if order.Uint32(b[0:]) != metaMagic || order.Uint32(b[4:]) != metaVersion || order.Uint64(b[metaSize-8:]) != sum.Sum64() {
		return meta{}, false
	}
	return meta{pageSize: uint64(order.Uint32(b[8:])), pages: order.Uint64(b[40:]), tx: order.Uint64(b[48:])}, true
}

// check refuses a file that would end the process that reads it.
func (h header) check(path string) error {
	if h.size < h.used {
		return fmt.Errorf("%s: %w: it has %d bytes and should have %d: its end is missing; restore a backup", path, ErrDamaged, h.size, h.used)
	}
	return nil
}

// problems says what is wrong with a file whose last known size was noted; a snapshot ends where its pages do.
func (h header) problems(noted int64) (all []error) {
	if h.good < 2 {
		all = append(all, errors.New("one of the two pages at its start is damaged: the last commit may be lost; restore a backup, or go on with certd serve if the machine has just crashed"))
	}
	if h.size < noted && h.size != h.used {
		all = append(all, fmt.Errorf("it has %d bytes and had %d: its end is missing, of which nothing was in use; copy the file anew", h.size, noted))
	}
	return all
}

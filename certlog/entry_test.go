package certlog

import (
	"bytes"
	"errors"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

func sampleEntry(i int) Entry {
	e := Entry{Kind: Issue, Time: 1_772_330_584_000 + int64(i), List: NoList, Index: NoList}
	e.Digest[0], e.Digest[31] = byte(i), byte(i>>8)
	return e
}

func TestAnEntryIsFiftyBytesInTheWrittenOrder(t *testing.T) {
	e := Entry{Kind: Revoke, Time: 0x0102030405060708, List: 0x0a0b0c0d, Index: 0x10111213}
	for i := range e.Digest {
		e.Digest[i] = 0xee
	}
	want := append([]byte{1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 0x0a, 0x0b, 0x0c, 0x0d, 0x10, 0x11, 0x12, 0x13}, bytes.Repeat([]byte{0xee}, 32)...)
	if got := e.Append(nil); !bytes.Equal(got, want) {
		t.Fatalf("got  %x\nwant %x", got, want)
	}
}

func TestBytesThatAreNoEntryAreRefused(t *testing.T) {
	good := sampleEntry(1).Append(nil)
	change := func(at int, to byte) []byte {
		b := bytes.Clone(good)
		b[at] = to
		return b
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "a byte short": good[:49], "a byte long": append(bytes.Clone(good), 0),
		"another version": change(0, 2), "kind 0": change(1, 0), "kind 8": change(1, 8), "a negative time": change(2, 0x80),
	} {
		if _, err := ParseEntry(b); !errors.Is(err, ErrEntry) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzWhatParsesAsAnEntryIsWrittenTheSame(f *testing.F) {
	f.Add(sampleEntry(3).Append(nil))
	f.Add([]byte{1, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseEntry(b)
		if err == nil && !bytes.Equal(e.Append(nil), b) {
			t.Fatalf("%x came back as %x", b, e.Append(nil))
		}
	})
}

// hashes is a whole tree in tlog's own storage order, the judge of ours.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = h[x]
	}
	return out, nil
}

func TestTheRootIsThatOfTheWholeTreeAtEverySize(t *testing.T) {
	var ours Tree
	var all hashes
	for i := range 1001 {
		want, err := tlog.TreeHash(int64(i), all)
		if err != nil {
			t.Fatal(err)
		}
		if got := ours.Head(); got.Hash != want || got.Size != int64(i) {
			t.Fatalf("size %d: root %v, want %v", i, got.Hash, want)
		}
		e := sampleEntry(i)
		more, err := tlog.StoredHashes(int64(i), e.Append(nil), all)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, more...)
		if at := ours.Append(e); at != int64(i) {
			t.Fatalf("entry %d went to index %d", i, at)
		}
		back, err := ParseTree(ours.Marshal())
		if err != nil || !back.Head().Same(ours.Head()) {
			t.Fatalf("size %d: read back as %v, %v", i+1, back, err)
		}
	}
}

func TestACloneGrowsApart(t *testing.T) {
	var a Tree
	for i := range 7 {
		a.Append(sampleEntry(i))
	}
	before := a.Head()
	b := a.Clone()
	b.Append(sampleEntry(7))
	if !a.Head().Same(before) || b.Head().Same(before) {
		t.Fatal("the clone changed the original, or did not grow")
	}
}

func TestBytesThatAreNoTreeAreRefused(t *testing.T) {
	var tree Tree
	tree.Append(sampleEntry(0))
	good := tree.Marshal()
	for name, b := range map[string][]byte{"nothing": nil, "a root missing": good[:8], "a root too many": append(bytes.Clone(good), make([]byte, 32)...)} {
		if _, err := ParseTree(b); !errors.Is(err, ErrTree) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

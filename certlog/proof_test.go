package certlog

import (
	"bytes"
	"errors"
	"testing"
)

// proven is the proof of an entry in a log of a size.
func proven(t testing.TB, k keys, size, index int) *Proof {
	t.Helper()
	edge, s := grown(t, size)
	head := edge.Tree().Head()
	head.Checkpoint = k.sign(t, head)
	c, err := OpenCheckpoint(head.Checkpoint, k.log)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Prove(sampleEntry(index), int64(index), c, NewHashes(c.Size, s.read))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAProofIsVerifiedFromItsBytesAlone(t *testing.T) {
	k := testKeys(t, 1)
	for _, at := range [][2]int{{1, 0}, {2, 1}, {256, 17}, {257, 256}, {1000, 0}} {
		p, err := ParseProof(proven(t, k, at[0], at[1]).Marshal())
		if err != nil {
			t.Fatal(err)
		}
		c, err := p.Verify(k.log, k.cosigner)
		if err != nil || c.Size != int64(at[0]) || p.Index != int64(at[1]) || p.Entry != sampleEntry(at[1]) || !c.CosignedBy(testOrigin+"/cosigner").Equal(cosignedTime) {
			t.Errorf("entry %d of %d: %+v, %+v, %v", at[1], at[0], p, c, err)
		}
	}
}

// There is one byte string for a proof: whatever is changed in it, it is refused.
func TestAProofWithAnyByteChangedIsRefused(t *testing.T) {
	k := testKeys(t, 1)
	good := proven(t, k, 300, 17).Marshal()
	end := bytes.LastIndex(good, []byte("— ")) // the cosignature may go without harm
	for at := range good[:end] {
		bad := bytes.Clone(good)
		bad[at] ^= 1
		p, err := ParseProof(bad)
		if err != nil {
			if !errors.Is(err, ErrInclusion) {
				t.Fatalf("byte %d: %v", at, err)
			}
			continue
		}
		if _, err := p.Verify(k.log); !errors.Is(err, ErrInclusion) && !errors.Is(err, ErrCheckpoint) {
			t.Fatalf("byte %d changed: %v\n%s", at, err, bad)
		}
	}
}

func TestAProofByAnotherLogIsRefused(t *testing.T) {
	p := proven(t, testKeys(t, 2), 10, 3)
	if _, err := p.Verify(testKeys(t, 1).log); !errors.Is(err, ErrCheckpoint) {
		t.Error(err)
	}
}

func FuzzWhatParsesAsAProofIsWrittenTheSame(f *testing.F) {
	f.Add(proven(f, testKeys(f, 1), 300, 17).Marshal())
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseProof(b)
		if err == nil && !bytes.Equal(p.Marshal(), b) {
			t.Fatalf("%q came back as %q", b, p.Marshal())
		}
	})
}

// go test -bench Proof ./certlog prints what a proof costs, and how many bytes it has.
func BenchmarkProof(b *testing.B) {
	k := testKeys(b, 1)
	data := proven(b, k, 70_000, 12_345).Marshal()
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			p, err := ParseProof(data)
			if err == nil {
				_, err = p.Verify(k.log, k.cosigner)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(data)), "bytes")
	})
}

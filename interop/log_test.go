package interop

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path"
	"testing"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"laurel/certlog"
)

// tiled is a log that grows in a folder, which certgen serve serves.
type tiled struct {
	t       *testing.T
	dir     string
	origin  string
	secrets certlog.Secrets
	edge    certlog.Edge
}

func logEntry(i int64) certlog.Entry {
	e := certlog.Entry{Kind: certlog.Issue, Time: 1_772_330_584_000 + i, List: certlog.NoList, Index: certlog.NoList}
	binary.BigEndian.PutUint64(e.Digest[:], uint64(i))
	return e
}

func (s *tiled) put(tile certlog.Tile, data []byte) error {
	write(s.t, data, s.dir, "log", path.Clean(tile.Path()))
	return nil
}

// grow publishes the log at a size.
func (s *tiled) grow(size int64) *certlog.Checkpoint {
	s.t.Helper()
	for i := s.edge.Size(); i < size; i++ {
		if err := s.edge.Append(logEntry(i), s.put); err != nil {
			s.t.Fatal(err)
		}
	}
	for tile, data := range s.edge.Partial() {
		s.put(tile, data)
	}
	head := s.edge.Tree().Head()
	signed, err := certlog.SignCheckpoint(s.origin, head, certlog.NewSigner(s.origin, s.secrets.Log),
		certlog.NewCosigner(s.origin+"/cosigner", s.secrets.Cosigner, time.Unix(1_772_330_600+size, 0)))
	if err != nil {
		s.t.Fatal(err)
	}
	write(s.t, signed, s.dir, "log", "checkpoint")
	head.Checkpoint = signed
	return &certlog.Checkpoint{Origin: s.origin, Head: head}
}

// An independent client of tiled logs reads ours as any other: who signed the checkpoint and when, that each size grew
// from the one before, every entry, and that each is included.
func TestAnIndependentClientVerifiesTheLog(t *testing.T) {
	dir := t.TempDir()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	s := &tiled{t: t, dir: dir, origin: "certs.example.org/log"}
	if s.secrets, err = certlog.DeriveSecrets(bytes.Repeat([]byte{5}, 32)); err != nil {
		t.Fatal(err)
	}
	logKey, err := note.NewVerifier(certlog.VerifierKey(s.origin, s.secrets.Log.Public().(ed25519.PublicKey)))
	if err != nil {
		t.Fatal(err)
	}
	cosigner, err := torchwood.NewCosignatureVerifier(certlog.CosignerKey(s.origin+"/cosigner", s.secrets.Cosigner.Public().(ed25519.PublicKey)))
	if err != nil {
		t.Fatal(err)
	}
	policy := torchwood.ThresholdPolicy(3, torchwood.OriginPolicy(s.origin), torchwood.SingleVerifierPolicy(logKey), torchwood.SingleVerifierPolicy(cosigner))
	s.grow(0)
	serve(t, dir, port)
	base := fmt.Sprintf("http://127.0.0.1:%d/log/", port)
	fetcher, err := torchwood.NewTileFetcher(base, torchwood.WithTilePath(torchwood.TilePath), torchwood.WithTileFetcherLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	client, err := torchwood.NewClient(fetcher)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	var last tlog.Tree
	for _, size := range []int64{1, 255, 256, 257, 65_536, 70_000} {
		ours := s.grow(size)
		checkpoint, signed, err := torchwood.VerifyCheckpoint(fetch(t, base+"checkpoint"), policy)
		if err != nil || checkpoint.N != size || checkpoint.Extension != "" {
			t.Fatalf("size %d: checkpoint %+v, %v", size, checkpoint, err)
		}
		if at, err := torchwood.CosignatureTimestamp(signed.Sigs[1]); err != nil || at != 1_772_330_600+size {
			t.Errorf("size %d: cosigned at %d, %v", size, at, err)
		}
		isConsistent(t, ctx, fetcher, last, checkpoint.Tree)
		hashes := certlog.NewHashes(size, func(tile certlog.Tile) ([]byte, error) { return fetch(t, base+tile.Path()), nil })
		for _, index := range []int64{0, size / 2, size - 1} {
			data, proof, err := client.Entry(ctx, checkpoint.Tree, index)
			if err != nil || !bytes.Equal(data, logEntry(index).Append(nil)) {
				t.Fatalf("entry %d of %d: %x, %v", index, size, data, err)
			}
			p, err := certlog.Prove(logEntry(index), index, ours, hashes)
			if err != nil || fmt.Sprint(p.Path) != fmt.Sprint(proof) {
				t.Errorf("entry %d of %d: our proof is another, %v", index, size, err)
				continue
			}
			isOfflineProof(t, policy, p.Marshal(), index)
		}
		next := last.N
		for index, data := range client.AllEntries(ctx, checkpoint.Tree, last.N) {
			if index != next || !bytes.Equal(data, logEntry(index).Append(nil)) {
				t.Fatalf("entry %d of %d: %x", index, size, data)
			}
			next++
		}
		if err := client.Err(); err != nil || next != size {
			t.Errorf("size %d: read up to %d, %v", size, next, err)
		}
		last = checkpoint.Tree
	}
}

// isConsistent has the client prove that one tree grew from another.
func isConsistent(t *testing.T, ctx context.Context, tiles torchwood.TileReader, from, to tlog.Tree) {
	t.Helper()
	if from.N == 0 || from.N == to.N {
		return
	}
	proof, err := tlog.ProveTree(to.N, from.N, torchwood.TileHashReaderWithContext(ctx, to, tiles))
	if err != nil {
		t.Fatalf("from %d to %d: %v", from.N, to.N, err)
	}
	if err := tlog.CheckTree(proof, to.N, to.Hash, from.N, from.Hash); err != nil {
		t.Errorf("from %d to %d: %v", from.N, to.N, err)
	}
}

// isOfflineProof has the client verify a tlog-proof, with the entry from its own extra line.
func isOfflineProof(t *testing.T, policy torchwood.Policy, proof []byte, index int64) {
	t.Helper()
	extra, err := torchwood.ProofExtraData(proof)
	if err != nil || !bytes.Equal(extra, logEntry(index).Append(nil)) {
		t.Fatalf("extra data %x, %v", extra, err)
	}
	if err := torchwood.VerifyProof(policy, tlog.RecordHash(extra), proof); err != nil {
		t.Errorf("entry %d: %v\n%s", index, err, proof)
	}
	if err := torchwood.VerifyProof(policy, tlog.RecordHash(extra[1:]), proof); err == nil {
		t.Errorf("entry %d: the proof holds for another entry", index)
	}
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, r.Status, err)
	}
	return data
}

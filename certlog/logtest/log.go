// Package logtest is a whole small log in memory, for tests of what reads one.
package logtest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"maps"
	"time"

	"laurel/certlog"
)

// Log grows by Append and is seen by others as of the last Publish.
type Log struct {
	Origin  string
	Secrets certlog.Secrets

	entries    []certlog.Entry
	edge       certlog.Edge
	files      map[string][]byte
	checkpoint *certlog.Checkpoint
}

// New makes an empty log, whose keys follow from its origin.
func New(origin string) *Log {
	seed := sha256.Sum256([]byte("logtest " + origin))
	secrets, err := certlog.DeriveSecrets(seed[:])
	if err != nil {
		panic(err)
	}
	return &Log{Origin: origin, Secrets: secrets, files: map[string][]byte{}}
}

// Fork returns a copy of the log that grows apart from it.
func (l *Log) Fork() *Log {
	other := New(l.Origin)
	for _, e := range l.entries {
		other.Append(e)
	}
	return other
}

// Key and Cosigner are the log's verifier keys.
func (l *Log) Key() string {
	return certlog.VerifierKey(l.Origin, l.Secrets.Log.Public().(ed25519.PublicKey))
}

func (l *Log) Cosigner() string {
	return certlog.CosignerKey(l.Origin+"/cosigner", l.Secrets.Cosigner.Public().(ed25519.PublicKey))
}

// Append adds an entry and returns its index.
func (l *Log) Append(e certlog.Entry) int64 {
	l.entries = append(l.entries, e)
	l.edge.Append(e, l.put) // a map takes everything
	return l.edge.Size() - 1
}

// Size is how many entries it has.
func (l *Log) Size() int64 { return l.edge.Size() }

func (l *Log) put(t certlog.Tile, data []byte) error {
	l.files[t.Path()] = bytes.Clone(data)
	return nil
}

// Publish signs what is there as of a time.
func (l *Log) Publish(at time.Time) {
	for t, data := range l.edge.Partial() {
		l.put(t, data)
	}
	head := l.edge.Tree().Head()
	signed, err := certlog.SignCheckpoint(l.Origin, head, certlog.NewSigner(l.Origin, l.Secrets.Log), certlog.NewCosigner(l.Origin+"/cosigner", l.Secrets.Cosigner, at))
	if err != nil {
		panic(err)
	}
	head.Checkpoint = signed
	l.checkpoint = &certlog.Checkpoint{Origin: l.Origin, Head: head}
	l.files["checkpoint"] = signed
}

// Proof proves an entry as of the last Publish.
func (l *Log) Proof(index int64) []byte {
	hashes := certlog.NewHashes(l.checkpoint.Size, certlog.Tiles(func(path string) ([]byte, error) { return l.files[path], nil }))
	p, err := certlog.Prove(l.entries[index], index, l.checkpoint, hashes)
	if err != nil {
		panic(err)
	}
	return p.Marshal()
}

// Files are the published files by their path below the log's prefix.
func (l *Log) Files() map[string][]byte { return maps.Clone(l.files) }

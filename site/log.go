package site

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"laurel/certlog"
	"laurel/credential"
)

// LogKeys are the keys by which a site's log is believed, in note format. They stand in site.json under "log".
type LogKeys struct {
	Key       string   // of the log; its name, which is the log's origin, is HOST/log
	Cosigner  string   // of the cosigner that the issuer runs itself
	Witnesses []string // of cosigners that others run
}

// LogOrigin is the origin of the log of a site.
func LogOrigin(host string) string { return host + "/log" }

// Fields are the keys as they stand in site.json.
func (k LogKeys) Fields() map[string]any {
	witnesses := []any{}
	for _, w := range k.Witnesses {
		witnesses = append(witnesses, w)
	}
	return map[string]any{"key": k.Key, "cosigner": k.Cosigner, "witnesses": witnesses}
}

// String gives the keys as pages carry them, by spaces: the log's, its cosigner's, the witnesses'.
func (k LogKeys) String() string {
	return strings.Join(append([]string{k.Key, k.Cosigner}, k.Witnesses...), " ")
}

// Equal reports whether two sets of keys are the same.
func (k LogKeys) Equal(o LogKeys) bool {
	return k.Key == o.Key && k.Cosigner == o.Cosigner && slices.Equal(k.Witnesses, o.Witnesses)
}

func parseLogKeys(field any, host string) (k LogKeys, err error) {
	fields, _ := field.(map[string]any)
	k.Key, _ = fields["key"].(string)
	k.Cosigner, _ = fields["cosigner"].(string)
	witnesses, ok := fields["witnesses"].([]any)
	for _, w := range witnesses {
		text, isText := w.(string)
		ok = ok && isText
		k.Witnesses = append(k.Witnesses, text)
	}
	if k.Key == "" || k.Cosigner == "" || !ok {
		return k, errors.New("no log with key, cosigner and witnesses; export the tree anew with certd export")
	}
	log, _, err := k.verifiers()
	if err == nil && log.Name() != LogOrigin(host) {
		err = fmt.Errorf("its log is %s, not %s", log.Name(), LogOrigin(host))
	}
	return k, err
}

// verifiers reads the keys: the log's own, then all cosigners'.
func (k LogKeys) verifiers() (log note.Verifier, cosigners []note.Verifier, err error) {
	if log, err = certlog.ParseKey(k.Key); err != nil {
		return nil, nil, err
	}
	for _, text := range append([]string{k.Cosigner}, k.Witnesses...) {
		if text == "" {
			continue
		}
		v, err := certlog.ParseKey(text)
		if err != nil {
			return nil, nil, err
		}
		cosigners = append(cosigners, v)
	}
	return log, cosigners, nil
}

// Log is a log to look certificates up in.
type Log struct {
	log       note.Verifier
	cosigners []note.Verifier
	own       string // name of the issuer's own cosigner; "": not known
	file      func(path string) ([]byte, error)
	proof     func(c *credential.Credential) ([]byte, error)
}

// ErrNotLogged says that there is no inclusion proof for a certificate.
var ErrNotLogged = errors.New("the log has no record of it")

// errNoCheckpoint says that only the proofs themselves are at hand.
var errNoCheckpoint = errors.New("no current checkpoint is at hand")

// OpenLog believes the keys given; the cosigners' may be missing. file reads from a tree by path, as "log/checkpoint",
// and proof the inclusion proof of a certificate; what is not there is fs.ErrNotExist, and a proof that is not there
// means that the certificate was not logged. Without a file, proofs count by themselves.
func OpenLog(k LogKeys, proof func(*credential.Credential) ([]byte, error), file func(path string) ([]byte, error)) (l *Log, err error) {
	l = &Log{proof: proof, file: file}
	if l.log, l.cosigners, err = k.verifiers(); err == nil && k.Cosigner != "" {
		l.own = l.cosigners[0].Name()
	}
	return l, err
}

// TreeLog is the log in a public tree.
func TreeLog(dir string, k LogKeys) (*Log, error) {
	file := TreeFile(dir)
	return OpenLog(k, func(c *credential.Credential) ([]byte, error) { return file(ProofPath(c.Number())) }, file)
}

// TreeFile reads documents of a public tree by their paths.
func TreeFile(dir string) func(path string) ([]byte, error) {
	return func(path string) ([]byte, error) { return readDocument(dir, path) }
}

// Logged is what a log says of a certificate.
type Logged struct {
	Index     int64                 `json:"index"`          // of its entry
	Time      time.Time             `json:"time"`           // of its entry
	Size      int64                 `json:"size"`           // of the largest checkpoint that it is shown to be in
	AsOf      time.Time             `json:"as_of,omitzero"` // when the issuer's cosigner last signed one
	Witnesses []certlog.Cosignature `json:"witnesses,omitempty"`
}

// Later returns the day of the entry, YYYY-MM-DD in the offset of the certificate's own dates, where it is after the
// day that the certificate bears; else "". So nobody mistakes a date that the issuer chose for the day of the record.
func (l *Logged) Later(c *credential.Credential) string {
	issued, err := time.Parse(time.RFC3339, c.ValidFrom)
	if err != nil {
		return ""
	}
	if day := l.Time.In(issued.Location()).Format(time.DateOnly); day > c.Issued() {
		return day
	}
	return ""
}

// Open reads a checkpoint of the log. The error is certlog.ErrCheckpoint where it is none.
func (l *Log) Open(signed []byte) (*certlog.Checkpoint, error) {
	return certlog.OpenCheckpoint(signed, l.log, l.cosigners...)
}

// Checkpoint reads the current checkpoint.
func (l *Log) Checkpoint() (*certlog.Checkpoint, error) {
	if l.file == nil {
		return nil, errNoCheckpoint
	}
	signed, err := l.file(CheckpointPath)
	if err != nil {
		return nil, err
	}
	return l.Open(signed)
}

// Tile reads a tile.
func (l *Log) Tile(t certlog.Tile) ([]byte, error) { return certlog.Tiles(l.below)(t) }

func (l *Log) below(path string) ([]byte, error) { return l.file(logPrefix + path) }

// refuted reports whether an error of Find contradicts the certificate, rather than leaving it open.
func refuted(err error) bool {
	return errors.Is(err, ErrNotLogged) || errors.Is(err, certlog.ErrInclusion)
}

// Find looks a certificate up, whose signature must have been verified: first by its own proof, then in the current
// checkpoint. A checkpoint that is smaller is an old copy and says nothing; one of the same size with another root, or
// a larger one without the entry, shows that the log was rewritten. The error is ErrNotLogged or certlog.ErrInclusion
// where the log contradicts the certificate; with any other it is not known.
func (l *Log) Find(c *credential.Credential) (*Logged, error) {
	p, err := l.proofOf(c)
	if err != nil {
		return nil, err
	}
	seen, err := p.Verify(l.log, l.cosigners...)
	if err != nil {
		return nil, fmt.Errorf("%w: its proof: %w", certlog.ErrInclusion, err)
	}
	if l.file != nil {
		if seen, err = l.follow(p, seen); err != nil {
			return nil, err
		}
	}
	found := &Logged{Index: p.Index, Time: time.UnixMilli(p.Entry.Time).UTC(), Size: seen.Size, AsOf: seen.CosignedBy(l.own)}
	for _, s := range seen.Cosigned {
		if s.Name != l.own {
			found.Witnesses = append(found.Witnesses, s)
		}
	}
	return found, nil
}

// proofOf reads the inclusion proof of a certificate, and that it is of this document; it does not verify it.
func (l *Log) proofOf(c *credential.Credential) (*certlog.Proof, error) {
	data, err := l.proof(c)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotLogged
	}
	if err != nil {
		return nil, err
	}
	p, err := certlog.ParseProof(data)
	if err != nil {
		return nil, err
	}
	if p.Entry.Kind != certlog.Issue || p.Entry.Digest != c.Digest() {
		return nil, fmt.Errorf("%w: entry %d records another document", certlog.ErrInclusion, p.Index)
	}
	return p, nil
}

// follow looks the entry of a proof up in the current checkpoint, and returns that, or the proof's own if it is larger.
func (l *Log) follow(p *certlog.Proof, proven *certlog.Checkpoint) (*certlog.Checkpoint, error) {
	now, err := l.Checkpoint()
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", CheckpointPath, err)
	case now.Size < proven.Size:
		return proven, nil
	case now.Size == proven.Size && now.Hash != proven.Hash:
		return nil, fmt.Errorf("%w: there are two different logs of %d entries", certlog.ErrInclusion, now.Size)
	case now.Size == proven.Size:
		return now, nil
	}
	if err := certlog.CheckIncluded(now.Head, p.Index, p.Entry.Hash(), l.Tile); err != nil {
		return nil, err
	}
	return now, nil
}

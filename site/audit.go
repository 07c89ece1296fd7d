package site

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"laurel/certlog"
	"laurel/credential"
)

// The kinds of findings of an Audit.
const (
	Forked     = "forked"      // there are two logs of one name
	RolledBack = "rolled back" // the log is shorter than it was
	Backdated  = "backdated"   // an entry or a signature bears a time at which it was not there
	Dropped    = "dropped"     // something recorded is not published
	Changed    = "changed"     // something published is not what was recorded
	Unrecorded = "unrecorded"  // something published was never recorded
	Unrevoked  = "unrevoked"   // a status list hides what the log says
	Unreadable = "unreadable"  // something is not there, or not the issuer's, so that it cannot be judged
)

// AuditFinding is one thing that an honest issuer would not have published.
type AuditFinding struct {
	Kind    string `json:"kind"`
	Path    string `json:"path"` // of the file that shows it
	Message string `json:"message"`
}

// String returns the finding in one line.
func (f AuditFinding) String() string { return f.Kind + ": " + f.Path + ": " + f.Message }

// auditTolerance is how far times of one event may lie apart: between signing and recording, and between recording and
// publishing a status.
const auditTolerance = 5 * time.Minute

// AuditSource is what an audit can read.
type AuditSource struct {
	// File returns a file of the tree by its path; one that is not there is fs.ErrNotExist.
	File func(path string) ([]byte, error)
	// Numbers are the certificates that are known to the auditor.
	Numbers []credential.Number
	// Whole says that Numbers are all that the tree has: then every entry must be explained by one of them.
	Whole bool
}

// AuditReport is what an audit looked at and found.
type AuditReport struct {
	Entries      int64          `json:"entries"`      // of the log
	New          int64          `json:"new"`          // since the last visit
	Certificates int            `json:"certificates"` // that were looked at
	AsOf         time.Time      `json:"as_of"`        // when the issuer's cosigner last signed
	Findings     []AuditFinding `json:"findings"`
}

// Audit plays the monitor: it reads what the log has recorded since the last visit, from the tiles, and holds the tree
// against it. last is what the visit before returned, nil for a first one. The state that it returns is that of the new
// visit, or last again where the log itself cannot be followed. The error is for a source that cannot be read; what is
// wrong with what it holds is in the report.
func Audit(ctx context.Context, source AuditSource, last *AuditState) (AuditReport, *AuditState, error) {
	a := &auditor{source: source, last: last, report: AuditReport{Findings: []AuditFinding{}}}
	if last == nil {
		a.last = &AuditState{}
	}
	next, err := a.run(ctx)
	if next == nil || err != nil {
		next = last
	}
	return a.report, next, err
}

type auditor struct {
	source  AuditSource
	last    *AuditState
	site    *siteState
	keys    credential.Keys
	history *credential.History
	version [32]byte // digest of keys.json
	log     *Log
	now     *certlog.Checkpoint
	state   *AuditState
	issues  map[[32]byte]int64 // issue entries by digest; nil unless all entries are read
	erased  int                // certificates of which a statement says so
	report  AuditReport
}

func (a *auditor) find(kind, path, format string, args ...any) {
	a.report.Findings = append(a.report.Findings, AuditFinding{kind, path, fmt.Sprintf(format, args...)})
}

func (a *auditor) run(ctx context.Context) (*AuditState, error) {
	if ok, err := a.issuer(); !ok || err != nil {
		return nil, err
	}
	if ok, err := a.checkpoint(); !ok || err != nil {
		return nil, err
	}
	if ok, err := a.grow(ctx); !ok || err != nil {
		return nil, err
	}
	if err := a.keyHistory(); err != nil {
		return nil, err
	}
	if err := a.lists(); err != nil {
		return nil, err
	}
	return a.state, a.certificates(ctx)
}

// read reads a file that must be there; where it is not, that is found.
func (a *auditor) read(path string) ([]byte, bool, error) {
	data, err := a.source.File(path)
	if errors.Is(err, fs.ErrNotExist) {
		a.find(Unreadable, path, "it is not there")
		return nil, false, nil
	}
	return data, err == nil, err
}

// issuer reads who issues and whose log it is. Neither may change between visits.
func (a *auditor) issuer() (ok bool, err error) {
	var data [3][]byte
	for i, path := range []string{DIDPath, SettingsPath, KeysPath} {
		if data[i], ok, err = a.read(path); !ok {
			return false, err
		}
	}
	if a.site, err = newSiteState(data[0], data[1]); err != nil {
		a.find(Unreadable, SettingsPath, "%v", err)
		return false, nil
	}
	if a.history, err = credential.ParseHistory(data[2], a.site.keys); err != nil {
		a.find(Unreadable, KeysPath, "%v", err)
		return false, nil
	}
	if a.version, err = credential.Digest(data[2]); err != nil {
		return false, err
	}
	a.keys = a.history.Restrict(a.site.keys)
	if a.last.LogKey != "" && a.last.LogKey != a.site.Log.Key {
		a.find(Forked, SettingsPath, "the log is signed by another key than at the last visit: %s, before %s", a.site.Log.Key, a.last.LogKey)
		return false, nil
	}
	a.log, err = OpenLog(a.site.Log, func(c *credential.Credential) ([]byte, error) { return a.source.File(ProofPath(c.Number())) }, a.source.File)
	return err == nil, err
}

// checkpoint reads the current checkpoint and compares it with that of the last visit.
func (a *auditor) checkpoint() (ok bool, err error) {
	if _, ok, err = a.read(CheckpointPath); !ok {
		return false, err
	}
	a.now, err = a.log.Checkpoint()
	if errors.Is(err, certlog.ErrCheckpoint) {
		a.find(Unreadable, CheckpointPath, "%v", err)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	a.report.Entries, a.report.AsOf = a.now.Size, a.now.CosignedBy(a.log.own)
	if a.report.AsOf.IsZero() {
		a.find(Unreadable, CheckpointPath, "the issuer's own cosignature is missing or false, so that nobody can tell how old it is")
		return false, nil
	}
	seen, err := a.last.seen()
	switch {
	case err != nil:
		return false, err
	case a.now.Size < seen.Size:
		a.find(RolledBack, CheckpointPath, "the log has %d entries, and had %d at the last visit", a.now.Size, seen.Size)
		return false, nil
	case a.now.Size == seen.Size && a.now.Hash != seen.Hash:
		a.find(Forked, CheckpointPath, "the log has another root at %d entries than at the last visit", a.now.Size)
		return false, nil
	}
	return true, nil
}

package site

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"laurel/certlog"
	"laurel/credential"
)

// certificates looks at every certificate that is known, and, where those are all, at what the log has besides.
func (a *auditor) certificates(ctx context.Context) error {
	explained := map[int64]bool{}
	for _, n := range a.source.Numbers {
		if err := ctx.Err(); err != nil {
			return err
		}
		a.report.Certificates++
		if err := a.certificate(n, explained); err != nil {
			return err
		}
	}
	if !a.source.Whole {
		return nil
	}
	var gone []int64
	for _, index := range a.issues {
		if !explained[index] {
			gone = append(gone, index)
		}
	}
	slices.Sort(gone)
	if len(gone) > a.erased {
		a.find(Dropped, TilePath(bundleOf(gone[0], a.now.Size)), "%d entries record certificates that are nowhere in the tree, the first of them entry %d, and %d statements say that one was erased", len(gone), gone[0], a.erased)
	}
	return nil
}

// certificate holds one certificate against the log.
func (a *auditor) certificate(n credential.Number, explained map[int64]bool) error {
	statements, err := a.statements(n)
	if err != nil {
		return err
	}
	path := CredentialPath(n)
	doc, err := a.source.File(path)
	if errors.Is(err, fs.ErrNotExist) {
		if statements == nil || !statements.Erased() {
			a.find(Dropped, path, "it is not there, and no statement says that it was erased")
			return nil
		}
		a.erased++ // which entry was its is not told: number and digest together would let people guess the name
		return nil
	}
	if err != nil {
		return err
	}
	c, err := credential.VerifyPublished(doc, a.keys)
	if revoked, ok := errors.AsType[*credential.RevokedKeyError](err); ok {
		if c, err = olderThan(a.log, doc, revoked); refuted(err) && a.withdrawn(c) {
			err = nil // void, and said to be
		}
	}
	if err != nil {
		a.find(Changed, path, "%v", err)
		return nil
	}
	if c.Number() != n {
		a.find(Changed, path, "it is the certificate %s", c.Number())
		return nil
	}
	found, err := a.log.Find(c)
	switch {
	case errors.Is(err, ErrNotLogged):
		if index, ok := a.issues[c.Digest()]; ok {
			explained[index] = true
			a.find(Dropped, ProofPath(n), "its inclusion proof is not there, although the log has it as entry %d", index)
			return nil
		}
		a.find(Unrecorded, path, "it is signed, and the log has no record of it")
	case errors.Is(err, certlog.ErrInclusion):
		a.find(Changed, path, "it is not what was recorded: %v", err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, certlog.ErrTile):
		a.find(Unreadable, ProofPath(n), "%v", err)
	case err != nil:
		return err
	default:
		explained[found.Index] = true
		a.signing(path, c, found)
	}
	return nil
}

// withdrawn reports whether the log says that a certificate was revoked.
func (a *auditor) withdrawn(c *credential.Credential) bool {
	list, index := c.StatusPlace()
	for _, p := range a.state.Places {
		if p.List == uint32(list) && p.Index == index {
			return p.sets(Revocation)
		}
	}
	return false
}

// signing compares the time of a certificate's proofs with that of its entry. Only what was signed anew after a key was
// stolen may be signed later.
func (a *auditor) signing(path string, c *credential.Credential, found *Logged) {
	for _, p := range c.Proof {
		created, err := time.Parse(time.RFC3339, p.Created)
		switch {
		case err != nil:
			a.find(Changed, path, "the time of its proof cannot be read: %v", err)
		case created.Before(found.Time.Add(-auditTolerance)):
			a.find(Backdated, path, "it says that it was signed on %s, and was recorded on %s", p.Created, found.Time.Format(time.RFC3339))
		case created.After(found.Time.Add(auditTolerance)) && !a.stolenBefore(created):
			a.find(Changed, path, "it says that it was signed on %s, after it was recorded, on %s", p.Created, found.Time.Format(time.RFC3339))
		default:
			continue
		}
		return
	}
}

// stolenBefore reports whether a key was revoked before a time.
func (a *auditor) stolenBefore(at time.Time) bool {
	for _, k := range a.history.Keys {
		if k.Revoked != nil && !k.Revoked.Time.After(at) {
			return true
		}
	}
	return false
}

// statements reads what was said of a certificate since it was issued, and holds it against the log; nil if nothing was.
func (a *auditor) statements(n credential.Number) (*credential.Statements, error) {
	path := StatusPath(n)
	data, err := a.source.File(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, a.silent(n)
	}
	if err != nil {
		return nil, err
	}
	s, err := credential.VerifyStatements(data, a.keys)
	if err != nil || s.Number != n {
		a.find(Changed, path, "it is not what the issuer signed about this certificate: %v", err)
		return nil, nil
	}
	for _, said := range s.All {
		if said.LogIndex >= a.now.Size {
			continue // published a moment ago
		}
		e, err := a.entry(said.LogIndex)
		if err != nil {
			return s, err
		}
		if e.Digest != said.Digest() || e.Kind != said.Kind() || e.List != uint32(said.List) || e.Index != said.Index {
			a.find(Unrecorded, path, "what it says of %s is not what the log has as entry %d", said.Time, said.LogIndex)
		}
	}
	a.complete(path, uint32(s.All[0].List), s.All[0].Index, len(s.All))
	return s, nil
}

// silent looks for what the log says of a certificate about which nothing is published.
func (a *auditor) silent(n credential.Number) error {
	doc, err := a.source.File(CredentialPath(n))
	if err != nil {
		return nil // said elsewhere
	}
	if c, err := credential.Decode(doc); err == nil {
		list, index := c.StatusPlace()
		a.complete(StatusPath(n), uint32(list), index, 0)
	}
	return nil
}

// complete compares how often the log speaks of a place with how many statements are published.
func (a *auditor) complete(path string, list, index uint32, published int) {
	for _, p := range a.state.Places {
		if p.List == list && p.Index == index && p.Count > published && time.UnixMilli(p.Time).Before(a.report.AsOf.Add(-auditTolerance)) {
			a.find(Dropped, path, "the log has %d statements on this certificate, and %d are published", p.Count, published)
		}
	}
}

// entry reads one entry of the log.
func (a *auditor) entry(index int64) (e certlog.Entry, err error) {
	err = a.entriesUpTo(context.Background(), index, index+1, func(_ int64, found certlog.Entry) error {
		e = found
		return nil
	})
	return e, err
}

package issuer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"laurel/certlog"
	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// adoptedBy stands for who asked for what was adopted: that is not known.
const adoptedBy = "adopted"

// readCertificates goes through the certificates of the tree. Walk gives what was said of one before itself.
func (a *adopter) readCertificates(ctx context.Context) error {
	issued := map[credential.Number]*record.Record{}
	var said *credential.Statements
	var saidBytes []byte
	settle := func() error { // of what the last statements are on
		if said == nil {
			return nil
		}
		s, data := said, saidBytes
		said, saidBytes = nil, nil
		return a.takeStatements(ctx, s, data, issued[s.Number])
	}
	for d, err := range site.Walk(a.dir) {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		n, ok := site.NumberIn(d.Path)
		if !ok {
			continue
		}
		if said != nil && said.Number != n {
			if err := settle(); err != nil {
				return err
			}
		}
		switch d.Path {
		case site.StatusPath(n):
			if said, err = credential.VerifyStatements(d.Data, a.keys); err != nil || said.Number != n {
				return fmt.Errorf("%s is not what the issuer said of it: %w", d.Path, err)
			}
			saidBytes = d.Data
		case site.CredentialPath(n):
			err = a.takeCredential(d, issued)
		case site.ProofPath(n):
			err = a.takeProof(d)
		}
		if err != nil {
			return err
		}
	}
	return settle()
}

// takeCredential makes a record of a certificate that a missing entry issues.
func (a *adopter) takeCredential(d site.Document, issued map[credential.Number]*record.Record) error {
	sum, err := credential.Digest(d.Data)
	if err != nil {
		return fmt.Errorf("%s: %w", d.Path, err)
	}
	at, missing := a.byDigest[sum]
	if !missing {
		return nil // the records have it, or nobody: an entry alone counts
	}
	c, err := a.signed(d.Data)
	if err != nil {
		return fmt.Errorf("%s: %w", d.Path, err)
	}
	e := a.entries[at-a.from]
	r := a.recordOf(c, at, e, d.Data)
	issued[r.Number] = r
	a.take(at)
	a.batch.Issues = append(a.batch.Issues, record.Issue{Record: r, Natural: r.Natural(), Entry: e})
	return nil
}

// recordOf is the record of a certificate, as far as its document tells.
func (a *adopter) recordOf(c *credential.Credential, at int64, e certlog.Entry, doc []byte) *record.Record {
	zh, _ := c.Titles()
	value, most := c.Result()
	r := &record.Record{
		Number: c.Number(), Template: c.TemplateID(), Type: c.Kind(), Title: zh, Recipient: record.Person{Name: c.Recipient()},
		Achievement: record.Item{ID: c.AchievementID(), Name: c.Subject.Achievement.Name},
		IssuedAt:    a.timeIn(c.ValidFrom), ExpiresAt: a.timeIn(c.ValidUntil), Status: record.Valid,
		LogIndex: at, Principal: adoptedBy, Recorded: time.UnixMilli(e.Time).In(a.zone), Document: doc,
	}
	r.StatusList, r.StatusIndex = c.StatusPlace()
	if r.Type == "course" {
		r.Result.CompletionRate = value
	} else {
		r.Result.Score, r.Result.MaxScore = value, most
	}
	if value == "" {
		r.Result = record.Result{}
	}
	return r
}

// timeIn reads a time of a document that was verified; that of an absent member is zero.
func (a *adopter) timeIn(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.In(a.zone)
}

func (a *adopter) take(at int64) { a.taken[at-a.from] = true }

// takeStatements takes over what was said of a certificate in missing entries. fresh is its record where that is missing
// too.
func (a *adopter) takeStatements(ctx context.Context, s *credential.Statements, data []byte, fresh *record.Record) error {
	var added []credential.Statement
	for _, one := range s.All {
		if one.LogIndex < a.from {
			continue
		}
		k := one.LogIndex - a.from
		if k >= int64(len(a.entries)) || a.entries[k] != record.EntryOf(one, a.entries[k].Time) {
			return fmt.Errorf("%s: what it says of %s is not in the log as entry %d", site.StatusPath(s.Number), one.Time, one.LogIndex)
		}
		a.take(one.LogIndex)
		a.batch.Entries = append(a.batch.Entries, record.Entry{Index: one.LogIndex, Entry: a.entries[k]})
		added = append(added, one)
	}
	a.done.Statements += len(added)
	if len(added) == 0 {
		return nil
	}
	r := fresh
	if r == nil {
		known, err := a.store.Get(ctx, s.Number)
		switch {
		case errors.Is(err, record.ErrNotFound) && s.Erased():
			a.erased, a.spoken[s.Number] = append(a.erased, s), data
			return nil
		case errors.Is(err, record.ErrNotFound):
			return fmt.Errorf("%s: certificate %s is missing, or is another than the one recorded; adopt from a whole copy of the tree", site.CredentialPath(s.Number), s.Number)
		case err != nil:
			return err
		}
		r = known
	}
	a.batch.Changed = append(a.batch.Changed, a.changed(r, added, data))
	return nil
}

// changed is a record after statements were made on it.
func (a *adopter) changed(r *record.Record, added []credential.Statement, data []byte) *record.Record {
	now := *r
	now.Revision, now.Statements = r.Revision+1, data
	now.History = append([]record.Change(nil), r.History...)
	for _, one := range added {
		now.Status = one.Status
		now.History = append(now.History, record.Change{
			Status: one.Status, Code: one.Code, Time: a.timeIn(one.Time), LogIndex: one.LogIndex, Replacement: one.Replacement,
		})
	}
	if added[len(added)-1].Code == credential.CodeErased {
		forgetPerson(&now)
	}
	return &now
}

// takeErased makes the record of a certificate that was issued and erased in missing entries.
func (a *adopter) takeErased(s *credential.Statements, at int64) {
	e := a.entries[at-a.from]
	r := &record.Record{
		Number: s.Number, Status: record.Valid, StatusList: s.All[0].List, StatusIndex: s.All[0].Index, LogIndex: at,
		Principal: adoptedBy, Recorded: time.UnixMilli(e.Time).In(a.zone),
	}
	a.take(at)
	a.batch.Issues = append(a.batch.Issues, record.Issue{Record: r, Natural: r.Natural(), Entry: e})
	a.batch.Changed = append(a.batch.Changed, a.changed(r, s.All, a.spoken[s.Number]))
}

// takeProof notes the checkpoint that a proof is against.
func (a *adopter) takeProof(d site.Document) error {
	p, err := certlog.ParseProof(d.Data)
	if err != nil {
		return fmt.Errorf("%s: %w", d.Path, err)
	}
	c, err := certlog.PeekCheckpoint(p.Checkpoint)
	if err != nil {
		return fmt.Errorf("%s: %w", d.Path, err)
	}
	if _, known := a.checkpoints[c.Size]; known || c.Size <= a.lastKept || c.Size > a.batch.Tree.Size() {
		return nil
	}
	verifiers, err := a.book.verifiers()
	if err != nil {
		return err
	}
	if c, err = certlog.OpenCheckpoint(p.Checkpoint, verifiers[0], verifiers[1:]...); err != nil {
		return fmt.Errorf("%s: %w", d.Path, err)
	}
	a.checkpoints[c.Size] = c
	return nil
}

// tieSuccessors tells the certificates that took another's place whose that was, which their documents do not say.
func (a *adopter) tieSuccessors() {
	replaces := map[credential.Number]credential.Number{}
	for _, r := range a.batch.Changed {
		for _, c := range r.History {
			if c.Replacement != "" {
				replaces[c.Replacement] = r.Number
			}
		}
	}
	for _, i := range a.batch.Issues {
		i.Record.Replaces = replaces[i.Record.Number]
	}
	for _, r := range a.batch.Changed {
		if old, ok := replaces[r.Number]; ok {
			r.Replaces = old
		}
	}
}

package issuer

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// Status asks for a change of a certificate's status.
type Status struct {
	Status string // valid, suspended or revoked
	Code   string // the public reason, one of credential.StatusCodes; "" for unspecified
	Reason string // in the caller's words; stays in the record
}

// ErrFinal says that a certificate was revoked, which is for good. The error is a *FinalError.
var ErrFinal = errors.New("the certificate was revoked, which is final")

// FinalError says when and why it was revoked.
type FinalError struct {
	Number credential.Number
	Since  time.Time
	Code   string
	// Replacement is the certificate that took its place, if there is one.
	Replacement credential.Number
}

func (e *FinalError) Error() string {
	s := fmt.Sprintf("%v: %s, on %s, for the reason %q", ErrFinal, e.Number, e.Since.Format(time.DateOnly), e.Code)
	if e.Replacement != "" {
		s += "; it was replaced by " + string(e.Replacement)
	}
	return s
}

// Unwrap returns ErrFinal.
func (e *FinalError) Unwrap() error { return ErrFinal }

// SetStatus gives a certificate another status: a signed statement, the bits in the status lists and an entry of the
// log, committed together. changed is false where it had that status already, and nothing was written. When it returns
// without an error, the change is on the disk, so that the same request can be sent again. Errors: ErrNotFound, ErrInvalid, ErrFinal, ErrStopped; any other leaves
// open whether it was changed.
func (i *Issuer) SetStatus(ctx context.Context, n credential.Number, s Status, call Call) (receipt *Receipt, changed bool, err error) {
	c, err := s.change(call.Principal)
	if err != nil {
		return nil, false, err
	}
	var r *record.Record
	err = i.change(ctx, func(ctx context.Context, d *draft) (refused, err error) {
		if r, err = d.record(ctx, n); err != nil {
			return missing(err)
		}
		if changed = !repeats(r, c); !changed {
			return nil, nil
		}
		if r.Status == record.Revoked {
			return final(r), nil
		}
		if c.Status != record.Revoked && len(r.History) >= credential.MostStatements-2 { // the last ones are for a revocation and an erasure
			return &InvalidError{Errors: []FieldError{{Location: "status", Message: "has changed too often; it can only be revoked", Value: c.Status}}}, nil
		}
		return nil, d.state(ctx, r, c)
	})
	if err != nil {
		return nil, false, err
	}
	if changed {
		i.meters.Changes.With(c.Status).Add(1)
	}
	if call.Wait && !r.Published {
		if err := i.waitPublished(ctx, r); err != nil {
			return nil, false, err
		}
	}
	return i.receipt(r), changed, nil
}

// repeats reports whether a certificate has what is asked for already, as where an answer was lost. Of a revocation the
// reason counts too, because it can never become another.
func repeats(r *record.Record, c record.Change) bool {
	return r.Status == c.Status && (c.Status != record.Revoked || r.Last().Code == c.Code)
}

// missing tells a number that is not there, which is its asker's fault, from an error of the store.
func missing(err error) (refused, broken error) {
	if errors.Is(err, record.ErrNotFound) {
		return ErrNotFound, nil
	}
	return nil, err
}

func final(r *record.Record) error {
	last := r.Last()
	return &FinalError{Number: r.Number, Since: last.Time, Code: last.Code, Replacement: last.Replacement}
}

// change checks what is asked for. The error is an *InvalidError.
func (s Status) change(principal string) (record.Change, error) {
	var p planner
	codes := credential.StatusCodes(s.Status)
	if codes == nil {
		p.fault("status", "must be revoked, suspended or valid", s.Status)
	}
	codes = slices.DeleteFunc(codes, func(c string) bool { return c == credential.CodeSuperseded || c == credential.CodeErased })
	if s.Code == "" {
		s.Code = credential.CodeUnspecified
	}
	if len(codes) > 0 && !slices.Contains(codes, s.Code) {
		p.fault("code", fmt.Sprintf("is no public reason for the status %s; there are %s", s.Status, strings.Join(codes, ", ")), s.Code)
	}
	if s.Reason != "" {
		s.Reason = p.text("reason", s.Reason, maxReason)
	}
	if len(p.errors) > 0 {
		return record.Change{}, &InvalidError{Errors: p.errors}
	}
	return record.Change{Status: s.Status, Code: s.Code, Reason: s.Reason, Principal: principal}, nil
}

// state makes a statement on a certificate at this place of the log, and everything that follows from it: the signed
// file, the bits, the entry, the record.
func (d *draft) state(ctx context.Context, r *record.Record, c record.Change) error {
	c.Time, c.LogIndex = d.now.Truncate(time.Second), d.nextIndex()
	r.Status, r.History, r.Published = c.Status, append(r.History, c), false
	if err := d.signStatements(r); err != nil {
		return err
	}
	if err := d.setBits(ctx, r.StatusList, r.StatusIndex, r.Status == record.Revoked, r.Status == record.Suspended); err != nil {
		return err
	}
	d.append(record.EntryOf(d.statement(r, c), d.at))
	d.putRecord(r)
	return nil
}

// signStatements signs what was said of a certificate.
func (d *draft) signStatements(r *record.Record) (err error) {
	s := &credential.Statements{BaseURL: d.settings.BaseURL, Issuer: d.settings.Issuer, Number: r.Number}
	for _, c := range r.History {
		s.All = append(s.All, d.statement(r, c))
	}
	err = d.sign(func(key crypto.Signer, method string) (err error) {
		r.Statements, err = credential.SignStatements(s, key, method, d.now)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", site.StatusPath(r.Number), err)
	}
	return nil
}

// statement is the public part of a change.
func (d *draft) statement(r *record.Record, c record.Change) credential.Statement {
	return credential.Statement{
		Number: r.Number, Status: c.Status, Code: c.Code, Time: c.Time.Format(time.RFC3339),
		List: r.StatusList, Index: r.StatusIndex, LogIndex: c.LogIndex, Replacement: c.Replacement,
	}
}

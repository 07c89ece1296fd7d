package issuer

import (
	"context"
	"errors"
	"time"

	"laurel/credential"
	"laurel/internal/record"
)

// Correction says what a certificate should have said. Apply is given the request for which the old one would be
// granted again, changes in it what was wrong, and may refuse the outcome.
type Correction struct {
	Apply  func(*Request) error
	Reason string // in the caller's words; stays in the record of the old one
}

// Replace issues a corrected certificate under a number of its own and revokes the old one as superseded by it, both in
// one commit: nobody ever sees two that count, or none. first is false where that was done before, and the receipt is
// that of then. Errors: those of Issue, ErrNotFound, and ErrFinal where the old one is revoked; what Apply returns.
func (i *Issuer) Replace(ctx context.Context, n credential.Number, c Correction, call Call) (receipt *Receipt, first bool, err error) {
	r, first, err := i.replace(ctx, n, c, call)
	if err != nil {
		return nil, false, err
	}
	if call.Wait {
		if err := i.waitReplaced(ctx, r); err != nil {
			return nil, false, err
		}
	}
	return i.receipt(r), first, nil
}

// waitReplaced waits until a certificate is published and then the one that leads to it, so that it leads somewhere.
func (i *Issuer) waitReplaced(ctx context.Context, r *record.Record) error {
	old, err := i.store.Get(ctx, r.Replaces)
	if err != nil {
		return err
	}
	for _, r := range []*record.Record{r, old} {
		if r.Published {
			continue
		}
		if err := i.waitPublished(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (i *Issuer) replace(ctx context.Context, n credential.Number, c Correction, call Call) (*record.Record, bool, error) {
	defer i.pace.enter()()
	if err := errors.Join(i.haltReason(), i.roomLeft()); err != nil {
		return nil, false, err
	}
	request, before, release, err := i.keyed(ctx, call)
	if err != nil || before != nil {
		return before, false, err
	}
	defer release()
	why, err := reason(c.Reason)
	if err != nil {
		return nil, false, err
	}
	for {
		old, err := i.store.Get(ctx, n)
		if err != nil {
			return nil, false, err
		}
		if old.Status == record.Revoked && old.Last().Replacement == "" {
			return nil, false, final(old)
		}
		p, err := i.planCorrection(old, c)
		if err != nil {
			return nil, false, err
		}
		if old.Status == record.Revoked {
			r, err := i.replaced(ctx, old, p, call)
			return r, false, err
		}
		if err := i.occupied(ctx, p, call, n); err != nil {
			return nil, false, err
		}
		r, err := i.grantInPlace(ctx, p, n, why, call, request)
		if errors.Is(err, errNumberTaken) || errors.Is(err, errKeyGone) || errors.Is(err, errAwarded) || errors.Is(err, ErrFinal) { // meanwhile
			continue
		}
		return r, err == nil, err
	}
}

// planCorrection is the plan of a certificate that says what another should have said. What nobody corrects stays, also
// that it never ends where its template has come to set an end since.
func (i *Issuer) planCorrection(old *record.Record, c Correction) (*plan, error) {
	req := requestOf(old)
	if err := c.Apply(&req); err != nil {
		return nil, err
	}
	if req.Template != old.Template {
		return nil, &InvalidError{Errors: []FieldError{{Location: "template", Message: "must be " + old.Template + ", as that of the certificate which is replaced; or leave it out", Value: req.Template}}}
	}
	p, err := i.plan(req, i.cfg.Now())
	if err != nil {
		return nil, err
	}
	if req.ExpiresAt == nil {
		p.expiresAt = time.Time{}
	}
	p.stated.issued, p.stated.expires = true, true
	return p, nil
}

// requestOf is the request for which a certificate would be granted again, as it is.
func requestOf(r *record.Record) Request {
	req := Request{
		Template: r.Template, Recipient: r.Recipient, Achievement: r.Achievement, Occasion: r.Occasion, Organisation: r.Organisation,
		IssuedAt: &r.IssuedAt,
	}
	if !r.ExpiresAt.IsZero() {
		req.ExpiresAt = &r.ExpiresAt
	}
	if r.Result != (record.Result{}) {
		given := func(s string) *string {
			if s == "" {
				return nil
			}
			return &s
		}
		req.Result = &Result{CompletionRate: given(r.Result.CompletionRate), Score: given(r.Result.Score), MaxScore: given(r.Result.MaxScore)}
	}
	return req
}

// replaced finds what a correction asks for again: the certificate that took the old one's place, if it says the same.
func (i *Issuer) replaced(ctx context.Context, old *record.Record, p *plan, call Call) (*record.Record, error) {
	r, err := i.store.Get(ctx, old.Last().Replacement)
	if err != nil {
		return nil, err
	}
	mayRead := call.Reach.Takes(r.Recipient.ID, r.Organisation) || r.Principal == call.Principal
	if mayRead && r.Status != record.Revoked && r.Natural() == p.natural && p.restates(r) {
		return r, nil
	}
	return nil, final(old)
}

// occupied says that another certificate than the one to be replaced stands where the corrected one would.
func (i *Issuer) occupied(ctx context.Context, p *plan, call Call, replaces credential.Number) error {
	r, err := i.store.Natural(ctx, p.natural)
	switch {
	case errors.Is(err, record.ErrNotFound):
		return nil
	case err != nil:
		return err
	case r.Number == replaces || !i.stands(r, p):
		return nil
	case call.Reach.Takes(r.Recipient.ID, r.Organisation) || r.Principal == call.Principal:
		return &ConflictError{Number: r.Number}
	}
	return &ConflictError{}
}

// grantInPlace enters a round with a certificate that takes another's place.
func (i *Issuer) grantInPlace(ctx context.Context, p *plan, n credential.Number, why string, call Call, request *record.Request) (*record.Record, error) {
	e, err := i.prepare(ctx, p, call, request)
	if err != nil {
		return nil, err
	}
	e.issue.Record.Replaces = n
	e.change = func(ctx context.Context, d *draft) (refused, err error) { return d.replace(ctx, e, n, why) }
	if err := i.enter(ctx, e); err != nil {
		return nil, err
	}
	i.meters.Changes.With(credential.CodeSuperseded).Add(1)
	return e.issue.Record, nil
}

// replace admits a certificate and revokes the one whose place it takes.
func (d *draft) replace(ctx context.Context, e *entrant, n credential.Number, why string) (refused, err error) {
	old, err := d.record(ctx, n)
	if err != nil {
		return missing(err)
	}
	if old.Status == record.Revoked {
		return final(old), nil
	}
	if refused, err := d.refuse(ctx, e, n); refused != nil || err != nil {
		return refused, err
	}
	d.admit(e)
	r := e.issue.Record
	return nil, d.state(ctx, old, record.Change{
		Status: record.Revoked, Code: credential.CodeSuperseded, Replacement: r.Number, Principal: r.Principal, Reason: why,
	})
}

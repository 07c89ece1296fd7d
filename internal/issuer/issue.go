package issuer

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"laurel/certlog"
	"laurel/credential"
	"laurel/internal/picture"
	"laurel/internal/record"
)

// Issue grants a request, once: first is false where it was granted before and the receipt is that of then.
// When it returns without an error, the certificate is on the disk. Errors: ErrInvalid, ErrConflict,
// ErrKeyReused, ErrBusy, ErrNoSpace, ErrStopped; any other leaves open whether it was issued, and the same request may be sent again.
func (i *Issuer) Issue(ctx context.Context, req Request, call Call) (receipt *Receipt, first bool, err error) {
	r, first, err := i.issue(ctx, req, call)
	if err != nil {
		return nil, false, err
	}
	if call.Wait && !r.Published {
		if err := i.waitPublished(ctx, r); err != nil {
			return nil, false, err
		}
	}
	return i.receipt(r), first, nil
}

func (i *Issuer) issue(ctx context.Context, req Request, call Call) (*record.Record, bool, error) {
	leave, err := i.crowd.enter(ctx, call.Patient)
	if err != nil {
		return nil, false, err
	}
	defer leave()
	defer i.pace.enter()()
	if err := errors.Join(i.haltReason(), i.roomLeft()); err != nil {
		return nil, false, err
	}
	request, before, release, err := i.keyed(ctx, call)
	if err != nil || before != nil {
		return before, false, err
	}
	defer release()
	p, err := i.plan(req, i.cfg.Now())
	if err != nil {
		return nil, false, err
	}
	if r, err := i.byNatural(ctx, p, call); r != nil || err != nil {
		return r, false, err
	}
	return i.grant(ctx, p, call, request)
}

// Check says what Issue would say of a request, with nothing issued: the receipt of the certificate that stands for it
// already, or nil where it would be granted. Errors are those of Issue that lie in the request.
func (i *Issuer) Check(ctx context.Context, req Request, call Call) (*Receipt, error) {
	defer i.pace.enter()()
	p, err := i.plan(req, i.cfg.Now())
	if err != nil {
		return nil, err
	}
	before, err := i.byNatural(ctx, p, call)
	if err != nil {
		return nil, err
	}
	if before != nil {
		return i.receipt(before), nil
	}
	number, err := credential.NewNumber(i.cfg.Rand) // of its true length, for the picture
	if err != nil {
		return nil, err
	}
	if _, err := i.builder.Renderer().Compose(credential.New(p.facts(i, number, 0, 0))); err != nil {
		return nil, pictureFault(err)
	}
	return nil, nil
}

// grant prepares and enters a round; where a round shows that the number is taken, it draws another.
func (i *Issuer) grant(ctx context.Context, p *plan, call Call, request *record.Request) (*record.Record, bool, error) {
	for {
		e, err := i.prepare(ctx, p, call, request)
		if errors.Is(err, errKeyGone) {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		err = i.enter(ctx, e)
		switch {
		case errors.Is(err, errNumberTaken), errors.Is(err, errKeyGone):
			continue
		case errors.Is(err, errAwarded): // while this request was being prepared
			r, err := i.byNatural(ctx, p, call)
			if r == nil && err == nil {
				continue
			}
			return r, false, err
		case err != nil:
			return nil, false, err
		}
		return e.issue.Record, true, nil
	}
}

// keyed takes a call's idempotency key, if it has one, until release is called; before is the certificate that the key
// was used for. Where there is one, or an error, nothing has to be released.
func (i *Issuer) keyed(ctx context.Context, call Call) (request *record.Request, before *record.Record, release func(), err error) {
	if call.Key == "" {
		return nil, nil, func() {}, nil
	}
	request = &record.Request{Key: requestKey(call), Body: [16]byte(call.Body[:16])}
	if release, err = i.keysBusy.take(ctx, request.Key); err != nil {
		return nil, nil, nil, err
	}
	if before, err = i.byRequest(ctx, request); before != nil || err != nil {
		release()
	}
	return request, before, release, err
}

// byRequest finds what an idempotency key was used for; nil where it was not, or not for 7 days.
func (i *Issuer) byRequest(ctx context.Context, request *record.Request) (*record.Record, error) {
	known, err := i.store.Request(ctx, request.Key)
	if errors.Is(err, record.ErrNotFound) || err == nil && i.cfg.Now().Sub(known.Time) > requestLife {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if known.Body != request.Body {
		return nil, ErrKeyReused
	}
	return i.store.Get(ctx, known.Number)
}

// byNatural finds the certificate that a request asks for again; nil where there is none in force.
func (i *Issuer) byNatural(ctx context.Context, p *plan, call Call) (*record.Record, error) {
	r, err := i.store.Natural(ctx, p.natural)
	if errors.Is(err, record.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !i.stands(r, p) {
		return nil, nil
	}
	mayRead := call.Reach.Takes(r.Recipient.ID, r.Organisation) || r.Principal == call.Principal
	switch {
	case !mayRead:
		return nil, &ConflictError{}
	case !p.restates(r):
		return nil, &ConflictError{Number: r.Number}
	}
	return r, nil
}

// stands reports whether a certificate keeps another from being issued in its place: while it is in force, and also
// when it has expired, against a request that names its very date, which is the same request again and no renewal.
func (i *Issuer) stands(r *record.Record, p *plan) bool {
	switch r.StatusAt(i.cfg.Now()) {
	case record.Valid, record.Suspended:
		return true
	case record.Expired:
		return p.stated.issued && p.restates(r)
	}
	return false
}

// prepare does everything that can refuse a request before anything is permanent.
func (i *Issuer) prepare(ctx context.Context, p *plan, call Call, request *record.Request) (*entrant, error) {
	number, err := credential.NewNumber(i.cfg.Rand)
	if err != nil {
		return nil, err
	}
	at, err := i.lists.reserve(func(n int) (record.List, error) { return i.newLists(ctx, n) })
	if err != nil {
		return nil, err
	}
	c := credential.New(p.facts(i, number, at.list, at.index))
	if _, err := i.builder.Renderer().Compose(c); err != nil {
		return nil, pictureFault(err)
	}
	var doc []byte
	var signer string
	err = i.sign(func(key crypto.Signer, method string, now time.Time) (err error) {
		signer = method
		doc, err = credential.Sign(c, key, method, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("signing %s: %w", number, err)
	}
	signed, err := credential.Verify(doc, i.ring.trusted())
	if errors.Is(err, credential.ErrRevokedKey) {
		return nil, errKeyGone
	}
	if err != nil {
		return nil, fmt.Errorf("verifying what was just signed, %s: %w", number, err)
	}
	r := &record.Record{
		Number: number, Template: p.template.ID, Type: p.template.Type, Title: p.template.Title.Zh, Recipient: p.recipient, Achievement: p.achievement,
		Result: p.result, Occasion: p.occasion, IssuedAt: p.issuedAt, ExpiresAt: p.expiresAt, Status: record.Valid,
		StatusList: at.list, StatusIndex: at.index, Principal: call.Principal, Document: doc,
		Organisation: p.organisation,
	}
	e := &entrant{
		issue:  record.Issue{Record: r, Natural: p.natural, Entry: certlog.Entry{Kind: certlog.Issue, List: certlog.NoList, Index: certlog.NoList, Digest: signed.Digest()}},
		plan:   p,
		place:  &at,
		signer: signer,
		done:   make(chan error, 1),
	}
	if request != nil {
		e.issue.Request = &record.Request{Key: request.Key, Body: request.Body, Number: number}
	}
	return e, nil
}

// pictureFault turns a text that cannot be set into a fault of the field it came from.
func pictureFault(err error) error {
	te, ok := errors.AsType[*picture.TextError](err)
	if !ok {
		return fmt.Errorf("composing the picture: %w", err)
	}
	f := FieldError{Location: te.Field, Value: te.Text, Message: "does not fit its place on the certificate; shorten it"}
	if errors.Is(err, picture.ErrGlyph) {
		f.Message = fmt.Sprintf("contains %q (U+%04X), which no font here has; add one with --font-dir", te.Rune, te.Rune)
	}
	switch te.Field {
	case "recipient.name", "achievement.name":
	default:
		f.Location, f.Message = "template", fmt.Sprintf("its %s %s", te.Field, f.Message)
	}
	return &InvalidError{Errors: []FieldError{f}}
}

// requestLife is how long an idempotency key is remembered.
const requestLife = 7 * 24 * time.Hour

func requestKey(call Call) record.RequestKey {
	sum := sha256.Sum256([]byte(call.Principal + "\x00" + call.Key))
	return record.RequestKey(sum[:16])
}

// busyKeys lets a second request with the same key wait for the first.
type busyKeys struct {
	mu   sync.Mutex
	busy map[record.RequestKey]chan struct{}
}

// take waits until nobody has the key, and takes it.
func (b *busyKeys) take(ctx context.Context, k record.RequestKey) (done func(), err error) {
	for {
		b.mu.Lock()
		other, taken := b.busy[k]
		if !taken {
			mine := make(chan struct{})
			b.busy[k] = mine
			b.mu.Unlock()
			return func() {
				b.mu.Lock()
				delete(b.busy, k)
				b.mu.Unlock()
				close(mine)
			}, nil
		}
		b.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

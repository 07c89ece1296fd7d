package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"laurel/credential"
	"laurel/internal/issuer"
)

// publishPatience is how long a caller of ?wait=published is kept waiting.
const publishPatience = 2 * time.Minute

// issueOne answers POST /v1/certificates.
func (s *service) issueOne(w http.ResponseWriter, r *http.Request, p principal) error {
	key, body, wait, err := readOrder(r)
	if err != nil {
		return err
	}
	ctx, done := patience(w, r, wait)
	defer done()
	receipt, first, err := s.issue(ctx, body, p, issuer.Call{Key: key, Wait: wait})
	if err != nil {
		return err
	}
	if !first {
		return reply(w, http.StatusOK, receipt)
	}
	w.Header().Set("Location", "/v1/certificates/"+string(receipt.Number))
	return reply(w, http.StatusCreated, receipt)
}

// readOrder reads what asks for a certificate: the key by which it is told from another, the body, and whether its caller
// waits for the files.
func readOrder(r *http.Request) (key string, body []byte, wait bool, err error) {
	q := params(r)
	wait = q.oneOf("wait", "published") != ""
	if err = q.refused(); err != nil {
		return "", nil, false, err
	}
	if key, err = idempotencyKey(r); err != nil {
		return "", nil, false, err
	}
	body, err = readBody(r, "application/json")
	return key, body, wait, err
}

// issue decodes one request and has it issued.
func (s *service) issue(ctx context.Context, body []byte, p principal, call issuer.Call) (*issuer.Receipt, bool, error) {
	req, digest, err := decodeRequest(body)
	if err != nil {
		return nil, false, err
	}
	call.Body = digest
	return s.grant(ctx, req, p, call)
}

// grant has a request issued that its caller may make.
func (s *service) grant(ctx context.Context, req issuer.Request, p principal, call issuer.Call) (*issuer.Receipt, bool, error) {
	if err := p.mayIssue(&req); err != nil {
		return nil, false, err
	}
	call.Principal, call.Reach = p.id, p.readsOnIssue()
	receipt, first, err := s.issuer.Issue(ctx, req, call)
	return p.show(receipt), first, issueProblem(err)
}

// issueProblem gives the issuer's refusals their HTTP form.
func issueProblem(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, issuer.ErrInvalid):
		if ie, ok := errors.AsType[*issuer.InvalidError](err); ok {
			return invalid.faults(faultsOf(ie)...)
		}
		return invalid.problem("%v.", err)
	case errors.Is(err, issuer.ErrKeyReused):
		return keyReused.faults(Fault{Location: "header.Idempotency-Key", Message: "was used for a request with other content within the last seven days"})
	case errors.Is(err, issuer.ErrConflict):
		return conflictProblem(err)
	case errors.Is(err, issuer.ErrBusy):
		return unavailable.problem("certd is busy: %v. Nothing was recorded.", err).with("Retry-After", "1")
	case errors.Is(err, issuer.ErrNoSpace):
		return noSpace.problem("certd does not issue at the moment: %v.", err).with("Retry-After", "60")
	case errors.Is(err, issuer.ErrStopped):
		return unavailable.problem("certd does not issue at the moment: %v.", err).with("Retry-After", "5")
	case errors.Is(err, context.DeadlineExceeded):
		return unavailable.problem("The certificate is not published yet. The same request again is answered with its receipt.").with("Retry-After", "30")
	}
	return err
}

func faultsOf(ie *issuer.InvalidError) []Fault {
	faults := make([]Fault, len(ie.Errors))
	for i, e := range ie.Errors {
		faults[i] = Fault{Location: "body." + e.Location, Message: e.Message, Value: e.Value}
	}
	return faults
}

func conflictProblem(err error) error {
	const advice = "If this is a second award of the same achievement, give it an occasion of its own."
	if ce, ok := errors.AsType[*issuer.ConflictError](err); ok && ce.Number != "" {
		return conflict.problem("Certificate %s was issued for this template, achievement, recipient and occasion with other facts. %s", ce.Number, advice)
	}
	return conflict.problem("A certificate was issued for this template, achievement, recipient and occasion with other facts. %s", advice)
}

// idempotencyKey reads the header that names a request.
func idempotencyKey(r *http.Request) (string, error) {
	values := r.Header["Idempotency-Key"]
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	if len(values) > 1 || key == "" || len(key) > 255 || strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "", invalid.faults(Fault{Location: "header.Idempotency-Key", Message: "must stand once, with 1 to 255 visible ASCII characters", Value: key})
	}
	return key, nil
}

// get answers GET /v1/certificates/{number}.
func (s *service) get(w http.ResponseWriter, r *http.Request, p principal) error {
	receipt, err := s.find(r, p)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, p.show(receipt))
}

// image answers GET /v1/certificates/{number}/image.
func (s *service) image(w http.ResponseWriter, r *http.Request, p principal) error {
	return s.file(w, r, p, "image/png", s.issuer.Image)
}

// pdf answers GET /v1/certificates/{number}/pdf.
func (s *service) pdf(w http.ResponseWriter, r *http.Request, p principal) error {
	return s.file(w, r, p, "application/pdf", s.issuer.PDF)
}

// credential answers GET /v1/certificates/{number}/credential.
func (s *service) credential(w http.ResponseWriter, r *http.Request, p principal) error {
	return s.file(w, r, p, "application/json", s.issuer.Credential)
}

func (s *service) file(w http.ResponseWriter, r *http.Request, p principal, media string, read func(context.Context, credential.Number) ([]byte, error)) error {
	receipt, err := s.find(r, p)
	if err != nil {
		return err
	}
	data, err := read(r.Context(), receipt.Number)
	if errors.Is(err, issuer.ErrNotFound) {
		return notFound.problem("Certificate %s was erased.", receipt.Number)
	}
	if err != nil {
		return err
	}
	sendFile(w, media, data)
	return nil
}

func sendFile(w http.ResponseWriter, media string, data []byte) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = w.Write(data)
}

// find reads the certificate of the number in the path. A number with a typo is not found, like one that was never
// given out, and like that of a certificate which the caller may not see.
func (s *service) find(r *http.Request, p principal) (*issuer.Receipt, error) {
	typed := r.PathValue("number")
	n, err := credential.ParseNumber(typed)
	if err != nil {
		return nil, s.misspelt(r.Context(), p, typed, err)
	}
	found, err := s.issuer.Get(r.Context(), n)
	if errors.Is(err, issuer.ErrNotFound) || err == nil && !p.sees(found) {
		return nil, notFound.problem("No certificate has the number %s.", n)
	}
	return found, err
}

// misspelt says what is wrong with a text that is no number. A repair is offered only where it exists and the caller
// may see it: of two wrong symbols, almost every other has a repair, and that is somebody else's number.
func (s *service) misspelt(ctx context.Context, p principal, typed string, err error) error {
	ne, ok := errors.AsType[*credential.NumberError](err)
	if !ok {
		return err
	}
	typed = cut(typed)
	if ne.Suggestion != "" {
		if meant, err := s.issuer.Get(ctx, ne.Suggestion); err == nil && p.sees(meant) {
			return notFound.problem("%s is not a certificate number: did you mean %s?", typed, ne.Suggestion)
		}
	}
	switch ne.Kind {
	case credential.Length:
		return notFound.problem("%s is not a certificate number, which has 16 letters and digits.", typed)
	case credential.Alien:
		return notFound.problem("%s is not a certificate number: none contains %q.", typed, ne.Rune)
	case credential.Swap:
		return notFound.problem("%s is not a certificate number; two letters or digits may have changed places.", typed)
	}
	return notFound.problem("%s is not a certificate number; at least one letter or digit is wrong.", typed)
}

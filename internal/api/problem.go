package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Problem is an error as callers get it: RFC 9457 "Problem Details for HTTP APIs".
type Problem struct {
	Type   string  `json:"type" format:"uri-reference" doc:"What kind of problem this is; the same for every occurrence. Read it as an address on this server."`
	Title  string  `json:"title" doc:"The kind of problem in words."`
	Status int     `json:"status" doc:"The HTTP status code."`
	Detail string  `json:"detail,omitempty" doc:"What happened this time, and what to do."`
	Errors []Fault `json:"errors,omitempty" doc:"Each field that was refused."`

	header http.Header
}

// Fault is one refused field.
type Fault struct {
	Location string `json:"location" doc:"Where it stands: body.recipient.name, query.limit, header.Idempotency-Key."`
	Message  string `json:"message" doc:"What is wrong with it."`
	Value    string `json:"value,omitempty" maxLength:"64" doc:"What stood there, cut to 64 characters."`
}

func (p *Problem) Error() string {
	parts := []string{p.Title}
	if p.Detail != "" {
		parts = append(parts, p.Detail)
	}
	for _, f := range p.Errors {
		parts = append(parts, f.Location+": "+f.Message)
	}
	return strings.Join(parts, "; ")
}

// with adds a header to the answer.
func (p *Problem) with(name, value string) *Problem {
	if p.header == nil {
		p.header = http.Header{}
	}
	p.header.Set(name, value)
	return p
}

// A kind of problem. Its name is the anchor on /docs that explains it.
type kind struct {
	name, title, advice string
	status              int
}

var (
	malformed    = kind{"malformed", "The request body cannot be read", "The body is no JSON, or not strict JSON: a name stands twice in an object, the text is no valid UTF-8, a surrogate has no partner, something follows the document.", http.StatusBadRequest}
	invalid      = kind{"invalid", "The request is not acceptable", "Each entry of errors names a field and says what is wrong with it. Nothing was recorded.", http.StatusUnprocessableEntity}
	unauthorized = kind{"unauthorized", "A token is needed", "Send Authorization: Bearer TOKEN with a token of certd token create.", http.StatusUnauthorized}
	forbidden    = kind{"forbidden", "This token may not do that", "Use a token that has the scope named in detail.", http.StatusForbidden}
	notFound     = kind{"not-found", "Not found", "Nothing of this name exists here.", http.StatusNotFound}
	notAllowed   = kind{"method-not-allowed", "Method not allowed", "The Allow header says which methods this address takes.", http.StatusMethodNotAllowed}
	conflict     = kind{"conflict", "Already issued with other facts", "A valid certificate for the same template, achievement, recipient and occasion exists, and this request differs from it. Give a second award an occasion of its own.", http.StatusConflict}
	final        = kind{"final", "The certificate was revoked", "A revocation is for good. Where the certificate was wrong, issue another.", http.StatusConflict}
	keyReused    = kind{"key-reused", "Idempotency-Key was used for another request", "A key stands for one request for seven days. Use a new key for a new request.", http.StatusUnprocessableEntity}
	tooLarge     = kind{"too-large", "The request body is too large", "A request is at most 1 MiB; send many requests to /v1/certificates/bulk, one a line.", http.StatusRequestEntityTooLarge}
	mediaType    = kind{"media-type", "Unsupported content type", "Requests are application/json; bulk requests are application/x-ndjson.", http.StatusUnsupportedMediaType}
	tooSlow      = kind{"too-slow", "The request body did not arrive in time", "Send the request again.", http.StatusRequestTimeout}
	tooMany      = kind{"too-many", "Too many requests", "Try again after the seconds in Retry-After; RateLimit says how many are left.", http.StatusTooManyRequests}
	unavailable  = kind{"unavailable", "Not possible at the moment", "Try again after the seconds in Retry-After. A request that may have been recorded can be repeated: it is answered with the first receipt.", http.StatusServiceUnavailable}
	noSpace      = kind{"no-space", "The disk is nearly full", "Nothing was recorded. Whoever runs certd has to make room; then the same request can be sent again.", http.StatusInsufficientStorage}
	internal     = kind{"internal", "Internal error", "The fault is ours, and the log of certd says more. The request can be repeated.", http.StatusInternalServerError}
)

// kinds lists every kind of problem, for /docs.
func kinds() []kind {
	return []kind{malformed, invalid, unauthorized, forbidden, notFound, notAllowed, conflict, final, keyReused, tooLarge, mediaType, tooSlow, tooMany, unavailable, noSpace, internal}
}

func (k kind) problem(format string, args ...any) *Problem {
	return &Problem{Type: "/docs#" + k.name, Title: k.title, Status: k.status, Detail: fmt.Sprintf(format, args...)}
}

func (k kind) faults(faults ...Fault) *Problem {
	for i := range faults {
		faults[i].Value = cut(faults[i].Value)
	}
	p := k.problem("")
	p.Errors = faults
	return p
}

// cut shortens what a caller sent to 64 characters, so that an answer never mirrors a body.
func cut(s string) string {
	const limit = 64
	s = strings.ToValidUTF8(s, "\uFFFD")
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == limit {
			return s[:i] + "…"
		}
	}
	return s
}

// writeProblem answers with err. What is no Problem by itself is an internal error: logged, and told to
// the caller without its details.
func writeProblem(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // nobody is left to read it
	}
	p := asProblem(r, log, err)
	h := w.Header()
	for name, values := range p.header {
		h[name] = values
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = encode(w, p)
}

func asProblem(r *http.Request, log *slog.Logger, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	log.Error("request failed", "request", requestID(r), "route", route(r), "error", err)
	return internal.problem("Something went wrong on this side. The log of certd names the cause.")
}

// encode writes v as one line of JSON in which <, > and & stay as they are: it is no HTML.
func encode(w interface{ Write([]byte) (int, error) }, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

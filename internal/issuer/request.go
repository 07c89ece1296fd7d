package issuer

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"laurel/credential"
	"laurel/internal/record"
)

// Person is a recipient: ID is the caller's own and unique to the person; Name is what the certificate says;
// Email is optional. ID and Email appear in no public file.
type Person = record.Person

// Item is what was earned: a course, an exam, an award.
type Item = record.Item

// Token is an API token, without its secret.
type Token = record.Token

// Request asks for a certificate.
type Request struct {
	Template    string
	Recipient   Person
	Achievement Item
	Result      *Result // of a course or an exam
	Occasion    string  // tells a second award of the same achievement to the same person from a repeated request
	IssuedAt    *time.Time
	ExpiresAt   *time.Time // nil: as the template says

	Organisation string // of the recipient, whose administrators may read the record; "" is none
}

// Result holds JSON numbers as they were written; nil where absent.
type Result struct {
	CompletionRate *string
	Score          *string
	MaxScore       *string
}

// Call is who asks, and how.
type Call struct {
	Principal string
	Key       string   // Idempotency-Key; "" without
	Body      [32]byte // digest of the request in canonical form
	Wait      bool     // answer when every file stands on disk
	Reach     Reach    // whose certificates the caller may read
	Patient   bool     // wait where too many requests are being granted already, instead of ErrBusy
}

// Reach says whose certificates somebody may read; the zero value is nobody's.
type Reach struct {
	All          bool
	Organisation string // of the recipients; "" is none
	Recipient    string // the id of one person; "" is none
}

// Takes reports whether a certificate lies within reach.
func (r Reach) Takes(recipient, organisation string) bool {
	return r.All || r.Organisation != "" && r.Organisation == organisation || r.Recipient != "" && r.Recipient == recipient
}

// Receipt is the answer to an issue request, and a record as its readers see it.
type Receipt struct {
	Number      credential.Number `json:"number"`
	State       string            `json:"state"`  // recorded, published
	Status      string            `json:"status"` // valid, expired, …
	Template    string            `json:"template"`
	Type        string            `json:"type"` // course, exam, achievement
	Title       string            `json:"title"`
	IssuedAt    time.Time         `json:"issued_at"`
	ExpiresAt   *time.Time        `json:"expires_at"`
	Recipient   Person            `json:"recipient"`
	Achievement Item              `json:"achievement"`
	Result      *ReceiptResult    `json:"result,omitempty"`
	Occasion    string            `json:"occasion,omitempty"`

	Organisation string `json:"organisation,omitempty"`

	History    []Change          `json:"history,omitempty"`     // of the status, oldest first
	Erased     bool              `json:"erased,omitempty"`      // nothing about the person is left
	Replaces   credential.Number `json:"replaces,omitempty"`    // the certificate that this one is the correction of
	ReplacedBy credential.Number `json:"replaced_by,omitempty"` // the certificate that is to be relied on instead

	URL           string `json:"url"`
	CredentialURL string `json:"credential_url"`
	ImageURL      string `json:"image_url,omitempty"` // absent where it is not published; the API has it
	PDFURL        string `json:"pdf_url,omitempty"`
	LogIndex      int64  `json:"log_index"`
}

// Change is one change of a certificate's status.
type Change struct {
	Status      string            `json:"status"` // valid, suspended, revoked
	Code        string            `json:"code"`   // the public reason
	Time        time.Time         `json:"time"`
	LogIndex    int64             `json:"log_index"`
	Replacement credential.Number `json:"replacement,omitempty"`
	By          string            `json:"by,omitempty"`     // who asked for it; in no public file
	Reason      string            `json:"reason,omitempty"` // in their words; in no public file
}

// ReceiptResult is the result as recorded.
type ReceiptResult struct {
	CompletionRate Decimal `json:"completion_rate,omitempty"` // percent
	Score          Decimal `json:"score,omitempty"`
	MaxScore       Decimal `json:"max_score,omitempty"`
}

// Decimal is a decimal number as text, which JSON shows as a number: 92.5, and not the nearest float.
type Decimal string

// MarshalJSON returns the number itself.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d), nil }

// UnmarshalJSON keeps the number's text.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	*d = Decimal(b)
	return nil
}

// Errors that callers branch on.
var (
	ErrInvalid   = errors.New("the request cannot be granted")   // *InvalidError
	ErrConflict  = errors.New("already issued with other facts") // *ConflictError
	ErrKeyReused = errors.New("the idempotency key belongs to another request")
	ErrNotFound  = record.ErrNotFound
	ErrLocked    = record.ErrLocked
	ErrCopying   = record.ErrCopying
	ErrStopped   = errors.New("the issuer has stopped")
)

// FieldError says what is wrong with one field, by its place in the request: "recipient.name".
type FieldError struct {
	Location, Message, Value string
}

// InvalidError lists everything that is wrong with a request.
type InvalidError struct{ Errors []FieldError }

func (e *InvalidError) Error() string {
	parts := make([]string, len(e.Errors))
	for i, f := range e.Errors {
		parts[i] = f.Location + " " + f.Message
	}
	return fmt.Sprintf("%v: %s", ErrInvalid, strings.Join(parts, "; "))
}

// Unwrap returns ErrInvalid.
func (e *InvalidError) Unwrap() error { return ErrInvalid }

// ConflictError names the certificate that stands in the way, where the caller may know it.
type ConflictError struct{ Number credential.Number }

func (e *ConflictError) Error() string {
	if e.Number == "" {
		return ErrConflict.Error()
	}
	return fmt.Sprintf("%v, as %s", ErrConflict, e.Number)
}

// Unwrap returns ErrConflict.
func (e *ConflictError) Unwrap() error { return ErrConflict }

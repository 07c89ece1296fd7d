// Package record is the private truth: one record for each certificate, with the document that was signed,
// in a store that is all-or-nothing and that notices when its bytes have changed behind its back.
package record

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"iter"
	"time"

	"laurel/certlog"
	"laurel/credential"
)

// Person is who earned something. ID is the caller's own; it and Email are in no public file.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

// Item is what was earned: a course, an exam, an award.
type Item struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Result holds decimal numbers as text, normalised; empty where there is none.
type Result struct {
	CompletionRate string `json:"completion_rate,omitempty"` // percent, of a course
	Score          string `json:"score,omitempty"`           // of an exam
	MaxScore       string `json:"max_score,omitempty"`
}

// The status of a certificate: valid until another is given to it.
const (
	Valid     = "valid"
	Suspended = "suspended"
	Revoked   = "revoked"
)

// Record is the private row of one certificate.
type Record struct {
	Number      credential.Number `json:"number"`
	Template    string            `json:"template"`
	Type        string            `json:"type"` // course, exam, achievement
	Title       string            `json:"title"`
	Recipient   Person            `json:"recipient"`
	Achievement Item              `json:"achievement"`
	Result      Result            `json:"result,omitzero"`
	Occasion    string            `json:"occasion,omitempty"`
	IssuedAt    time.Time         `json:"issued_at"` // in the issuer's zone
	ExpiresAt   time.Time         `json:"expires_at,omitzero"`
	Status      string            `json:"status"`
	StatusList  int               `json:"status_list"`
	StatusIndex uint32            `json:"status_index"`
	LogIndex    int64             `json:"log_index"`
	Principal   string            `json:"principal"` // who asked for it
	Recorded    time.Time         `json:"recorded"`  // when it was committed
	History     []Change          `json:"history,omitempty"`
	Erased      bool              `json:"erased,omitempty"`   // nothing personal is left, and no document
	Revision    int               `json:"revision,omitempty"` // how often it was changed
	Replaces    credential.Number `json:"replaces,omitempty"` // the certificate that this one is the correction of
	Published   bool              `json:"-"`                  // read from the pending set, not stored here
	Document    []byte            `json:"-"`                  // the signed credential, stored beside; empty once erased
	Statements  []byte            `json:"-"`                  // the signed file of what was said of it since, stored beside; empty if nothing

	// Organisation is the recipient's, whose administrators may read this; "" is none. It is in no public file.
	Organisation string `json:"organisation,omitempty"`
}

// Change is one change of a certificate's status: what the signed statement says, and, for the record alone, who asked
// for it and why.
type Change struct {
	Status      string            `json:"status"`
	Code        string            `json:"code"` // the public reason
	Time        time.Time         `json:"time"` // of its log entry, in the issuer's zone
	LogIndex    int64             `json:"log_index"`
	Replacement credential.Number `json:"replacement,omitempty"`
	Principal   string            `json:"principal,omitempty"`
	Reason      string            `json:"reason,omitempty"` // in its author's words; in no public file
}

// Last is the newest change of the status; the zero Change where there was none.
func (r *Record) Last() Change {
	if len(r.History) == 0 {
		return Change{}
	}
	return r.History[len(r.History)-1]
}

// Expired is the status shown for a valid certificate whose time is over.
const Expired = "expired"

// StatusAt is the status at a time.
func (r *Record) StatusAt(now time.Time) string {
	if r.Status == Valid && !r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt) {
		return Expired
	}
	return r.Status
}

// NaturalKey identifies what may be awarded once: template, achievement, recipient and occasion.
type NaturalKey [16]byte

// NaturalKeyOf digests the four with their lengths, so that no two of them run into each other.
func NaturalKeyOf(template, achievement, recipient, occasion string) NaturalKey {
	h := sha256.New()
	for _, s := range []string{template, achievement, recipient, occasion} {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(s))))
		h.Write([]byte(s))
	}
	return NaturalKey(h.Sum(nil)[:16])
}

// Natural returns the record's natural key.
func (r *Record) Natural() NaturalKey {
	return NaturalKeyOf(r.Template, r.Achievement.ID, r.Recipient.ID, r.Occasion)
}

// RequestKey is an idempotency key within its principal.
type RequestKey [16]byte

// Request remembers which request a key was used for.
type Request struct {
	Key    RequestKey
	Body   [16]byte // digest of the canonical request
	Number credential.Number
	Time   time.Time
}

// Issue is one certificate on its way into the store.
type Issue struct {
	Record  *Record
	Natural NaturalKey
	Entry   certlog.Entry
	Request *Request // nil without an idempotency key
}

// Document is a signed document of the whole site, by its path in the public tree.
type Document struct {
	Path string
	Data []byte
}

// List is the state of a status list: its secret order, and the first counter not given out yet.
type List struct {
	N    int
	Key  [32]byte
	Next uint32
}

// Entry is an entry of the log that issues nothing, with its index: one of a status, an erasure or a key.
type Entry struct {
	Index int64
	certlog.Entry
}

// Batch is what one commit writes. Entries, Changed and Documents are apart, because an entry may belong to a record
// and the status lists (a revocation), to documents alone (a key), or a change to no entry (a document signed anew).
type Batch struct {
	Prev      certlog.Head  // the head that Tree grew from
	Tree      *certlog.Tree // nil where no entry is added
	Issues    []Issue       // in the order of their entries
	Entries   []Entry       // that issue nothing
	Changed   []*Record     // records that are there, as they are from now on, of the next revision, with document and statements; pending
	Documents []Document    // pending
	Lists     []List
	Settled   []Delivery // what became of them
	Forget    time.Time  // request keys older than this go; zero: none
}

// Filter selects records; empty fields select all.
type Filter struct {
	Recipient, Type, Template, Status, Organisation string
	Limit, Offset                                   int
	Before                                          *int64    // only records of smaller log indexes, and nothing is counted; nil: all
	Now                                             time.Time // at which a certificate counts as expired
}

// Page is one page of records, newest first. Total is how many the filter finds, but 0 where it has Before. More
// says that there are further ones behind this page.
type Page struct {
	Records []*Record
	Total   int
	More    bool
}

// Errors that callers branch on.
var (
	ErrNotFound = errors.New("no such record")
	ErrConflict = errors.New("the log has grown since the batch was made")
	ErrLocked   = errors.New("the records are in use by another process")
	ErrDamaged  = errors.New("the records are damaged")
)

// Store holds the records. Reads see whole commits only.
type Store interface {
	// Head is the log's head as of the last commit.
	Head(ctx context.Context) (certlog.Head, error)
	// Tree is the log's tree as of the last commit.
	Tree(ctx context.Context) (*certlog.Tree, error)
	// Commit writes a batch, all of it or nothing, and returns once it is on the disk. ErrConflict where
	// the head is not Batch.Prev. Any other error leaves open whether it was written.
	Commit(ctx context.Context, b Batch) error
	// Get returns a record with its document and statements, also one that was erased. ErrNotFound.
	Get(ctx context.Context, n credential.Number) (*Record, error)
	// At returns the record of the certificate with a log index, with its document. ErrNotFound.
	At(ctx context.Context, index int64) (*Record, error)
	// Has reports whether a number is given out.
	Has(ctx context.Context, n credential.Number) (bool, error)
	// Natural returns the newest record under a natural key. ErrNotFound.
	Natural(ctx context.Context, k NaturalKey) (*Record, error)
	// Request returns what a request key was used for. ErrNotFound.
	Request(ctx context.Context, k RequestKey) (Request, error)
	// Find returns a page of records without their documents. What was erased is not found.
	Find(ctx context.Context, f Filter) (Page, error)
	// Entries yields the log's entries from one index up to, not including, another.
	Entries(ctx context.Context, from, to int64) iter.Seq2[certlog.Entry, error]
	// Certificates yields all records with their documents and statements, oldest first, those that were erased too.
	Certificates(ctx context.Context) iter.Seq2[*Record, error]
	// Documents yields the documents of the whole site, sorted by path.
	Documents(ctx context.Context) iter.Seq2[Document, error]
	// Document returns the document of a path of the site. ErrNotFound.
	Document(ctx context.Context, path string) ([]byte, error)
	// Lists returns the status lists by number.
	Lists(ctx context.Context) ([]List, error)
	// Pending returns up to n records from a log index on that are not published, oldest first, with their documents.
	Pending(ctx context.Context, from int64, n int) ([]*Record, error)
	// PendingCount is how many there are.
	PendingCount() int
	// PendingDocuments returns the site's documents that are not published.
	PendingDocuments(ctx context.Context) ([]Document, error)
	// Done marks records and documents of the site as published. Those that were changed since they were read are pending,
	// also if a later state of theirs was published meanwhile: nobody knows which of the two was written last.
	Done(ctx context.Context, records []*Record, documents []Document) error
	// Renew marks every record and document as not published.
	Renew(ctx context.Context) error
	// PutCheckpoint keeps a signed checkpoint of the log at a size, which must be beyond the last one's and not beyond
	// the log's. One that is there already stays as it is.
	PutCheckpoint(ctx context.Context, size int64, signed []byte) error
	// Checkpoint returns the signed checkpoint of the smallest size above an index. ErrNotFound.
	Checkpoint(ctx context.Context, index int64) (signed []byte, err error)
	// LastCheckpoint returns the one of the largest size. ErrNotFound.
	LastCheckpoint(ctx context.Context) (signed []byte, err error)
}

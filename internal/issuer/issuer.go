// Package issuer is the service, and the only room that knows the order of things: validate, compose, sign, verify,
// commit, publish. Requests are prepared on every core; one writer commits them in rounds; a publisher follows behind.
package issuer

import (
	"context"
	"io"
	"log/slog"
	"time"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
	"laurel/templates"
)

// Config says where an issuer lives and what it stands on.
type Config struct {
	DataDir      string   // certd.db, seed, log-seed
	PublicDir    string   // the public tree
	TemplatesDir string   // overlays the embedded templates; "" for those alone
	FontDirs     []string // further fonts

	// For Create alone; Load reads them from the records.
	BaseURL, IssuerName, Timezone string

	Now    func() time.Time // nil: time.Now
	Rand   io.Reader        // of numbers, seeds and list keys; nil: crypto/rand
	Log    *slog.Logger     // nil: discarded
	Socket string           // control socket, named in the tree's lock for others to ask
}

// Create makes a new issuer.
func Create(ctx context.Context, c Config) error { panic("not written yet") }

// Issuer is the service.
type Issuer struct{}

// Load opens an issuer; loading is recovery.
func Load(ctx context.Context, c Config) (*Issuer, error) { panic("not written yet") }

// Run is the sole writer; it returns when ctx ends or a commit went wrong.
func (i *Issuer) Run(ctx context.Context) error { panic("not written yet") }

// Close gives back what Load took.
func (i *Issuer) Close() error { panic("not written yet") }

// Issue issues one certificate, or returns the receipt of the first one (first is then false).
func (i *Issuer) Issue(ctx context.Context, r Request, c Call) (receipt *Receipt, first bool, err error) {
	panic("not written yet")
}

// Filter chooses certificates; empty fields choose all.
type Filter struct {
	Recipient, Type, Status, Template string
	Limit, Offset                     int
}

// Page is a part of a list, newest first.
type Page struct {
	Items []*Receipt
	Total int
}

// Get returns the receipt of a certificate. The error is ErrNotFound.
func (i *Issuer) Get(ctx context.Context, n credential.Number) (*Receipt, error) {
	panic("not written yet")
}

// List returns certificates, newest first.
func (i *Issuer) List(ctx context.Context, f Filter) (Page, error) { panic("not written yet") }

// Credential returns the signed document of a certificate. The error is ErrNotFound.
func (i *Issuer) Credential(ctx context.Context, n credential.Number) ([]byte, error) {
	panic("not written yet")
}

// Image returns the picture of a certificate, also before it is published. The error is ErrNotFound.
func (i *Issuer) Image(ctx context.Context, n credential.Number) ([]byte, error) {
	panic("not written yet")
}

// Templates returns the templates in force.
func (i *Issuer) Templates() *templates.Set { panic("not written yet") }

// Rebuild brings the whole tree up to date with its documents and the templates.
func (i *Issuer) Rebuild(ctx context.Context, progress func(site.Changes)) (site.Changes, error) {
	panic("not written yet")
}

// Export writes every document anew from the records, and builds the tree.
func (i *Issuer) Export(ctx context.Context, progress func(site.Changes)) (site.Changes, error) {
	panic("not written yet")
}

// Snapshot writes a copy of the records, as they are now, to w.
func (i *Issuer) Snapshot(ctx context.Context, w io.Writer) error { panic("not written yet") }

// Health says how the issuer is.
type Health struct {
	Ready         bool      // certificates can be issued
	Pending       int       // certificates recorded and not yet published
	OldestPending time.Time // when the oldest of them was issued; zero where there is none
	Problem       string    // why it is not ready or cannot publish; "" when all is well
}

// Health says how the issuer is.
func (i *Issuer) Health() Health { panic("not written yet") }

// Token is what is kept of an API token: everything but the secret.
type Token = record.Token

// FindToken returns the token with a hash, and whether there is one; from memory.
func (i *Issuer) FindToken(ctx context.Context, hash [32]byte) (Token, bool, error) {
	panic("not written yet")
}

// Tokens returns all tokens, oldest first.
func (i *Issuer) Tokens(ctx context.Context) ([]Token, error) { panic("not written yet") }

// PutToken adds a token. The error wraps record.ErrExists where one in force has the name.
func (i *Issuer) PutToken(ctx context.Context, t Token) error { panic("not written yet") }

// RevokeToken ends the token with an id or, in force, a name. The error is ErrNotFound.
func (i *Issuer) RevokeToken(ctx context.Context, idOrName string) error { panic("not written yet") }

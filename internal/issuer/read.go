package issuer

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
	"laurel/templates"
)

// Filter selects certificates; empty fields select all. Status is valid, suspended, revoked or expired.
type Filter struct {
	Recipient, Type, Status, Template, Organisation string
	Limit, Offset                                   int
	Before                                          *int64 // only what stands before this log index, and nothing is counted
}

// Page is one page of certificates, newest first. Total is how many the filter finds, 0 where it has Before; More
// says that there are further ones behind this page.
type Page struct {
	Items []*Receipt
	Total int
	More  bool
}

// Get returns a certificate. ErrNotFound.
func (i *Issuer) Get(ctx context.Context, n credential.Number) (*Receipt, error) {
	r, err := i.store.Get(ctx, n)
	if err != nil {
		return nil, err
	}
	return i.receipt(r), nil
}

// At returns the certificate with a log index. ErrNotFound.
func (i *Issuer) At(ctx context.Context, index int64) (*Receipt, error) {
	r, err := i.store.At(ctx, index)
	if err != nil {
		return nil, err
	}
	return i.receipt(r), nil
}

// List returns a page of certificates.
func (i *Issuer) List(ctx context.Context, f Filter) (Page, error) {
	found, err := i.store.Find(ctx, record.Filter{
		Recipient: f.Recipient, Type: f.Type, Status: f.Status, Template: f.Template, Limit: f.Limit, Offset: f.Offset, Now: i.cfg.Now(),
		Organisation: f.Organisation, Before: f.Before,
	})
	page := Page{Total: found.Total, More: found.More}
	for _, r := range found.Records {
		page.Items = append(page.Items, i.receipt(r))
	}
	return page, err
}

// unerased returns a record of which there is something to show. ErrNotFound.
func (i *Issuer) unerased(ctx context.Context, n credential.Number) (*record.Record, error) {
	r, err := i.store.Get(ctx, n)
	if err == nil && r.Erased {
		return nil, ErrNotFound
	}
	return r, err
}

// Credential returns a certificate's signed document. ErrNotFound.
func (i *Issuer) Credential(ctx context.Context, n credential.Number) ([]byte, error) {
	r, err := i.unerased(ctx, n)
	if err != nil {
		return nil, err
	}
	return r.Document, nil
}

// Image returns a certificate's picture, painted now where it is not published yet. ErrNotFound.
func (i *Issuer) Image(ctx context.Context, n credential.Number) ([]byte, error) {
	return i.painted(ctx, n, site.OnlyPNG, site.PicturePath(n), i.builder.Renderer().Paint)
}

// PDF returns a certificate's PDF, written now where it is not published yet. ErrNotFound.
func (i *Issuer) PDF(ctx context.Context, n credential.Number) ([]byte, error) {
	return i.painted(ctx, n, site.OnlyPDF, site.PDFPath(n), i.builder.Renderer().PDF)
}

func (i *Issuer) painted(ctx context.Context, n credential.Number, output, path string, paint func(site.Papers) ([]byte, error)) ([]byte, error) {
	r, err := i.unerased(ctx, n)
	if err != nil {
		return nil, err
	}
	if r.Published && i.builder.Publishes(r.Template, r.Type, output) { // else what lies there may be of other days
		if data, err := os.ReadFile(filepath.Join(i.cfg.PublicDir, filepath.FromSlash(path))); err == nil {
			return data, nil
		}
	}
	papers, err := site.ReadPapers(r.Document, r.Statements)
	if err != nil {
		return nil, err
	}
	return paint(papers)
}

// Templates returns the templates in force.
func (i *Issuer) Templates() *templates.Set { return i.builder.Renderer().Templates() }

// Snapshot writes a consistent copy of the records while the issuer goes on.
func (i *Issuer) Snapshot(_ context.Context, w io.Writer) error {
	_, err := i.store.WriteTo(w)
	return err
}

// Health is how the issuer is.
type Health struct {
	Ready   bool      // certificates can be issued
	Pending int       // recorded and not yet published
	Oldest  time.Time // when the oldest of these was recorded; zero if there is none
	Problem string    // why it is not ready or cannot publish; "" when all is well
	Stuck   bool      // something is pending, and nothing has been published for a while
	AsOf    time.Time // when the published checkpoint of the log was last cosigned; zero where that is not known
	Free    uint64    // bytes, on the fuller of the disks of records and public tree
	Full    bool      // too few to issue
}

// Health tells how the issuer is.
func (i *Issuer) Health() Health {
	h := Health{Ready: i.running.Load(), Pending: i.store.PendingCount(), Problem: i.pub.noted()}
	if err := i.haltReason(); err != nil {
		h.Ready, h.Problem = false, err.Error()
	}
	if oldest, err := i.store.Oldest(); err == nil {
		h.Oldest = oldest
	}
	h.Stuck = i.stuck(h.Oldest)
	h.AsOf = i.AsOf()
	if free, _, err := i.look(); err == nil {
		h.Free = free
	}
	if err := i.roomLeft(); err != nil {
		h.Full, h.Problem = true, err.Error()
	}
	return h
}

// Behind reports whether anything that is recorded is not published yet: certificates, documents of the site, or the
// log's head over them; nor while what a stolen key signed is being signed anew.
func (i *Issuer) Behind(ctx context.Context) (bool, error) {
	if i.store.PendingCount() > 0 || i.Anew().Total > 0 {
		return true, nil
	}
	pending, err := i.store.PendingDocuments(ctx)
	if err != nil || len(pending) > 0 {
		return true, err
	}
	head, err := i.store.Head(ctx)
	return head.Size > i.publishedSize(), err
}

// receipt shows a record to those who may read it.
func (i *Issuer) receipt(r *record.Record) *Receipt {
	url := site.CertificateURL(i.settings.BaseURL, r.Number)
	out := &Receipt{
		Number: r.Number, State: "recorded", Status: r.StatusAt(i.cfg.Now()), Template: r.Template, Type: r.Type, Title: r.Title,
		IssuedAt: r.IssuedAt.In(i.zone), Recipient: r.Recipient, Achievement: r.Achievement, Occasion: r.Occasion,
		Organisation: r.Organisation, Erased: r.Erased, Replaces: r.Replaces,
		URL: url, CredentialURL: i.settings.BaseURL + "/" + site.CredentialPath(r.Number),
		LogIndex: r.LogIndex,
	}
	if i.builder.Publishes(r.Template, r.Type, site.OnlyPNG) {
		out.ImageURL = i.settings.BaseURL + "/" + site.PicturePath(r.Number)
	}
	if i.builder.Publishes(r.Template, r.Type, site.OnlyPDF) {
		out.PDFURL = i.settings.BaseURL + "/" + site.PDFPath(r.Number)
	}
	if r.Published {
		out.State = "published"
	}
	for _, c := range r.History {
		out.History = append(out.History, Change{
			Status: c.Status, Code: c.Code, Time: c.Time.In(i.zone), LogIndex: c.LogIndex, Replacement: c.Replacement, By: c.Principal, Reason: c.Reason,
		})
		if c.Replacement != "" {
			out.ReplacedBy = c.Replacement
		}
	}
	if !r.ExpiresAt.IsZero() {
		expires := r.ExpiresAt.In(i.zone)
		out.ExpiresAt = &expires
	}
	if r.Result != (record.Result{}) {
		out.Result = &ReceiptResult{
			CompletionRate: Decimal(r.Result.CompletionRate), Score: Decimal(r.Result.Score), MaxScore: Decimal(r.Result.MaxScore),
		}
	}
	return out
}

package site

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"laurel/credential"
)

// tombstone makes a certificate's folder that of an erased one: a page which says so, and nothing about the person. The
// page comes first, so that what a crash leaves is a page that is right and files that the next build removes.
// Hold the stripe of n.
func (b *Builder) tombstone(ctx context.Context, s *snapshot, n credential.Number, src source, trust bool) (done Changes, err error) {
	if err := ctx.Err(); err != nil {
		return done, err
	}
	if b.wants(OnlyHTML) {
		if err := b.tombstonePage(s, n, source{statements: src.statements}, trust, &done); err != nil {
			return done, err
		}
	}
	for _, path := range remains(n) {
		removed, err := b.removeFile(path)
		if err != nil {
			return done, err
		}
		if removed && !IsDocument(path) {
			done.Removed++
		}
	}
	return done, nil
}

// remains are the files of a certificate that go when it is erased, its credential last: it is what says that the others
// have to be there.
func remains(n credential.Number) []string {
	return []string{PicturePath(n), PDFPath(n), CardPath(n), ProofPath(n), CredentialPath(n)}
}

func (b *Builder) tombstonePage(s *snapshot, n credential.Number, src source, trust bool, done *Changes) error {
	e, known := b.remembered(n, src, trust)
	m, stamp := &e.made[pageOutput], s.pageStamp(e.doc, look{})
	if known && m.fresh(b.path(PagePath(n)), stamp) {
		done.Unchanged++
		return nil
	}
	papers, err := s.site.open(n, src)
	if err != nil {
		return err
	}
	data, err := s.erasedPage(s.site, papers)
	if err != nil {
		return err
	}
	m.stamp = stamp
	err = b.output(PagePath(n), data, m, done)
	b.manifest.put(n, e)
	return err
}

// erasedPage renders the page of a certificate whose content was erased.
func (r *Renderer) erasedPage(s *siteState, p Papers) ([]byte, error) {
	number := p.Statements.Number
	return r.pages.execute(erasedPage, &pageData{Site: s.data, Assets: r.assets, Lang: "zh", C: &certificateData{
		Number: string(number), URL: CertificateURL(s.BaseURL, number), Stated: p.stated(),
	}})
}

// removeFile removes a file of the tree; one that is not there is fine.
func (b *Builder) removeFile(path string) (removed bool, err error) {
	if err = b.clearSiblings(path); err != nil {
		return false, err
	}
	if err = os.Remove(b.path(path)); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

package site

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"os"

	"laurel/credential"
	"laurel/internal/durable"
	"laurel/internal/picture"
)

// open decodes the document of a certificate and holds it against its place: the number in its path, the site's own
// address and issuer. It checks no proof; who issued has, and Check does.
func (s *siteState) open(n credential.Number, doc []byte) (*credential.Credential, error) {
	c, err := credential.Decode(doc)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", CredentialPath(n), err)
	}
	switch {
	case c.Number() != n:
		return nil, fmt.Errorf("%s: it is the certificate %s; move it to %s", CredentialPath(n), c.Number(), CredentialPath(c.Number()))
	case c.Base() != s.BaseURL:
		return nil, fmt.Errorf("%s: issued under %s, but this is the tree of %s; remove it", CredentialPath(n), c.Base(), s.BaseURL)
	case c.Issuer.ID != s.Issuer:
		return nil, fmt.Errorf("%s: issued by %s, but this is the tree of %s; remove it", CredentialPath(n), c.Issuer.ID, s.Issuer)
	}
	return c, nil
}

// lookOf is what the choice of a layout depends on.
func lookOf(c *credential.Credential) look {
	return look{template: c.TemplateID(), kind: c.Kind(), han: hasHan(c.Subject.Achievement.Name)}
}

// pictureStamp stands for everything that a picture or, as output says, a PDF is made from.
func (s *snapshot) pictureStamp(output string, doc stamp, l look) stamp {
	t, ok := s.set.Certificate(l.template)
	if !ok || t.Type != l.kind {
		t = s.set.Default(l.kind)
	}
	if t == nil {
		return stamp{}
	}
	print := s.layouts[t.Layout].print
	return digest(func(h hash.Hash) { put(h, []byte(output), doc[:], print[:], []byte(t.Language)) })
}

// pageStamp stands for everything a verification page is made from.
func (s *snapshot) pageStamp(doc stamp) stamp {
	return digest(func(h hash.Hash) { put(h, []byte("page"), doc[:], s.pages[:]) })
}

func docStamp(doc []byte) stamp {
	sum := sha256.Sum256(doc)
	return stamp(sum[:])
}

// certificate brings the outputs of one certificate up to date: its picture, then the page that shows it. With trust
// the manifest is believed; without, everything is rendered and compared. Hold the stripe of n.
func (b *Builder) certificate(ctx context.Context, s *snapshot, n credential.Number, doc []byte, trust bool) (Changes, error) {
	var done Changes
	var e entry
	print, known := docStamp(doc), false
	if trust {
		e, known = b.manifest.get(n)
		known = known && e.doc == print
	}
	png, pdf, page := b.wants(OnlyPNG), b.wants(OnlyPDF), b.wants(OnlyHTML)
	if known {
		fresh := func(wanted *bool, m made, path string, want stamp) {
			if *wanted && m.fresh(b.path(path), want) {
				*wanted = false
				done.Unchanged++
			}
		}
		fresh(&png, e.picture, PicturePath(n), s.pictureStamp(OnlyPNG, print, e.look))
		fresh(&pdf, e.pdf, PDFPath(n), s.pictureStamp(OnlyPDF, print, e.look))
		fresh(&page, e.page, PagePath(n), s.pageStamp(print))
		if !png && !pdf && !page {
			return done, nil
		}
	}
	c, err := s.site.open(n, doc)
	if err != nil {
		return done, err
	}
	if e.doc != print {
		e = entry{doc: print}
	}
	e.look = lookOf(c)
	defer func() { b.manifest.put(n, e) }()
	if png || pdf {
		if err := b.paint(ctx, s, c, doc, png, pdf, &e, &done); err != nil {
			return done, err
		}
	}
	if page {
		data, err := s.page(s.site, c)
		if err != nil {
			return done, fmt.Errorf("%s: %w", PagePath(n), err)
		}
		e.page.stamp = s.pageStamp(print)
		if err := b.output(PagePath(n), data, &e.page, &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

// paint composes a certificate once and paints what of it is wanted.
func (b *Builder) paint(ctx context.Context, s *snapshot, c *credential.Credential, doc []byte, png, pdf bool, e *entry, done *Changes) error {
	if b.o.Pace != nil {
		if err := b.o.Pace(ctx); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	n := c.Number()
	p, err := s.Compose(c)
	if err != nil {
		return fmt.Errorf("%s: %w", PicturePath(n), err)
	}
	for _, o := range []struct {
		wanted bool
		name   string
		path   string
		paint  func(*credential.Credential, []byte, *picture.Picture) ([]byte, error)
		made   *made
	}{
		{png, OnlyPNG, PicturePath(n), s.bake, &e.picture},
		{pdf, OnlyPDF, PDFPath(n), s.attach, &e.pdf},
	} {
		if !o.wanted {
			continue
		}
		data, err := o.paint(c, doc, p)
		if err != nil {
			return fmt.Errorf("%s: %w", o.path, err)
		}
		o.made.stamp = s.pictureStamp(o.name, e.doc, e.look)
		if err := b.output(o.path, data, o.made, done); err != nil {
			return err
		}
	}
	return nil
}

// output writes an output that may be there already, and notes how its file looks.
func (b *Builder) output(p string, data []byte, m *made, done *Changes) error {
	path := b.path(p)
	if durable.Same(path, data) {
		done.Unchanged++
	} else {
		if err := durable.WriteFile(path, data, 0o644); err != nil {
			return err
		}
		done.Built++
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	m.size, m.mtime = info.Size(), info.ModTime().UnixNano()
	return nil
}

package site

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"

	"laurel/credential"
	"laurel/internal/durable"
	"laurel/templates"
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

// templateOf gives the template that a look names, or the one that stands in for it.
func (s *snapshot) templateOf(l look) *templates.Certificate {
	if t, ok := s.set.Certificate(l.template); ok && t.Type == l.kind {
		return t
	}
	return s.set.Default(l.kind)
}

func docStamp(doc []byte) stamp {
	sum := sha256.Sum256(doc)
	return stamp(sum[:])
}

// certificate brings the outputs of one certificate up to date: its pictures, then the page that shows them. With trust
// the manifest is believed; without, everything is rendered and compared. Hold the stripe of n.
func (b *Builder) certificate(ctx context.Context, s *snapshot, n credential.Number, doc []byte, trust bool) (Changes, error) {
	var done Changes
	var e entry
	stamp, known := docStamp(doc), false
	if trust {
		e, known = b.manifest.get(n)
		known = known && e.doc == stamp
	}
	var stale []int
	for i, o := range renderings() {
		switch {
		case !b.wants(o.name):
		case known && e.made[i].fresh(b.path(o.path(n)), o.stamp(s, stamp, e.look)):
			done.Unchanged++
		default:
			stale = append(stale, i)
		}
	}
	if len(stale) == 0 {
		return done, nil
	}
	c, err := s.site.open(n, doc)
	if err != nil {
		return done, err
	}
	if e.doc != stamp {
		e = entry{doc: stamp}
	}
	e.look = lookOf(c)
	defer func() { b.manifest.put(n, e) }()
	w := &work{c: c, doc: doc, painted: func() {}}
	defer func() { w.painted() }()
	for _, i := range stale {
		if err := b.render(ctx, s, w, i, &e, &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

// render renders the i-th output and writes it. It waits for quieter times once a certificate, before the first painting.
func (b *Builder) render(ctx context.Context, s *snapshot, w *work, i int, e *entry, done *Changes) error {
	o := renderings()[i]
	if o.paced && !w.waited && b.o.Pace != nil {
		painted, err := b.o.Pace(ctx)
		if w.waited, w.painted = true, painted; err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	path := o.path(w.c.Number())
	data, err := o.render(s, w)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	e.made[i].stamp = o.stamp(s, e.doc, e.look)
	return b.output(path, data, &e.made[i], done)
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

package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"laurel/credential"
	"laurel/internal/durable"
	"laurel/templates"
)

// lookOf is what the choice of a layout depends on. It is remembered, and must not hold the document of which its words
// are parts.
func lookOf(c *credential.Credential) look {
	return look{template: strings.Clone(c.TemplateID()), kind: strings.Clone(c.Kind()), han: hasHan(c.Subject.Achievement.Name)}
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
// the manifest is believed; without, everything is rendered and compared. seen is how the files of src looked before they
// were read. Hold the stripe of n.
func (b *Builder) certificate(ctx context.Context, s *snapshot, n credential.Number, src source, seen sight, trust bool) (Changes, error) {
	if src.statements != nil {
		said, err := s.site.said(n, src.statements)
		if err != nil {
			return Changes{}, err
		}
		if said.Erased() {
			return b.tombstone(ctx, s, n, src, trust)
		}
	}
	var done Changes
	var papers Papers
	var err error
	e, known := b.remembered(n, src, trust)
	if !known {
		if papers, err = s.site.open(n, src); err != nil {
			return done, err
		}
		e.look = lookOf(papers.Credential)
	}
	stale, err := b.stale(s, n, &e, known, &done)
	if err != nil {
		return done, err
	}
	changed := !known || e.seen != seen
	e.seen = seen
	if len(stale) == 0 {
		if changed {
			b.manifest.put(n, e)
		}
		return done, nil
	}
	if papers.Credential == nil {
		if papers, err = s.site.open(n, src); err != nil {
			return done, err
		}
	}
	defer func() { b.manifest.put(n, e) }()
	w := &work{n: n, Papers: papers, painted: func() {}}
	defer func() { w.painted() }()
	for _, i := range stale {
		if err := b.render(ctx, s, w, i, &e, &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

// stale finds the outputs to render. With Options.Prune it removes those that the certificate has no more.
func (b *Builder) stale(s *snapshot, n credential.Number, e *entry, known bool, done *Changes) (stale []int, err error) {
	for i, o := range renderings() {
		path := o.path(n)
		switch {
		case !b.wants(o.name):
		case !s.makes(e.look, o.name):
			if !b.o.Prune {
				continue
			}
			removed, err := b.removeFile(path)
			if err != nil {
				return nil, err
			}
			if e.made[i] = (made{}); removed {
				done.Removed++
			}
		case known && e.made[i].fresh(b.path(path), o.stamp(s, e.doc, e.look)):
			done.Unchanged++
		default:
			stale = append(stale, i)
		}
	}
	return stale, nil
}

// remembered returns what the manifest knows of a certificate's outputs, or the beginnings of that where these documents
// are not known, or the manifest is not to be trusted.
func (b *Builder) remembered(n credential.Number, src source, trust bool) (e entry, known bool) {
	stamp := src.stamp()
	if trust {
		e, known = b.manifest.get(n)
		known = known && e.doc == stamp
	}
	if !known {
		e = entry{doc: stamp}
	}
	return e, known
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
	path := o.path(w.n)
	out, _ := b.buffers.Get().(*bytes.Buffer)
	if out == nil {
		out = new(bytes.Buffer)
	}
	defer b.buffers.Put(out)
	out.Reset()
	if err := o.render(s, w, out); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	e.made[i].stamp = o.stamp(s, e.doc, e.look)
	return b.output(path, out.Bytes(), &e.made[i], done)
}

// output writes an output that may be there already, and notes how its file looks.
func (b *Builder) output(p string, data []byte, m *made, done *Changes) error {
	path := b.path(p)
	if durable.Same(path, data) {
		done.Unchanged++
	} else {
		if err := b.clearSiblings(p); err != nil {
			return err
		}
		if err := durable.WriteFile(path, data, 0o644); err != nil {
			return err
		}
		done.Built++
	}
	m.glance = glanceAt(path)
	return nil
}

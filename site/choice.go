package site

import "laurel/templates"

// files are those that certificates of a template have on a site.
func (r *Renderer) files(s *siteState, t *templates.Certificate) templates.Files {
	if t == nil {
		return s.Files
	}
	return t.Files.Or(s.Files)
}

// makes reports whether a certificate that looks so has an output.
func (s *snapshot) makes(l look, output string) bool {
	return s.files(s.site, s.templateOf(l)).Has(output)
}

// Publishes reports whether certificates of a template, or of a type where that is gone, have an output.
func (b *Builder) Publishes(template, kind, output string) bool {
	s, err := b.snapshot()
	return err != nil || s.makes(look{template: template, kind: kind}, output)
}

package site

import (
	"laurel/credential"
)

// siteState is a site's own documents, read: what pages say of the site, and who signs.
type siteState struct {
	Settings
	data  siteData
	keys  credential.Keys
	print stamp // of both documents
}

// fingerprint is that of the key which made the first of the proofs whose key is published, or "".
func (s *siteState) fingerprint(proofs []credential.Proof) string {
	for _, p := range proofs {
		if pub, ok := s.keys.Lookup(p.VerificationMethod); ok {
			return credential.Fingerprint(pub)
		}
	}
	return ""
}

// base renders the outputs that a site has whatever certificates it holds, in the order in which they are written:
// assets before the pages that name them.
func (r *Renderer) base(s *siteState) ([]output, error) {
	out := append([]output(nil), r.assets.files...)
	out = append(out, output{HeadersPath, []byte(headers())}, output{RobotsPath, []byte(robots)}, output{LogKeyPath, []byte(s.Log.Key + "\n")})
	for _, t := range r.set.Certificates() {
		page, err := r.criteriaOf(s, t)
		if err != nil {
			return nil, err
		}
		out = append(out, output{CriteriaPath(t.ID), page})
	}
	for _, p := range []struct{ name, path string }{{notFoundPage, NotFoundPath}, {lookupPage, IndexPath}} {
		page, err := r.pages.execute(p.name, &pageData{Site: s.data, Assets: r.assets, Lang: "zh"})
		if err != nil {
			return nil, err
		}
		out = append(out, output{p.path, page})
	}
	return out, nil
}

// robots lets crawlers read the pages, because what they must learn there is noindex.
const robots = "User-agent: *\nDisallow:\n"

package site

import (
	"hash"

	"laurel/credential"
)

// siteState is a site's own documents, read: what pages say of the site, and who signs.
type siteState struct {
	Settings
	data  siteData
	keys  credential.Keys
	print stamp // of what the page of a certificate shows of the site
}

// fingerprint is that of the key which the first of the proofs names, or "". It comes from the proof alone: a page
// need not be made anew because did.json gives a further key, or one less.
func fingerprint(proofs []credential.Proof) string {
	for _, p := range proofs {
		if pub := (credential.Key{Method: p.VerificationMethod}).Public(); pub != nil {
			return credential.Fingerprint(pub)
		}
	}
	return ""
}

// stamp stands for what the page of a certificate shows of its site: all but the fingerprint, which is its own.
func (d siteData) stamp() stamp {
	return digest(func(h hash.Hash) {
		for _, text := range []string{d.Host, d.BaseURL, d.IssuerName, d.DID, d.Timezone, d.Log} {
			put(h, []byte(text))
		}
	})
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

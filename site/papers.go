package site

import (
	"errors"
	"fmt"
	"hash"
	"io/fs"

	"laurel/credential"
)

// Papers are the signed documents of one certificate, read: itself, and what was said of it since it was issued.
type Papers struct {
	Credential *credential.Credential // nil where its content was erased
	Document   []byte                 // its bytes
	Statements *credential.Statements // nil where nothing was said
}

// ReadPapers reads a certificate's signed document and the statements on it; either may be empty. It checks no proof.
func ReadPapers(document, statements []byte) (p Papers, err error) {
	if len(document) > 0 {
		p.Document = document
		if p.Credential, err = credential.Decode(document); err != nil {
			return p, err
		}
	}
	if len(statements) > 0 {
		p.Statements, err = credential.DecodeStatements(statements)
	}
	return p, err
}

// Standing is the verdict that the statements on a certificate come to: Revoked, Suspended, Superseded, or "" where
// nothing stands against it.
func (p Papers) Standing() string {
	if p.Statements == nil {
		return ""
	}
	return standing(p.Statements.Last())
}

func standing(s credential.Statement) string {
	switch {
	case s.Status == credential.StatusValid:
		return ""
	case s.Code == credential.CodeSuperseded:
		return Superseded
	case s.Status == credential.StatusSuspended:
		return Suspended
	}
	return Revoked // also what a later version may say
}

// source are the bytes of a certificate's documents; nil where there is none.
type source struct{ doc, statements []byte }

// readSource reads what a tree has of a certificate.
func readSource(dir string, n credential.Number) (s source, err error) {
	err = s.complete(dir, n)
	return s, err
}

// complete reads from a tree what is not known yet.
func (s *source) complete(dir string, n credential.Number) error {
	for path, to := range map[string]*[]byte{CredentialPath(n): &s.doc, StatusPath(n): &s.statements} {
		if *to != nil {
			continue
		}
		data, err := readDocument(dir, path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		*to = data
	}
	return nil
}

// stamp stands for both documents.
func (s source) stamp() stamp {
	if s.statements == nil {
		return docStamp(s.doc)
	}
	return digest(func(h hash.Hash) { put(h, s.doc, s.statements) })
}

// open reads the documents of a certificate and holds them against their place: the number in the path, the site's own
// address and issuer, each other. It checks no proof; who issued has, and Check does.
func (s *siteState) open(n credential.Number, src source) (p Papers, err error) {
	if src.statements != nil {
		if p.Statements, err = s.said(n, src.statements); err != nil || p.Statements.Erased() {
			return p, err
		}
	}
	if src.doc == nil {
		return p, fmt.Errorf("%s: missing, and %s says nothing of an erasure; certd export writes it anew", CredentialPath(n), StatusPath(n))
	}
	p.Document = src.doc
	if p.Credential, err = s.credential(n, src.doc); err != nil || p.Statements == nil {
		return p, err
	}
	list, index := p.Credential.StatusPlace()
	if last := p.Statements.Last(); last.List != list || last.Index != index {
		return p, fmt.Errorf("%s: of place %d in list %d, but the certificate has place %d in list %d; certd export writes both anew", StatusPath(n), last.Index, last.List, index, list)
	}
	return p, nil
}

func (s *siteState) credential(n credential.Number, doc []byte) (*credential.Credential, error) {
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

func (s *siteState) said(n credential.Number, doc []byte) (*credential.Statements, error) {
	said, err := credential.DecodeStatements(doc)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", StatusPath(n), err)
	}
	switch {
	case said.Number != n:
		return nil, fmt.Errorf("%s: it is about the certificate %s; move it to %s", StatusPath(n), said.Number, StatusPath(said.Number))
	case said.BaseURL != s.BaseURL || said.Issuer != s.Issuer:
		return nil, fmt.Errorf("%s: signed by %s under %s, but this is the tree of %s; remove it", StatusPath(n), said.Issuer, said.BaseURL, s.BaseURL)
	}
	return said, nil
}

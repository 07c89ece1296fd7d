package credential

import (
	"errors"
	"fmt"
	"strings"

	"laurel/internal/jcs"
)

// Decode reads a credential strictly: every member known, of its type, and of the shape that New builds. It
// checks no proof. doc may be formatted in any way, up to 1 MiB. Errors: ErrFormat; ErrForeign for a
// credential that does not look like Laurel's.
func Decode(doc []byte) (*Credential, error) {
	c := new(Credential)
	if err := read(doc, c.read); err != nil {
		return nil, refuse(doc, err)
	}
	if err := c.check(); err != nil {
		return nil, refuse(doc, err)
	}
	return c, nil
}

// Canonical returns ErrFormat unless doc is JSON in its JCS form, as every signed file of a public tree is.
func Canonical(doc []byte) error {
	canonical, err := jcs.Transform(doc)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return sameBytes(doc, canonical)
}

func sameBytes(doc, canonical []byte) error {
	if string(doc) != string(canonical) {
		return fmt.Errorf("%w: not in its canonical form (RFC 8785), in which it is published", ErrFormat)
	}
	return nil
}

// read reads the one object of doc.
func read(doc []byte, object func(*jcs.Reader) error) error {
	if len(doc) > mostDocument {
		return fmt.Errorf("%w: %d bytes, more than any document that Laurel makes", ErrFormat, len(doc))
	}
	r := jcs.NewReader(doc)
	err := object(r)
	if err == nil {
		err = r.End()
	}
	var syntax *jcs.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return err
}

// refuse turns the reason why doc is not of our shape into ErrForeign where it is somebody else's
// credential.
func refuse(doc []byte, reason error) error {
	if len(doc) > mostDocument {
		return reason
	}
	v, err := jcs.Parse(doc)
	if err != nil {
		return reason
	}
	fields, _ := v.(map[string]any)
	issuer, ok := issuerOf(fields)
	if !ok {
		return reason
	}
	id, _ := fields["id"].(string)
	host, isDID := didHost(issuer)
	_, path, _ := strings.Cut(id, "://")
	if isDID && (strings.HasPrefix(path, host+certificatePath) || strings.HasPrefix(path, host+"/status/")) {
		return reason
	}
	return fmt.Errorf("%w: its issuer is %s", ErrForeign, short(issuer))
}

// issuerOf returns the issuer of a W3C credential, which is a string or an object with an id.
func issuerOf(fields map[string]any) (string, bool) {
	switch issuer := fields["issuer"].(type) {
	case string:
		return issuer, true
	case map[string]any:
		id, ok := issuer["id"].(string)
		return id, ok
	}
	return "", false
}

func (c *Credential) read(r *jcs.Reader) error {
	return r.Object(func(name string) error {
		switch name {
		case "@context":
			return readStrings(r, &c.Context)
		case "id":
			return readText(r, &c.ID)
		case "type":
			return readStrings(r, &c.Type)
		case "name":
			return readText(r, &c.Name)
		case "issuer":
			return c.Issuer.read(r)
		case "validFrom":
			return readText(r, &c.ValidFrom)
		case "validUntil":
			return readOptional(r, &c.ValidUntil)
		case "awardedDate":
			return readText(r, &c.AwardedDate)
		case "credentialSubject":
			return c.Subject.read(r)
		case "credentialStatus":
			return c.Status.read(r)
		case "proof":
			return readList(r, &c.Proof, (*Proof).read)
		}
		return unknown(r, name)
	})
}

func (i *Issuer) read(r *jcs.Reader) error {
	return r.Object(func(name string) error {
		switch name {
		case "id":
			return readText(r, &i.ID)
		case "type":
			return readStrings(r, &i.Type)
		case "name":
			return readText(r, &i.Name)
		}
		return unknown(r, name)
	})
}

func (s *Subject) read(r *jcs.Reader) error {
	return r.Object(func(name string) error {
		switch name {
		case "type":
			return readStrings(r, &s.Type)
		case "licenseNumber":
			return readText(r, &s.LicenseNumber)
		case "identifier":
			return readList(r, &s.Identifier, (*Identity).read)
		case "achievement":
			return s.Achievement.read(r)
		case "result":
			return readList(r, &s.Result, (*Result).read)
		}
		return unknown(r, name)
	})
}

func (i *Identity) read(r *jcs.Reader) error {
	hashed := false // whether the member is there
	err := r.Object(func(name string) (err error) {
		switch name {
		case "type":
			return readText(r, &i.Type)
		case "hashed":
			hashed = true
			i.Hashed, err = r.Bool()
			return err
		case "identityHash":
			return readText(r, &i.IdentityHash)
		case "identityType":
			return readText(r, &i.IdentityType)
		}
		return unknown(r, name)
	})
	if err == nil && !hashed {
		return r.Unwanted("an identity without the member \"hashed\"")
	}
	return err
}

func (a *Achievement) read(r *jcs.Reader) error {
	described := false // whether the member is there; it may be empty
	err := r.Object(func(name string) error {
		switch name {
		case "id":
			return readText(r, &a.ID)
		case "type":
			return readStrings(r, &a.Type)
		case "achievementType":
			return readText(r, &a.AchievementType)
		case "name":
			return readText(r, &a.Name)
		case "description":
			described = true
			return readText(r, &a.Description)
		case "criteria":
			return a.Criteria.read(r)
		case "resultDescription":
			return readList(r, &a.ResultDescription, (*ResultDescription).read)
		}
		return unknown(r, name)
	})
	if err == nil && !described {
		return r.Unwanted("an achievement without the member \"description\"")
	}
	return err
}

func (c *Criteria) read(r *jcs.Reader) error {
	return r.Object(func(name string) error {
		if name == "narrative" {
			return readText(r, &c.Narrative)
		}
		return unknown(r, name)
	})
}

func (d *ResultDescription) read(r *jcs.Reader) error {
	return r.Object(func(name string) error {
		switch name {
		case "id":
			return readText(r, &d.ID)
		case "type":
			return readStrings(r, &d.Type)
		case "name":
			return readText(r, &d.Name)
		case "resultType":
			return readText(r, &d.ResultType)
		case "valueMin":
			return readText(r, &d.ValueMin)
		case "valueMax":
			return readText(r, &d.ValueMax)
		case "requiredValue":
			return readOptional(r, &d.RequiredValue)
		}
		return unknown(r, name)
	})
}

func (v *Result) read(r *jcs.Reader) error {
	return r.Object(func(name string) error {
		switch name {
		case "type":
			return readStrings(r, &v.Type)
		case "resultDescription":
			return readText(r, &v.ResultDescription)
		case "value":
			return readText(r, &v.Value)
		}
		return unknown(r, name)
	})
}

func (e *StatusEntry) read(r *jcs.Reader) error {
	return r.Object(func(name string) error {
		switch name {
		case "id":
			return readText(r, &e.ID)
		case "type":
			return readText(r, &e.Type)
		case "statusPurpose":
			return readText(r, &e.StatusPurpose)
		case "statusListIndex":
			return readText(r, &e.StatusListIndex)
		case "statusListCredential":
			return readText(r, &e.StatusListCredential)
		}
		return unknown(r, name)
	})
}

func (p *Proof) read(r *jcs.Reader) error {
	err := r.Object(func(name string) error {
		switch name {
		case "type":
			return readText(r, &p.Type)
		case "created":
			return readText(r, &p.Created)
		case "verificationMethod":
			return readText(r, &p.VerificationMethod)
		case "cryptosuite":
			return readText(r, &p.Cryptosuite)
		case "proofPurpose":
			return readText(r, &p.ProofPurpose)
		case "@context":
			return readStrings(r, &p.Context)
		case "proofValue":
			return readText(r, &p.ProofValue)
		}
		return unknown(r, name)
	})
	incomplete := p.Type == "" || p.Created == "" || p.VerificationMethod == "" || p.Cryptosuite == "" ||
		p.ProofPurpose == "" || p.ProofValue == ""
	if err == nil && incomplete {
		return r.Unwanted("a proof that lacks a member")
	}
	return err
}

func unknown(r *jcs.Reader, name string) error {
	return r.Unwanted("Laurel's documents have no member " + short(name) + " here")
}

func readText(r *jcs.Reader, to *string) (err error) {
	*to, err = r.Text()
	return err
}

// readOptional reads a member that is left out when it has nothing to say.
func readOptional(r *jcs.Reader, to *string) error {
	if err := readText(r, to); err != nil {
		return err
	}
	if *to == "" {
		return r.Unwanted("an empty text, where the member must be left out")
	}
	return nil
}

func readStrings(r *jcs.Reader, to *[]string) error {
	*to = make([]string, 0, 2)
	err := r.Array(func(int) error {
		s, err := r.Text()
		*to = append(*to, s)
		return err
	})
	if err == nil && len(*to) == 0 {
		return r.Unwanted("an empty list")
	}
	return err
}

// readList reads a list of objects, of which Laurel's documents have at most two.
func readList[T any](r *jcs.Reader, to *[]T, read func(*T, *jcs.Reader) error) error {
	*to = make([]T, 0, 2)
	err := r.Array(func(i int) error {
		if i == 2 {
			return r.Unwanted("a third element, where Laurel's documents have at most two")
		}
		*to = append(*to, *new(T))
		return read(&(*to)[i], r)
	})
	if err == nil && len(*to) == 0 {
		return r.Unwanted("an empty list")
	}
	return err
}

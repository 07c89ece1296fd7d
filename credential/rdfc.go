package credential

import (
	"bytes"
	"crypto/sha256"
)

// RDF Dataset Canonicalization (RDFC-1.0) of the documents that this package makes. A JSON-LD processor
// would expand the document with its contexts, write it as RDF statements (N-Quads), name the blank nodes
// by their hashes and sort the lines. The shape is fixed, so the statements are written here at once, in
// sorted order; only the names of the blank nodes depend on the content. check and checkText refuse what
// this would get wrong.

const (
	rdfType     = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
	xsdDateTime = "http://www.w3.org/2001/XMLSchema#dateTime"
	// The Open Badges context writes these datatypes in its own ways.
	obDateTime = "xsd:dateTime"
	obBoolean  = "https://www.w3.org/2001/XMLSchema#boolean"
	obURI      = "https://www.w3.org/2001/XMLSchema#anyURI"
	multibase  = "https://w3id.org/security#multibase"

	schema      = "https://schema.org/"
	vocabOB     = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
	vocabVC     = "https://www.w3.org/2018/credentials#"
	vocabStatus = "https://www.w3.org/ns/credentials/status#"
	security    = "https://w3id.org/security#"
)

// The blank nodes of a credential.
const (
	blankSubject = iota
	blankIdentity
	blankCriteria
	blankResult
	blankNodes
)

// blankNames are what the blank nodes are called in the statements.
type blankNames [blankNodes]string

// appendCredentialQuads appends the canonical N-Quads of c without its proofs. c has passed check.
func appendCredentialQuads(dst []byte, c *Credential) []byte {
	names := nameBlanks(c)
	// The subjects in order: the DID begins with d, all others with the base address; then /a/ with ':'
	// before '>', /c/, /status/; and the blank nodes, as '_' sorts behind '<'.
	dst = appendIssuerQuads(dst, c)
	dst = appendDescriptionQuads(dst, c)
	dst = appendAchievementQuads(dst, c, &names)
	dst = appendRootQuads(dst, c, &names)
	dst = appendStatusQuads(dst, c)
	for _, label := range blankLabels {
		for node, name := range names {
			if name == label {
				dst = appendBlankQuads(dst, c, node, &names)
			}
		}
	}
	return dst
}

// blankLabels are the names that RDFC-1.0 gives, in order.
var blankLabels = [blankNodes]string{"_:c14n0", "_:c14n1", "_:c14n2", "_:c14n3"}

// nameBlanks names the blank nodes by the order of their first degree hashes (RDFC-1.0 §4.6): the SHA-256
// of the statements that mention a node, which itself is called _:a there and every other _:z. No two nodes
// can have equal hashes, since each has a type or a predicate of its own, so the N-degree hashes are never
// needed.
func nameBlanks(c *Credential) blankNames {
	type hashed struct {
		sum  [sha256.Size]byte
		node int
	}
	var order [blankNodes]hashed
	count := 0
	buf := make([]byte, 0, 2048)
	for node := range blankNodes {
		if node == blankResult && len(c.Subject.Result) == 0 {
			continue
		}
		names := blankNames{"_:z", "_:z", "_:z", "_:z"}
		names[node] = "_:a"
		buf = appendMentions(buf[:0], c, node, &names)
		h := hashed{sha256.Sum256(buf), node}
		at := count
		for at > 0 && bytes.Compare(h.sum[:], order[at-1].sum[:]) < 0 {
			order[at] = order[at-1]
			at--
		}
		order[at] = h
		count++
	}
	var names blankNames
	for i, h := range order[:count] {
		names[h.node] = blankLabels[i]
	}
	return names
}

// appendMentions appends the sorted statements that mention a blank node: its own, and the one that leads
// to it, which comes first where it starts with '<' and last where it starts with _:z.
func appendMentions(dst []byte, c *Credential, node int, names *blankNames) []byte {
	switch node {
	case blankSubject:
		dst = appendLink(dst, c.ID, vocabVC+"credentialSubject", names[node])
	case blankCriteria:
		dst = appendLink(dst, c.Subject.Achievement.ID, vocabOB+"Criteria", names[node])
	}
	dst = appendBlankQuads(dst, c, node, names)
	switch node {
	case blankIdentity:
		dst = appendLink(dst, names[blankSubject], vocabOB+"identifier", names[node])
	case blankResult:
		dst = appendLink(dst, names[blankSubject], vocabOB+"result", names[node])
	}
	return dst
}

func appendIssuerQuads(dst []byte, c *Credential) []byte {
	dst = appendLink(dst, c.Issuer.ID, rdfType, vocabOB+"Profile")
	return appendLiteral(dst, c.Issuer.ID, schema+"name", c.Issuer.Name, "")
}

func appendDescriptionQuads(dst []byte, c *Credential) []byte {
	for i := range c.Subject.Achievement.ResultDescription {
		d := &c.Subject.Achievement.ResultDescription[i]
		dst = appendLink(dst, d.ID, rdfType, vocabOB+"ResultDescription")
		if d.RequiredValue != "" {
			dst = appendLiteral(dst, d.ID, vocabOB+"requiredValue", d.RequiredValue, "")
		}
		dst = appendLiteral(dst, d.ID, vocabOB+"resultType", d.ResultType, "")
		dst = appendLiteral(dst, d.ID, vocabOB+"valueMax", d.ValueMax, "")
		dst = appendLiteral(dst, d.ID, vocabOB+"valueMin", d.ValueMin, "")
		dst = appendLiteral(dst, d.ID, schema+"name", d.Name, "")
	}
	return dst
}

func appendAchievementQuads(dst []byte, c *Credential, names *blankNames) []byte {
	a := &c.Subject.Achievement
	dst = appendLink(dst, a.ID, rdfType, vocabOB+"Achievement")
	dst = appendLink(dst, a.ID, vocabOB+"Criteria", names[blankCriteria])
	dst = appendLiteral(dst, a.ID, vocabOB+"achievementType", a.AchievementType, "")
	for i := range a.ResultDescription {
		dst = appendLink(dst, a.ID, vocabOB+"resultDescription", a.ResultDescription[i].ID)
	}
	dst = appendLiteral(dst, a.ID, schema+"description", a.Description, "")
	return appendLiteral(dst, a.ID, schema+"name", a.Name, "")
}

func appendRootQuads(dst []byte, c *Credential, names *blankNames) []byte {
	dst = appendLink(dst, c.ID, rdfType, vocabOB+"OpenBadgeCredential")
	dst = appendLink(dst, c.ID, rdfType, vocabVC+"VerifiableCredential")
	dst = appendLiteral(dst, c.ID, vocabOB+"awardedDate", c.AwardedDate, obDateTime)
	dst = appendLiteral(dst, c.ID, schema+"name", c.Name, "")
	dst = appendLink(dst, c.ID, vocabVC+"credentialStatus", c.Status.ID)
	dst = appendLink(dst, c.ID, vocabVC+"credentialSubject", names[blankSubject])
	dst = appendLink(dst, c.ID, vocabVC+"issuer", c.Issuer.ID)
	dst = appendLiteral(dst, c.ID, vocabVC+"validFrom", c.ValidFrom, xsdDateTime)
	if c.ValidUntil != "" {
		dst = appendLiteral(dst, c.ID, vocabVC+"validUntil", c.ValidUntil, xsdDateTime)
	}
	return dst
}

func appendStatusQuads(dst []byte, c *Credential) []byte {
	e := &c.Status
	dst = appendLink(dst, e.ID, rdfType, vocabStatus+"BitstringStatusListEntry")
	dst = appendLink(dst, e.ID, vocabStatus+"statusListCredential", e.StatusListCredential)
	dst = appendLiteral(dst, e.ID, vocabStatus+"statusListIndex", e.StatusListIndex, "")
	return appendLiteral(dst, e.ID, vocabStatus+"statusPurpose", e.StatusPurpose, "")
}

// appendBlankQuads appends the statements about one blank node.
func appendBlankQuads(dst []byte, c *Credential, node int, names *blankNames) []byte {
	self := names[node]
	switch s := &c.Subject; node {
	case blankSubject:
		dst = appendLink(dst, self, rdfType, vocabOB+"AchievementSubject")
		dst = appendLink(dst, self, vocabOB+"achievement", s.Achievement.ID)
		dst = appendLink(dst, self, vocabOB+"identifier", names[blankIdentity])
		dst = appendLiteral(dst, self, vocabOB+"licenseNumber", s.LicenseNumber, "")
		if len(s.Result) > 0 {
			dst = appendLink(dst, self, vocabOB+"result", names[blankResult])
		}
	case blankIdentity:
		id := &s.Identifier[0]
		dst = appendLink(dst, self, rdfType, vocabOB+"IdentityObject")
		dst = appendLiteral(dst, self, vocabOB+"hashed", "false", obBoolean)
		dst = appendLiteral(dst, self, vocabOB+"identityHash", id.IdentityHash, "")
		dst = appendLiteral(dst, self, vocabOB+"identityType", id.IdentityType, "")
	case blankCriteria:
		dst = appendLiteral(dst, self, vocabOB+"narrative", s.Achievement.Criteria.Narrative, "")
	case blankResult:
		dst = appendLink(dst, self, rdfType, vocabOB+"Result")
		dst = appendLiteral(dst, self, vocabOB+"resultDescription", s.Result[0].ResultDescription, obURI)
		dst = appendLiteral(dst, self, schema+"value", s.Result[0].Value, "")
	}
	return dst
}

// appendListQuads appends the canonical N-Quads of a status list credential without its proofs; it has no
// blank nodes. The fragment's '#' sorts before '>'.
func appendListQuads(dst []byte, l *listDocument) []byte {
	dst = appendLink(dst, l.subjectID, rdfType, vocabStatus+"BitstringStatusList")
	dst = appendLiteral(dst, l.subjectID, vocabStatus+"encodedList", l.encodedList, multibase)
	dst = appendLiteral(dst, l.subjectID, vocabStatus+"statusPurpose", l.purpose, "")
	dst = appendLink(dst, l.id, rdfType, vocabVC+"VerifiableCredential")
	dst = appendLink(dst, l.id, rdfType, vocabStatus+"BitstringStatusListCredential")
	dst = appendLink(dst, l.id, vocabVC+"credentialSubject", l.subjectID)
	dst = appendLink(dst, l.id, vocabVC+"issuer", l.issuer)
	return appendLiteral(dst, l.id, vocabVC+"validFrom", l.validFrom, xsdDateTime)
}

// appendProofQuads appends the canonical N-Quads of a proof's configuration (VC-DI-EDDSA §3.2.5).
func appendProofQuads(dst []byte, p *Proof) []byte {
	const self = "_:c14n0"
	dst = appendLiteral(dst, self, "http://purl.org/dc/terms/created", p.Created, xsdDateTime)
	dst = appendLink(dst, self, rdfType, security+p.Type)
	dst = appendLiteral(dst, self, security+"cryptosuite", p.Cryptosuite, security+"cryptosuiteString")
	dst = appendLink(dst, self, security+"proofPurpose", security+p.ProofPurpose)
	return appendLink(dst, self, security+"verificationMethod", p.VerificationMethod)
}

// appendLink appends a statement whose object is an IRI or a blank node.
func appendLink(dst []byte, subject, predicate, object string) []byte {
	dst = appendTerm(dst, subject)
	dst = append(append(append(dst, " <"...), predicate...), "> "...)
	return append(appendTerm(dst, object), " .\n"...)
}

// appendLiteral appends a statement whose object is a text, of xsd:string if datatype is empty.
func appendLiteral(dst []byte, subject, predicate, value, datatype string) []byte {
	dst = appendTerm(dst, subject)
	dst = append(append(append(dst, " <"...), predicate...), "> \""...)
	dst = appendEscaped(dst, value)
	if datatype == "" {
		return append(dst, "\" .\n"...)
	}
	dst = append(append(dst, "\"^^<"...), datatype...)
	return append(dst, "> .\n"...)
}

// appendTerm appends an IRI or the name of a blank node. IRIs need no escapes: check admits ASCII alone in
// them.
func appendTerm(dst []byte, term string) []byte {
	if term[0] == '_' {
		return append(dst, term...)
	}
	return append(append(append(dst, '<'), term...), '>')
}

// appendEscaped appends a text as canonical N-Quads write it (RDFC-1.0 §A).
func appendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c != 0x7F {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\r':
			dst = append(dst, '\\', 'r')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(dst, s[from:]...)
}

package credential

import (
	"strconv"

	"laurel/internal/jcs"
)

// appendCredential appends the JCS form of c without its proofs, and returns where the member "proof", with
// a comma behind it, has its place. Members stand in the order of their UTF-16 code units (RFC 8785
// §3.2.3).
func appendCredential(dst []byte, c *Credential) (_ []byte, proofAt int) {
	dst = append(dst, `{"@context":`...)
	dst = appendStrings(dst, c.Context)
	dst = appendMember(dst, `,"awardedDate":`, c.AwardedDate)
	dst = appendStatus(append(dst, `,"credentialStatus":`...), &c.Status)
	dst = appendSubject(append(dst, `,"credentialSubject":`...), &c.Subject)
	dst = appendMember(dst, `,"id":`, c.ID)
	dst = appendMember(dst, `,"issuer":{"id":`, c.Issuer.ID)
	dst = appendMember(dst, `,"name":`, c.Issuer.Name)
	dst = appendStrings(append(dst, `,"type":`...), c.Issuer.Type)
	dst = appendMember(dst, `},"name":`, c.Name)
	dst = append(dst, ',')
	proofAt = len(dst)
	dst = appendStrings(append(dst, `"type":`...), c.Type)
	dst = appendMember(dst, `,"validFrom":`, c.ValidFrom)
	if c.ValidUntil != "" {
		dst = appendMember(dst, `,"validUntil":`, c.ValidUntil)
	}
	return append(dst, '}'), proofAt
}

func appendStatus(dst []byte, e *StatusEntry) []byte {
	dst = appendMember(dst, `{"id":`, e.ID)
	dst = appendMember(dst, `,"statusListCredential":`, e.StatusListCredential)
	dst = appendMember(dst, `,"statusListIndex":`, e.StatusListIndex)
	dst = appendMember(dst, `,"statusPurpose":`, e.StatusPurpose)
	dst = appendMember(dst, `,"type":`, e.Type)
	return append(dst, '}')
}

func appendSubject(dst []byte, s *Subject) []byte {
	dst = appendAchievement(append(dst, `{"achievement":`...), &s.Achievement)
	dst = append(dst, `,"identifier":[`...)
	for i := range s.Identifier {
		dst = appendComma(dst, i)
		id := &s.Identifier[i]
		dst = strconv.AppendBool(append(dst, `{"hashed":`...), id.Hashed)
		dst = appendMember(dst, `,"identityHash":`, id.IdentityHash)
		dst = appendMember(dst, `,"identityType":`, id.IdentityType)
		dst = appendMember(dst, `,"type":`, id.Type)
		dst = append(dst, '}')
	}
	dst = appendMember(dst, `],"licenseNumber":`, s.LicenseNumber)
	if len(s.Result) > 0 {
		dst = append(dst, `,"result":[`...)
		for i := range s.Result {
			r := &s.Result[i]
			dst = appendComma(dst, i)
			dst = appendMember(dst, `{"resultDescription":`, r.ResultDescription)
			dst = appendStrings(append(dst, `,"type":`...), r.Type)
			dst = appendMember(dst, `,"value":`, r.Value)
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	dst = appendStrings(append(dst, `,"type":`...), s.Type)
	return append(dst, '}')
}

func appendAchievement(dst []byte, a *Achievement) []byte {
	dst = appendMember(dst, `{"achievementType":`, a.AchievementType)
	dst = appendMember(dst, `,"criteria":{"narrative":`, a.Criteria.Narrative)
	dst = appendMember(dst, `},"description":`, a.Description)
	dst = appendMember(dst, `,"id":`, a.ID)
	dst = appendMember(dst, `,"name":`, a.Name)
	if len(a.ResultDescription) > 0 {
		dst = append(dst, `,"resultDescription":[`...)
		for i := range a.ResultDescription {
			dst = appendResultDescription(appendComma(dst, i), &a.ResultDescription[i])
		}
		dst = append(dst, ']')
	}
	dst = appendStrings(append(dst, `,"type":`...), a.Type)
	return append(dst, '}')
}

func appendResultDescription(dst []byte, d *ResultDescription) []byte {
	dst = appendMember(dst, `{"id":`, d.ID)
	dst = appendMember(dst, `,"name":`, d.Name)
	if d.RequiredValue != "" {
		dst = appendMember(dst, `,"requiredValue":`, d.RequiredValue)
	}
	dst = appendMember(dst, `,"resultType":`, d.ResultType)
	dst = appendStrings(append(dst, `,"type":`...), d.Type)
	dst = appendMember(dst, `,"valueMax":`, d.ValueMax)
	dst = appendMember(dst, `,"valueMin":`, d.ValueMin)
	return append(dst, '}')
}

// appendProof appends the JCS form of a proof; of its configuration if it has no value yet.
func appendProof(dst []byte, p *Proof) []byte {
	dst = append(dst, '{')
	if len(p.Context) > 0 {
		dst = append(appendStrings(append(dst, `"@context":`...), p.Context), ',')
	}
	dst = appendMember(dst, `"created":`, p.Created)
	dst = appendMember(dst, `,"cryptosuite":`, p.Cryptosuite)
	dst = appendMember(dst, `,"proofPurpose":`, p.ProofPurpose)
	if p.ProofValue != "" {
		dst = appendMember(dst, `,"proofValue":`, p.ProofValue)
	}
	dst = appendMember(dst, `,"type":`, p.Type)
	dst = appendMember(dst, `,"verificationMethod":`, p.VerificationMethod)
	return append(dst, '}')
}

// appendProofs appends the member "proof" with a comma behind it, or nothing for no proofs.
func appendProofs(dst []byte, proofs []Proof) []byte {
	if len(proofs) == 0 {
		return dst
	}
	dst = append(dst, `"proof":[`...)
	for i := range proofs {
		dst = appendProof(appendComma(dst, i), &proofs[i])
	}
	return append(dst, `],`...)
}

// join sets the proofs into the JCS form of a document without proofs.
func join(unsigned []byte, proofAt int, proofs []Proof) []byte {
	doc := make([]byte, 0, len(unsigned)+len(proofs)*512)
	doc = append(doc, unsigned[:proofAt]...)
	doc = appendProofs(doc, proofs)
	return append(doc, unsigned[proofAt:]...)
}

func appendMember(dst []byte, name, value string) []byte {
	return jcs.AppendString(append(dst, name...), value)
}

func appendStrings(dst []byte, values []string) []byte {
	dst = append(dst, '[')
	for i, v := range values {
		dst = jcs.AppendString(appendComma(dst, i), v)
	}
	return append(dst, ']')
}

func appendComma(dst []byte, i int) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return dst
}

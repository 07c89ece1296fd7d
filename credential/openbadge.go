package credential

// Credential is an Open Badges 3.0 OpenBadgeCredential, its fields in document order. Only New, Decode and
// the Verify functions make one; every field has been checked to be of the supported shape in one that
// Decode or Verify returned.
type Credential struct {
	Context     []string    `json:"@context"`
	ID          string      `json:"id"` // BASE/c/NUMBER/credential.json
	Type        []string    `json:"type"`
	Name        string      `json:"name"` // the title: Chinese, " / ", English
	Issuer      Issuer      `json:"issuer"`
	ValidFrom   string      `json:"validFrom"` // RFC 3339 with the issuer's offset
	ValidUntil  string      `json:"validUntil,omitempty"`
	AwardedDate string      `json:"awardedDate"`
	Subject     Subject     `json:"credentialSubject"`
	Status      StatusEntry `json:"credentialStatus"`
	Proof       []Proof     `json:"proof,omitempty"`
}

// Issuer is the organisation that stands behind the credential.
type Issuer struct {
	ID   string   `json:"id"` // did:web:HOST
	Type []string `json:"type"`
	Name string   `json:"name"`
}

// Subject says who earned what.
type Subject struct {
	Type          []string    `json:"type"`
	LicenseNumber string      `json:"licenseNumber"` // the certificate number
	Identifier    []Identity  `json:"identifier"`
	Achievement   Achievement `json:"achievement"`
	Result        []Result    `json:"result,omitempty"`
}

// Identity carries the recipient's name, in the clear.
type Identity struct {
	Type         string `json:"type"`
	Hashed       bool   `json:"hashed"`
	IdentityHash string `json:"identityHash"`
	IdentityType string `json:"identityType"`
}

// Achievement is the course, the exam or the award.
type Achievement struct {
	ID                string              `json:"id"` // BASE/a/TEMPLATE/#ID
	Type              []string            `json:"type"`
	AchievementType   string              `json:"achievementType"` // Course, Assessment or Achievement
	Name              string              `json:"name"`
	Description       string              `json:"description"`
	Criteria          Criteria            `json:"criteria"`
	ResultDescription []ResultDescription `json:"resultDescription,omitempty"`
}

// Criteria says in Markdown what had to be done.
type Criteria struct {
	Narrative string `json:"narrative"`
}

// ResultDescription gives the bounds of a result. The values are decimal numbers as text.
type ResultDescription struct {
	ID            string   `json:"id"` // the achievement's id + ":score" or ":rate"
	Type          []string `json:"type"`
	Name          string   `json:"name"`
	ResultType    string   `json:"resultType"` // RawScore or Percent
	ValueMin      string   `json:"valueMin"`
	ValueMax      string   `json:"valueMax"`
	RequiredValue string   `json:"requiredValue,omitempty"`
}

// Result is what the recipient reached: a decimal number as text.
type Result struct {
	Type              []string `json:"type"`
	ResultDescription string   `json:"resultDescription"`
	Value             string   `json:"value"`
}

// StatusEntry is the credential's place in the status lists.
type StatusEntry struct {
	ID                   string `json:"id"` // LIST#INDEX
	Type                 string `json:"type"`
	StatusPurpose        string `json:"statusPurpose"`
	StatusListIndex      string `json:"statusListIndex"`      // 0 … 131071
	StatusListCredential string `json:"statusListCredential"` // BASE/status/revocation/N.json
}

// Proof is one Data Integrity proof.
type Proof struct {
	Type               string   `json:"type"`
	Created            string   `json:"created"` // UTC, seconds
	VerificationMethod string   `json:"verificationMethod"`
	Cryptosuite        string   `json:"cryptosuite"`
	ProofPurpose       string   `json:"proofPurpose"`
	Context            []string `json:"@context,omitempty"` // eddsa-jcs-2022 only
	ProofValue         string   `json:"proofValue"`         // base58btc with the prefix z
}

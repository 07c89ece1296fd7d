package credential

import "time"

// Facts are what a certificate states, ready to be set into a document. Text is taken as it is:
// bringing names to NFC and refusing bad ones is the caller's work.
type Facts struct {
	BaseURL    string // https://HOST[:PORT], no path; http for localhost
	IssuerName string
	Number     Number
	Template   string // the template's id
	Type       string // course, exam or achievement

	TitleZh, TitleEn string // together the credential's name
	Description      string // of the template, both languages
	Criteria         string // Markdown

	RecipientName   string
	AchievementID   string // as the caller named it; percent-encoded in the document
	AchievementName string

	// Decimal numbers as text, no exponent, at most two decimals, no trailing zeros. An exam has
	// Score and MaxScore and may have RequiredScore; a course has Rate and may have RequiredRate.
	Score, MaxScore, RequiredScore string
	Rate, RequiredRate             string

	ValidFrom  time.Time
	ValidUntil time.Time      // zero: no end
	Zone       *time.Location // in which both are written; nil is UTC

	StatusList  int    // 0, 1, …
	StatusIndex uint32 // 0 … 131071
}

// New builds the document that states f, without proofs. It does not judge: Sign refuses a document
// of another than the supported shape.
func New(f Facts) *Credential { panic("not written yet") }

// Number returns the certificate's number.
func (c *Credential) Number() Number { return Number(c.Subject.LicenseNumber) }

// Base returns the base address under which the certificate was issued, without a final slash.
func (c *Credential) Base() string { panic("not written yet") }

// Recipient returns the recipient's name.
func (c *Credential) Recipient() string { return c.Subject.Identifier[0].IdentityHash }

// Kind returns course, exam or achievement.
func (c *Credential) Kind() string { panic("not written yet") }

// Titles returns the title in Chinese and in English.
func (c *Credential) Titles() (zh, en string) { panic("not written yet") }

// TemplateID returns the id of the template that the certificate was issued from.
func (c *Credential) TemplateID() string { panic("not written yet") }

// AchievementID returns the achievement's id as the caller of the issuer named it.
func (c *Credential) AchievementID() string { panic("not written yet") }

// Issued returns the date of issue, YYYY-MM-DD in the issuer's zone.
func (c *Credential) Issued() string { return c.ValidFrom[:10] }

// Expires returns the last date of validity, or "".
func (c *Credential) Expires() string { panic("not written yet") }

// Result returns the value reached and the greatest possible one, as decimal text; both are empty
// for a certificate without a result. A course's value is a percentage of 100.
func (c *Credential) Result() (value, max string) { panic("not written yet") }

// Required returns the value that had to be reached, or "".
func (c *Credential) Required() string { panic("not written yet") }

// StatusPlace returns the number of the status list and the index in it.
func (c *Credential) StatusPlace() (list int, index uint32) { panic("not written yet") }

package credential

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Facts are what a certificate states, ready to be set into a document. Text is taken as it is: bringing
// names to NFC and refusing bad ones is the caller's work.
type Facts struct {
	BaseURL    string // https://HOST[:PORT], no path; http for localhost
	IssuerName string
	Number     Number
	Template   string // the template's id: letters, digits, '.', '_', '-'
	Type       string // course, exam or achievement

	TitleZh, TitleEn string // together the credential's name
	Description      string // of the template, both languages
	Criteria         string // Markdown

	RecipientName   string
	AchievementID   string // as the caller named it; percent-encoded in the document
	AchievementName string

	// Decimal numbers as text: no sign, no exponent, at most two decimals, no trailing zeros. An exam may
	// have Score, with MaxScore, and then RequiredScore; a course Rate, and then RequiredRate.
	Score, MaxScore, RequiredScore string
	Rate, RequiredRate             string

	ValidFrom  time.Time
	ValidUntil time.Time      // zero: no end
	Zone       *time.Location // in which both are written; nil is UTC

	StatusList  int    // 0, 1, …
	StatusIndex uint32 // 0 … StatusListSize-1
}

// New builds the document that states f, without proofs. It does not judge: Sign refuses a document of
// another than the supported shape. Tabs in Criteria and Description become four spaces, which mean the
// same in Markdown: implementations of RDF canonicalization disagree on how a tab is written (see
// checkText).
func New(f Facts) *Credential {
	did, err := DIDWeb(f.BaseURL)
	if err != nil {
		did = "" // refused by Sign
	}
	kind := kinds[max(0, slices.IndexFunc(kinds[:], func(k kind) bool { return k.name == f.Type }))]
	zone := f.Zone
	if zone == nil {
		zone = time.UTC
	}
	list := f.BaseURL + revocationPath + strconv.Itoa(f.StatusList) + listSuffix
	index := strconv.FormatUint(uint64(f.StatusIndex), 10)
	c := &Credential{
		Context:     []string{contextVC, contextOB},
		ID:          f.BaseURL + certificatePath + string(f.Number) + credentialFile,
		Type:        []string{"VerifiableCredential", "OpenBadgeCredential"},
		Name:        f.TitleZh + titleSeparator + f.TitleEn,
		Issuer:      Issuer{ID: did, Type: []string{"Profile"}, Name: f.IssuerName},
		ValidFrom:   f.ValidFrom.In(zone).Format(time.RFC3339),
		AwardedDate: f.ValidFrom.In(zone).Format(time.RFC3339),
		Subject: Subject{
			Type:          []string{"AchievementSubject"},
			LicenseNumber: string(f.Number),
			Identifier: []Identity{{
				Type: "IdentityObject", IdentityHash: f.RecipientName, IdentityType: "name",
			}},
			Achievement: Achievement{
				ID:              f.BaseURL + achievementPath + f.Template + "/#" + escapeFragment(f.AchievementID),
				Type:            []string{"Achievement"},
				AchievementType: kind.achievementType,
				Name:            f.AchievementName,
				Description:     spaces(f.Description),
				Criteria:        Criteria{Narrative: spaces(f.Criteria)},
			},
		},
		Status: StatusEntry{
			ID: list + "#" + index, Type: "BitstringStatusListEntry", StatusPurpose: "revocation",
			StatusListIndex: index, StatusListCredential: list,
		},
	}
	if kind.name != f.Type {
		c.Subject.Achievement.AchievementType = f.Type // unknown, refused by Sign
	}
	if !f.ValidUntil.IsZero() {
		c.ValidUntil = f.ValidUntil.In(zone).Format(time.RFC3339)
	}
	switch {
	case f.Type == "exam" && f.Score != "":
		c.setResult(kind, f.Score, f.MaxScore, f.RequiredScore)
	case f.Type == "course" && f.Rate != "":
		c.setResult(kind, f.Rate, "100", f.RequiredRate)
	}
	return c
}

func (c *Credential) setResult(k kind, value, most, required string) {
	id := c.Subject.Achievement.ID + k.resultSuffix
	c.Subject.Achievement.ResultDescription = []ResultDescription{{
		ID: id, Type: []string{"ResultDescription"}, Name: k.resultName, ResultType: k.resultType,
		ValueMin: "0", ValueMax: most, RequiredValue: required,
	}}
	c.Subject.Result = []Result{{Type: []string{"Result"}, ResultDescription: id, Value: value}}
}

func spaces(s string) string { return strings.ReplaceAll(s, "\t", "    ") }

// escapeFragment percent-encodes all but RFC 3986's unreserved characters.
func escapeFragment(s string) string {
	const hex = "0123456789ABCDEF"
	var b []byte
	for i := range len(s) {
		if c := s[i]; isUnreserved(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

// Number returns the certificate's number.
func (c *Credential) Number() Number { return Number(c.Subject.LicenseNumber) }

// Base returns the base address under which the certificate was issued, without a slash at the end.
func (c *Credential) Base() string {
	return strings.TrimSuffix(c.ID, certificatePath+c.Subject.LicenseNumber+credentialFile)
}

// Recipient returns the recipient's name.
func (c *Credential) Recipient() string { return c.Subject.Identifier[0].IdentityHash }

// Kind returns course, exam or achievement.
func (c *Credential) Kind() string {
	k, _ := kindOf(c.Subject.Achievement.AchievementType)
	return k.name
}

// Titles returns the title in Chinese and in English.
func (c *Credential) Titles() (zh, en string) {
	zh, en, _ = strings.Cut(c.Name, titleSeparator)
	return zh, en
}

// TemplateID returns the id of the template that the certificate was issued from.
func (c *Credential) TemplateID() string {
	template, _ := c.achievementParts()
	return template
}

// AchievementID returns the achievement's id as the caller of the issuer named it.
func (c *Credential) AchievementID() string {
	_, fragment := c.achievementParts()
	id, err := url.PathUnescape(fragment)
	if err != nil {
		return fragment // not in a document that was checked
	}
	return id
}

func (c *Credential) achievementParts() (template, fragment string) {
	path := strings.TrimPrefix(c.Subject.Achievement.ID, c.Base()+achievementPath)
	template, fragment, _ = strings.Cut(path, "/#")
	return template, fragment
}

// Issued returns the date of issue in the issuer's zone, YYYY-MM-DD.
func (c *Credential) Issued() string { return c.ValidFrom[:len("2006-01-02")] }

// Expires returns the date on which the validity ends, YYYY-MM-DD in the issuer's zone, or "".
func (c *Credential) Expires() string {
	if c.ValidUntil == "" {
		return ""
	}
	return c.ValidUntil[:len("2006-01-02")]
}

// Result returns the value reached and the greatest possible one as decimal text, both empty for a
// certificate without a result. A course's is a percentage of "100".
func (c *Credential) Result() (value, most string) {
	if len(c.Subject.Result) == 0 {
		return "", ""
	}
	return c.Subject.Result[0].Value, c.Subject.Achievement.ResultDescription[0].ValueMax
}

// Required returns the value that had to be reached as decimal text, or "".
func (c *Credential) Required() string {
	if len(c.Subject.Achievement.ResultDescription) == 0 {
		return ""
	}
	return c.Subject.Achievement.ResultDescription[0].RequiredValue
}

// StatusPlace returns the number of the status lists and the index in them.
func (c *Credential) StatusPlace() (list int, index uint32) {
	name := strings.TrimPrefix(c.Status.StatusListCredential, c.Base()+revocationPath)
	list, _ = strconv.Atoi(strings.TrimSuffix(name, listSuffix))
	i, _ := strconv.ParseUint(c.Status.StatusListIndex, 10, 32)
	return list, uint32(i)
}

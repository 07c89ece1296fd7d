package credential

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	contextVC = "https://www.w3.org/ns/credentials/v2"
	contextOB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

	certificatePath = "/c/"
	credentialFile  = "/credential.json"
	achievementPath = "/a/"
	revocationPath  = "/status/revocation/"
	listSuffix      = ".json"
	titleSeparator  = " / "

	mostDocument = 1 << 20 // bytes of a credential or a status list
)

// kind is one of the three types of certificate.
type kind struct {
	name            string // in the API and the templates
	achievementType string // in the document, an Open Badges AchievementType
	resultType      string // an Open Badges ResultType, "" for no result
	resultName      string
	resultSuffix    string // of resultDescription.id
}

var kinds = [3]kind{
	{"course", "Course", "Percent", "完成率 / Completion rate", ":rate"},
	{"exam", "Assessment", "RawScore", "成绩 / Score", ":score"},
	{"achievement", "Achievement", "", "", ""},
}

func kindOf(achievementType string) (kind, bool) {
	for _, k := range kinds {
		if k.achievementType == achievementType {
			return k, true
		}
	}
	return kind{}, false
}

// shape collects the first thing that is wrong with a document.
type shape struct{ reason string }

func (s *shape) ok() bool { return s.reason == "" }

// err returns ErrFormat with the reason, or nil.
func (s *shape) err() error {
	if s.ok() {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrFormat, s.reason)
}

// must records that field is not what it has to be.
func (s *shape) must(ok bool, field, got, want string) {
	if !ok && s.ok() {
		s.reason = fmt.Sprintf("%s is %s, must be %s", field, short(got), want)
	}
}

func (s *shape) is(field, got, want string) {
	if got != want {
		s.must(false, field, got, strconv.Quote(want))
	}
}

func (s *shape) only(field string, got []string, want ...string) {
	ok := len(got) == len(want)
	for i := 0; ok && i < len(want); i++ {
		ok = got[i] == want[i]
	}
	if !ok {
		s.must(false, field, strings.Join(got, ", "), "the list "+strings.Join(want, ", "))
	}
}

func (s *shape) text(field, got string) {
	s.must(got != "", field, got, "some text")
	s.must(checkText(got), field, got, "text without tabs and control characters")
}

func (s *shape) date(field, got string) {
	s.must(isDate(got), field, got, "a date and time with seconds and zone, 2026-03-01T10:03:04+08:00")
}

func (s *shape) decimal(field, got string) int64 {
	n, ok := parseDecimal(got)
	s.must(ok, field, got, "a decimal number as 100 or 92.5, with at most two decimals")
	return n
}

// check refuses a credential that is not of the one shape which New builds, and whose RDF statements
// appendNQuads can write. It does not look at the proofs. The error is ErrFormat.
func (c *Credential) check() error {
	var s shape
	s.only("@context", c.Context, contextVC, contextOB)
	s.only("type", c.Type, "VerifiableCredential", "OpenBadgeCredential")
	s.text("name", c.Name)
	number := c.Subject.LicenseNumber
	s.must(Number(number).isCanonical(), "credentialSubject.licenseNumber", number, "a certificate number")
	base, ok := strings.CutSuffix(c.ID, certificatePath+number+credentialFile)
	s.must(ok, "id", c.ID, "the base address, /c/, the number and /credential.json")
	did, err := DIDWeb(base)
	s.must(err == nil, "id", c.ID, "under a base address that a did:web can name")
	s.is("issuer.id", c.Issuer.ID, did)
	s.only("issuer.type", c.Issuer.Type, "Profile")
	s.text("issuer.name", c.Issuer.Name)
	s.date("validFrom", c.ValidFrom)
	s.date("awardedDate", c.AwardedDate)
	if c.ValidUntil != "" {
		s.date("validUntil", c.ValidUntil)
		s.must(!s.ok() || isBefore(c.ValidFrom, c.ValidUntil), "validUntil", c.ValidUntil, "later than validFrom")
	}
	c.checkSubject(&s, base)
	c.checkStatus(&s, base)
	return s.err()
}

func (c *Credential) checkSubject(s *shape, base string) {
	s.only("credentialSubject.type", c.Subject.Type, "AchievementSubject")
	if s.must(len(c.Subject.Identifier) == 1, "credentialSubject.identifier", "", "one object"); !s.ok() {
		return
	}
	id := &c.Subject.Identifier[0]
	s.is("credentialSubject.identifier.type", id.Type, "IdentityObject")
	s.is("credentialSubject.identifier.identityType", id.IdentityType, "name")
	s.is("credentialSubject.identifier.hashed", strconv.FormatBool(id.Hashed), "false")
	s.text("credentialSubject.identifier.identityHash", id.IdentityHash)

	const field = "credentialSubject.achievement."
	a := &c.Subject.Achievement
	path, ok := strings.CutPrefix(a.ID, base+achievementPath)
	template, fragment, hasFragment := strings.Cut(path, "/#")
	s.must(ok && hasFragment && isTemplateID(template) && isFragment(fragment), field+"id", a.ID,
		"the base address, /a/, the template, /# and the percent-encoded id of the achievement")
	s.only(field+"type", a.Type, "Achievement")
	s.text(field+"name", a.Name)
	s.must(checkText(a.Description), field+"description", a.Description, "text without tabs and control characters")
	s.text(field+"criteria.narrative", a.Criteria.Narrative)
	k, ok := kindOf(a.AchievementType)
	s.must(ok, field+"achievementType", a.AchievementType, "Course, Assessment or Achievement")
	c.checkResult(s, k)
}

func (c *Credential) checkResult(s *shape, k kind) {
	const field = "credentialSubject.achievement.resultDescription."
	descriptions, results := c.Subject.Achievement.ResultDescription, c.Subject.Result
	if len(descriptions) == 0 && len(results) == 0 {
		return
	}
	one := len(descriptions) == 1 && len(results) == 1 && k.resultType != ""
	if s.must(one, "credentialSubject.result", "", "one with one description, or none; an achievement has none"); !s.ok() {
		return
	}
	d, r := &descriptions[0], &results[0]
	s.is(field+"id", d.ID, c.Subject.Achievement.ID+k.resultSuffix)
	s.only(field+"type", d.Type, "ResultDescription")
	s.text(field+"name", d.Name)
	s.is(field+"resultType", d.ResultType, k.resultType)
	least, most := s.decimal(field+"valueMin", d.ValueMin), s.decimal(field+"valueMax", d.ValueMax)
	if d.RequiredValue != "" {
		s.decimal(field+"requiredValue", d.RequiredValue)
	}
	s.only("credentialSubject.result.type", r.Type, "Result")
	s.is("credentialSubject.result.resultDescription", r.ResultDescription, d.ID)
	value := s.decimal("credentialSubject.result.value", r.Value)
	s.must(least <= value && value <= most, "credentialSubject.result.value", r.Value, "from "+d.ValueMin+" to "+d.ValueMax)
}

func (c *Credential) checkStatus(s *shape, base string) {
	e := &c.Status
	name, ok := strings.CutPrefix(e.StatusListCredential, base+revocationPath)
	list, isJSON := strings.CutSuffix(name, listSuffix)
	s.must(ok && isJSON && isCount(list, 1<<31), "credentialStatus.statusListCredential", e.StatusListCredential,
		"the base address, /status/revocation/, a number and .json")
	s.must(isCount(e.StatusListIndex, StatusListSize), "credentialStatus.statusListIndex", e.StatusListIndex, "a number from 0 to 131071")
	s.is("credentialStatus.id", e.ID, e.StatusListCredential+"#"+e.StatusListIndex)
	s.is("credentialStatus.type", e.Type, "BitstringStatusListEntry")
	s.is("credentialStatus.statusPurpose", e.StatusPurpose, "revocation")
}

// checkText holds for text that every implementation writes alike in canonical N-Quads. On tabs, other
// control characters than line ends, DEL, U+FFFE and U+FFFF the specification and the libraries in use do
// not agree, so that a proof over them would verify with some and not with others.
func checkText(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < 0x20 && c != '\n' && c != '\r', c == 0x7F:
			return false
		case c == 0xEF && strings.HasPrefix(s[i:], "\uFFFE"), c == 0xEF && strings.HasPrefix(s[i:], "\uFFFF"):
			return false
		}
	}
	return utf8.ValidString(s)
}

// isDate holds for RFC 3339 with whole seconds, in capitals, with an offset of at most 14 hours (XSD 1.1
// §3.3.7).
func isDate(s string) bool {
	const utc, offset = len("2026-03-01T02:03:04Z"), len("2026-03-01T10:03:04+08:00")
	if len(s) != utc && len(s) != offset || s[utc-1] == '.' || s[utc-1] == ',' {
		return false
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return false
	}
	_, seconds := t.Zone()
	return -14*3600 <= seconds && seconds <= 14*3600 && s[0:4] != "0000"
}

// isBefore compares two dates that isDate accepts.
func isBefore(a, b string) bool {
	ta, _ := time.Parse(time.RFC3339, a)
	tb, _ := time.Parse(time.RFC3339, b)
	return ta.Before(tb)
}

// parseDecimal returns the hundredfold of a decimal number in its one accepted form.
func parseDecimal(s string) (hundredths int64, ok bool) {
	whole, part, point := strings.Cut(s, ".")
	if !isCount(whole, 1_000_000_000) || len(part) > 2 || (point && (part == "" || part[len(part)-1] == '0')) {
		return 0, false
	}
	digits := whole + (part + "00")[:2]
	n, err := strconv.ParseUint(digits, 10, 63)
	return int64(n), err == nil
}

// isCount holds for a decimal integer below limit, without sign or zeros in front.
func isCount(s string, limit uint64) bool {
	if s == "" || (s[0] == '0' && len(s) > 1) || s[0] == '+' {
		return false
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return err == nil && n < limit
}

func isTemplateID(s string) bool {
	for i := range len(s) {
		if !isUnreserved(s[i]) || s[i] == '~' {
			return false
		}
	}
	return s != "" && s[0] != '.'
}

// isFragment holds for what escapeFragment makes of some text.
func isFragment(s string) bool {
	plain := true
	for i := range len(s) {
		plain = plain && isUnreserved(s[i])
	}
	if plain {
		return s != ""
	}
	id, err := url.PathUnescape(s)
	return err == nil && utf8.ValidString(id) && escapeFragment(id) == s
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

// short shows at most the start of a text that somebody else wrote.
func short(s string) string {
	const most = 64
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.QuoteToGraphic(s)
}

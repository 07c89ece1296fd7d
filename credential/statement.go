package credential

import (
	"crypto"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"laurel/internal/jcs"
)

// The status of a certificate, as a Statement gives it.
const (
	StatusValid     = "valid" // again, after a suspension
	StatusSuspended = "suspended"
	StatusRevoked   = "revoked" // for good
)

// Codes of a Statement that the issuing service alone gives.
const (
	CodeSuperseded  = "superseded"  // revoked: corrected, and issued anew under another number
	CodeErased      = "erased"      // revoked: its content was erased, for whatever reason
	CodeUnspecified = "unspecified" // any status: the issuer gives no public reason
)

// StatusCodes returns the public reasons that a status may have, the short list of FORMAT.md.
func StatusCodes(status string) []string {
	switch status {
	case StatusRevoked:
		return []string{CodeUnspecified, "error", "misconduct", "requirements", "request", CodeSuperseded, CodeErased}
	case StatusSuspended:
		return []string{CodeUnspecified, "review", "request"}
	case StatusValid:
		return []string{CodeUnspecified, "cleared", "request"}
	}
	return nil
}

// Statement is what an issuer says about a certificate after it was issued. It holds nothing about the person.
type Statement struct {
	Number      Number
	Status      string
	Code        string
	Time        string // RFC 3339 with the issuer's offset, seconds; of the log entry
	List        int    // the certificate's place in both status lists of this number
	Index       uint32
	LogIndex    int64  // of the entry that records the statement
	Replacement Number // with CodeSuperseded only
}

// Statements are the signed file of what was said about one certificate, oldest first: c/NUMBER/status.json.
type Statements struct {
	BaseURL string // without a final slash
	Issuer  string // DID
	Number  Number
	All     []Statement // at least one
}

const (
	statementsType    = "LaurelStatus"
	statementsVersion = 1
	statementsFile    = "/status.json"
)

// MostStatements is how many statements there may be on one certificate.
const MostStatements = 1000

// Last is the statement in force.
func (s *Statements) Last() Statement { return s.All[len(s.All)-1] }

// Erased reports whether the certificate's content was erased.
func (s *Statements) Erased() bool { return s.Last().Code == CodeErased }

// Digest is what the log's entry holds: the SHA-256 of the JCS form of the statement, which is a member of the signed
// file and carries no proof, so that signing the file anew changes nothing.
func (s Statement) Digest() [32]byte {
	text, err := jcs.Append(nil, s.fields())
	if err != nil {
		panic(err) // texts of ASCII and small integers, as check has seen
	}
	return sha256.Sum256(text)
}

// Kind is the kind of the log entry that records the statement: 2 revoke, 3 suspend, 4 reinstate, 5 supersede, 6 erase
// (FORMAT.md, Log entries); 0 for no status of ours.
func (s Statement) Kind() uint8 {
	switch {
	case s.Status == StatusRevoked && s.Code == CodeSuperseded:
		return 5
	case s.Status == StatusRevoked && s.Code == CodeErased:
		return 6
	case s.Status == StatusRevoked:
		return 2
	case s.Status == StatusSuspended:
		return 3
	case s.Status == StatusValid:
		return 4
	}
	return 0
}

func (s Statement) fields() map[string]any {
	f := map[string]any{
		"number": string(s.Number), "status": s.Status, "reason": s.Code, "time": s.Time,
		"statusList": s.List, "statusListIndex": s.Index, "logIndex": s.LogIndex,
	}
	if s.Replacement != "" {
		f["replacement"] = string(s.Replacement)
	}
	return f
}

// SignStatements signs s with one eddsa-jcs-2022 proof and returns the JCS bytes that are published. The error is
// ErrFormat where s is not of the form that DecodeStatements reads, else the signer's.
func SignStatements(s *Statements, key crypto.Signer, method string, created time.Time) ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	all := make([]map[string]any, len(s.All))
	for i, one := range s.All {
		all[i] = one.fields()
	}
	return SignDocument(map[string]any{
		"type": statementsType, "version": statementsVersion, "id": s.id(), "issuer": s.Issuer,
		"number": string(s.Number), "statements": all,
	}, key, method, created)
}

// VerifyStatements checks what SignStatements made. Errors: ErrFormat, ErrForeign, ErrUnknownKey, ErrProof.
func VerifyStatements(doc []byte, keys Keys) (*Statements, error) {
	fields, err := VerifyDocument(doc, keys)
	if err != nil {
		return nil, err
	}
	return parseStatements(fields)
}

// DecodeStatements reads what SignStatements made and checks no proof. The error is ErrFormat.
func DecodeStatements(doc []byte) (*Statements, error) {
	fields, err := parseObject(doc)
	if err != nil {
		return nil, err
	}
	delete(fields, "proof")
	return parseStatements(fields)
}

func (s *Statements) id() string {
	return s.BaseURL + certificatePath + string(s.Number) + statementsFile
}

func parseStatements(fields map[string]any) (*Statements, error) {
	f := memberReader{fields: fields}
	s := &Statements{Issuer: f.text("issuer"), Number: Number(f.text("number"))}
	if typ, version := f.text("type"), f.integer("version", 1<<31); typ != statementsType || version != statementsVersion {
		f.fail("type %s, version %d; this program reads %s, version %d", short(typ), version, statementsType, statementsVersion)
	}
	id := f.text("id")
	var ok bool
	if s.BaseURL, ok = strings.CutSuffix(id, certificatePath+string(s.Number)+statementsFile); !ok {
		f.fail("its id %s is not the address of the statements on %s", short(id), short(string(s.Number)))
	}
	all, _ := f.take("statements").([]any)
	for _, one := range all {
		members, _ := one.(map[string]any)
		s.All = append(s.All, f.statement(members))
	}
	if err := f.end("the statements"); err != nil {
		return nil, err
	}
	return s, s.check()
}

func (f *memberReader) statement(members map[string]any) Statement {
	m := memberReader{fields: members}
	s := Statement{
		Number: Number(m.text("number")), Status: m.text("status"), Code: m.text("reason"), Time: m.text("time"),
		List: int(m.integer("statusList", 1<<31-1)), Index: uint32(m.integer("statusListIndex", StatusListSize-1)), LogIndex: m.integer("logIndex", 1<<53),
	}
	if _, ok := members["replacement"]; ok {
		s.Replacement = Number(m.text("replacement"))
	}
	if err := m.end("a statement"); err != nil && f.err == nil {
		f.err = err
	}
	return s
}

// check refuses what SignStatements would not have been given by an issuer: another order, another certificate's
// statement, a word after the last one.
func (s *Statements) check() error {
	var w shape
	did, err := DIDWeb(s.BaseURL)
	w.must(err == nil && did == s.Issuer, "issuer", s.Issuer, "the issuer of "+s.BaseURL)
	w.must(isNumber(s.Number), "number", string(s.Number), "a certificate number")
	w.must(len(s.All) > 0 && len(s.All) <= MostStatements, "statements", strconv.Itoa(len(s.All)), "1 to 1000 statements")
	for i := range s.All {
		one := &s.All[i]
		w.is("number", string(one.Number), string(s.Number))
		w.date("time", one.Time)
		w.must(slices.Contains(StatusCodes(one.Status), one.Code), "reason", one.Code, "one of the reasons for the status "+short(one.Status))
		w.must((one.Replacement != "") == (one.Code == CodeSuperseded) && (one.Replacement == "" || isNumber(one.Replacement)),
			"replacement", string(one.Replacement), "the number of another certificate where the reason is "+CodeSuperseded+", else absent")
		w.must(one.List >= 0 && one.Index < StatusListSize && one.LogIndex >= 0, "place", fmt.Sprint(one.List, one.Index, one.LogIndex), "places in a status list and in the log")
		if i == 0 {
			continue
		}
		before := &s.All[i-1]
		w.must(one.List == before.List && one.Index == before.Index && one.LogIndex > before.LogIndex, "logIndex", fmt.Sprint(one.LogIndex), "later than the statement before it, and of the same place")
		w.must(before.Status != StatusRevoked || one.Code == CodeErased && before.Code != CodeErased, "status", one.Status, "none: nothing follows a revocation but an erasure")
	}
	return w.err()
}

func isNumber(n Number) bool {
	parsed, err := ParseNumber(string(n))
	return err == nil && parsed == n
}

// memberReader reads the members of a JSON object, each once, and refuses what is left.
type memberReader struct {
	fields map[string]any
	taken  int
	err    error
}

func (m *memberReader) fail(format string, args ...any) {
	if m.err == nil {
		m.err = fmt.Errorf("%w: "+format, append([]any{ErrFormat}, args...)...)
	}
}

func (m *memberReader) take(name string) any {
	v, ok := m.fields[name]
	if !ok {
		m.fail("no member %q", name)
		return nil
	}
	m.taken++
	return v
}

func (m *memberReader) text(name string) string {
	s, ok := m.take(name).(string)
	if !ok {
		m.fail("%q is no text", name)
	}
	return s
}

// integer reads a whole number from 0 to most.
func (m *memberReader) integer(name string, most int64) int64 {
	n, _ := m.take(name).(jcs.Number)
	i, err := strconv.ParseInt(string(n), 10, 64)
	if err != nil || i < 0 || i > most {
		m.fail("%q is no whole number from 0 to %d", name, most)
	}
	return i
}

func (m *memberReader) end(what string) error {
	if m.err == nil && m.taken != len(m.fields) {
		m.fail("%s have members that this version does not know", what)
	}
	return m.err
}

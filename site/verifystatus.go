package site

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"laurel/credential"
)

// StatementSource returns the statements on a certificate, the bytes of its status.json; fs.ErrNotExist where there are
// none. Like a ListSource it looks in a place that the verifier chose.
type StatementSource func(credential.Number) ([]byte, error)

// TreeStatements finds statements in a public tree.
func TreeStatements(dir string) StatementSource {
	return func(n credential.Number) ([]byte, error) { return readDocument(dir, StatusPath(n)) }
}

// Status is what status lists and statements say against a certificate. All but Status is "" where a list says so and no
// statement at hand says why.
type Status struct {
	Status      string            `json:"status"`          // revoked or suspended
	Since       string            `json:"since,omitempty"` // RFC 3339
	Code        string            `json:"code,omitempty"`  // the public reason, one of credential.StatusCodes
	Replacement credential.Number `json:"replacement,omitempty"`
}

// bit is a certificate's place in one list.
type bit struct {
	on  bool
	at  time.Time // when the list was last signed
	err error
}

// word is the last statement on a certificate.
type word struct {
	credential.Statement
	at  time.Time
	err error // why it cannot be had; nil where nothing was said
}

func (w word) is(status string) bool { return w.Status == status }

// status looks the certificate up in both lists, and at what was said of it. The lists are the truth about it; statements
// say since when and why, and count before a list that is older, because a cache may be late with either. A revocation
// counts wherever it stands. What is missing or cannot be trusted is no word for the certificate.
func (v *verification) status() {
	n, index := v.doc.StatusPlace()
	revoked, suspended, said := v.listed(Revocation, n, index), v.listed(Suspension, n, index), v.said()
	switch {
	case revoked.on || said.is(credential.StatusRevoked):
		v.stands(credential.StatusRevoked, said)
	case revoked.err != nil || suspended.err != nil:
		v.add("status", Skip, "%v", errors.Join(revoked.err, suspended.err))
		v.verdict(Unavailable)
	case suspended.on && !(said.is(credential.StatusValid) && said.at.After(suspended.at)),
		said.is(credential.StatusSuspended) && !said.at.Before(suspended.at):
		v.stands(credential.StatusSuspended, said)
	case said.err != nil:
		v.add("status", Skip, "%v", said.err)
		v.verdict(Unavailable)
	case v.old(revoked.at), v.old(suspended.at):
		v.add("status", Skip, "neither revoked nor suspended as of %s, but older than the %s that are accepted", oldest(revoked.at, suspended.at).Format(time.RFC3339), v.trust.MaxAge)
		v.verdict(Unavailable)
	default:
		v.add("status", Pass, "neither revoked nor suspended, as of %s", oldest(revoked.at, suspended.at).Format(time.RFC3339))
	}
}

// old reports whether a list of that time says nothing for a certificate any more.
func (v *verification) old(at time.Time) bool {
	return v.trust.MaxAge > 0 && v.now.Sub(at) > v.trust.MaxAge
}

func oldest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// stands makes a status the verdict, with what the last statement has to say about it.
func (v *verification) stands(status string, said word) {
	v.Status = &Status{Status: status}
	sentence, verdict := status+" by the issuer", status
	if said.is(status) {
		v.Status.Since, v.Status.Code, v.Status.Replacement = said.Time, said.Code, said.Replacement
		sentence = fmt.Sprintf("%s by the issuer on %s, reason: %s", status, said.Time, reasonInWords(said.Code))
		if verdict = standing(said.Statement); verdict == Superseded {
			sentence += ", by " + string(said.Replacement)
		}
	}
	v.add("status", Fail, "%s", sentence)
	v.verdict(verdict)
}

// erased reports whether the issuer said that it erased the certificate.
func (v *verification) erased() bool {
	return v.Status != nil && v.Status.Code == credential.CodeErased
}

// reasonInWords is a public reason as a sentence takes it in, and its code.
func reasonInWords(code string) string {
	switch words := reasonOf(code); {
	case words.En != "":
		return fmt.Sprintf("%s (%s)", words.En, code)
	case code == credential.CodeSuperseded:
		return "replaced (superseded)"
	}
	return "none given (" + code + ")"
}

func (v *verification) listed(purpose string, n int, index uint32) (b bit) {
	if v.trust.Lists == nil {
		b.err = fmt.Errorf("no %s list at hand", purpose)
		return b
	}
	doc, err := v.trust.Lists(purpose, n)
	if err != nil {
		b.err = fmt.Errorf("no %s list at hand: %w", purpose, err)
		return b
	}
	l, err := credential.VerifyStatusList(doc, v.trust.Keys)
	if err == nil {
		if want := v.doc.Base() + "/" + StatusListPath(purpose, n); l.URL != want || l.Purpose != purpose {
			err = fmt.Errorf("it is the %s list %s, not %s", l.Purpose, l.URL, want)
		}
	}
	if err == nil {
		b.at = l.ValidFrom
		b.on, err = l.Get(index)
	}
	if err != nil {
		b.err = fmt.Errorf("the %s list cannot be trusted: %w", purpose, err)
	}
	return b
}

// said reads what was said last.
func (v *verification) said() (w word) {
	if v.trust.Statements == nil {
		return w
	}
	doc, err := v.trust.Statements(v.doc.Number())
	if errors.Is(err, fs.ErrNotExist) {
		return w
	}
	if err != nil {
		w.err = fmt.Errorf("no statements at hand: %w", err)
		return w
	}
	s, err := credential.VerifyStatements(doc, v.trust.Keys)
	if err == nil && (s.Number != v.doc.Number() || s.BaseURL != v.doc.Base()) {
		err = fmt.Errorf("they are on %s of %s", s.Number, s.BaseURL)
	}
	if err == nil {
		w.Statement = s.Last()
		if list, index := v.doc.StatusPlace(); w.List != list || w.Index != index {
			err = fmt.Errorf("they are on place %d of list %d", w.Index, w.List)
		}
	}
	if err == nil {
		w.at, err = time.Parse(time.RFC3339, w.Time)
	}
	if err != nil {
		return word{err: fmt.Errorf("the statements cannot be trusted: %w", err)}
	}
	return w
}

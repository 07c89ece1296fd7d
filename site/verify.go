package site

import (
	"errors"
	"fmt"
	"os"
	"time"

	"laurel/credential"
)

// The verdicts of Verify, as pages give them in data-verdict.
const (
	Valid       = "valid"
	Revoked     = "revoked"
	Suspended   = "suspended"
	Superseded  = "superseded" // revoked, and issued anew under another number
	Expired     = "expired"
	Invalid     = "invalid"     // altered, or not this issuer's
	Unavailable = "unavailable" // not everything needed for a verdict is at hand
)

// The results of a check, as pages give them in data-result.
const (
	Pass = "pass"
	Fail = "fail"
	Skip = "skip"
)

// Finding is the result of one check.
type Finding struct {
	Check   string `json:"check"`  // number, proof, key, dates, status or log
	Result  string `json:"result"` // pass, fail or skip
	Message string `json:"message"`
}

// Verification is what Verify found, with the six checks in the order in which they were made.
type Verification struct {
	Verdict string    `json:"verdict"`
	Checks  []Finding `json:"checks"`

	// Credential is the verified document; nil unless number, proof and key passed, so that nobody shows facts that
	// are not confirmed.
	Credential *credential.Credential `json:"-"`

	// Status is what stands against it; nil where nothing does, or where that is not known.
	Status *Status `json:"-"`

	// Logged is what the log says; nil unless the check of it passed.
	Logged *Logged `json:"-"`
}

// Trust is whom a verifier believes, and where it finds status lists, statements and the log.
type Trust struct {
	Keys  credential.Keys // the issuer's, as its did.json and its key history give them
	Lists ListSource      // nil: none at hand
	Log   *Log            // nil: none at hand

	Statements StatementSource // nil: none at hand, so that the lists alone count

	MaxAge time.Duration // of status lists, beyond which they say nothing for a certificate; 0: none
}

// ListSource returns the document of a status list, by purpose and number. Nothing that a credential names is ever
// fetched: a source looks in a place that the verifier chose. A list that is not there is fs.ErrNotExist.
type ListSource func(purpose string, n int) ([]byte, error)

// TreeLists finds status lists in a public tree.
func TreeLists(dir string) ListSource {
	return func(purpose string, n int) ([]byte, error) { return readDocument(dir, StatusListPath(purpose, n)) }
}

// TreeCredential returns the signed document of a certificate in a public tree; fs.ErrNotExist if there is none.
func TreeCredential(dir string, n credential.Number) ([]byte, error) {
	return readDocument(dir, CredentialPath(n))
}

// TreeTrust reads the did.json, site.json and keys.json of a public tree, and believes them.
func TreeTrust(dir string) (Trust, Settings, error) {
	var data [2][]byte
	for i, path := range []string{DIDPath, SettingsPath} {
		var err error
		if data[i], err = readDocument(dir, path); err != nil {
			if errors.Is(err, os.ErrNotExist) {
				err = fmt.Errorf("%s: no %s; name a public tree of Laurel's", dir, path)
			}
			return Trust{}, Settings{}, err
		}
	}
	s, err := newSiteState(data[0], data[1])
	if err != nil {
		return Trust{}, Settings{}, fmt.Errorf("%s: %w", dir, err)
	}
	keys, _, err := TreeKeys(dir, s.keys)
	if err != nil {
		return Trust{}, Settings{}, err
	}
	log, err := TreeLog(dir, s.Log)
	return Trust{Keys: keys, Lists: TreeLists(dir), Statements: TreeStatements(dir), Log: log}, s.Settings, err
}

// verification is one run of Verify.
type verification struct {
	Verification
	doc   *credential.Credential
	trust Trust
	now   time.Time
}

// Verify makes the checks of a verification page: number, proof, key, dates, status, log. number is the one that was
// asked for, "" for a document that was handed in by itself. published says that doc comes from the issuer's own tree,
// where every byte counts; other copies may be formatted differently. After a failed number, proof or key the rest is
// skipped. What the log contradicts is invalid, whatever its status; a log that is not at hand leaves no verdict but that the
// issuer withdrew the certificate.
func Verify(doc []byte, number credential.Number, published bool, t Trust, now time.Time) Verification {
	v := &verification{trust: t, now: now}
	if v.number(doc, number) && v.proofAndKey(doc, published) {
		v.Credential = v.doc
		v.dates()
		v.status()
		v.log()
	}
	v.finish()
	return v.Verification
}

func (v *verification) add(check, result, format string, args ...any) {
	v.Checks = append(v.Checks, Finding{check, result, fmt.Sprintf(format, args...)})
}

// verdict sets the verdict unless an earlier check has.
func (v *verification) verdict(verdict string) {
	if v.Verdict == "" {
		v.Verdict = verdict
	}
}

func (v *verification) number(doc []byte, number credential.Number) bool {
	c, err := credential.Decode(doc)
	if err != nil {
		v.add("number", Fail, "no number can be read: %v", err)
		v.verdict(Invalid)
		return false
	}
	if number != "" && c.Number() != number {
		v.add("number", Fail, "%s was asked for, but the signed file is that of %s", number, c.Number())
		v.verdict(Invalid)
		return false
	}
	v.doc = c
	v.add("number", Pass, "%s is well formed, and the same in the signed file", c.Number())
	return true
}

func (v *verification) proofAndKey(doc []byte, published bool) bool {
	verify := credential.Verify
	if published {
		verify = credential.VerifyPublished
	}
	_, err := verify(doc, v.trust.Keys)
	if revoked, ok := errors.AsType[*credential.RevokedKeyError](err); ok {
		return v.revokedKey(revoked)
	}
	switch {
	case err == nil:
		v.add("proof", Pass, "eddsa-rdfc-2022 and eddsa-jcs-2022 both match the content")
		v.add("key", Pass, "published by %s", v.trust.Keys.Issuer())
		return true
	case errors.Is(err, credential.ErrUnknownKey) || errors.Is(err, credential.ErrForeign):
		v.add("proof", Skip, "not checked, because its key is not the issuer's")
		v.add("key", Fail, "%v; only %s is believed", err, v.trust.Keys.Issuer())
	case errors.Is(err, credential.ErrNotInForce):
		v.add("proof", Skip, "not judged further, because its key was not in force")
		v.add("key", Fail, "%v", err)
	default:
		v.add("proof", Fail, "%v", err)
	}
	v.verdict(Invalid)
	return false
}

func (v *verification) dates() {
	from, err1 := time.Parse(time.RFC3339, v.doc.ValidFrom)
	until, err2 := from, error(nil)
	if v.doc.ValidUntil != "" {
		until, err2 = time.Parse(time.RFC3339, v.doc.ValidUntil)
	}
	switch {
	case err1 != nil || err2 != nil:
		v.add("dates", Fail, "they cannot be read: %q to %q", v.doc.ValidFrom, v.doc.ValidUntil)
		v.verdict(Invalid)
	case v.now.Before(from):
		v.add("dates", Fail, "not in force before %s", v.doc.ValidFrom)
		v.verdict(Invalid)
	case v.doc.ValidUntil != "" && !v.now.Before(until):
		v.add("dates", Fail, "expired on %s", v.doc.ValidUntil)
	case v.doc.ValidUntil != "":
		v.add("dates", Pass, "in force since %s, until %s", v.doc.ValidFrom, v.doc.ValidUntil)
	default:
		v.add("dates", Pass, "in force since %s, without end", v.doc.ValidFrom)
	}
}

// finish adds the checks that were not reached. An expired certificate that is also revoked is revoked.
func (v *verification) finish() {
	for _, check := range []string{"number", "proof", "key", "dates", "status", "log"} {
		if !v.made(check, "") {
			v.add(check, Skip, "not checked, because an earlier check failed")
		}
	}
	if v.made("dates", Fail) {
		v.verdict(Expired)
	}
	v.verdict(Valid)
}

func (v *verification) made(check, result string) bool {
	for _, f := range v.Checks {
		if f.Check == check && (result == "" || f.Result == result) {
			return true
		}
	}
	return false
}

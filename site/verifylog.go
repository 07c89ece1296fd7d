package site

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// log looks the certificate up in the public log. One that the log contradicts is invalid whatever its status.
func (v *verification) log() {
	if v.trust.Log == nil {
		v.add("log", Skip, "no log at hand")
		v.verdict(Unavailable)
		return
	}
	found, err := v.trust.Log.Find(v.doc)
	switch {
	case err == nil:
		v.Logged = found
		v.add("log", Pass, "%s", found.sentence())
	case v.erased() && errors.Is(err, ErrNotLogged):
		v.add("log", Skip, "its inclusion proof was removed when its content was erased")
	case refuted(err):
		v.add("log", Fail, "%v", err)
		v.Verdict = Invalid
	default:
		v.add("log", Skip, "not everything is at hand: %v", err)
		v.verdict(Unavailable)
	}
}

// sentence says what was found, for people.
func (l *Logged) sentence() string {
	var b strings.Builder
	fmt.Fprintf(&b, "recorded as entry %d on %s, and the record matches; the log has %d entries", l.Index, l.Time.Format(time.RFC3339), l.Size)
	if !l.AsOf.IsZero() {
		fmt.Fprintf(&b, " as of %s", l.AsOf.Format(time.RFC3339))
	}
	for _, w := range l.Witnesses {
		fmt.Fprintf(&b, ", witnessed by %s on %s", w.Name, w.Time.Format(time.RFC3339))
	}
	return b.String()
}

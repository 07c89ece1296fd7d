package record

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"laurel/certlog"
	"laurel/credential"
)

// EntryOf is the log entry that records a statement.
func EntryOf(s credential.Statement, at int64) certlog.Entry {
	return certlog.Entry{Kind: s.Kind(), Time: at, List: uint32(s.List), Index: s.Index, Digest: s.Digest()}
}

// statements holds each certificate's statements against its record and against the log, and the log against them.
func (r *relations) statements() {
	for _, rec := range r.places {
		r.statementsOf(rec)
	}
	for at := range r.spoken {
		r.add(fmt.Sprintf("entry %d", at), "records a statement that is in no certificate's file")
	}
}

// successions holds what one certificate says of the one in its place against what that says.
func (r *relations) successions() {
	all := make(map[credential.Number]*Record, len(r.places))
	for _, rec := range r.places {
		all[rec.Number] = rec
	}
	for _, rec := range r.places {
		for _, c := range rec.History {
			if next := all[c.Replacement]; c.Replacement != "" && (next == nil || next.Replaces != rec.Number) {
				r.add("record "+string(rec.Number), "was replaced by %s, which does not say so", c.Replacement)
			}
		}
		if rec.Replaces == "" {
			continue
		}
		if old := all[rec.Replaces]; old == nil || !slices.ContainsFunc(old.History, func(c Change) bool { return c.Replacement == rec.Number }) {
			r.add("record "+string(rec.Number), "replaces %s, which does not say so", rec.Replaces)
		}
	}
}

func (r *relations) statementsOf(rec *Record) {
	where := fmt.Sprintf("record %s", rec.Number)
	if len(rec.Statements) == 0 {
		if len(rec.History) > 0 || rec.Status != Valid || rec.Erased {
			r.add(where, "is %s, and has no statement that says so", rec.Status)
		}
		return
	}
	s, err := credential.DecodeStatements(rec.Statements)
	if err != nil {
		r.add(where, "its statements cannot be read: %v", err)
		return
	}
	if s.Number != rec.Number || len(s.All) != len(rec.History) || s.Last().Status != rec.Status || s.Erased() != rec.Erased {
		r.add(where, "its statements are of another certificate, or of another time")
		return
	}
	for i, one := range s.All {
		e, ok := r.spoken[one.LogIndex]
		delete(r.spoken, one.LogIndex)
		kept := rec.History[i]
		if one.Code != kept.Code || one.Status != kept.Status || one.LogIndex != kept.LogIndex || one.Replacement != kept.Replacement {
			r.add(where, "its statement %d is not the one that it remembers", i+1)
		}
		if !ok || e != EntryOf(one, e.Time) {
			r.add(where, "the log's entry %d has another statement", one.LogIndex)
		}
	}
}

// bits holds every bit of the status lists against the records.
func (r *relations) bits() {
	want := map[string]map[uint32]bool{} // by path of the list
	for at, rec := range r.places {
		for purpose, on := range map[string]bool{"revocation": rec.Status == Revoked, "suspension": rec.Status == Suspended} {
			path := fmt.Sprintf("status/%s/%d.json", purpose, at.list)
			if want[path] == nil {
				want[path] = map[uint32]bool{}
			}
			if on {
				want[path][at.index] = true
			}
		}
	}
	for path, set := range want {
		doc, err := get(r.tx, bucketSite, []byte(path))
		if errors.Is(err, ErrNotFound) {
			continue // a store without lists; the issuer looks for them before it gives out a place
		}
		l, err := credential.DecodeStatusList(doc)
		if err != nil || !strings.HasSuffix(l.URL, "/"+path) {
			r.add(path, "is not that status list: %v", err)
			continue
		}
		for i := range uint32(credential.StatusListSize) {
			if on, _ := l.Get(i); on != set[i] {
				r.add(path, "its bit %d is %t, and the records say otherwise", i, on)
			}
		}
	}
}

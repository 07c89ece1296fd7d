package site

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"laurel/certlog"
	"laurel/certlog/logtest"
	"laurel/credential"
)

// world is a site as an operator publishes it, honest until a test says otherwise. It serves from memory.
type world struct {
	t       *testing.T
	i       *issuer
	files   map[string][]byte
	entries []certlog.Entry
	numbers []credential.Number
	certs   map[credential.Number]*credential.Credential
	now     time.Time
}

func newWorld(t *testing.T) *world {
	i := newIssuer(t, testBase)
	w := &world{t: t, i: i, files: map[string][]byte{}, certs: map[credential.Number]*credential.Credential{}, now: signedAt}
	for _, d := range i.site(t) {
		w.files[d.Path] = d.Data
	}
	return w
}

// issue signs a certificate and records it.
func (w *world) issue() credential.Number {
	w.t.Helper()
	d := w.sign()
	n := numberOf(d)
	w.record(certlog.Issue, certlog.NoList, certlog.NoList, w.certs[n].Digest())
	return n
}

// sign signs a certificate and publishes it, and records nothing.
func (w *world) sign() Document {
	w.t.Helper()
	d := w.i.certificate(w.t, nil)
	c, err := credential.Decode(d.Data)
	if err != nil {
		w.t.Fatal(err)
	}
	w.files[d.Path] = d.Data
	w.numbers = append(w.numbers, c.Number())
	w.certs[c.Number()] = c
	return d
}

func (w *world) record(kind uint8, list, index uint32, digest [32]byte) {
	w.append(certlog.Entry{Kind: kind, Time: w.now.UnixMilli(), List: list, Index: index, Digest: digest})
}

// fill records the key history again, as a filler: it changes nothing.
func (w *world) fill() {
	w.t.Helper()
	digest, err := credential.Digest(w.files[KeysPath])
	if err != nil {
		w.t.Fatal(err)
	}
	w.record(certlog.Key, certlog.NoList, certlog.NoList, digest)
}

// stolenMethod is a key of the issuer's that was stolen.
func stolenMethod(did string) string {
	seed := sha256.Sum256([]byte("the stolen key"))
	return credential.Method(did, ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
}

// turnKeys publishes another version of the key history, with or without its entry.
func (w *world) turnKeys(recorded bool, further ...credential.Key) {
	w.t.Helper()
	h, err := credential.DecodeHistory(w.files[KeysPath])
	if err != nil {
		w.t.Fatal(err)
	}
	if h.Previous, err = credential.Digest(w.files[KeysPath]); err != nil {
		w.t.Fatal(err)
	}
	h.Sequence, h.Updated, h.Keys = h.Sequence+1, w.now.Add(-time.Second), append(further, h.Keys...)
	if w.files[KeysPath], err = credential.SignHistory(h, w.i.key, w.now); err != nil {
		w.t.Fatal(err)
	}
	if recorded {
		w.fill()
	}
}

func (w *world) append(e certlog.Entry) {
	w.i.log.Append(e)
	w.entries = append(w.entries, e)
}

// state says something of a certificate: the statement, its entry, the bit.
func (w *world) state(n credential.Number, status, code string) {
	w.t.Helper()
	list, index := w.certs[n].StatusPlace()
	s := &credential.Statements{BaseURL: testBase, Issuer: w.i.did, Number: n}
	if old, ok := w.files[StatusPath(n)]; ok {
		before, err := credential.VerifyStatements(old, w.i.keys())
		if err != nil {
			w.t.Fatal(err)
		}
		s.All = before.All
	}
	said := credential.Statement{Number: n, Status: status, Code: code, Time: w.now.Format(time.RFC3339), List: list, Index: index, LogIndex: int64(len(w.entries))}
	s.All = append(s.All, said)
	doc, err := credential.SignStatements(s, w.i.key, w.i.method, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	w.files[StatusPath(n)] = doc
	w.record(said.Kind(), uint32(list), index, said.Digest())
	w.lists()
}

// lists signs both lists anew, as the log has them.
func (w *world) lists() {
	last := map[uint32]uint8{}
	for _, e := range w.entries {
		if e.Kind != certlog.Issue && e.Kind != certlog.Key {
			last[e.Index] = e.Kind
		}
	}
	set := map[string][]uint32{}
	for index, kind := range last {
		for _, purpose := range []string{Revocation, Suspension} {
			if (auditedSpot{Kind: kind}).sets(purpose) {
				set[purpose] = append(set[purpose], index)
			}
		}
	}
	for _, purpose := range []string{Revocation, Suspension} {
		w.signList(purpose, w.now, set[purpose]...)
	}
}

func (w *world) signList(purpose string, at time.Time, set ...uint32) {
	w.t.Helper()
	l := &credential.StatusList{URL: testBase + "/" + StatusListPath(purpose, 0), Issuer: w.i.did, Purpose: purpose, ValidFrom: at, Bits: make([]byte, credential.StatusListSize/8)}
	for _, index := range set {
		l.Set(index, true)
	}
	doc, err := credential.SignStatusList(l, w.i.key, w.i.method, at)
	if err != nil {
		w.t.Fatal(err)
	}
	w.files[StatusListPath(purpose, 0)] = doc
}

// publish publishes the log as of now, and the proofs of all that is new.
func (w *world) publish() {
	w.t.Helper()
	w.i.log.Publish(w.now)
	for name, data := range w.i.log.Files() {
		w.files["log/"+name] = data
	}
	for n, c := range w.certs {
		index := slices.IndexFunc(w.entries, func(e certlog.Entry) bool { return e.Kind == certlog.Issue && e.Digest == c.Digest() })
		if _, ok := w.files[ProofPath(n)]; !ok && index >= 0 {
			w.files[ProofPath(n)] = w.i.log.Proof(int64(index))
		}
	}
}

func (w *world) file(path string) ([]byte, error) {
	if data, ok := w.files[path]; ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

// visit audits, by the address alone or with every number.
func (w *world) visit(last *AuditState, whole bool) (AuditReport, *AuditState) {
	w.t.Helper()
	s := AuditSource{File: w.file}
	if whole {
		s.Numbers, s.Whole = w.numbers, true
	}
	r, next, err := Audit(w.t.Context(), s, last)
	if err != nil {
		w.t.Fatal(err)
	}
	if next != nil { // as the command keeps it
		data, err := json.Marshal(next)
		if err == nil {
			next, err = ParseAuditState(data)
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return r, next
}

// copyOf is the same site, to be altered.
func (w *world) copyOf() *world {
	o := *w
	o.files, o.certs, o.entries, o.numbers = maps.Clone(w.files), maps.Clone(w.certs), slices.Clone(w.entries), slices.Clone(w.numbers)
	i := *w.i
	i.log = w.i.log.Fork()
	o.i = &i
	return &o
}

// grown is a site with three hundred entries, one certificate of each status among them, and what a monitor knows of it.
func grownWorld(t *testing.T) (w *world, good, revoked, suspended credential.Number, seen *AuditState) {
	w = newWorld(t)
	for range 5 {
		w.issue()
	}
	good, revoked, suspended = w.numbers[0], w.numbers[1], w.numbers[2]
	w.now = w.now.Add(time.Hour)
	w.state(revoked, "revoked", "error")
	w.state(suspended, "suspended", "review")
	w.state(w.numbers[3], "suspended", "review")
	w.state(w.numbers[3], "valid", "cleared")
	w.now = w.now.Add(time.Hour)
	w.publish()
	r, seen := w.visit(nil, true)
	if len(r.Findings) > 0 || r.Entries != 9 || r.New != 9 || r.Certificates != 5 {
		t.Fatalf("an honest site: %+v", r)
	}
	return w, good, revoked, suspended, seen
}

func TestAnHonestSiteHasNoFindings(t *testing.T) {
	w, _, _, suspended, seen := grownWorld(t)
	for visit := range 4 {
		for _, whole := range []bool{false, true} {
			r, next := w.visit(seen, whole)
			if len(r.Findings) > 0 {
				t.Fatalf("visit %d, whole %v: %v", visit, whole, r.Findings)
			}
			if whole {
				seen = next
			}
		}
		w.now = w.now.Add(24 * time.Hour)
		for range 100 * visit {
			w.fill()
		}
		if visit == 1 {
			w.state(suspended, "revoked", "misconduct")
		}
		w.now = w.now.Add(time.Hour)
		w.publish()
	}
}

// An operator who holds every key alters the past. Each way of it has a name.
func TestTheDishonestOperatorIsNamed(t *testing.T) {
	honest, good, revoked, suspended, seen := grownWorld(t)
	later := func(w *world) { w.now = w.now.Add(48 * time.Hour) }
	for _, c := range []struct {
		name  string
		whole bool
		deed  func(w *world)
		kind  string
		says  string
	}{
		{"backdates a certificate", false, func(w *world) {
			later(w)
			w.append(certlog.Entry{Kind: certlog.Issue, Time: signedAt.UnixMilli(), List: certlog.NoList, Index: certlog.NoList})
			w.publish()
		}, Backdated, "before that of the entry that precedes it"},
		{"backdates to just after the last entry", false, func(w *world) {
			later(w)
			w.append(certlog.Entry{Kind: certlog.Issue, Time: seen.LastEntry + 1, List: certlog.NoList, Index: certlog.NoList})
			w.publish()
		}, Backdated, "was not there at the visit of"},
		{"signs with an earlier date than it records", true, func(w *world) {
			later(w)
			w.issue()
			w.publish()
		}, Backdated, "it says that it was signed on 2026-03-01T02:03:04Z, and was recorded on 2026-03-03"},
		{"drops a certificate", true, func(w *world) {
			for _, path := range []string{CredentialPath(good), ProofPath(good)} {
				delete(w.files, path)
			}
			w.numbers = w.numbers[1:]
		}, Dropped, "1 entries record certificates that are nowhere in the tree, the first of them entry 0"},
		{"drops a certificate that an auditor knows", true, func(w *world) { delete(w.files, CredentialPath(good)) }, Dropped, "no statement says that it was erased"},
		{"drops a proof", true, func(w *world) { delete(w.files, ProofPath(good)) }, Dropped, "its inclusion proof is not there"},
		{"changes a certificate and signs it anew", true, func(w *world) {
			c := *w.certs[good]
			c.Name = "荣誉证书 / Certificate of Honour"
			c.Proof = nil
			doc, err := credential.Sign(&c, w.i.key, w.i.method, signedAt)
			if err != nil {
				t.Fatal(err)
			}
			w.files[CredentialPath(good)] = doc
		}, Changed, "it is not what was recorded"},
		{"issues without recording", true, func(w *world) { w.sign() }, Unrecorded, "it is signed, and the log has no record of it"},
		{"forks the log at the same size", false, func(w *world) {
			w.refork(func(n int, e *certlog.Entry) { e.Digest[0] ^= byte(n / 8) })
		}, Forked, "another root at 9 entries"},
		{"forks the log and grows it", false, func(w *world) {
			w.refork(func(n int, e *certlog.Entry) { e.Digest[0] ^= byte(n / 8) })
			later(w)
			for range 20 {
				w.fill()
			}
			w.publish()
		}, Forked, "no longer give the root that the log had at 9 entries"},
		{"begins another log under another key", false, func(w *world) {
			i := *w.i
			i.log = logtest.New("other.example.org/log")
			i.log.Origin = w.i.log.Origin
			for _, e := range w.entries {
				i.log.Append(e)
			}
			w.i = &i
			for _, d := range w.i.site(t) {
				if d.Path == SettingsPath {
					w.files[d.Path] = d.Data
				}
			}
			w.publish()
		}, Forked, "signed by another key than at the last visit"},
		{"rolls the log back", false, func(w *world) {
			w.entries = w.entries[:7]
			w.refork(func(int, *certlog.Entry) {})
		}, RolledBack, "the log has 7 entries, and had 9"},
		{"serves a tile of another log", false, func(w *world) {
			later(w)
			for range 300 {
				w.fill()
			}
			w.publish()
			path := TilePath(certlog.Tile{Level: certlog.Bundle, N: 0, Width: 256})
			w.files[path] = bytes.Clone(w.files[path])
			w.files[path][20*52+30] ^= 1
		}, Forked, "do not lead from the 9 of the last visit"},
		{"unrevokes by an older list", false, func(w *world) {
			w.files[StatusListPath(Revocation, 0)] = newWorld(t).files[StatusListPath(Revocation, 0)]
		}, Unrevoked, "the list, of 2026-03-01T02:03:04Z, does not say so"},
		{"unrevokes by a new list", false, func(w *world) { later(w); w.signList(Revocation, w.now); w.publish() }, Unrevoked, "the log has withdrawn what stands at index"},
		{"lifts a suspension silently", false, func(w *world) { w.signList(Suspension, w.now) }, Unrevoked, "the log has withdrawn"},
		{"revokes silently", false, func(w *world) {
			_, one := w.certs[revoked].StatusPlace()
			_, more := w.certs[good].StatusPlace()
			w.signList(Revocation, w.now.Add(-time.Minute), one, more)
		}, Unrecorded, "and the log has no entry of it"},
		{"hides a revocation in status.json", true, func(w *world) { delete(w.files, StatusPath(revoked)) }, Dropped, "the log has 1 statements on this certificate, and 0 are published"},
		{"rewrites what was said", true, func(w *world) {
			s, err := credential.VerifyStatements(w.files[StatusPath(suspended)], w.i.keys())
			if err != nil {
				t.Fatal(err)
			}
			s.All[0].Code = "request"
			if w.files[StatusPath(suspended)], err = credential.SignStatements(s, w.i.key, w.i.method, w.now); err != nil {
				t.Fatal(err)
			}
		}, Unrecorded, "is not what the log has as entry 6"},
		{"serves a list of nobody", false, func(w *world) {
			w.files[StatusListPath(Revocation, 0)] = bytes.Replace(w.files[StatusListPath(Revocation, 0)], []byte("2026"), []byte("2025"), 1)
		}, Unreadable, "it is not that list, signed by the issuer"},
		{"publishes a key history that the log does not have", false, func(w *world) {
			later(w)
			w.turnKeys(false)
			w.publish()
		}, Changed, "which has no entry of keys"},
		{"goes back to an older key history", false, func(w *world) {
			later(w)
			older := w.files[KeysPath]
			w.turnKeys(true)
			later(w)
			w.publish()
			w.files[KeysPath] = older
		}, Changed, "whose newest entry of keys is of 2026-03-03"},
		{"dates a theft by a head that the log never had", false, func(w *world) {
			later(w)
			w.turnKeys(true, credential.Key{Method: stolenMethod(w.i.did), Listed: signedAt, Signs: signedAt, Retired: signedAt, Revoked: &credential.Revocation{Time: signedAt, Size: 5, Root: [32]byte{1}}})
			w.publish()
		}, Changed, "had another root at 5 entries than it had"},
		{"takes a list away", false, func(w *world) { delete(w.files, StatusListPath(Suspension, 0)) }, Dropped, "one of the two lists"},
		{"takes the checkpoint away", false, func(w *world) { delete(w.files, CheckpointPath) }, Unreadable, "it is not there"},
		{"takes a tile away", false, func(w *world) {
			later(w)
			w.fill()
			w.publish()
			delete(w.files, TilePath(certlog.Tile{Level: certlog.Bundle, N: 0, Width: 10}))
		}, Dropped, "a tile of it is not there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := honest.copyOf()
			c.deed(w)
			r, next := w.visit(seen, c.whole)
			if !slices.ContainsFunc(r.Findings, func(f AuditFinding) bool { return f.Kind == c.kind && strings.Contains(f.Message, c.says) }) {
				t.Errorf("found %v\nwant %s: …%s", r.Findings, c.kind, c.says)
			}
			if len(r.Findings) > 2 {
				t.Errorf("one deed, and %d findings: %v", len(r.Findings), r.Findings)
			}
			if (c.kind == Forked || c.kind == RolledBack) && next != nil && next.Checkpoint != seen.Checkpoint {
				t.Error("what was seen before was forgotten")
			}
		})
	}
}

// refork makes the log anew from altered entries, and publishes it.
func (w *world) refork(alter func(n int, e *certlog.Entry)) {
	w.i.log = logtest.New(w.i.log.Origin)
	for path := range w.files {
		if strings.HasPrefix(path, "log/tile") {
			delete(w.files, path)
		}
	}
	for n := range w.entries {
		alter(n, &w.entries[n])
		w.i.log.Append(w.entries[n])
	}
	w.now = w.now.Add(time.Hour)
	w.publish()
}

func TestACopyThatLagsBehindAMomentIsNoFinding(t *testing.T) {
	w, good, _, _, seen := grownWorld(t)
	before := maps.Clone(w.files)
	w.now = w.now.Add(time.Hour)
	w.state(good, "revoked", "error")
	w.now = w.now.Add(time.Minute)
	w.publish()
	for _, path := range []string{StatusListPath(Revocation, 0), StatusPath(good)} { // caches hold them for five minutes
		fresh := w.files[path]
		if old, ok := before[path]; ok {
			w.files[path] = old
		} else {
			delete(w.files, path)
		}
		if r, _ := w.visit(seen, true); len(r.Findings) > 0 {
			t.Errorf("%s of a minute ago: %v", path, r.Findings)
		}
		w.files[path] = fresh
	}
}

func TestAnErasedCertificateExplainsItsEntry(t *testing.T) {
	w, good, _, _, seen := grownWorld(t)
	w.now = w.now.Add(time.Hour)
	w.state(good, "revoked", "erased")
	delete(w.files, CredentialPath(good))
	delete(w.certs, good)
	delete(w.files, ProofPath(good))
	w.now = w.now.Add(time.Hour)
	w.publish()
	if r, _ := w.visit(seen, true); len(r.Findings) > 0 {
		t.Errorf("%v", r.Findings)
	}
	delete(w.files, StatusPath(good))
	if r, _ := w.visit(seen, true); len(r.Findings) == 0 {
		t.Error("a certificate that is gone without a word was not found")
	}
}

func TestASourceThatFailsIsAnErrorAndNoFinding(t *testing.T) {
	w, _, _, _, seen := grownWorld(t)
	broken := errors.New("connection reset")
	for path := range w.files {
		if path == LogKeyPath || strings.HasPrefix(path, "log/tile/entries") {
			continue
		}
		file := func(p string) ([]byte, error) {
			if p == path {
				return nil, broken
			}
			return w.file(p)
		}
		r, next, err := Audit(t.Context(), AuditSource{File: file, Numbers: w.numbers, Whole: true}, seen)
		if asked := !strings.HasPrefix(path, "log/tile/1") && !strings.HasPrefix(path, "log/tile/0"); asked && !errors.Is(err, broken) {
			t.Errorf("%s: %v, %v", path, err, r.Findings)
		}
		if err != nil && next != seen {
			t.Errorf("%s: the state moved on", path)
		}
	}
}

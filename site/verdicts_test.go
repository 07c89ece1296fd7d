package site

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"laurel/credential"
)

// verdicts are the vectors that the page's script is held to as well: one certificate, and what its files say of it.
type verdicts struct {
	Base   string            `json:"base"`
	DID    string            `json:"did"`
	Log    string            `json:"log"` // verifier keys, by spaces
	Number credential.Number `json:"number"`
	Now    time.Time         `json:"now"`
	Files  map[string]string `json:"files"` // of every case, by path
	Cases  []verdictCase     `json:"cases"`
}

type verdictCase struct {
	Name    string             `json:"name"`
	Files   map[string]*string `json:"files"` // in place of those of every case; null: not there
	Now     time.Time          `json:"now,omitzero"`
	Verdict string             `json:"verdict"`
	Results string             `json:"results"` // number, proof, key, dates, status, log
	Status  *Status            `json:"status,omitempty"`
}

const verdictsFile = "testdata/verdicts.json"

// The file holds compressed lists, which another version of Go may pack to other bytes, so it is judged and never
// compared; LAUREL_UPDATE=1 writes it anew.
func TestTheVectorsOfVerdictsAreJudgedAsEver(t *testing.T) {
	if os.Getenv("LAUREL_UPDATE") != "" {
		data, err := json.MarshalIndent(makeVerdicts(t), "", " ")
		if err == nil {
			err = os.WriteFile(verdictsFile, append(data, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(verdictsFile)
	if err != nil {
		t.Fatal(err)
	}
	var v verdicts
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Cases) < 30 {
		t.Errorf("only %d cases", len(v.Cases))
	}
	for _, c := range v.Cases {
		t.Run(c.Name, func(t *testing.T) {
			dir := t.TempDir()
			files := maps.Clone(v.Files)
			for path, text := range c.Files {
				if delete(files, path); text != nil {
					files[path] = *text
				}
			}
			for path, text := range files {
				putFile(t, dir, path, text)
			}
			trust, _, err := TreeTrust(dir)
			if err != nil {
				t.Fatal(err)
			}
			now := v.Now
			if !c.Now.IsZero() {
				now = c.Now
			}
			got := Verify([]byte(files[CredentialPath(v.Number)]), v.Number, true, trust, now)
			if got.Verdict != c.Verdict || results(got) != resultsOf(c.Results) || !reflect.DeepEqual(got.Status, c.Status) {
				t.Errorf("%s, %s, %+v\nwant %s, %s, %+v\n%+v", got.Verdict, results(got), got.Status, c.Verdict, c.Results, c.Status, got.Checks)
			}
		})
	}
}

// resultsOf gives "pass fail …" the names of the checks.
func resultsOf(text string) string {
	names := []string{"number", "proof", "key", "dates", "status", "log"}
	for i, r := range strings.Fields(text) {
		names[i] += "=" + r
	}
	return strings.Join(names, " ")
}

// statusWorld makes what the cases are made of.
type statusWorld struct {
	t testing.TB
	*issuer
	certificate Document
	list, index int
}

// listAt signs a list at a time, with the certificate's bit or without.
func (w *statusWorld) listAt(purpose string, at time.Time, on bool) Document {
	w.t.Helper()
	l := &credential.StatusList{URL: w.base + "/" + StatusListPath(purpose, 0), Issuer: w.did, Purpose: purpose, ValidFrom: at, Bits: make([]byte, credential.StatusListSize/8)}
	if on {
		l.Bits[w.index/8] |= 0x80 >> (w.index % 8)
	}
	data, err := credential.SignStatusList(l, w.key, w.method, at)
	if err != nil {
		w.t.Fatal(err)
	}
	return Document{Path: StatusListPath(purpose, 0), Data: data}
}

// said signs statements; the last is of statedAt, and the others a day apart before it.
func (w *statusWorld) said(all ...credential.Statement) Document {
	w.t.Helper()
	s := &credential.Statements{BaseURL: w.base, Issuer: w.did, Number: numberOf(w.certificate)}
	for k, one := range all {
		one.Number, one.List, one.Index, one.LogIndex = s.Number, w.list, uint32(w.index), int64(k+1)
		one.Time = statedAt.AddDate(0, 0, k+1-len(all)).Format(time.RFC3339)
		s.All = append(s.All, one)
	}
	data, err := credential.SignStatements(s, w.key, w.method, statedAt)
	if err != nil {
		w.t.Fatal(err)
	}
	return Document{Path: StatusPath(s.Number), Data: data}
}

// The statements of the cases.
var (
	saidRevoked    = credential.Statement{Status: credential.StatusRevoked, Code: "error"}
	saidSuperseded = credential.Statement{Status: credential.StatusRevoked, Code: credential.CodeSuperseded, Replacement: "7F3K-9QXM-2T8W-RB7Q"}
	saidErased     = credential.Statement{Status: credential.StatusRevoked, Code: credential.CodeErased}
	saidSuspended  = credential.Statement{Status: credential.StatusSuspended, Code: "review"}
	saidValid      = credential.Statement{Status: credential.StatusValid, Code: "cleared"}
)

func makeVerdicts(t testing.TB) *verdicts {
	i := newIssuer(t, testBase)
	course := i.certificate(t, func(f *credential.Facts) { f.ValidUntil = signedAt.AddDate(2, 0, 0) })
	c, err := credential.Decode(course.Data)
	if err != nil {
		t.Fatal(err)
	}
	list, index := c.StatusPlace()
	w := &statusWorld{t: t, issuer: i, certificate: course, list: list, index: int(index)}
	n := numberOf(course)
	now := statedAt.Add(36 * time.Hour) // the lists are of a day after the last statement
	later := statedAt.Add(24 * time.Hour)
	docs := i.logged(t, with(i.site(t), w.listAt(Revocation, later, false), w.listAt(Suspension, later, false), course))
	v := &verdicts{Base: i.base, DID: i.did, Log: i.logKeys().String(), Number: n, Now: now.UTC(), Files: map[string]string{}}
	for _, d := range docs {
		if !strings.HasPrefix(d.Path, "log/tile/") {
			v.Files[d.Path] = string(d.Data)
		}
	}
	add := func(name, verdict, results string, status *Status, changed ...Document) *verdictCase {
		c := verdictCase{Name: name, Verdict: verdict, Results: results, Status: status, Files: map[string]*string{}}
		for _, d := range changed {
			c.Files[d.Path] = nil
			if text := string(d.Data); d.Data != nil {
				c.Files[d.Path] = &text
			}
		}
		v.Cases = append(v.Cases, c)
		return &v.Cases[len(v.Cases)-1]
	}
	const (
		good, stands, doubt = "pass pass pass pass pass pass", "pass pass pass pass fail pass", "pass pass pass pass skip pass"
	)
	since := statedAt.Format(time.RFC3339)
	revokedBit, suspendedBit := w.listAt(Revocation, later, true), w.listAt(Suspension, later, true)
	oldRevocation, oldSuspension := w.listAt(Revocation, signedAt, false), w.listAt(Suspension, signedAt, false)
	oldSuspendedBit, sameSuspendedBit := w.listAt(Suspension, signedAt, true), w.listAt(Suspension, statedAt, true)
	revoked := &Status{Status: Revoked, Since: since, Code: "error"}
	superseded := &Status{Status: Revoked, Since: since, Code: credential.CodeSuperseded, Replacement: saidSuperseded.Replacement}
	suspended := &Status{Status: Suspended, Since: since, Code: "review"}
	tampered := w.said(saidRevoked)
	tampered.Data = bytes.Replace(tampered.Data, []byte(`"error"`), []byte(`"request"`), 1)
	cut := w.said(saidRevoked)
	cut.Data = cut.Data[:len(cut.Data)/2]
	missing := func(path string) Document { return Document{Path: path} }

	add("nothing said, no bit", Valid, good, nil)
	add("revoked", Revoked, stands, revoked, revokedBit, w.said(saidRevoked))
	add("revoked after a suspension", Revoked, stands, revoked, revokedBit, w.said(saidSuspended, saidRevoked))
	add("superseded", Superseded, stands, superseded, revokedBit, w.said(saidSuperseded))
	add("suspended", Suspended, stands, suspended, suspendedBit, w.said(saidSuspended))
	add("valid again", Valid, good, nil, w.said(saidSuspended, saidValid))
	add("revoked, no statement", Revoked, stands, &Status{Status: Revoked}, revokedBit)
	add("suspended, no statement", Suspended, stands, &Status{Status: Suspended}, suspendedBit)
	add("both bits, no statement", Revoked, stands, &Status{Status: Revoked}, revokedBit, suspendedBit)

	// Caches that are late with one file.
	add("revoked, statements from before", Revoked, stands, &Status{Status: Revoked}, revokedBit, w.said(saidSuspended, saidValid))
	add("revoked, lists from before", Revoked, stands, revoked, oldRevocation, oldSuspension, w.said(saidRevoked))
	add("revoked, and a later list without the bit", Revoked, stands, revoked, w.said(saidRevoked))
	add("superseded, lists from before", Superseded, stands, superseded, oldRevocation, oldSuspension, w.said(saidSuperseded))
	add("suspended, lists from before", Suspended, stands, suspended, oldRevocation, oldSuspension, w.said(saidSuspended))
	add("suspended, list of the same second without the bit", Suspended, stands, suspended, w.listAt(Suspension, statedAt, false), w.said(saidSuspended))
	add("suspended, and a later list without the bit", Valid, good, nil, w.said(saidSuspended))
	add("suspended, statements from before", Suspended, stands, &Status{Status: Suspended}, suspendedBit, w.said(saidValid))
	add("valid again, list from before", Valid, good, nil, oldSuspendedBit, w.said(saidSuspended, saidValid))
	add("valid again, list of the same second with the bit", Suspended, stands, &Status{Status: Suspended}, sameSuspendedBit, w.said(saidSuspended, saidValid))

	// Statements that are not the issuer's, or cannot be read.
	add("tampered statements, no bit", Unavailable, doubt, nil, tampered)
	add("tampered statements, revoked bit", Revoked, stands, &Status{Status: Revoked}, revokedBit, tampered)
	add("tampered statements, suspended bit", Suspended, stands, &Status{Status: Suspended}, suspendedBit, tampered)
	add("half of the statements, no bit", Unavailable, doubt, nil, cut)
	add("no JSON in place of statements", Unavailable, doubt, nil, Document{Path: StatusPath(n), Data: []byte("<!doctype html>")})
	add("another document in place of statements", Unavailable, doubt, nil, Document{Path: StatusPath(n), Data: []byte(v.Files[SettingsPath])})
	add("another certificate's statements", Unavailable, doubt, nil, w.ofAnother())
	add("statements on another place", Unavailable, doubt, nil, (&statusWorld{t, i, course, list, int(index) + 1}).said(saidValid))
	add("a thief's statements", Unavailable, doubt, nil, w.thiefs().said(saidValid))
	add("a thief's statements, suspended bit", Suspended, stands, &Status{Status: Suspended}, oldSuspendedBit, w.thiefs().said(saidValid))

	// Lists that are not the issuer's, or cannot be read.
	add("no revocation list", Unavailable, doubt, nil, missing(StatusListPath(Revocation, 0)))
	add("no suspension list", Unavailable, doubt, nil, missing(StatusListPath(Suspension, 0)))
	add("no suspension list, revoked bit", Revoked, stands, &Status{Status: Revoked}, revokedBit, missing(StatusListPath(Suspension, 0)))
	add("no lists, revoked by statement", Revoked, stands, revoked, missing(StatusListPath(Revocation, 0)), missing(StatusListPath(Suspension, 0)), w.said(saidRevoked))
	add("no lists, suspended by statement", Unavailable, doubt, nil, missing(StatusListPath(Revocation, 0)), missing(StatusListPath(Suspension, 0)), w.said(saidSuspended))
	add("no lists, valid by statement", Unavailable, doubt, nil, missing(StatusListPath(Revocation, 0)), missing(StatusListPath(Suspension, 0)), w.said(saidValid))
	for name, data := range inOrder(badLists(w, revokedBit.Data)) {
		add(name, Unavailable, doubt, nil, Document{Path: revokedBit.Path, Data: data})
		add(name+", revoked by statement", Revoked, stands, revoked, Document{Path: revokedBit.Path, Data: data}, w.said(saidRevoked))
	}

	// With the log and the dates.
	unlogged := missing(ProofPath(n))
	add("erased", Revoked, "pass pass pass pass fail skip", &Status{Status: Revoked, Since: since, Code: credential.CodeErased}, revokedBit, w.said(saidRevoked, saidErased), unlogged)
	add("erased, and its proof is still there", Revoked, stands, &Status{Status: Revoked, Since: since, Code: credential.CodeErased}, revokedBit, w.said(saidErased))
	add("revoked, and not logged", Invalid, "pass pass pass pass fail fail", revoked, revokedBit, w.said(saidRevoked), unlogged)
	add("revoked, and the log is not at hand", Revoked, "pass pass pass pass fail skip", revoked, revokedBit, w.said(saidRevoked), missing(CheckpointPath))
	add("nothing said, and the log is not at hand", Unavailable, "pass pass pass pass pass skip", nil, missing(CheckpointPath))
	add("expired", Expired, "pass pass pass fail pass pass", nil, w.listAt(Revocation, signedAt.AddDate(2, 0, 1), false), w.listAt(Suspension, signedAt.AddDate(2, 0, 1), false)).Now = signedAt.AddDate(2, 0, 1)
	add("expired and suspended", Suspended, "pass pass pass fail fail pass", suspended, suspendedBit, w.said(saidSuspended)).Now = signedAt.AddDate(2, 0, 1)
	add("expired and superseded", Superseded, "pass pass pass fail fail pass", superseded, revokedBit, w.said(saidSuperseded)).Now = signedAt.AddDate(2, 0, 1)
	add("expired, lists not at hand", Unavailable, "pass pass pass fail skip pass", nil, missing(StatusListPath(Revocation, 0))).Now = signedAt.AddDate(2, 0, 1)
	return v
}

// ofAnother are good statements on another certificate, in this one's place.
func (w *statusWorld) ofAnother() Document {
	other := *w
	other.certificate = w.issuer.certificate(w.t, nil)
	d := other.said(saidValid)
	d.Path = StatusPath(numberOf(w.certificate))
	return d
}

// thiefs signs the same with a key that is not the issuer's.
func (w *statusWorld) thiefs() *statusWorld {
	other, i := *w, *w.issuer
	i.key = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	i.method = credential.Method(i.did, i.pub())
	other.issuer = &i
	return &other
}

// badLists are what must never be read as a list: none of them says that the certificate is good.
func badLists(w *statusWorld, good []byte) map[string][]byte {
	text := string(good)
	swap := func(old, new string) []byte { return []byte(strings.Replace(text, old, new, 1)) }
	encoded := text[strings.Index(text, `"encodedList":"`)+len(`"encodedList":"`):]
	encoded = encoded[:strings.IndexByte(encoded, '"')]
	// A list without a bit, of the thief's own, under the issuer's signature.
	thiefs := string(w.thiefs().listAt(Revocation, statedAt.Add(24*time.Hour), false).Data)
	clear := thiefs[strings.Index(thiefs, `"encodedList":"`)+len(`"encodedList":"`):]
	clear = clear[:strings.IndexByte(clear, '"')]
	return map[string][]byte{
		"a list with other bits":           swap(encoded, clear),
		"a list that is newer by its word": swap(`"validFrom":"2026-05-13`, `"validFrom":"2026-05-14`),
		"half a list":                      good[:len(good)/2],
		"a list with half its bits":        swap(encoded, encoded[:len(encoded)/2]),
		"a list by another key":            []byte(thiefs),
		"the other list":                   w.listAt(Suspension, statedAt.Add(24*time.Hour), false).Data,
		"a list that unpacks to far more":  swap(encoded, bomb(1<<20)),
		"an empty list":                    {},
	}
}

// inOrder goes through a map by its keys.
func inOrder[V any](m map[string]V) func(yield func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

// bomb is an encodedList that unpacks to so many zero bytes.
func bomb(size int) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(make([]byte, size))
	z.Close()
	return "u" + base64.RawURLEncoding.EncodeToString(b.Bytes())
}

package site

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"laurel/certlog"
	"laurel/certlog/logtest"
	"laurel/credential"
)

// with returns documents with others in place of those at the same path, and without those whose data is nil.
func with(docs []Document, changed ...Document) []Document {
	out := slices.Clone(docs)
	for _, c := range changed {
		at := slices.IndexFunc(out, func(d Document) bool { return d.Path == c.Path })
		switch {
		case at < 0:
			out = append(out, c)
		case c.Data == nil:
			out = slices.Delete(out, at, at+1)
		default:
			out[at] = c
		}
	}
	return out
}

// of returns a log's files as documents.
func of(l *logtest.Log) (docs []Document) {
	for name, data := range l.Files() {
		docs = append(docs, Document{Path: "log/" + name, Data: data})
	}
	return docs
}

func otherEntry(n byte) certlog.Entry {
	return certlog.Entry{Kind: certlog.Issue, Time: signedAt.UnixMilli(), List: certlog.NoList, Index: certlog.NoList, Digest: [32]byte{n}}
}

func TestTheLogCheckTellsALaggingCopyFromARewrittenLog(t *testing.T) {
	i := newIssuer(t, testBase)
	for n := range 300 {
		i.log.Append(otherEntry(byte(n)))
	}
	before := i.log.Fork()
	before.Publish(signedAt)
	course, never := i.certificate(t, nil), i.certificate(t, asAchievement)
	docs := i.logged(t, append(i.site(t), course))
	later := i.log.Fork()
	for n := range 700 {
		later.Append(otherEntry(byte(n)))
	}
	later.Publish(signedAt.Add(time.Hour))
	same, longer := before.Fork(), before.Fork()
	same.Append(otherEntry(9))
	same.Publish(signedAt.Add(time.Hour))
	for n := range 500 {
		longer.Append(otherEntry(byte(n)))
	}
	longer.Publish(signedAt.Add(time.Hour))
	foreign := logtest.New("elsewhere.example.org/log")
	foreign.Append(otherEntry(1))
	foreign.Publish(signedAt)
	proof := ProofPath(numberOf(course))
	change := func(path string, data func([]byte) []byte) Document {
		for _, d := range docs {
			if d.Path == path {
				return Document{Path: path, Data: data(slices.Clone(d.Data))}
			}
		}
		t.Fatalf("no %s", path)
		return Document{}
	}
	firstTile := TilePath(certlog.Tile{Level: 0, N: 1, Width: 45})

	for _, c := range []struct {
		name    string
		doc     Document
		docs    []Document
		verdict string
		result  string
		says    string
	}{
		{"as published", course, docs, Valid, Pass, "recorded as entry 300 on 2026-03-01T02:03:04Z, and the record matches; the log has 301 entries as of 2026-03-01T02:04:04Z"},
		{"in a log that has grown", course, with(docs, of(later)...), Valid, Pass, "the log has 1001 entries as of 2026-03-01T03:03:04Z"},
		{"with a checkpoint from before it", course, with(docs, of(before)...), Valid, Pass, "the log has 301 entries"},
		{"another log of the same size", course, with(docs, of(same)...), Invalid, Fail, "two different logs of 301 entries"},
		{"a longer log without it", course, with(docs, of(longer)...), Invalid, Fail, "does not lead to the root"},
		{"a signed document that was never logged", never, docs, Invalid, Fail, "no record of it"},
		{"the proof of another document", never, with(docs, Document{Path: ProofPath(numberOf(never)), Data: i.log.Proof(300)}), Invalid, Fail, "entry 300 records another document"},
		{"a proof that was cut", course, with(docs, change(proof, func(b []byte) []byte { return b[:200] })), Invalid, Fail, "not a tlog-proof"},
		{"a checkpoint by another log", course, with(docs, Document{Path: CheckpointPath, Data: foreign.Files()["checkpoint"]}), Unavailable, Skip, "not a checkpoint of this log"},
		{"no checkpoint", course, with(docs, Document{Path: CheckpointPath}), Unavailable, Skip, CheckpointPath},
		{"a tile missing in a log that has grown", course, with(with(docs, of(later)...), Document{Path: TilePath(certlog.Tile{Level: 0, N: 1, Width: 256})}, Document{Path: firstTile}), Unavailable, Skip, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := Verify(c.doc.Data, "", false, Trust{Keys: i.keys(), Lists: lists(c.docs...), Log: i.treeLog(t, c.docs)}, signedAt.Add(time.Hour))
			got := v.Checks[len(v.Checks)-1]
			if v.Verdict != c.verdict || got.Check != "log" || got.Result != c.result || !strings.Contains(got.Message, c.says) {
				t.Errorf("%s, %+v\nwant %s, %s, %q", v.Verdict, got, c.verdict, c.result, c.says)
			}
			if (v.Logged != nil) != (c.result == Pass) {
				t.Errorf("what the log says is given: %v", v.Logged)
			}
		})
	}
	if v := Verify(course.Data, "", false, Trust{Keys: i.keys(), Lists: lists(docs...)}, signedAt.Add(time.Hour)); v.Verdict != Unavailable {
		t.Errorf("without a log: %s", v.Verdict)
	}
}

// A thief of the documents' key can sign, and cannot get into the log: what is revoked or expired besides stays invalid.
func TestWhatTheLogContradictsIsInvalidWhateverItsStatus(t *testing.T) {
	i := newIssuer(t, testBase)
	docs := i.logged(t, i.site(t))
	forged := i.certificate(t, nil)
	c, err := credential.Decode(forged.Data)
	if err != nil {
		t.Fatal(err)
	}
	_, index := c.StatusPlace()
	for name, source := range map[string]ListSource{
		"revoked":           lists(with(docs, i.list(t, Revocation, index))...),
		"with lists amiss":  func(string, int) ([]byte, error) { return nil, errors.New("input/output error") },
		"with lists at all": lists(docs...),
	} {
		v := Verify(forged.Data, "", false, Trust{Keys: i.keys(), Lists: source, Log: i.treeLog(t, docs)}, signedAt.Add(time.Hour))
		if v.Verdict != Invalid {
			t.Errorf("%s: %s", name, v.Verdict)
		}
	}
}

func TestAProofCountsAloneWhereNothingElseOfTheLogIsAtHand(t *testing.T) {
	i := newIssuer(t, testBase)
	course := i.certificate(t, nil)
	docs := i.logged(t, append(i.site(t), course))
	proof := i.log.Proof(0)
	log, err := OpenLog(i.logKeys(), func(*credential.Credential) ([]byte, error) { return proof, nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := Verify(course.Data, "", false, Trust{Keys: i.keys(), Lists: lists(docs...), Log: log}, signedAt.Add(time.Hour))
	if v.Verdict != Valid || v.Logged == nil || v.Logged.Index != 0 || v.Logged.Size != 1 {
		t.Errorf("%s, %+v", v.Verdict, v.Checks)
	}
	log.proof = func(*credential.Credential) ([]byte, error) { return nil, fs.ErrPermission }
	if v := Verify(course.Data, "", false, Trust{Keys: i.keys(), Lists: lists(docs...), Log: log}, signedAt.Add(time.Hour)); v.Verdict != Unavailable {
		t.Errorf("with a proof that cannot be read: %s", v.Verdict)
	}
}

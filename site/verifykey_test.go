package site

import (
	"crypto/ed25519"
	"crypto/sha256"
	"io/fs"
	"strings"
	"testing"
	"time"

	"laurel/certlog"
	"laurel/credential"
)

func TestWhatAStolenKeySignedIsGoodWhereTheLogShowsThatItIsOlder(t *testing.T) {
	i := newIssuer(t, testBase)
	old := i.certificate(t, nil)
	before := i.logged(t, append(i.site(t), old))
	frozen, err := certlog.PeekCheckpoint(i.log.Files()["checkpoint"])
	if err != nil {
		t.Fatal(err)
	}
	late, forged := i.certificate(t, asExam), i.certificate(t, asAchievement)
	docs := i.logged(t, append(before, late))

	seed := sha256.Sum256([]byte("the key after the theft"))
	fresh := *i
	fresh.key = ed25519.NewKeyFromSeed(seed[:])
	fresh.method = credential.Method(i.did, fresh.pub())
	h := &credential.History{Base: i.base, Sequence: 2, Previous: [32]byte{1}, Updated: signedAt.Add(time.Hour), Keys: []credential.Key{
		{Method: i.method, Listed: signedAt, Signs: signedAt, Retired: signedAt.Add(time.Hour), Revoked: &credential.Revocation{Time: signedAt.Add(time.Hour), Size: frozen.Size, Root: frozen.Hash}},
		{Method: fresh.method, Listed: signedAt, Signs: signedAt.Add(time.Hour)},
	}}
	docs = with(docs, fresh.list(t, Revocation), fresh.list(t, Suspension))
	trust := Trust{Keys: h.Restrict(fresh.keys()), Lists: lists(docs...), Log: i.treeLog(t, docs)}
	otherRoot := *h
	otherRoot.Keys = append([]credential.Key(nil), h.Keys...)
	otherRoot.Keys[0].Revoked = &credential.Revocation{Time: signedAt.Add(time.Hour), Size: frozen.Size, Root: [32]byte{9}}
	noLog, rewritten := trust, trust
	noLog.Log, rewritten.Keys = nil, otherRoot.Restrict(fresh.keys())
	offline := trust
	if offline.Log, err = OpenLog(i.logKeys(), func(c *credential.Credential) ([]byte, error) {
		for _, d := range docs {
			if d.Path == ProofPath(c.Number()) {
				return d.Data, nil
			}
		}
		return nil, fs.ErrNotExist
	}, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		doc     Document
		trust   Trust
		verdict string
		result  string
		says    string
	}{
		{"logged before the theft", old, trust, Valid, Pass, "older than the theft"},
		{"logged before the theft, by its proof alone", old, offline, Valid, Pass, "older than the theft"},
		{"logged after it, by its proof alone", late, offline, Invalid, Fail, "only the first 1 are from before"},
		{"logged after it", late, trust, Invalid, Fail, "only the first 1 are from before"},
		{"never logged", forged, trust, Invalid, Fail, "no record"},
		{"without a log at hand", old, noLog, Unavailable, Skip, "cannot be told"},
		{"against another root", old, rewritten, Invalid, Fail, ""},
	} {
		v := Verify(c.doc.Data, "", false, c.trust, signedAt.Add(2*time.Hour))
		got := v.Checks[2]
		if v.Verdict != c.verdict || got.Check != "key" || got.Result != c.result || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s: %s, %+v\nwant %s, %s, %q", c.name, v.Verdict, got, c.verdict, c.result, c.says)
		}
	}
}

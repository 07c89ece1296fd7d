package site

import (
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"time"

	"laurel/certlog"
	"laurel/certlog/logtest"
	"laurel/credential"
)

// lists gives status lists from documents.
func lists(docs ...Document) ListSource {
	return func(purpose string, n int) ([]byte, error) {
		for _, d := range docs {
			if d.Path == StatusListPath(purpose, n) {
				return d.Data, nil
			}
		}
		return nil, fs.ErrNotExist
	}
}

// results writes checks as "number=pass proof=pass …".
func results(v Verification) string {
	var out []string
	for _, c := range v.Checks {
		out = append(out, c.Check+"="+c.Result)
	}
	return strings.Join(out, " ")
}

func TestVerifyGivesTheVerdictOfThePage(t *testing.T) {
	i, other := newIssuer(t, testBase), newIssuer(t, "https://elsewhere.example.org")
	course, exam, foreign := i.certificate(t, nil), i.certificate(t, asExam), other.certificate(t, nil)
	c, err := credential.Decode(course.Data)
	if err != nil {
		t.Fatal(err)
	}
	_, index := c.StatusPlace()
	log := i.treeLog(t, i.logged(t, []Document{course, exam}))
	revocation, suspension := i.list(t, Revocation), i.list(t, Suspension)
	now := signedAt.Add(time.Hour)
	change := func(d Document, old, new string) []byte {
		out := strings.Replace(string(d.Data), old, new, 1)
		if out == string(d.Data) {
			t.Fatalf("no %q in the document", old)
		}
		return []byte(out)
	}
	swapped := suspension
	swapped.Path = revocation.Path
	for _, c := range []struct {
		name      string
		doc       []byte
		number    credential.Number
		published bool
		lists     ListSource
		now       time.Time
		verdict   string
		results   string
	}{
		{"a good one", course.Data, "", false, lists(revocation, suspension), now, Valid,
			"number=pass proof=pass key=pass dates=pass status=pass log=pass"},
		{"a good one asked for by its number", course.Data, numberOf(course), true, lists(revocation, suspension), now, Valid,
			"number=pass proof=pass key=pass dates=pass status=pass log=pass"},
		{"a good one formatted otherwise", append([]byte(" "), course.Data...), "", false, lists(revocation, suspension), now, Valid,
			"number=pass proof=pass key=pass dates=pass status=pass log=pass"},
		{"one formatted otherwise in the issuer's own tree", append([]byte(" "), course.Data...), numberOf(course), true, lists(revocation, suspension), now, Invalid,
			"number=pass proof=fail key=skip dates=skip status=skip log=skip"},
		{"another number than asked for", exam.Data, numberOf(course), true, lists(revocation, suspension), now, Invalid,
			"number=fail proof=skip key=skip dates=skip status=skip log=skip"},
		{"a changed name", change(course, "张伟", "张炜"), "", false, lists(revocation, suspension), now, Invalid,
			"number=pass proof=fail key=skip dates=skip status=skip log=skip"},
		{"another issuer's", foreign.Data, "", false, lists(revocation, suspension), now, Invalid,
			"number=pass proof=skip key=fail dates=skip status=skip log=skip"},
		{"no JSON", []byte("hello"), "", false, lists(revocation, suspension), now, Invalid,
			"number=fail proof=skip key=skip dates=skip status=skip log=skip"},
		{"before its date", course.Data, "", false, lists(revocation, suspension), signedAt.Add(-time.Second), Invalid,
			"number=pass proof=pass key=pass dates=fail status=pass log=pass"},
		{"in its last second", exam.Data, "", false, lists(revocation, suspension), signedAt.AddDate(2, 0, 0).Add(-time.Second), Valid,
			"number=pass proof=pass key=pass dates=pass status=pass log=pass"},
		{"at its end", exam.Data, "", false, lists(revocation, suspension), signedAt.AddDate(2, 0, 0), Expired,
			"number=pass proof=pass key=pass dates=fail status=pass log=pass"},
		{"revoked", course.Data, "", false, lists(i.list(t, Revocation, index), suspension), now, Revoked,
			"number=pass proof=pass key=pass dates=pass status=fail log=pass"},
		{"suspended", course.Data, "", false, lists(revocation, i.list(t, Suspension, index)), now, Suspended,
			"number=pass proof=pass key=pass dates=pass status=fail log=pass"},
		{"revoked and suspended", course.Data, "", false, lists(i.list(t, Revocation, index), i.list(t, Suspension, index)), now, Revoked,
			"number=pass proof=pass key=pass dates=pass status=fail log=pass"},
		{"without status lists", course.Data, "", false, nil, now, Unavailable,
			"number=pass proof=pass key=pass dates=pass status=skip log=pass"},
		{"revoked, the other list missing", course.Data, "", false, lists(i.list(t, Revocation, index)), now, Revoked,
			"number=pass proof=pass key=pass dates=pass status=fail log=pass"},
		{"expired, without status lists", exam.Data, "", false, nil, signedAt.AddDate(3, 0, 0), Unavailable,
			"number=pass proof=pass key=pass dates=fail status=skip log=pass"},
		{"with the suspension list in place of the other", course.Data, "", false, lists(swapped, suspension), now, Unavailable,
			"number=pass proof=pass key=pass dates=pass status=skip log=pass"},
		{"with a forged list", course.Data, "", false, lists(Document{Path: revocation.Path, Data: change(revocation, "2026", "2025")}, suspension), now, Unavailable,
			"number=pass proof=pass key=pass dates=pass status=skip log=pass"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := Verify(c.doc, c.number, c.published, Trust{Keys: i.keys(), Lists: c.lists, Log: log}, c.now)
			if v.Verdict != c.verdict || results(v) != c.results {
				t.Errorf("%s, %s\nwant %s, %s\n%+v", v.Verdict, results(v), c.verdict, c.results, v.Checks)
			}
			if confirmed := strings.Contains(c.results, "key=pass"); (v.Credential != nil) != confirmed {
				t.Errorf("facts are given: %v, confirmed: %v", v.Credential != nil, confirmed)
			}
		})
	}
}

func TestSettingsMustBeTheirSigners(t *testing.T) {
	i := newIssuer(t, testBase)
	sign := func(change func(map[string]any)) []byte {
		fields := map[string]any{"type": "LaurelSite", "version": 1, "id": i.base + "/site.json", "issuer": i.did, "baseUrl": i.base,
			"issuerName": "示例学院 Example Academy", "timezone": "Asia/Shanghai", "log": i.logKeys().Fields()}
		change(fields)
		data, err := credential.SignDocument(fields, i.key, i.method, signedAt)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	s, err := ParseSettings(sign(func(map[string]any) {}), i.keys())
	want := Settings{BaseURL: testBase, Issuer: i.did, IssuerName: "示例学院 Example Academy", Timezone: "Asia/Shanghai", Log: i.logKeys()}
	if err != nil || !reflect.DeepEqual(s, want) || s.Host() != "certs.example.org" {
		t.Errorf("%+v, %v", s, err)
	}
	for name, change := range map[string]func(map[string]any){
		"another type":         func(f map[string]any) { f["type"] = "Other" },
		"a later version":      func(f map[string]any) { f["version"] = 2 },
		"another base address": func(f map[string]any) { f["baseUrl"] = "https://elsewhere.example.org" },
		"another id":           func(f map[string]any) { f["id"] = "https://elsewhere.example.org/site.json" },
		"no name":              func(f map[string]any) { delete(f, "issuerName") },
		"no log":               func(f map[string]any) { delete(f, "log") },
		"a log without a key":  func(f map[string]any) { f["log"] = LogKeys{Cosigner: i.log.Cosigner()}.Fields() },
		"another's log": func(f map[string]any) {
			f["log"] = LogKeys{Key: logtest.New("elsewhere.example.org/log").Key(), Cosigner: i.log.Cosigner()}.Fields()
		},
		"a witness that is none": func(f map[string]any) {
			f["log"] = LogKeys{Key: i.log.Key(), Cosigner: i.log.Cosigner(), Witnesses: []string{"witness"}}.Fields()
		},
		"a number for a name": func(f map[string]any) { f["issuerName"] = 1 },
	} {
		if _, err := ParseSettings(sign(change), i.keys()); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	good := sign(func(map[string]any) {})
	if _, err := ParseSettings(good, newIssuer(t, "https://elsewhere.example.org").keys()); err == nil {
		t.Error("another's keys were accepted")
	}
	if _, err := ParseSettings([]byte(strings.Replace(string(good), "Academy", "Acadamy", 1)), i.keys()); err == nil {
		t.Error("a changed name was accepted")
	}
}

func TestPathsAreTakenApartAsTheyAreMade(t *testing.T) {
	n := credential.Number("0000-0000-0000-0000")
	for _, path := range []string{CredentialPath(n), PagePath(n), PicturePath(n), "c/" + string(n)} {
		if got, ok := NumberIn(path); !ok || got != n {
			t.Errorf("NumberIn(%q) = %q, %v", path, got, ok)
		}
	}
	for _, path := range []string{DIDPath, SettingsPath, KeysPath, CredentialPath(n), ProofPath(n), StatusListPath(Revocation, 0), StatusListPath(Suspension, 12),
		CheckpointPath, TilePath(certlog.Tile{Level: 0, N: 1000, Width: 5}), TilePath(certlog.Tile{Level: certlog.Bundle, N: 0, Width: 256})} {
		if !IsDocument(path) {
			t.Errorf("%s is not taken for a document", path)
		}
	}
	for _, path := range []string{"", "c", "c/", "c/0000000000000000/credential.json", "c/0000-0000-0000-0001/credential.json", "c/../credential.json",
		"c/0000-0000-0000-0000/../credential.json", PagePath(n), "status/revocation/00.json", "status/revocation/-1.json", "status/revocation/0.json/x",
		"status/other/0.json", "status/revocation/0", "/site.json", "site.json/", "../site.json",
		LogKeyPath, "log/tile/0/0", "log/tile/0/000.p/0", "log/tile/0/../000", "tile/0/000"} {
		if IsDocument(path) {
			t.Errorf("%s is taken for a document", path)
		}
	}
}

package site

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"laurel/certlog/logtest"
	"laurel/credential"
)

func TestCheckFindsEveryChangedFile(t *testing.T) {
	i := newIssuer(t, testBase)
	docs := i.whole(t)
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(docs), Options{})
	for path, text := range snapshotOf(t, dir) {
		data := []byte(text)
		for _, at := range []int{0, len(data) / 2, len(data) - 1} {
			changed := bytes.Clone(data)
			changed[at] ^= 1
			name := filepath.Join(dir, filepath.FromSlash(path))
			if err := os.WriteFile(name, changed, 0o644); err != nil {
				t.Fatal(err)
			}
			report := check(t, dir, i.keys(), !strings.HasSuffix(path, ".png") && !strings.HasSuffix(path, ".pdf"))
			if !strings.Contains(problems(report), path+": ") {
				t.Errorf("%s with byte %d changed: found\n%s", path, at, problems(report))
			}
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(path, ".png") || strings.HasSuffix(path, ".pdf") {
				break // one place is enough where each check paints
			}
		}
		os.Remove(filepath.Join(dir, filepath.FromSlash(path)))
		report := check(t, dir, i.keys(), true)
		if !strings.Contains(problems(report), path+": ") && !strings.Contains(problems(report), path+" is not there") {
			t.Errorf("%s removed: found\n%s", path, problems(report))
		}
		putFile(t, dir, path, text)
	}
	if report := check(t, dir, i.keys(), false); len(report.Problems) > 0 {
		t.Errorf("the tree put back, found\n%s", problems(report))
	}
}

func TestCheckFindsWhatStandsInAWrongPlace(t *testing.T) {
	i := newIssuer(t, testBase)
	docs := i.whole(t)
	a, b := numberOf(docs[5]), numberOf(docs[6])
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(docs), Options{})
	tree := snapshotOf(t, dir)
	for _, c := range []struct{ name, path, text, want string }{
		{"a credential under another number", CredentialPath(a), string(docs[6].Data), CredentialPath(a) + ": it is the certificate " + string(b)},
		{"a status list of another purpose", docs[3].Path, string(docs[4].Data), docs[3].Path + ": it is the suspension list"},
		{"a page of another certificate", PagePath(a), "page", PagePath(a) + ": not what a clean build makes"},
		{"a file in a certificate's folder", "c/" + string(a) + "/notes.txt", "x", "c/" + string(a) + "/notes.txt: nothing accounts for this file"},
		{"a file in no folder of ours", "backup/certd.db", "x", "backup/certd.db: nothing accounts for this file"},
		{"a certificate's folder without its document", "c/0000-0000-0000-0000/index.html", "x", "c/0000-0000-0000-0000/credential.json: missing"},
		{"a folder that is no number", "c/readme/index.html", "x", "c/readme/index.html: nothing accounts for this file"},
		{"an asset of an older set", "assets/page.0123456789abcdef.css", "x", "assets/page.0123456789abcdef.css: nothing accounts"},
		{"what a crash left", "a/.laurel-12.tmp", "x", "a/.laurel-12.tmp: left over from a write"},
		{"a credential formatted otherwise", CredentialPath(a), " " + string(docs[5].Data), CredentialPath(a) + ": "},
		{"a status list formatted otherwise", docs[3].Path, string(docs[3].Data) + "\n", docs[3].Path + ": "},
	} {
		putFile(t, dir, c.path, c.text)
		if report := check(t, dir, i.keys(), true); !strings.Contains(problems(report), c.want) {
			t.Errorf("%s: found\n%swant %s", c.name, problems(report), c.want)
		}
		if old, ok := tree[c.path]; ok {
			putFile(t, dir, c.path, old)
			continue
		}
		os.RemoveAll(filepath.Join(dir, filepath.FromSlash(c.path)))
		os.Remove(filepath.Dir(filepath.Join(dir, filepath.FromSlash(c.path)))) // if the case made it
	}
	if report := check(t, dir, i.keys(), true); len(report.Problems) > 0 {
		t.Errorf("the tree put back, found\n%s", problems(report))
	}
}

func TestCheckBelievesTheKeysItIsGiven(t *testing.T) {
	i := newIssuer(t, testBase)
	forger := &issuer{key: newIssuer(t, "https://forger.example.org").key, base: testBase, did: i.did, log: logtest.New("certs.example.org/log")} // the same address, another key
	forger.method = credential.Method(forger.did, forger.pub())
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(forger.whole(t)), Options{})
	if report := check(t, dir, credential.Keys{}, true); len(report.Problems) > 0 {
		t.Errorf("by its own keys the tree is in order, found\n%s", problems(report))
	}
	if report := check(t, dir, i.keys(), true); len(report.Problems) == 0 {
		t.Error("a forger's tree passed for the issuer's")
	}
}

func TestCheckWithoutPaintingStillComparesTheCredentialInEachPicture(t *testing.T) {
	i := newIssuer(t, testBase)
	docs := i.whole(t)
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(docs), Options{})
	if report := check(t, dir, i.keys(), true); len(report.Problems) > 0 {
		t.Errorf("a tree in order, found\n%s", problems(report))
	}
	a, b := PicturePath(numberOf(docs[5])), PicturePath(numberOf(docs[6]))
	data, err := os.ReadFile(filepath.Join(dir, b))
	if err != nil {
		t.Fatal(err)
	}
	putFile(t, dir, a, string(data))
	if report := check(t, dir, i.keys(), true); len(report.Problems) != 1 || report.Problems[0].Path != a {
		t.Errorf("a picture with another's credential, found\n%s", problems(report))
	}
}

func TestAMissingTreeIsAnErrorAndAnEmptyOneAProblem(t *testing.T) {
	if _, err := Check(t.Context(), filepath.Join(t.TempDir(), "none"), credential.Keys{}); err == nil {
		t.Error("a missing tree was checked")
	}
	report, err := Check(t.Context(), t.TempDir(), credential.Keys{})
	if err != nil || len(report.Problems) != 1 || report.Problems[0].Path != DIDPath {
		t.Errorf("an empty tree: %v\n%s", err, problems(report))
	}
}

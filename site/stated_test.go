package site

import (
	"bytes"
	"errors"
	"html"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"laurel/certlog"
	"laurel/credential"
)

var statedAt = time.Date(2026, 5, 12, 10, 0, 0, 0, time.FixedZone("", 8*3600))

// say signs statements on a certificate, a day apart, and records them in the log. Of each it needs status, code and
// replacement.
func (i *issuer) say(t testing.TB, certificate Document, said ...credential.Statement) Document {
	t.Helper()
	c, err := credential.Decode(certificate.Data)
	if err != nil {
		t.Fatal(err)
	}
	all := &credential.Statements{BaseURL: i.base, Issuer: i.did, Number: c.Number()}
	for k, s := range said {
		at := statedAt.AddDate(0, 0, k)
		s.Number, s.Time, s.LogIndex = c.Number(), at.Format(time.RFC3339), i.log.Size()
		s.List, s.Index = c.StatusPlace()
		i.log.Append(certlog.Entry{Kind: s.Kind(), Time: at.UnixMilli(), List: uint32(s.List), Index: s.Index, Digest: s.Digest()})
		all.All = append(all.All, s)
	}
	data, err := credential.SignStatements(all, i.key, i.method, statedAt)
	if err != nil {
		t.Fatal(err)
	}
	return Document{Path: StatusPath(c.Number()), Data: data}
}

// with is a whole tree in which something is said of the first certificate, whose statements come before it.
func (i *issuer) with(t testing.TB, said ...credential.Statement) []Document {
	t.Helper()
	docs := i.all(t)
	for k := range said {
		if said[k].Code == credential.CodeSuperseded {
			said[k].Replacement = numberOf(docs[6])
		}
	}
	statements := i.say(t, docs[5], said...)
	c, _ := credential.Decode(docs[5].Data)
	_, index := c.StatusPlace()
	switch said[len(said)-1].Status {
	case credential.StatusRevoked:
		docs[3] = i.list(t, Revocation, index)
	case credential.StatusSuspended:
		docs[4] = i.list(t, Suspension, index)
	}
	return i.logged(t, slices.Insert(docs, 5, statements))
}

// erased is with, after an erasure.
func (i *issuer) erased(t testing.TB) []Document {
	t.Helper()
	docs := i.with(t, credential.Statement{Status: credential.StatusRevoked, Code: "error"}, credential.Statement{Status: credential.StatusRevoked, Code: credential.CodeErased})
	n := numberOf(docs[5])
	return slices.DeleteFunc(docs, func(d Document) bool { return d.Path == CredentialPath(n) || d.Path == ProofPath(n) })
}

// corner is the colour of a picture's upper margin, where its band is.
func corner(t testing.TB, dir, path string) color.Color {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return color.RGBAModel.Convert(img.At(4, 4))
}

func TestWhatStandsAgainstACertificateStandsOnItsPicturesAndItsPage(t *testing.T) {
	plain := color.RGBA{}
	unstated := filepath.Join(t.TempDir(), "public")
	build(t, unstated, nil, each(newIssuer(t, testBase).all(t)), Options{})
	for _, c := range []struct {
		name  string
		said  []credential.Statement
		band  color.RGBA
		words []string // on the page
	}{
		{"revoked", []credential.Statement{{Status: "revoked", Code: "error"}}, color.RGBA{0xa3, 0x23, 0x1b, 0xff},
			[]string{"2026年5月12日被颁发机构撤销（颁发有误）。", "Revoked by the issuer on 12 May 2026 (issued in error).", "revoked error 2026-05-12T10:00:00+08:00"}},
		{"revoked for no public reason", []credential.Statement{{Status: "revoked", Code: "unspecified"}}, color.RGBA{0xa3, 0x23, 0x1b, 0xff},
			[]string{"2026年5月12日被颁发机构撤销。", "Revoked by the issuer on 12 May 2026."}},
		{"suspended", []credential.Statement{{Status: "suspended", Code: "review"}}, color.RGBA{0x8a, 0x5a, 0, 0xff},
			[]string{"2026年5月12日起被颁发机构暂停（正在复核）。", "Suspended by the issuer since 12 May 2026 (under review)."}},
		{"superseded", []credential.Statement{{Status: "revoked", Code: "superseded"}}, color.RGBA{0x3c, 0x4a, 0x5a, 0xff},
			[]string{"2026年5月12日换发，本证书随之撤销。", "Replaced on 12 May 2026, and revoked thereby.", `href="/c/REPLACEMENT/"`}},
		{"suspended and valid again", []credential.Statement{{Status: "suspended", Code: "review"}, {Status: "valid", Code: "cleared"}}, plain, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newIssuer(t, testBase)
			docs := i.with(t, c.said...)
			n := numberOf(docs[5])
			dir := filepath.Join(t.TempDir(), "public")
			build(t, dir, nil, each(docs), Options{})
			for _, path := range []string{PicturePath(n), CardPath(n)} {
				want := color.Color(c.band)
				if c.band == plain {
					want = corner(t, unstated, path)
				}
				if got := corner(t, dir, path); got != want {
					t.Errorf("%s begins with %v, want %v", path, got, want)
				}
			}
			page, err := os.ReadFile(filepath.Join(dir, PagePath(n)))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.words {
				if want = strings.Replace(want, "REPLACEMENT", string(numberOf(docs[7])), 1); !strings.Contains(html.UnescapeString(string(page)), want) {
					t.Errorf("the page does not say %s", want)
				}
			}
			if !strings.Contains(string(page), ">张伟</p>") || c.words == nil && strings.Contains(string(page), "2026年5月") {
				t.Error("the page has lost its own facts, or tells what is over")
			}
			if report := check(t, dir, i.keys(), false); len(report.Problems) > 0 {
				t.Errorf("check found\n%s", problems(report))
			}
		})
	}
}

func TestAnErasedCertificateLeavesAPageWithoutPersonalData(t *testing.T) {
	i := newIssuer(t, testBase)
	before := i.all(t)
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(before), Options{})
	i = newIssuer(t, testBase)
	docs := i.erased(t)
	n := numberOf(docs[5])
	build(t, dir, nil, each(docs), Options{})
	names, err := list(filepath.Join(dir, "c", string(n)))
	if err != nil || strings.Join(names, " ") != "index.html status.json" {
		t.Errorf("left are %q, %v", names, err)
	}
	page, err := os.ReadFile(filepath.Join(dir, PagePath(n)))
	if err != nil {
		t.Fatal(err)
	}
	for _, person := range []string{"张伟", "安全生产基础", "结业证书"} {
		if strings.Contains(string(page), person) {
			t.Errorf("the page still says %s", person)
		}
	}
	for _, want := range []string{string(n), "2026年5月13日", "13 May 2026", "revoked erased 2026-05-13T10:00:00+08:00"} {
		if !strings.Contains(html.UnescapeString(string(page)), want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	if report := check(t, dir, i.keys(), false); len(report.Problems) > 0 {
		t.Errorf("check found\n%s", problems(report))
	}
	t.Run("and stays as it is", func(t *testing.T) {
		before := files(t, dir)
		build(t, dir, nil, Walk(dir), Options{})
		if got := touched(t, dir, before); len(got) > 0 {
			t.Errorf("a second build touched %q", got)
		}
	})
	t.Run("however a crash cut the erasure off", func(t *testing.T) {
		want := snapshotOf(t, dir)
		for _, d := range before {
			if d.Path == CredentialPath(n) {
				putFile(t, dir, d.Path, string(d.Data))
			}
		}
		putFile(t, dir, PicturePath(n), "a picture")
		putFile(t, dir, ProofPath(n), "a proof")
		build(t, dir, nil, Walk(dir), Options{})
		sameTrees(t, snapshotOf(t, dir), want)
	})
}

func TestStatementsGiveTheSameTreeHoweverTheyCome(t *testing.T) {
	for name, docs := range map[string][]Document{
		"revoked":    newIssuer(t, testBase).with(t, credential.Statement{Status: "revoked", Code: "error"}),
		"superseded": newIssuer(t, testBase).with(t, credential.Statement{Status: "revoked", Code: "superseded"}),
		"reinstated": newIssuer(t, testBase).with(t, credential.Statement{Status: "suspended", Code: "review"}, credential.Statement{Status: "valid", Code: "cleared"}),
		"erased":     newIssuer(t, testBase).erased(t),
	} {
		t.Run(name, func(t *testing.T) {
			clean := filepath.Join(t.TempDir(), "public")
			build(t, clean, nil, each(docs), Options{Jobs: 1})
			want := snapshotOf(t, clean)
			n := numberOf(docs[5])
			t.Run("backwards", func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "public")
				backwards := slices.Clone(docs)
				slices.Reverse(backwards)
				build(t, dir, nil, each(backwards), Options{Jobs: 8})
				sameTrees(t, snapshotOf(t, dir), want)
			})
			t.Run("from its own files", func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "copy")
				for _, d := range docs {
					putFile(t, dir, d.Path, string(d.Data))
				}
				build(t, dir, nil, Walk(dir), Options{})
				sameTrees(t, snapshotOf(t, dir), want)
			})
			t.Run("added one document after the other", func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "public")
				plain := newIssuer(t, testBase).all(t)
				build(t, dir, nil, each(plain), Options{})
				b := open(t, dir, nil, Options{})
				defer b.Close()
				for _, d := range docs {
					if _, err := b.Add(t.Context(), []Document{d}); err != nil {
						t.Fatal(err)
					}
				}
				sameTrees(t, snapshotOf(t, dir), want)
			})
			t.Run("over a tree that says more", func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "public")
				build(t, dir, nil, each(docs), Options{})
				plain := newIssuer(t, testBase).all(t)
				build(t, dir, nil, each(plain), Options{})
				if _, err := os.Lstat(filepath.Join(dir, StatusPath(n))); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("statements that nothing calls for are still there: %v", err)
				}
				build(t, dir, nil, each(docs), Options{})
				sameTrees(t, snapshotOf(t, dir), want)
			})
		})
	}
}

func TestDocumentsOfACertificateThatCannotBeReadLeaveItsPageAlone(t *testing.T) {
	docs := newIssuer(t, testBase).with(t, credential.Statement{Status: "revoked", Code: "error"})
	n := numberOf(docs[5])
	for name, damage := range map[string]func(t *testing.T, dir string){
		"statements that are no file": func(t *testing.T, dir string) {
			os.Remove(filepath.Join(dir, StatusPath(n)))
			os.Mkdir(filepath.Join(dir, StatusPath(n)), 0o755)
		},
		"statements that say nothing": func(t *testing.T, dir string) { putFile(t, dir, StatusPath(n), "{}") },
		"statements on another certificate": func(t *testing.T, dir string) {
			other := newIssuer(t, testBase)
			putFile(t, dir, StatusPath(n), string(other.say(t, docs[7], credential.Statement{Status: "valid", Code: "cleared"}).Data))
		},
		"a credential that is lost, but not erased": func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, CredentialPath(n))) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "public")
			build(t, dir, nil, each(docs), Options{})
			damage(t, dir)
			before := files(t, dir)
			b := open(t, dir, nil, Options{})
			_, err := b.Build(t.Context(), Walk(dir), nil)
			b.Close()
			if err == nil || !strings.Contains(err.Error(), string(n)) {
				t.Errorf("the build says %v", err)
			}
			if got := touched(t, dir, before); len(got) > 0 {
				t.Errorf("it touched %q", got)
			}
		})
	}
}

func TestCheckNamesWhatDisagreesAboutAStatus(t *testing.T) {
	revoked := credential.Statement{Status: "revoked", Code: "error"}
	for _, c := range []struct {
		name   string
		change func(t *testing.T, i *issuer, docs []Document, put func(Document)) // docs[5] are the statements, docs[6] the certificate
		want   []string
	}{
		{"a bit that is not set", func(t *testing.T, i *issuer, docs []Document, put func(Document)) { put(i.list(t, Revocation)) },
			[]string{StatusPath("N") + ": it is revoked by the statement in force, and the revocation list " + testBase + "/status/revocation/0.json does not say so"}},
		{"a bit too many", func(t *testing.T, i *issuer, docs []Document, put func(Document)) {
			c, _ := credential.Decode(docs[6].Data)
			_, index := c.StatusPlace()
			put(i.list(t, Suspension, index))
		}, []string{StatusPath("N") + ": the suspension list " + testBase + "/status/suspension/0.json withdraws it"}},
		{"statements withheld", func(t *testing.T, i *issuer, docs []Document, put func(Document)) { put(Document{Path: docs[5].Path}) },
			[]string{CredentialPath("N") + ": the revocation list", StatusPath("N") + ": entry 0 of the log says something of this certificate that no statement does"}},
		{"another statement than the one recorded", func(t *testing.T, i *issuer, docs []Document, put func(Document)) {
			other := newIssuer(t, testBase)
			put(other.say(t, docs[6], credential.Statement{Status: "revoked", Code: "request"}))
		}, []string{StatusPath("N") + ": revoked of 2026-05-12T10:00:00+08:00 is not what the log has as entry 0"}},
		{"another's signature", func(t *testing.T, i *issuer, docs []Document, put func(Document)) {
			put(Document{Path: docs[5].Path, Data: bytes.Replace(docs[5].Data, []byte(`"error"`), []byte(`"request"`), 1)})
		}, []string{StatusPath("N") + ": "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newIssuer(t, testBase)
			docs := i.with(t, revoked)
			dir := filepath.Join(t.TempDir(), "public")
			build(t, dir, nil, each(docs), Options{Only: []string{OnlyHTML}})
			c.change(t, i, docs, func(d Document) {
				if putFile(t, dir, d.Path, string(d.Data)); d.Data == nil {
					os.Remove(filepath.Join(dir, d.Path))
				}
			})
			found := problems(check(t, dir, i.keys(), true))
			for _, want := range c.want {
				if want = strings.ReplaceAll(want, "/N/", "/"+string(numberOf(docs[5]))+"/"); !strings.Contains(found, want) {
					t.Errorf("check does not say %s, but\n%s", want, found)
				}
			}
		})
	}
}

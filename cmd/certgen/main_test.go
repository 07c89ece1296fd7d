package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"laurel/certlog"
	"laurel/certlog/logtest"
	"laurel/credential"
	"laurel/site"
	"laurel/templates"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"certgen": main}) }

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: setupBackground,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"tree": cmdTree, "list": cmdList, "say": cmdSay, "replace": cmdReplace, "hold": cmdHold,
			"start": cmdStart, "stop": cmdStop, "await": cmdAwait, "get": cmdGet,
		},
	})
}

// signer signs the documents of the scripts, by a fixed seed for each base address.
type signer struct {
	key               ed25519.PrivateKey
	base, did, method string
	drawn             int
	log               *logtest.Log
}

func newSigner(base string) (*signer, error) {
	seed := sha256.Sum256([]byte("certgen scripts " + base))
	s := &signer{key: ed25519.NewKeyFromSeed(seed[:]), base: base, log: logtest.New(site.LogOrigin(strings.TrimPrefix(base, "https://")))}
	var err error
	if s.did, err = credential.DIDWeb(base); err != nil {
		return nil, err
	}
	s.method = credential.Method(s.did, s.pub())
	return s, nil
}

func (s *signer) pub() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

// Read gives the bytes that numbers are made of, the same in every run.
func (s *signer) Read(p []byte) (int, error) {
	s.drawn++
	sum := sha256.Sum256(fmt.Append(nil, s.base, s.drawn))
	return copy(p, sum[:]), nil
}

var signedAt = time.Date(2024, 3, 1, 2, 3, 4, 0, time.UTC)

func (s *signer) tree(dir string) (numbers []string, err error) {
	settings, err := credential.SignDocument(map[string]any{
		"type": "LaurelSite", "version": 1, "id": s.base + "/site.json", "issuer": s.did, "baseUrl": s.base,
		"issuerName": "示例学院 Example Academy", "timezone": "Asia/Shanghai", "log": site.LogKeys{Key: s.log.Key(), Cosigner: s.log.Cosigner()}.Fields(),
	}, s.key, s.method, signedAt)
	if err != nil {
		return nil, err
	}
	history, err := credential.SignHistory(&credential.History{Base: s.base, Sequence: 1, Updated: signedAt, Keys: []credential.Key{
		{Method: s.method, Listed: signedAt, Signs: signedAt},
	}}, s.key, signedAt)
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{site.SettingsPath: settings, site.KeysPath: history, site.DIDPath: credential.DIDDocument(s.did, s.pub())}
	for _, purpose := range []string{site.Revocation, site.Suspension} {
		if out[site.StatusListPath(purpose, 0)], err = s.list(purpose); err != nil {
			return nil, err
		}
	}
	for n, change := range []func(*credential.Facts){
		func(f *credential.Facts) {},
		func(f *credential.Facts) {
			f.Template, f.Type, f.Rate, f.RequiredRate = "exam", "exam", "", ""
			f.Score, f.MaxScore, f.RequiredScore = "92.5", "100", "60"
			f.ValidUntil = signedAt.AddDate(1, 0, 0)
		},
		func(f *credential.Facts) {
			f.Template, f.Type, f.Rate, f.RequiredRate = "achievement", "achievement", "", ""
			f.RecipientName = "Li <b>Na</b>"
		},
	} {
		number, err := credential.NewNumber(s)
		if err != nil {
			return nil, err
		}
		f := credential.Facts{
			BaseURL: s.base, IssuerName: "示例学院 Example Academy", Number: number, Template: "course", Type: "course",
			TitleZh: "结业证书", TitleEn: "Certificate of Completion", Description: "说明 / Description", Criteria: "完成率不低于 80%。",
			RecipientName: "张伟", AchievementID: "C-301", AchievementName: "安全生产基础", Rate: "100", RequiredRate: "80",
			ValidFrom: signedAt, Zone: time.FixedZone("", 8*3600), StatusIndex: uint32(10 + n),
		}
		change(&f)
		doc, err := credential.Sign(credential.New(f), s.key, s.method, signedAt)
		if err != nil {
			return nil, err
		}
		out[site.CredentialPath(number)] = doc
		numbers = append(numbers, string(number))
		digest, err := credential.Digest(doc)
		if err != nil {
			return nil, err
		}
		s.log.Append(certlog.Entry{Kind: certlog.Issue, Time: signedAt.UnixMilli(), List: certlog.NoList, Index: certlog.NoList, Digest: digest})
	}
	s.log.Publish(signedAt)
	for path, data := range s.log.Files() {
		out["log/"+path] = data
	}
	for index, number := range numbers {
		out[site.ProofPath(credential.Number(number))] = s.log.Proof(int64(index))
	}
	for path, data := range out {
		name := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

func (s *signer) list(purpose string, set ...uint32) ([]byte, error) {
	l := &credential.StatusList{URL: s.base + "/" + site.StatusListPath(purpose, 0), Issuer: s.did, Purpose: purpose,
		ValidFrom: signedAt, Bits: make([]byte, credential.StatusListSize/8)}
	for _, n := range set {
		l.Bits[n/8] |= 0x80 >> (n % 8)
	}
	return credential.SignStatusList(l, s.key, s.method, signedAt)
}

// cmdTree: tree DIR [BASE] signs the documents of a tree and sets COURSE, EXAM (expired) and ACHIEVEMENT (markup in
// its name) to its numbers, DID to its issuer,
// LOGKEY to its log's key.
func cmdTree(ts *testscript.TestScript, _ bool, args []string) {
	base := "https://certs.example.org"
	if len(args) > 1 {
		base = args[1]
	}
	s, err := newSigner(base)
	ts.Check(err)
	numbers, err := s.tree(ts.MkAbs(args[0]))
	ts.Check(err)
	for n, name := range []string{"COURSE", "EXAM", "ACHIEVEMENT"} {
		ts.Setenv(name, numbers[n])
	}
	ts.Setenv("DID", s.did)
	ts.Setenv("LOGKEY", s.log.Key())
}

// cmdList: list DIR PURPOSE INDEX… signs a status list anew with these bits set. The course has 10, the exam 11, the achievement 12.
func cmdList(ts *testscript.TestScript, _ bool, args []string) {
	s, err := newSigner("https://certs.example.org")
	ts.Check(err)
	var set []uint32
	for _, a := range args[2:] {
		var n uint32
		_, err := fmt.Sscan(a, &n)
		ts.Check(err)
		set = append(set, n)
	}
	data, err := s.list(args[1], set...)
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(args[0]), filepath.FromSlash(site.StatusListPath(args[1], 0))), data, 0o644))
}

// cmdSay: say DIR STATUS CODE [REPLACEMENT] signs a statement on the course, of the day after its list.
func cmdSay(ts *testscript.TestScript, _ bool, args []string) {
	s, err := newSigner("https://certs.example.org")
	ts.Check(err)
	n := credential.Number(ts.Getenv("COURSE"))
	one := credential.Statement{Number: n, Status: args[1], Code: args[2], Time: "2024-03-02T10:03:04+08:00", Index: 10, LogIndex: 3}
	if len(args) > 3 {
		one.Replacement = credential.Number(args[3])
	}
	data, err := credential.SignStatements(&credential.Statements{BaseURL: s.base, Issuer: s.did, Number: n, All: []credential.Statement{one}}, s.key, s.method, signedAt.AddDate(0, 0, 1))
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(args[0]), filepath.FromSlash(site.StatusPath(n))), data, 0o644))
}

// cmdReplace: replace FILE OLD NEW changes the first OLD.
func cmdReplace(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	changed := strings.Replace(text, args[1], args[2], 1)
	if changed == text {
		ts.Fatalf("%s holds no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(changed), 0o644))
}

// cmdHold: hold DIR [SOCKET] takes the tree's lock until the script ends, as a daemon at SOCKET would.
func cmdHold(ts *testscript.TestScript, _ bool, args []string) {
	var o site.Options
	if len(args) > 1 {
		o.Owner = ts.MkAbs(args[1])
	}
	set, err := templates.Open("")
	ts.Check(err)
	b, err := site.Open(ts.MkAbs(args[0]), set, o)
	ts.Check(err)
	ts.Defer(func() { b.Close() })
}

func TestUsageErrorsExitWithTwo(t *testing.T) {
	for _, args := range [][]string{
		{}, {"bild"}, {"build", "--pubic", "x"}, {"build", "extra"}, {"build", "--only", "gif"}, {"build", "--jobs", "-1"}, {"verify"}, {"verify", "x"},
		{"verify", "x", "--issuer", "did:web:x.example"}, {"check", "--did", "x"}, {"serve", "x"}, {"watch"}, {"watch", "--templates", "x", "--jobs", "-1"},
		{"new"}, {"new", "layout"}, {"new", "page", "x", "--templates", "x"}, {"new", "layout", "x"}, {"new", "layout", "My Layout", "--templates", "x"},
	} {
		if code := exit(run(context.Background(), args, io.Discard, io.Discard), io.Discard); code != 2 {
			t.Errorf("certgen %s exits with %d", strings.Join(args, " "), code)
		}
	}
}

package interop

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	cred "laurel/credential"
)

// The places in toldRequests of certificates of which something was said.
const (
	toldRevoked    = 0
	toldSuspended  = 1
	toldReplaced   = 2
	toldReinstated = 3
	toldErased     = 4
	toldUntold     = 5
)

const toldRequests = `{"template":"exam","recipient":{"id":"t-1","name":"张伟"},"achievement":{"id":"E-1","name":"安全生产知识考试"},"result":{"score":92.5,"max_score":100},"issued_at":"2026-03-01T02:03:04Z"}
{"template":"course","recipient":{"id":"t-2","name":"Nguyễn Thị Minh Khai"},"achievement":{"id":"C 2/ü","name":"First Aid at Work"},"result":{"completion_rate":100},"issued_at":"2026-03-02T02:03:04Z","expires_at":"2099-03-01T00:00:00Z"}
{"template":"course","recipient":{"id":"t-3","name":"阿卜杜热合曼·买买提江·吐尔逊"},"achievement":{"id":"C-3","name":"特种设备安全管理"},"result":{"completion_rate":100},"issued_at":"2026-03-03T02:03:04Z"}
{"template":"achievement","recipient":{"id":"t-4","name":"李娜"},"achievement":{"id":"A-4","name":"年度安全生产标兵"},"issued_at":"2026-03-04T02:03:04Z"}
{"template":"achievement","recipient":{"id":"t-5","name":"王芳"},"achievement":{"id":"A-5","name":"优秀讲师"},"issued_at":"2026-03-04T02:03:04Z"}
{"template":"exam","recipient":{"id":"t-6","name":"Ann Lee"},"achievement":{"id":"E-6","name":"Fire Safety"},"result":{"score":80,"max_score":100},"issued_at":"2026-03-04T02:03:04Z"}
`

// told is a site of whose certificates its issuer has said something, by certd's own verbs.
var told = sync.OnceValues(func() (*issuedSite, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(os.Getenv(programsDir), "told")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	requests, correction := filepath.Join(dir, "requests.ndjson"), filepath.Join(dir, "correction.json")
	if err := os.WriteFile(requests, []byte(toldRequests), 0o644); err != nil {
		return nil, err
	}
	if err := os.WriteFile(correction, []byte(`{"recipient":{"id":"t-3","name":"阿卜杜热合曼·买买提江·图尔荪"}}`), 0o644); err != nil {
		return nil, err
	}
	s, err := issue(dir, fmt.Sprintf("http://localhost:%d", port), requests)
	if err != nil {
		return nil, err
	}
	of := func(i int) string { return s.receipts[i].Number }
	for _, args := range [][]string{
		{"status", of(toldRevoked), "revoked", "--code", "error", "--reason", "sample"},
		{"status", of(toldSuspended), "suspended", "--code", "review", "--reason", "sample"},
		{"status", of(toldReinstated), "suspended", "--code", "review", "--reason", "sample"},
		{"status", of(toldReinstated), "valid", "--code", "cleared", "--reason", "sample"},
		{"replace", of(toldReplaced), correction},
		{"erase", of(toldErased), "--yes", "--reason", "sample"},
	} {
		args = append([]string{args[0], "--data", s.data}, args[1:]...)
		if _, err := output(exec.Command(filepath.Join(os.Getenv(programsDir), "certd"), args...)); err != nil {
			return nil, err
		}
	}
	return s, nil
})

// toldServed is told, served at its own address for the rest of the test.
func toldServed(t *testing.T) *issuedSite {
	t.Helper()
	chromium(t)
	s, err := told()
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(s.base)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	serve(t, s.public, port)
	return s
}

// day is the day of the last statement on a certificate, as pages write it.
func (s *issuedSite) day(t *testing.T, i int) (zh, en string) {
	t.Helper()
	all, err := cred.DecodeStatements(read(t, s.file("c", s.receipts[i].Number, "status.json")))
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, all.Last().Time)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d年%d月%d日", at.Year(), at.Month(), at.Day()), at.Format("2 January 2006")
}

func TestThePageSaysWhatTheIssuerSaid(t *testing.T) {
	s, b := toldServed(t), browser(t)
	number := func(i int) string { return s.receipts[i].Number }
	for _, c := range []struct {
		name    string
		i       int
		verdict string
		status  string // result of the check
		zh, en  []string
	}{
		{"revoked", toldRevoked, "revoked", "fail",
			[]string{"证书已被撤销", "颁发机构已于DAY撤销这份证书，请勿采信。", "DAY被颁发机构撤销（颁发有误）。", "张伟"},
			[]string{"This certificate has been revoked", "The issuer withdrew it on DAY. Do not rely on it.", "Revoked by the issuer on DAY (issued in error).", "revoked error "}},
		{"suspended", toldSuspended, "suspended", "fail",
			[]string{"证书已暂停使用", "颁发机构自DAY起暂停这份证书的效力，恢复之前请勿采信。", "DAY起被颁发机构暂停（正在复核）。"},
			[]string{"This certificate is suspended", "The issuer put it on hold on DAY. Do not rely on it unless it is reinstated.", "Suspended by the issuer since DAY (under review)."}},
		{"replaced", toldReplaced, "superseded", "fail",
			[]string{"证书已换发", "颁发机构已于DAY更正并换发新证书，请以新证书为准。", "查看新证书", "DAY换发，本证书随之撤销。", "吐尔逊"},
			[]string{"This certificate has been replaced", "The issuer corrected it and issued a new one on DAY. Rely on the new one only.", "View the new certificate", "Replaced on DAY, and revoked thereby."}},
		{"suspended and reinstated", toldReinstated, "valid", "pass", []string{"证书有效", "未被撤销，也未被暂停。"}, []string{"This certificate is valid", "Neither revoked nor suspended."}},
		{"never spoken of", toldUntold, "valid", "pass", []string{"证书有效"}, []string{"This certificate is valid"}},
		{"erased", toldErased, "revoked", "",
			[]string{"证书已被撤销，内容已删除", "颁发机构已于DAY撤销这份证书，并删除了其中的内容，请勿采信。", number(toldErased)},
			[]string{"This certificate has been revoked and erased", "The issuer withdrew it on DAY and erased its content. Do not rely on it.", "revoked erased "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for language, want := range map[string][]string{"zh-CN": c.zh, "en": c.en} {
				page := open(t, b, visitor{language: language})
				page.visit(s.base + "/c/" + number(c.i) + "/")
				if got := page.verdict(); got != c.verdict {
					t.Errorf("verdict %s, want %s\n%s", got, c.verdict, page.text("body"))
				}
				if got := page.checks()["status"]; got != c.status {
					t.Errorf("check status: %s, want %s", got, c.status)
				}
				zh, en := "", ""
				if c.status == "fail" || c.i == toldErased {
					zh, en = s.day(t, c.i)
				}
				day := map[string]string{"zh-CN": zh, "en": en}[language]
				text := page.text("main")
				for _, sentence := range want {
					if sentence = strings.ReplaceAll(sentence, "DAY", day); !strings.Contains(text, sentence) {
						t.Errorf("%s: no %q in\n%s", language, sentence, text)
					}
				}
				if asked := page.asked("status.json"); asked != (c.i != toldUntold) {
					t.Errorf("the statements were asked for: %v", asked)
				}
				page.clean(s.base)
			}
		})
	}
}

func TestTheOldPageOfAReplacedCertificateLeadsToTheNew(t *testing.T) {
	s, b := toldServed(t), browser(t)
	old := s.receipts[toldReplaced].Number
	for name, noScript := range map[string]bool{"with script": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			page := open(t, b, visitor{noScript: noScript})
			page.visit(s.base + "/c/" + old + "/")
			link := `[...document.querySelectorAll('main a[href^="/c/"]')].find(a => a.checkVisibility())`
			if !noScript {
				page.verdict()
			}
			path := eval[string](page, link+`?.getAttribute('href') ?? ''`)
			if path == "" || strings.Contains(path, old) {
				t.Fatalf("the page leads to %q", path)
			}
			next := open(t, b, visitor{})
			next.visit(s.base + path)
			if got, name := next.verdict(), next.fact("recipient"); got != "valid" || !strings.HasSuffix(name, "图尔荪") {
				t.Errorf("%s, %s", got, name)
			}
		})
	}
}

func TestWithoutJavaScriptTheIssuersStatementStandsOnThePage(t *testing.T) {
	s, b := toldServed(t), browser(t)
	for i, want := range map[int][]string{
		toldRevoked:    {"DAY被颁发机构撤销（颁发有误）。", "Revoked by the issuer on ", "未在此浏览器中核验签名", "张伟"},
		toldSuspended:  {"DAY起被颁发机构暂停（正在复核）。", "Suspended by the issuer since "},
		toldReplaced:   {"DAY换发，本证书随之撤销。", "Replaced on "},
		toldErased:     {"这份证书的内容已被删除", "DAY", "The content of this certificate was erased"},
		toldReinstated: {"未在此浏览器中核验签名"},
	} {
		page := open(t, b, visitor{noScript: true})
		page.visit(s.base + "/c/" + s.receipts[i].Number + "/")
		zh, _ := s.day(t, i)
		text := page.text("main")
		for _, sentence := range want {
			if sentence = strings.ReplaceAll(sentence, "DAY", zh); !strings.Contains(text, sentence) {
				t.Errorf("%d: no %q in\n%s", i, sentence, text)
			}
		}
		if i == toldReinstated && strings.Contains(text, "暂停") {
			t.Errorf("the page of a reinstated certificate still speaks of the suspension:\n%s", text)
		}
		page.clean(s.base)
	}
}

// What a host can do to the statements: withhold them, change them, serve those of another or none at all.
func TestAHostCannotTalkARevokedCertificateValid(t *testing.T) {
	s, b := toldServed(t), browser(t)
	statements := func(i int) string { return s.file("c", s.receipts[i].Number, "status.json") }
	oldList := func(purpose string) change {
		return change{file: []string{"status", purpose, "0.json"}, edit: func(t *testing.T, s *issuedSite, _ []byte) []byte { return s.emptyList(t, purpose) }}
	}
	for _, c := range []struct {
		name    string
		i       int
		edit    func([]byte) []byte // of the statements
		lists   []change
		verdict string
		noise   []string
	}{
		{"revoked, statements withheld", toldRevoked, func([]byte) []byte { return nil }, nil, "revoked", []string{"404"}},
		{"revoked, statements changed", toldRevoked, func(b []byte) []byte { return []byte(strings.Replace(string(b), "revoked", "valid", 1)) }, nil, "revoked", nil},
		{"revoked, lists from before", toldRevoked, nil, []change{oldList("revocation"), oldList("suspension")}, "revoked", nil},
		{"replaced, lists from before", toldReplaced, nil, []change{oldList("revocation")}, "superseded", nil},
		{"suspended, lists from before", toldSuspended, nil, []change{oldList("suspension")}, "suspended", nil},
		{"suspended, lists from before, statements changed", toldSuspended, func(b []byte) []byte { return b[:len(b)-9] }, []change{oldList("suspension")}, "unavailable", nil},
		{"reinstated, statements changed", toldReinstated, func(b []byte) []byte { return []byte(strings.Replace(string(b), "cleared", "request", 1)) }, nil, "unavailable", nil},
		{"erased, statement of another", toldErased, func([]byte) []byte { return read(t, statements(toldRevoked)) }, nil, "unavailable", []string{"not the issuer"}},
		{"erased, statement withheld", toldErased, func([]byte) []byte { return nil }, nil, "unavailable", []string{"404", "Error"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.edit != nil {
				changeFile(t, statements(c.i), c.edit)
			}
			for _, l := range c.lists {
				l.make(t, s)
			}
			page := open(t, b, visitor{})
			page.visit(s.base + "/c/" + s.receipts[c.i].Number + "/")
			if got := page.verdict(); got != c.verdict {
				t.Errorf("verdict %s, want %s\n%s", got, c.verdict, page.text("main"))
			}
			page.clean(s.base, c.noise...)
		})
	}
}

// emptyList is a list of the issuer's from before anything was said.
func (s *issuedSite) emptyList(t *testing.T, purpose string) []byte {
	t.Helper()
	did, err := cred.DIDWeb(s.base)
	if err != nil {
		t.Fatal(err)
	}
	key := s.documentKey(t)
	at := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	doc, err := cred.SignStatusList(&cred.StatusList{URL: s.base + "/status/" + purpose + "/0.json", Issuer: did, Purpose: purpose, ValidFrom: at,
		Bits: make([]byte, cred.StatusListSize/8)}, key, cred.Method(did, key.Public().(ed25519.PublicKey)), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestABuildFromTheDocumentsAloneGivesWhatTheDaemonPublished(t *testing.T) {
	s, err := told()
	if err != nil {
		t.Fatal(err)
	}
	if out := run(t, 0, "certgen", "check", "--public", s.public); !strings.Contains(out, "0 problems") {
		t.Error(out)
	}
	copied := filepath.Join(t.TempDir(), "public")
	published := treeOf(t, s.public)
	documents := 0
	for path, data := range published {
		switch filepath.Ext(path) {
		case ".html", ".png", ".pdf", ".css", ".js", ".svg", ".ico":
		default:
			if path != "_headers" && path != "robots.txt" && path != "log/vkey" {
				documents++
				write(t, data, copied, filepath.FromSlash(path))
			}
		}
	}
	if documents == len(published) || documents < 20 {
		t.Fatalf("%d of %d files are documents", documents, len(published))
	}
	run(t, 0, "certgen", "build", "--public", copied, "--quiet")
	built := treeOf(t, copied)
	for path, data := range published {
		if !bytes.Equal(built[path], data) {
			t.Errorf("%s: %d bytes, published were %d", path, len(built[path]), len(data))
		}
	}
	if len(built) != len(published) {
		t.Errorf("%d files, published were %d", len(built), len(published))
	}
}

// treeOf reads a tree: content by path.
func treeOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		path, err := filepath.Rel(dir, name)
		out[filepath.ToSlash(path)] = read(t, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

package interop

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// credential is what the tests read of a credential.json.
type credential struct {
	Name      string
	ValidFrom string
	Issuer    struct{ Name string }
	Subject   struct {
		LicenseNumber string
		Identifier    []struct{ IdentityHash string }
		Achievement   struct{ Name, AchievementType string }
		Result        []struct{ Value string }
	} `json:"credentialSubject"`
}

func readCredential(t testing.TB, site *issuedSite, number string) (c credential) {
	t.Helper()
	data, err := os.ReadFile(site.file("c", number, "credential.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// file is the path of a file of the public tree.
func (s *issuedSite) file(elem ...string) string {
	return filepath.Join(append([]string{s.public}, elem...)...)
}

// served returns the local site, served by certgen at its own address for the rest of the test.
func served(t *testing.T) *issuedSite {
	t.Helper()
	chromium(t)
	site, err := local()
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(site.base)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	serve(t, site.public, port)
	return site
}

// The places in localRequests of certificates that tests name.
const (
	exam   = 0
	course = 1
	long   = 2
	markup = 3
	lapsed = 4
)

func TestAGenuineCertificateIsValidInTheBrowser(t *testing.T) {
	site, b := served(t), browser(t)
	for _, r := range site.receipts[:lapsed] {
		t.Run(r.Template+" "+r.Recipient.Name, func(t *testing.T) {
			page := open(t, b, visitor{})
			page.visit(r.URL)
			if got := page.verdict(); got != "valid" {
				t.Errorf("verdict %s\n%s", got, page.text("body"))
			}
			for name, got := range page.checks() {
				if got != "pass" {
					t.Errorf("check %s: %s", name, got)
				}
			}
			if got := len(page.checks()); got != 6 {
				t.Errorf("%d checks, want number, proof, key, dates, status and log", got)
			}
			checkFacts(t, page, readCredential(t, site, r.Number))
			if got := eval[string](page, `document.documentElement.dataset.origin`); got != "issuer" {
				t.Errorf("data-origin %s, want issuer", got)
			}
			if fallback := fallbackAsset(page); page.asked(fallback) {
				t.Errorf("%s was loaded although the browser can do everything itself", fallback)
			}
			page.clean(site.base)
		})
	}
}

func checkFacts(t *testing.T, page *tab, c credential) {
	t.Helper()
	for name, want := range map[string]string{
		"number":      c.Subject.LicenseNumber,
		"recipient":   c.Subject.Identifier[0].IdentityHash,
		"title":       c.Name,
		"type":        c.Subject.Achievement.AchievementType,
		"achievement": c.Subject.Achievement.Name,
		"issued":      c.ValidFrom[:10],
		"issuer":      c.Issuer.Name,
	} {
		if got := page.fact(name); got != want {
			t.Errorf("fact %s is %q, signed was %q", name, got, want)
		}
	}
	if len(c.Subject.Result) > 0 {
		if got, want := page.fact("result"), c.Subject.Result[0].Value; !strings.HasPrefix(got, want) {
			t.Errorf("fact result is %q, signed was %q", got, want)
		}
	}
}

// fallbackAsset is the path of the script for browsers that lack something.
func fallbackAsset(page *tab) string {
	page.t.Helper()
	path := eval[string](page, `document.querySelector('script[data-fallback]')?.dataset.fallback ?? ''`)
	if path == "" {
		page.t.Fatal("the page names no fallback script")
	}
	return path
}

func TestACertificatePastItsEndIsExpiredInTheBrowser(t *testing.T) {
	site, b := served(t), browser(t)
	page := open(t, b, visitor{})
	page.visit(site.receipts[lapsed].URL)
	if got := page.verdict(); got != "expired" {
		t.Errorf("verdict %s", got)
	}
	if got := page.checks()["dates"]; got != "fail" {
		t.Errorf("check dates: %s", got)
	}
	page.clean(site.base)
}

func TestACopyOnAnotherHostIsValidAndSaysThatItIsACopy(t *testing.T) {
	chromium(t)
	site, err := production()
	if err != nil {
		t.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	serve(t, site.public, port)
	here := "http://localhost:" + strconv.Itoa(port)
	page := open(t, browser(t), visitor{language: "en"})
	page.visit(here + "/c/" + site.receipts[0].Number + "/")
	if got := page.verdict(); got != "valid" {
		t.Errorf("verdict %s\n%s", got, page.text("body"))
	}
	if got := eval[string](page, `document.documentElement.dataset.origin`); got != "mirror" {
		t.Errorf("data-origin %s, want mirror", got)
	}
	if text := page.text("body"); !strings.Contains(text, "This is a copy") || !strings.Contains(text, "certs.example.org") {
		t.Errorf("the page does not say that it is a copy, and of what:\n%s", text)
	}
	page.clean(here)
}

// A change is made to a file of the tree while the page is looked at.
type change struct {
	name    string
	file    []string // below the public tree; "NUMBER" stands for the certificate's
	edit    func(t *testing.T, site *issuedSite, data []byte) []byte
	verdict string
	failed  string   // the check that must fail; "" for any
	noise   []string // console messages that come with it
}

// replace changes the first occurrence of old.
func replace(old, new string) func(*testing.T, *issuedSite, []byte) []byte {
	return func(_ *testing.T, _ *issuedSite, data []byte) []byte {
		return bytes.Replace(data, []byte(old), []byte(new), 1)
	}
}

func remove(*testing.T, *issuedSite, []byte) []byte { return nil }

var changes = []change{
	{name: "a changed name", edit: replace("张伟", "张玮"), verdict: "invalid", failed: "proof"},
	{name: "a changed score", edit: replace(`"value":"92.5"`, `"value":"98.5"`), verdict: "invalid", failed: "proof"},
	{name: "a changed pass mark", edit: replace(`"requiredValue":"60"`, `"requiredValue":"50"`), verdict: "invalid", failed: "proof"},
	{name: "a changed date", edit: replace(`"validFrom":"2026-03-01T10`, `"validFrom":"2026-03-02T10`), verdict: "invalid", failed: "proof"},
	{name: "a member more", edit: replace(`"awardedDate"`, `"also":"this","awardedDate"`), verdict: "invalid"},
	{name: "a member twice", edit: replace(`"awardedDate"`, `"awardedDate":"2026-03-01T10:03:04+08:00","awardedDate"`), verdict: "invalid"},
	{name: "a changed jcs proof", edit: func(t *testing.T, _ *issuedSite, data []byte) []byte { return changeProofValue(t, data, 1) },
		verdict: "invalid", failed: "proof"},
	{name: "a missing jcs proof", edit: func(t *testing.T, _ *issuedSite, data []byte) []byte { return dropProof(t, data, 1) },
		verdict: "invalid", failed: "proof"},
	{name: "no proof at all", edit: func(t *testing.T, _ *issuedSite, data []byte) []byte { return dropProof(t, dropProof(t, data, 0), 0) },
		verdict: "invalid"},
	{name: "another certificate under this number", edit: func(t *testing.T, site *issuedSite, _ []byte) []byte {
		other, err := os.ReadFile(site.file("c", site.receipts[course].Number, "credential.json"))
		if err != nil {
			t.Fatal(err)
		}
		return other
	}, verdict: "invalid", failed: "number"},
	{name: "a key that the issuer does not publish", file: []string{".well-known", "did.json"}, edit: otherKey(true), verdict: "invalid"},
	{name: "another key under the same name", file: []string{".well-known", "did.json"}, edit: otherKey(false), verdict: "invalid"},
	{name: "a missing revocation list", file: []string{"status", "revocation", "0.json"}, edit: remove, verdict: "unavailable", noise: []string{"404"}},
	{name: "a missing suspension list", file: []string{"status", "suspension", "0.json"}, edit: remove, verdict: "unavailable", noise: []string{"404"}},
	{name: "a missing credential", edit: remove, verdict: "unavailable", noise: []string{"404"}},
	{name: "a missing did.json", file: []string{".well-known", "did.json"}, edit: remove, verdict: "unavailable", noise: []string{"404"}},
}

func TestWhatWasChangedIsNeverValidInTheBrowser(t *testing.T) {
	site, b := served(t), browser(t)
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			c.make(t, site)
			page := open(t, b, visitor{})
			page.visit(site.receipts[exam].URL)
			if got := page.verdict(); got != c.verdict {
				t.Errorf("verdict %s, want %s", got, c.verdict)
			}
			if got := page.checks(); c.failed != "" && got[c.failed] != "fail" {
				t.Errorf("checks %v, want %s to fail", got, c.failed)
			}
			if c.verdict == "invalid" && eval[bool](page, `[...document.images].some(i => i.checkVisibility() && i.src.endsWith('certificate.png'))`) {
				t.Error("the picture is shown beside an invalid verdict")
			}
			page.clean(site.base, c.noise...)
		})
	}
}

// make changes the file until the test ends; by default the exam's credential.
func (c change) make(t *testing.T, site *issuedSite) {
	t.Helper()
	file := slices.Clone(c.file)
	if file == nil {
		file = []string{"c", "NUMBER", "credential.json"}
	}
	for i := range file {
		file[i] = strings.Replace(file[i], "NUMBER", site.receipts[exam].Number, 1)
	}
	changeFile(t, site.file(file...), func(data []byte) []byte { return c.edit(t, site, data) })
}

// dropProof takes the i-th proof away.
func dropProof(t *testing.T, doc []byte, i int) []byte {
	t.Helper()
	var all map[string]json.RawMessage
	var proofs []json.RawMessage
	if err := json.Unmarshal(doc, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all["proof"], &proofs); err != nil {
		t.Fatal(err)
	}
	rest, err := json.Marshal(append(proofs[:i:i], proofs[i+1:]...))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Replace(doc, all["proof"], rest, 1)
}

// otherKey puts the key of another issuer into did.json: under a name of its own, or under the true one's.
func otherKey(renamed bool) func(*testing.T, *issuedSite, []byte) []byte {
	return func(t *testing.T, _ *issuedSite, did []byte) []byte {
		other, err := production()
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := os.ReadFile(other.file(".well-known", "did.json"))
		if err != nil {
			t.Fatal(err)
		}
		mine, theirs := multibase(t, did), multibase(t, foreign)
		if renamed {
			return bytes.ReplaceAll(did, []byte(mine), []byte(theirs))
		}
		return bytes.Replace(did, []byte(`"publicKeyMultibase":"`+mine), []byte(`"publicKeyMultibase":"`+theirs), 1)
	}
}

func multibase(t *testing.T, did []byte) string {
	t.Helper()
	var doc struct {
		VerificationMethod []struct{ PublicKeyMultibase string }
	}
	if err := json.Unmarshal(did, &doc); err != nil || len(doc.VerificationMethod) != 1 {
		t.Fatalf("did.json: %v, %d methods", err, len(doc.VerificationMethod))
	}
	return doc.VerificationMethod[0].PublicKeyMultibase
}

func TestWithoutJavaScriptThePageStatesTheFactsAndClaimsNothing(t *testing.T) {
	site, b := served(t), browser(t)
	r := site.receipts[exam]
	page := open(t, b, visitor{noScript: true})
	page.visit(r.URL)
	if got := eval[string](page, `document.documentElement.dataset.verdict`); got != "unchecked" {
		t.Errorf("verdict %s", got)
	}
	checkFacts(t, page, readCredential(t, site, r.Number))
	for name, result := range page.checks() {
		if result == "pass" || result == "fail" {
			t.Errorf("check %s is %s before anything was checked", name, result)
		}
	}
	text := page.text("body")
	for _, want := range []string{"张伟", "安全生产知识考试", "92.5", r.Number, "未在此浏览器中核验签名", "Signature not checked in this browser"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not show %q:\n%s", want, text)
		}
	}
	for _, word := range []string{"证书有效", "This certificate is valid", "已核验", "Verified facts"} {
		if strings.Contains(text, word) {
			t.Errorf("the page shows %q without a check", word)
		}
	}
	if eval[bool](page, `[...document.querySelectorAll('use')].some(u => /(m-valid|r-pass)$/.test(u.getAttribute('href')) && u.checkVisibility() && !u.closest('.side'))`) {
		t.Error("the page shows a tick without a check")
	}
	if missing := eval[[]string](page, `[...document.querySelectorAll('[data-fact]')].filter(e => e.textContent && !e.checkVisibility()).map(e => e.dataset.fact)`); len(missing) > 0 {
		t.Errorf("facts %v are hidden", missing)
	}
	page.clean(site.base)
}

// What a reader mode or a text browser shows is the served text without its templates.
func TestTheServedTextNeverSaysValid(t *testing.T) {
	site, err := production()
	if err != nil {
		t.Fatal(err)
	}
	waiting := regexp.MustCompile(`(?s)<template\b.*?</template>`)
	for _, r := range site.receipts[:6] {
		html, err := os.ReadFile(site.file("c", r.Number, "index.html"))
		if err != nil {
			t.Fatal(err)
		}
		if !waiting.Match(html) {
			t.Fatal("no template in the page")
		}
		text := string(waiting.ReplaceAll(html, nil))
		for _, word := range []string{"证书有效", "This certificate is valid", "已核验", "Verified facts"} {
			if strings.Contains(text, word) {
				t.Errorf("%s: the served text says %q", r.Number, word)
			}
		}
		if strings.Contains(text, "<script>") || strings.Contains(text, "<style") || strings.Contains(text, " style=") {
			t.Errorf("%s: inline script or style", r.Number)
		}
	}
}

// Older browsers, in-app browsers and plain-http intranets lack one thing or another.
var lacking = map[string]string{
	"crypto.subtle": `Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})`,
	"Ed25519 in WebCrypto": `const importKey = SubtleCrypto.prototype.importKey;
		SubtleCrypto.prototype.importKey = function (format, data, algorithm, ...rest) {
			if ((algorithm.name ?? algorithm) === 'Ed25519') return Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'));
			return importKey.call(this, format, data, algorithm, ...rest);
		}`,
	"DecompressionStream": `delete window.DecompressionStream`,
}

func TestABrowserThatLacksSomethingVerifiesWithTheFallback(t *testing.T) {
	site, b := served(t), browser(t)
	for what, script := range lacking {
		t.Run(what, func(t *testing.T) {
			page := open(t, b, visitor{before: script})
			page.visit(site.receipts[exam].URL)
			if got := page.verdict(); got != "valid" {
				t.Errorf("verdict %s\n%s", got, page.text("body"))
			}
			if !page.asked(fallbackAsset(page)) {
				t.Error("the fallback was not loaded")
			}
			page.clean(site.base)
		})
	}
	t.Run("everything, and the name was changed", func(t *testing.T) {
		changes[0].make(t, site)
		page := open(t, b, visitor{before: lacking["crypto.subtle"] + ";" + lacking["DecompressionStream"]})
		page.visit(site.receipts[exam].URL)
		if got := page.verdict(); got != "invalid" {
			t.Errorf("verdict %s", got)
		}
		page.clean(site.base)
	})
}

func TestMarkUpInANameIsText(t *testing.T) {
	site, b := served(t), browser(t)
	page := open(t, b, visitor{language: "en"})
	page.visit(site.receipts[markup].URL)
	if got := page.verdict(); got != "valid" {
		t.Errorf("verdict %s", got)
	}
	if got := page.fact("recipient"); got != `<b>Ann & "Bob"</b>` {
		t.Errorf("recipient %q", got)
	}
	if n := eval[int](page, `document.querySelectorAll('[data-fact] b, [data-fact] script').length`); n != 0 {
		t.Errorf("%d elements came out of signed text", n)
	}
	page.clean(site.base)
}

func TestThePageSpeaksTheBrowsersLanguageAndRemembersAnotherChoice(t *testing.T) {
	site, b := served(t), browser(t)
	headline := map[string]string{"zh-CN": "证书有效", "en": "This certificate is valid"}
	for language, want := range headline {
		page := open(t, b, visitor{language: language})
		page.visit(site.receipts[exam].URL)
		page.verdict()
		if got := page.text("h1"); got != want {
			t.Errorf("%s: headline %q, want %q", language, got, want)
		}
		if got := eval[string](page, `document.documentElement.lang`); got != language {
			t.Errorf("lang %q, want %q", got, language)
		}
	}
	page := open(t, b, visitor{language: "zh-CN"})
	page.visit(site.receipts[exam].URL)
	page.verdict()
	page.must(clickOn(page, `[...document.querySelectorAll('.langs button')].find(b => b.textContent.includes('English'))`))
	page.wait(`document.documentElement.lang === 'en'`)
	page.visit(site.receipts[course].URL)
	page.verdict()
	if got := page.text("h1"); got != headline["en"] {
		t.Errorf("the choice of English was forgotten: %q", got)
	}
}

func TestPagesFitAPhone(t *testing.T) {
	site, b := served(t), browser(t)
	for _, language := range []string{"zh-CN", "en"} {
		page := open(t, b, visitor{language: language, width: 320})
		for _, path := range []string{"/c/" + site.receipts[long].Number + "/", "/c/" + site.receipts[markup].Number + "/", "/", "/a/exam/", "/404.html"} {
			page.visit(site.base + path)
			page.wait(`document.readyState === 'complete'`)
			if got := eval[int](page, `document.documentElement.scrollWidth`); got > 320 {
				t.Errorf("%s %s is %d pixels wide on a phone of 320", language, path, got)
			}
			page.clean(site.base)
		}
	}
}

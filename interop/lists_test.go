package interop

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"strings"
	"testing"
)

func TestAListThatIsNotTheSignedOneNeverMakesACertificateValid(t *testing.T) {
	site, b := served(t), browser(t)
	list := []string{"status", "revocation", "0.json"}
	for _, c := range []change{
		{name: "a changed list", file: list, edit: replace(`"encodedList":"uH4s`, `"encodedList":"uH4t`)},
		{name: "a changed list proof", file: list, edit: func(t *testing.T, _ *issuedSite, data []byte) []byte { return changeProofValue(t, data, 1) }},
		{name: "the other list", file: list, edit: func(t *testing.T, site *issuedSite, _ []byte) []byte {
			other, err := os.ReadFile(site.file("status", "suspension", "0.json"))
			if err != nil {
				t.Fatal(err)
			}
			return other
		}},
		{name: "half a list", file: list, edit: func(_ *testing.T, _ *issuedSite, data []byte) []byte { return data[:len(data)/2] }},
		{name: "another's list", file: list, edit: func(t *testing.T, site *issuedSite, _ []byte) []byte {
			return bombOf(t, site.base, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{5}, ed25519.SeedSize)), 1<<14)
		}},
		{name: "a list of half the bits, by the issuer's key", file: list, edit: func(t *testing.T, site *issuedSite, _ []byte) []byte {
			return bombOf(t, site.base, site.documentKey(t), 1<<13)
		}},
		{name: "a list that unpacks to half a gigabyte, by the issuer's key", file: list, edit: func(t *testing.T, site *issuedSite, _ []byte) []byte {
			return bombOf(t, site.base, site.documentKey(t), 1<<29)
		}},
		{name: "a list that is too large to be one", file: list, edit: func(t *testing.T, site *issuedSite, _ []byte) []byte {
			return append(bombOf(t, site.base, site.documentKey(t), 1<<14), bytes.Repeat([]byte(" "), 1<<20)...)
		}},
	} {
		for how, before := range map[string]string{"": "", ", unpacked by the fallback": lacking["DecompressionStream"]} {
			t.Run(c.name+how, func(t *testing.T) {
				c.make(t, site)
				page := open(t, b, visitor{before: before})
				page.visit(site.receipts[exam].URL)
				if got := page.verdict(); got != "unavailable" || page.checks()["status"] != "skip" {
					t.Errorf("verdict %s, checks %v", got, page.checks())
				}
				run(t, 1, "certgen", "verify", site.receipts[exam].Number, "--public", site.public)
			})
		}
	}
	t.Run("the issuer's own list of this shape", func(t *testing.T) {
		change{file: list, edit: func(t *testing.T, site *issuedSite, _ []byte) []byte {
			return bombOf(t, site.base, site.documentKey(t), 1<<14)
		}}.make(t, site)
		page := open(t, b, visitor{})
		page.visit(site.receipts[exam].URL)
		if got := page.verdict(); got != "valid" {
			t.Errorf("verdict %s, so nothing was refused for the reason that was meant", got)
		}
	})
}

func TestWithoutANetworkThePageSaysThatItCannotTell(t *testing.T) {
	site, b := served(t), browser(t)
	for language, want := range map[string][]string{
		"zh-CN": {"暂时无法核验", "核验所需的文件没有全部取到，因此无法判断证书是否有效。请检查网络后重试。"},
		"en":    {"This could not be checked", "Some of the files needed could not be loaded, so this page cannot say whether the certificate is valid. Check your connection and try again."},
	} {
		page := open(t, b, visitor{language: language, before: `window.online = window.fetch; window.fetch = () => Promise.reject(new TypeError('Failed to fetch'))`})
		page.visit(site.receipts[exam].URL)
		if got := page.verdict(); got != "unavailable" {
			t.Errorf("verdict %s", got)
		}
		for _, sentence := range want {
			if text := page.text("main"); !strings.Contains(text, sentence) {
				t.Errorf("%s: no %q in\n%s", language, sentence, text)
			}
		}
		eval[any](page, `window.fetch = window.online, document.querySelector('[data-do=again]').click()`)
		page.wait(`document.documentElement.dataset.verdict === 'valid'`)
		page.clean(site.base)
	}
}

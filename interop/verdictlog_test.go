package interop

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"laurel/certlog"
)

// otherLog signs, with the site's own log key, a checkpoint of so many entries more over another root: what an operator
// does who shows two people two logs.
func otherLog(more int64) func(t *testing.T, site *issuedSite, data []byte) []byte {
	return func(t *testing.T, site *issuedSite, data []byte) []byte {
		t.Helper()
		seed, err := os.ReadFile(site.data + "/log-seed")
		if err != nil {
			t.Fatal(err)
		}
		secrets, err := certlog.DeriveSecrets(seed)
		if err != nil {
			t.Fatal(err)
		}
		c, err := certlog.PeekCheckpoint(data)
		if err != nil {
			t.Fatal(err)
		}
		c.Size += more
		c.Hash[0] ^= 1
		signed, err := certlog.SignCheckpoint(c.Origin, c.Head, certlog.NewSigner(c.Origin, secrets.Log), certlog.NewCosigner(c.Origin+"/cosigner", secrets.Cosigner, time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
}

func TestThePageSaysWhatTheLogSays(t *testing.T) {
	site, b := served(t), browser(t)
	proof, checkpoint := []string{"c", site.receipts[exam].Number, "certificate.tlog-proof"}, []string{"log", "checkpoint"}
	entry := proofOf(t, site, exam).Index
	for _, c := range []struct {
		change
		result string
		zh, en string // of the check, or the verdict
	}{
		{change{name: "as published", verdict: "valid"}, "pass",
			fmt.Sprintf("已记为第 %d 条，内容一致。", entry), fmt.Sprintf("Recorded as entry %d, and the record matches.", entry)},
		{change{name: "never logged", file: proof, edit: remove, verdict: "invalid", noise: []string{"404"}}, "fail",
			"公开日志与证书不符：没有相应的记录，或者日志被改写过。", "The public log contradicts it: the record is missing, or the log has been rewritten."},
		{change{name: "another's record", file: proof, edit: replaceByProofOf(course), verdict: "invalid"}, "fail", "日志中的记录与证书不符。", "The record does not match the certificate."},
		{change{name: "another log of the same size", file: checkpoint, edit: otherLog(0), verdict: "invalid"}, "fail", "日志被改写过", "The log has been rewritten"},
		{change{name: "no checkpoint", file: checkpoint, edit: remove, verdict: "unavailable", noise: []string{"404"}}, "skip", "文件没有取到，未核对。", "Its file could not be loaded. Not checked."},
		{change{name: "a checkpoint of nobody", file: checkpoint, edit: replace("\n", "x\n"), verdict: "unavailable"}, "skip", "文件没有取到，未核对。", "Its file could not be loaded. Not checked."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.edit != nil {
				c.make(t, site)
			}
			for language, want := range map[string]string{"zh-CN": c.zh, "en": c.en} {
				page := open(t, b, visitor{language: language})
				page.visit(site.receipts[exam].URL)
				if got := page.verdict(); got != c.verdict {
					t.Errorf("verdict %s, want %s", got, c.verdict)
				}
				if got := page.checks()["log"]; got != c.result {
					t.Errorf("check log: %s, want %s", got, c.result)
				}
				if text := page.text("main"); !strings.Contains(text, want) {
					t.Errorf("%s: no %q in\n%s", language, want, text)
				}
				page.clean(site.base, c.noise...)
			}
		})
	}
}

func proofOf(t *testing.T, site *issuedSite, n int) *certlog.Proof {
	t.Helper()
	data, err := os.ReadFile(site.file("c", site.receipts[n].Number, "certificate.tlog-proof"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := certlog.ParseProof(data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func replaceByProofOf(n int) func(*testing.T, *issuedSite, []byte) []byte {
	return func(t *testing.T, site *issuedSite, _ []byte) []byte {
		return proofOf(t, site, n).Marshal()
	}
}

// The sample certificates bear dates from before they were recorded.
func TestADateFromBeforeTheRecordIsShownWithTheDayOfTheRecord(t *testing.T) {
	site, b := served(t), browser(t)
	for language, want := range map[string]string{"zh-CN": "记入日志）", "en": "(recorded on "} {
		page := open(t, b, visitor{language: language})
		page.visit(site.receipts[exam].URL)
		page.verdict()
		if got := eval[string](page, `document.querySelector('[data-fact=issued]').closest('dd').innerText`); !strings.Contains(got, want) {
			t.Errorf("%s: issued %q", language, got)
		}
	}
}

func TestThePageForWhatIsNotThereSaysAsOfWhenByTheLog(t *testing.T) {
	site, b := served(t), browser(t)
	data, err := os.ReadFile(site.file("log", "checkpoint"))
	if err != nil || bytes.Count(data, []byte("— ")) != 2 {
		t.Fatalf("%s, %v", data, err)
	}
	page := open(t, b, visitor{language: "en"})
	page.visit(site.base + "/c/0000-0000-0000-0000/")
	page.wait(`document.querySelector('#nf .asof')`)
	if got := page.text("#nf .asof"); !strings.HasPrefix(got, "As of ") || !strings.Contains(got, "(UTC+8)") {
		t.Errorf("%q", got)
	}
	page.clean(site.base, "404")
}

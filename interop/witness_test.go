package interop

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"laurel/certlog"
)

// A witness is somebody else, who signs the checkpoints that it has seen; the issuer names its key in the configuration.
func TestPageAndCommandShowAWitnessThatTheConfigurationNames(t *testing.T) {
	chromium(t)
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	requests := filepath.Join(dir, "requests.ndjson")
	first, _, _ := strings.Cut(localRequests, "\n")
	if err := os.WriteFile(requests, []byte(first+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	site, err := issue(dir, fmt.Sprintf("http://localhost:%d", port), requests)
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize))
	witness := certlog.CosignerKey("witness.example/w1", key.Public().(ed25519.PublicKey))
	settings := filepath.Join(site.data, "certd.yaml")
	config := append(read(t, settings), fmt.Sprintf("log:\n  witnesses: [%q]\n", witness)...)
	if err := os.WriteFile(settings, config, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := output(exec.Command(program(t, "certd"), "export", "--data", site.data)); err != nil {
		t.Fatal(err)
	}

	url, number := site.receipts[0].URL, site.receipts[0].Number
	serve(t, site.public, port)
	b := browser(t)
	if out := run(t, 0, "certgen", "verify", number, "--public", site.public); strings.Contains(out, "witness") {
		t.Errorf("a witness who has signed nothing is shown:\n%s", out)
	}
	checkpoint := site.file("log", "checkpoint")
	signed, err := certlog.Cosign(read(t, checkpoint), verifiers(t, site), certlog.NewCosigner("witness.example/w1", key, time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(checkpoint, signed, 0o644); err != nil {
		t.Fatal(err)
	}
	if out := run(t, 0, "certgen", "verify", number, "--public", site.public); !strings.Contains(out, "witnessed by witness.example/w1 on ") {
		t.Errorf("certgen verify shows no witness:\n%s", out)
	}
	for language, want := range map[string]string{"zh-CN": "并有 witness.example/w1 见证", "en": "witnessed by witness.example/w1"} {
		page := open(t, b, visitor{language: language})
		page.visit(url)
		if got := page.verdict(); got != "valid" {
			t.Errorf("verdict %s", got)
		}
		eval[any](page, `document.querySelectorAll('details').forEach(d => { d.open = true })`)
		if text := page.text("main"); !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", language, want, text)
		}
		page.clean(site.base)
	}
}

// verifiers are those of a site's own log and cosigner, by its site.json.
func verifiers(t *testing.T, site *issuedSite) (out []note.Verifier) {
	t.Helper()
	settings := read(t, site.file("site.json"))
	for _, name := range []string{"key", "cosigner"} {
		v, err := certlog.ParseKey(between(t, settings, `"`+name+`":"`, `"`))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

package issuer

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASeedIsReadFromBytesHexadecimalAndBase64(t *testing.T) {
	seed := []byte("a seed for tests: 32 bytes long!")
	for name, data := range map[string]string{
		"bytes": string(seed), "hexadecimal": hex.EncodeToString(seed) + "\n", "base64": base64.StdEncoding.EncodeToString(seed),
		"base64 without padding": base64.RawStdEncoding.EncodeToString(seed), "capitals": strings.ToUpper(hex.EncodeToString(seed)),
	} {
		got, err := ParseSeeds([]byte(data), "here")
		if err != nil || len(got) != 1 || !bytes.Equal(got[0].key().Seed(), seed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	two := hex.EncodeToString(seed) + "\n" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, 32)) + "\n"
	if got, err := ParseSeeds([]byte(two), "here"); err != nil || len(got) != 2 {
		t.Errorf("two seeds: %d, %v", len(got), err)
	}
}

// seedForms are the ways in which a seed might be printed.
func seedForms(seed []byte) []string {
	return []string{
		string(seed), hex.EncodeToString(seed), strings.ToUpper(hex.EncodeToString(seed)), base64.RawStdEncoding.EncodeToString(seed),
		base64.RawURLEncoding.EncodeToString(seed), strings.Trim(fmt.Sprint(seed), "[]"), strings.Trim(fmt.Sprintf("%#v", seed[:8]), "[]byte{}"),
	}
}

func TestNoErrorAboutASeedHoldsAnyOfIt(t *testing.T) {
	seed := bytes.Repeat([]byte("Secret7!"), 4)
	for _, data := range []string{
		hex.EncodeToString(seed)[:63], hex.EncodeToString(seed) + "0", "g" + hex.EncodeToString(seed)[1:],
		base64.StdEncoding.EncodeToString(seed) + "!", base64.StdEncoding.EncodeToString(seed[:31]), string(seed) + "\n", "seed=" + hex.EncodeToString(seed), "",
	} {
		_, err := ParseSeeds([]byte(data), "here")
		if err == nil {
			t.Errorf("%q was read", data)
			continue
		}
		if s := err.Error(); !strings.Contains(s, "here") || strings.Contains(s, "Secret7") || strings.Contains(s, hex.EncodeToString(seed)[:8]) || strings.Contains(s, base64.StdEncoding.EncodeToString(seed)[:8]) {
			t.Errorf("%q: %s", data, s)
		}
	}
}

func TestASecretPrintsItsFingerprintAlone(t *testing.T) {
	seed := []byte("a seed for tests: 32 bytes long!")
	all, err := ParseSeeds(seed, "here")
	if err != nil {
		t.Fatal(err)
	}
	s := all[0]
	var printed strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&printed, verb+"\n", s)
		fmt.Fprintf(&printed, verb+"\n", &s)
		fmt.Fprintf(&printed, verb+"\n", Config{Signers: []crypto.Signer{s}, LogSeed: &s})
		fmt.Fprintf(&printed, verb+"\n", &ring{signers: map[string]crypto.Signer{"x": s}})
	}
	slog.New(slog.NewTextHandler(&printed, nil)).Info("text", "key", s, "keys", all, "config", Config{LogSeed: &s})
	slog.New(slog.NewJSONHandler(&printed, nil)).Info("json", "key", s, "keys", all)
	//lint:ignore SA9005 that nothing of it is written is what is asked here
	if data, err := json.Marshal(s); err == nil {
		printed.Write(data)
	}
	for _, form := range seedForms(seed) {
		if strings.Contains(printed.String(), form) {
			t.Errorf("the seed is printed, as %q", form)
		}
	}
	if !strings.Contains(printed.String(), s.String()) {
		t.Error("the fingerprint is not")
	}
}

func TestAFileThatOthersMayReadIsNoSeed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seed")
	if err := os.WriteFile(path, bytes.Repeat([]byte{7}, 32), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := readSeed(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("%v", err)
	}
}

func TestAnIssuerWhoseSeedIsAnothersSaysWhichKeyIsMissing(t *testing.T) {
	h := newHouse(t)
	if err := os.WriteFile(h.cfg.seedPath(), bytes.Repeat([]byte{7}, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(t.Context(), h.cfg); err == nil || !strings.Contains(err.Error(), "not at hand") {
		t.Errorf("%v", err)
	}
}

func TestAnIssuerCanBeMadeWithSeedsFromElsewhere(t *testing.T) {
	signing, err := ParseSeeds(bytes.Repeat([]byte{1}, 32), "test")
	if err != nil {
		t.Fatal(err)
	}
	log, err := ParseSeeds(bytes.Repeat([]byte{2}, 32), "test")
	if err != nil {
		t.Fatal(err)
	}
	h := newHouseWith(t, func(c *Config) { c.Signers, c.LogSeed = []crypto.Signer{signing[0]}, &log[0] })
	for _, path := range []string{h.cfg.seedPath(), h.cfg.logSeedPath()} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s was written", path)
		}
	}
	r := h.run(nil)
	r.issue(sample(1), by("", sample(1)))
	r.finish()
	h.sound(1)
}

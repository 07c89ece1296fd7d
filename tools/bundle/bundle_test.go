package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const assets = "../../templates/assets"

func TestTheCommittedScriptsAreTheBundleOfTheirSource(t *testing.T) {
	files, err := bundle(".", filepath.Join(assets, "src"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		committed, err := os.ReadFile(filepath.Join(assets, "dist", f.name))
		if err != nil || !bytes.Equal(committed, f.data) {
			t.Errorf("dist/%s is not what its source gives (%v); run make bundle and commit the result", f.name, err)
		}
	}
}

// The lightest comparable script is five times as large; a page on a phone should not wait for its verdict.
func TestTheScriptsAreSmall(t *testing.T) {
	for name, most := range map[string]int{"verify.js": 15 << 10, "copies.js": 4_000, "fallback.js": 12_000} {
		data, err := os.ReadFile(filepath.Join(assets, "dist", name))
		if err != nil {
			t.Fatal(err)
		}
		if got := gzipped(data); got > most {
			t.Errorf("%s has %d bytes gzipped, more than %d", name, got, most)
		}
	}
}

func TestTheFallbackCarriesTheNoticesOfItsPackages(t *testing.T) {
	files, err := bundle(".", filepath.Join(assets, "src"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files[len(files)-2:] {
		for _, name := range []string{"@noble/ed25519", "@noble/hashes", "fflate"} {
			if !bytes.Contains(f.data, []byte("\n"+name+" ")) {
				t.Errorf("%s does not carry the notice of %s", f.name, name)
			}
		}
	}
}

// The parts of the script that need no page are tested by Node, with the vectors of the Go side.
func TestTheSourceModules(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("Node is needed to test the browser script; make test installs it, or install nodejs 18 or later")
	}
	tests, err := filepath.Glob("test/*.test.mjs")
	if err != nil || len(tests) == 0 {
		t.Fatal("no tests", err)
	}
	cmd := exec.Command(node, append([]string{"--test"}, tests...)...)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "# fail 0") && !strings.Contains(string(out), "ℹ fail 0") {
		t.Errorf("node --test: %v\n%s", err, out)
	}
}

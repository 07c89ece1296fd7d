package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// judgement is a line of judge.mjs.
type judgement struct {
	File, Judge, Why string
	OK               bool
	Sums             *struct{ Documents, Judgements, Changes, Problems int }
}

// judge runs judge.mjs on a tree and reports every judgement that is not as it should be. It returns the
// last line's sums.
func judge(t *testing.T, tree, baseURL string, flags ...string) (documents, changes int) {
	t.Helper()
	cmd := node(t, append([]string{"judge.mjs", "--tree", tree, "--base", baseURL}, flags...)...)
	out, err := cmd.Output()
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var j judgement
		if err := json.Unmarshal(lines.Bytes(), &j); err != nil {
			t.Fatalf("judge.mjs printed %q: %v", lines.Text(), err)
		}
		if j.Sums != nil {
			documents, changes = j.Sums.Documents, j.Sums.Changes
		} else if !j.OK {
			t.Errorf("%s, %s: %s", j.File, j.Judge, j.Why)
		}
	}
	if err != nil && !t.Failed() {
		t.Errorf("judge.mjs: %v", err)
	}
	return documents, changes
}

func TestForeignVerifiersAcceptEverySampleAndRefuseEachWithOneCharacterChanged(t *testing.T) {
	cmd := node(t, "--version") // before the building, where Node is missing
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	site, err := production()
	if err != nil {
		t.Fatal(err)
	}
	if len(site.receipts) != 60 {
		t.Errorf("%d receipts, want one for each of the 60 samples", len(site.receipts))
	}
	documents, changes := judge(t, site.public, base, "--pictures")
	if want := len(site.receipts) + 2; documents != want {
		t.Errorf("%d documents judged, want the %d certificates and both status lists", documents, want)
	}
	if changes < 100*documents {
		t.Errorf("%d changed documents judged, fewer than 100 for each of %d", changes, documents)
	}
}

func TestCertgenRefusesACharacterChangedInEitherProof(t *testing.T) {
	site, err := production()
	if err != nil {
		t.Fatal(err)
	}
	number := site.receipts[0].Number
	file := filepath.Join("c", number, "credential.json")
	run(t, 0, "certgen", "verify", "--public", site.public, number)
	run(t, 0, "certgen", "check", "--public", site.public)

	for i, cryptosuite := range []string{"eddsa-rdfc-2022", "eddsa-jcs-2022"} {
		t.Run(cryptosuite, func(t *testing.T) {
			changeFile(t, filepath.Join(site.public, file), func(doc []byte) []byte {
				return changeProofValue(t, doc, i)
			})
			for _, input := range []string{number, filepath.Join(site.public, file)} {
				out := run(t, 1, "certgen", "verify", "--public", site.public, input)
				if !strings.Contains(out, "invalid") || !strings.Contains(out, cryptosuite) {
					t.Errorf("certgen verify %s does not say which proof is broken:\n%s", input, out)
				}
			}
			out := run(t, 1, "certgen", "check", "--public", site.public)
			if !strings.Contains(out, number) || !strings.Contains(out, cryptosuite) {
				t.Errorf("certgen check does not say which proof of which certificate is broken:\n%s", out)
			}
		})
	}
}

// changeFile gives a file other content until the test ends.
func changeFile(t *testing.T, name string, change func([]byte) []byte) {
	t.Helper()
	before, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	after := change(bytes.Clone(before))
	if bytes.Equal(before, after) {
		t.Fatalf("%s: nothing was changed", name)
	}
	t.Cleanup(func() {
		if err := os.WriteFile(name, before, 0o644); err != nil {
			t.Error(err)
		}
	})
	if after == nil {
		err = os.Remove(name)
	} else {
		err = os.WriteFile(name, after, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// changeProofValue changes a character in the middle of the i-th proofValue of doc.
func changeProofValue(t *testing.T, doc []byte, i int) []byte {
	t.Helper()
	var credential struct {
		Proof []struct{ ProofValue string }
	}
	if err := json.Unmarshal(doc, &credential); err != nil {
		t.Fatal(err)
	}
	value := credential.Proof[i].ProofValue
	changed := []byte(value)
	at := len(changed) / 2
	if changed[at]++; !bytes.ContainsRune([]byte("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"), rune(changed[at])) {
		changed[at] = '2'
		if value[at] == '2' {
			changed[at] = '3'
		}
	}
	return bytes.Replace(doc, []byte(value), changed, 1)
}

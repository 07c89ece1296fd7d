package interop

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"laurel/certlog"
	"laurel/certlog/logtest"
	cred "laurel/credential"
)

// The places that a reader of bits gets wrong: the first of all, the last of a byte, the first of the next, the last of all.
var edges = []uint32{0, 7, 8, cred.StatusListSize - 1}

// placed is a whole tree whose certificates have the places of edges in two lists. The first list revokes what the second
// one leaves alone, and the other way round.
type placed struct {
	dir     string
	key     ed25519.PrivateKey
	did     string
	log     *logtest.Log
	revoked map[string]bool // by number
}

var placedAt = time.Date(2026, 3, 1, 2, 3, 5, 0, time.UTC)

func placeAll(t *testing.T) *placed {
	t.Helper()
	p := &placed{dir: t.TempDir(), key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize)), log: logtest.New("certs.example.org/log"), revoked: map[string]bool{}}
	var err error
	if p.did, err = cred.DIDWeb(base); err != nil {
		t.Fatal(err)
	}
	method := cred.Method(p.did, p.public())
	settings, err := cred.SignDocument(map[string]any{
		"type": "LaurelSite", "version": 1, "id": base + "/site.json", "issuer": p.did, "baseUrl": base, "issuerName": "示例学院 Example Academy",
		"timezone": "Asia/Shanghai", "log": map[string]any{"key": p.log.Key(), "cosigner": p.log.Cosigner(), "witnesses": []any{}},
	}, p.key, method, placedAt)
	if err != nil {
		t.Fatal(err)
	}
	history, err := cred.SignHistory(&cred.History{Base: base, Sequence: 1, Updated: placedAt, Keys: []cred.Key{{Method: method, Listed: placedAt, Signs: placedAt}}}, p.key, placedAt)
	if err != nil {
		t.Fatal(err)
	}
	write(t, settings, p.dir, "site.json")
	write(t, history, p.dir, "keys.json")
	write(t, cred.DIDDocument(p.did, p.public()), p.dir, ".well-known", "did.json")
	proofs := map[string]int64{}
	for list := range 2 {
		var on []uint32
		for i, index := range edges {
			number := p.certificate(t, list, i, index, method)
			proofs[number] = p.log.Size() - 1
			if p.revoked[number] = (list+i)%2 == 0; p.revoked[number] {
				on = append(on, index)
			}
		}
		write(t, p.list(t, p.key, "revocation", list, on...), p.dir, "status", "revocation", fmt.Sprint(list)+".json")
		write(t, p.list(t, p.key, "suspension", list), p.dir, "status", "suspension", fmt.Sprint(list)+".json")
	}
	p.log.Publish(placedAt)
	for name, data := range p.log.Files() {
		write(t, data, p.dir, "log", filepath.FromSlash(name))
	}
	for number, index := range proofs {
		write(t, p.log.Proof(index), p.dir, "c", number, "certificate.tlog-proof")
	}
	return p
}

func (p *placed) public() ed25519.PublicKey { return p.key.Public().(ed25519.PublicKey) }

func (p *placed) certificate(t *testing.T, list, i int, index uint32, method string) string {
	t.Helper()
	f := unusualFacts(t, 3*i+2+100*list, "张伟")
	f.StatusList, f.StatusIndex, f.ValidUntil = list, index, time.Time{}
	doc, err := cred.Sign(cred.New(f), p.key, method, placedAt)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := cred.Digest(doc)
	if err != nil {
		t.Fatal(err)
	}
	p.log.Append(certlog.Entry{Kind: certlog.Issue, Time: placedAt.UnixMilli(), List: certlog.NoList, Index: certlog.NoList, Digest: digest})
	write(t, doc, p.dir, "c", string(f.Number), "credential.json")
	return string(f.Number)
}

// list signs a status list with a key that may be another's.
func (p *placed) list(t *testing.T, key ed25519.PrivateKey, purpose string, n int, on ...uint32) []byte {
	t.Helper()
	bits := make([]byte, cred.StatusListSize/8)
	for _, index := range on {
		bits[index/8] |= 0x80 >> (index % 8)
	}
	doc, err := cred.SignStatusList(&cred.StatusList{URL: fmt.Sprintf("%s/status/%s/%d.json", base, purpose, n), Issuer: p.did, Purpose: purpose, ValidFrom: placedAt, Bits: bits},
		key, cred.Method(p.did, key.Public().(ed25519.PublicKey)), placedAt)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// standings are what each judge says of each certificate, none of which is good unless sound.
func (p *placed) standings(t *testing.T, sound bool, numbers ...string) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	args := []string{"standing.mjs", p.dir, base, p.log.Key() + " " + p.log.Cosigner()}
	for _, n := range numbers {
		args = append(args, "c/"+n+"/credential.json")
		out[n] = map[string]string{}
	}
	data, err := node(t, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var j struct{ File, Judge, Standing string }
		if err := json.Unmarshal(lines.Bytes(), &j); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		out[strings.Split(j.File, "/")[1]][j.Judge] = j.Standing
	}
	for _, n := range numbers {
		var v struct{ Verdict string }
		code := 1
		if sound && !p.revoked[n] {
			code = 0
		}
		if err := json.Unmarshal([]byte(run(t, code, "certgen", "verify", n, "--public", p.dir, "--json")), &v); err != nil {
			t.Fatal(err)
		}
		switch v.Verdict {
		case "valid":
			out[n]["certgen"] = "good"
		case "revoked":
			out[n]["certgen"] = "revoked"
		default:
			out[n]["certgen"] = "unknown"
		}
	}
	return out
}

func TestEveryJudgeTellsRevokedFromGoodAtTheEdgesOfBothLists(t *testing.T) {
	p := placeAll(t)
	numbers := slices.Sorted(maps.Keys(p.revoked))
	if len(numbers) != 8 {
		t.Fatalf("%d certificates", len(numbers))
	}
	for n, judges := range p.standings(t, true, numbers...) {
		if len(judges) != 6 {
			t.Errorf("%s: %d judges", n, len(judges))
		}
		want := "good"
		if p.revoked[n] {
			want = "revoked"
		}
		for judge, got := range judges {
			if got != want {
				t.Errorf("%s, %s: %s, want %s", n, judge, got, want)
			}
		}
	}
}

func TestNobodyReadsABadListAsValid(t *testing.T) {
	p := placeAll(t)
	good := func() string { // the certificate of a place that list 0 leaves alone
		for _, n := range slices.Sorted(maps.Keys(p.revoked)) {
			if data := read(t, p.dir, "c", n, "credential.json"); !p.revoked[n] && bytes.Contains(data, []byte(`/revocation/0.json#`)) {
				return n
			}
		}
		t.Fatal("no certificate is good")
		return ""
	}()
	list := read(t, p.dir, "status", "revocation", "0.json")
	encoded := between(t, list, `"encodedList":"`, `"`)
	thief := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{5}, ed25519.SeedSize))
	cleared := p.list(t, p.key, "revocation", 0)
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"tampered", bytes.Replace(list, []byte(encoded), []byte(between(t, cleared, `"encodedList":"`, `"`)), 1)},
		{"truncated", list[:len(list)*2/3]},
		{"with bits truncated", bytes.Replace(list, []byte(encoded), []byte(encoded[:len(encoded)/2]), 1)},
		{"by another's key", p.list(t, thief, "revocation", 0)},
		{"of too many bits, by the issuer's key", p.signedList(t, 1<<26)},
		{"of too few bits, by the issuer's key", p.signedList(t, 1<<10)},
	} {
		t.Run(c.name, func(t *testing.T) {
			write(t, c.data, p.dir, "status", "revocation", "0.json")
			for judge, got := range p.standings(t, false, good)[good] {
				if got == "good" || (judge == "certgen" || judge == "the page’s script") && got != "unknown" {
					t.Errorf("%s: %s", judge, got)
				}
			}
		})
	}
}

// signedList signs a revocation list of so many zero bytes by one proof, which is all that the page looks at.
func (p *placed) signedList(t *testing.T, size int) []byte {
	t.Helper()
	return bombOf(t, base, p.key, size)
}

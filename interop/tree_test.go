package interop

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	cred "laurel/credential"
)

// unusual are texts that readers of JSON and of N-Quads have stumbled over.
var unusual = []string{
	"张伟",
	`Ann "Q" \ O'Neil`,
	"next\u0085line\u2028para\u2029end\ufeff",
	"𬱖䶮 😀 👩‍👩‍👧",
	"<b>&amp; &lt;</b> {\"a\":1}",
	"Zoe\u0308 \u0645\u0631\u062d\u0628\u0627 ",
	"_:b0 <http://x> ^^ @en .",
}

func TestForeignVerifiersAcceptUnusualTextAndRefuseItChanged(t *testing.T) {
	dir := t.TempDir()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	public := key.Public().(ed25519.PublicKey)
	did, err := cred.DIDWeb(base)
	if err != nil {
		t.Fatal(err)
	}
	method := cred.Method(did, public)
	created := time.Date(2026, 3, 1, 2, 3, 5, 0, time.UTC)
	write(t, cred.DIDDocument(did, public), dir, ".well-known", "did.json")

	for _, purpose := range []string{"revocation", "suspension"} {
		list, err := cred.SignStatusList(&cred.StatusList{
			URL:       fmt.Sprintf("%s/status/%s/0.json", base, purpose),
			Issuer:    did,
			Purpose:   purpose,
			ValidFrom: created,
			Bits:      make([]byte, cred.StatusListSize/8),
		}, key, method, created)
		if err != nil {
			t.Fatal(err)
		}
		write(t, list, dir, "status", purpose, "0.json")
	}
	for i, text := range unusual {
		facts := unusualFacts(t, i, text)
		doc, err := cred.Sign(cred.New(facts), key, method, created)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		write(t, doc, dir, "c", string(facts.Number), "credential.json")
	}
	if documents, _ := judge(t, dir, base); documents != len(unusual)+2 {
		t.Errorf("%d documents judged, want %d", documents, len(unusual)+2)
	}
}

// unusualFacts puts text wherever a caller's text may stand; i turns through the types and optional fields.
func unusualFacts(t *testing.T, i int, text string) cred.Facts {
	t.Helper()
	number, err := cred.NewNumber(bytes.NewReader(bytes.Repeat([]byte{byte(i), byte(i * 31)}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	f := cred.Facts{
		BaseURL: base, IssuerName: "示例学院 " + text, Number: number,
		TitleZh: "证书", TitleEn: "Certificate", Description: text, Criteria: "# " + text + "\n\n* tab\there\n",
		RecipientName: text, AchievementID: text, AchievementName: text,
		ValidFrom: time.Date(2026, 3, 1, 2, 3, 4, 0, time.UTC), Zone: time.FixedZone("", 8*3600),
		StatusIndex: uint32(i * 16_000),
	}
	if i%2 == 1 {
		f.ValidUntil = f.ValidFrom.AddDate(40, 0, 0)
	}
	switch i % 3 {
	case 0:
		f.Template, f.Type, f.Score, f.MaxScore, f.RequiredScore = "exam", "exam", "92.5", "100", "60"
	case 1:
		f.Template, f.Type, f.Rate, f.RequiredRate = "course", "course", "100", "80"
	case 2:
		f.Template, f.Type = "achievement", "achievement"
	}
	return f
}

func write(t *testing.T, data []byte, elem ...string) {
	t.Helper()
	name := filepath.Join(elem...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

package interop

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	cred "laurel/credential"
)

// generator makes signed documents of every shape that Laurel knows, the same ones at every run, with texts
// that are hard on canonicalization.
type generator struct {
	t    testing.TB
	rand *rand.Rand
	key  ed25519.PrivateKey
}

func newGenerator(t testing.TB) *generator {
	seed := sha256.Sum256([]byte("documents for the JSON-LD processors"))
	return &generator{t: t, rand: rand.New(rand.NewChaCha8(seed)), key: ed25519.NewKeyFromSeed(seed[:])}
}

// document returns the i-th document: a status list now and then, else a credential.
func (g *generator) document(i int) []byte {
	base := []string{"https://certs.example.org", "http://localhost:8081", "https://xn--fiqs8s.example:8443", "https://c"}[g.rand.IntN(4)]
	did, err := cred.DIDWeb(base)
	if err != nil {
		g.t.Fatal(err)
	}
	method := cred.Method(did, g.key.Public().(ed25519.PublicKey))
	created := g.moment(time.UTC)
	var doc []byte
	if i%15 == 14 {
		doc, err = cred.SignStatusList(g.list(base, did), g.key, method, created)
	} else {
		doc, err = cred.Sign(cred.New(g.facts(base, i)), g.key, method, created)
	}
	if err != nil {
		g.t.Fatalf("document %d: %v", i, err)
	}
	return doc
}

func (g *generator) list(base, did string) *cred.StatusList {
	l := &cred.StatusList{Issuer: did, Purpose: g.one("revocation", "suspension"), ValidFrom: g.moment(g.zone())}
	l.URL = fmt.Sprintf("%s/status/%s/%d.json", base, l.Purpose, g.rand.IntN(12))
	l.Bits = make([]byte, cred.StatusListSize/8)
	for range g.rand.IntN(200) {
		l.Bits[g.rand.IntN(len(l.Bits))] |= 1 << g.rand.IntN(8)
	}
	return l
}

func (g *generator) facts(base string, i int) cred.Facts {
	number, err := cred.NewNumber(numberSource{g.rand})
	if err != nil {
		g.t.Fatal(err)
	}
	f := cred.Facts{
		BaseURL: base, IssuerName: g.text(), Number: number,
		Template: g.one("course", "exam-2", "A.b_c", "9"), Type: []string{"course", "exam", "achievement"}[i%3],
		TitleZh: g.text(), TitleEn: g.text(), Description: g.one("", g.text()), Criteria: g.text() + "\n\n" + g.text(),
		RecipientName: g.text(), AchievementID: g.text(), AchievementName: g.text(),
		ValidFrom: g.moment(time.UTC), Zone: g.zone(),
		StatusList: g.rand.IntN(12), StatusIndex: uint32(g.rand.IntN(cred.StatusListSize)),
	}
	if g.rand.IntN(2) == 0 {
		f.ValidUntil = f.ValidFrom.Add(time.Duration(1+g.rand.IntN(1000)) * 24 * time.Hour)
	}
	if g.rand.IntN(4) > 0 {
		f.Score, f.MaxScore = g.one("0", "92.5", "100", "60.05"), g.one("100", "150.5")
		f.Rate = g.one("0", "98", "100", "99.99")
		f.RequiredScore, f.RequiredRate = g.one("", "60"), g.one("", "95.5")
	}
	return f
}

// pieces are what texts are made of: scripts, characters that JSON or N-Quads escape or that look like
// their syntax, characters that line readers, HTML or UTF-16 treat in a special way.
var pieces = []string{
	"张伟", "䶮", "𬱖", "Nguyễn Thị Ánh", "Müller-Groß", "e\u0301", "محمد", "नमस्ते", "😀", "👩🏽‍🎓", "🇨🇳",
	`"`, `\`, `\\`, `\"`, `\n`, `\u0041`, "\n", "\r", "\r\n", "'", "/", "<b>&amp;</b>", "<https://example.org/>",
	`"^^<x>`, `"@en`, " .", "_:c14n0", "_:a", "@id", "#", "%25", "%", "{}", "[]", ":", "a b", " ", "  ", "～",
	"\u0085", "\u00a0", "\u00ad", "\u061c", "\u200b", "\u200d", "\u200e", "\u2028", "\u2029", "\u202e", "\u2066", "\ufeff", "\ufffd",
	"\u0080", "\u009f", "\ue000", "\uf8ff", "\uffef", "\U00010000", "\U0001f600", "\U000e0001", "\U0010fffd", "\U0010ffff", "\ufdd0",
	"~", "!", "$", "`", "^", "|", "Z", "true", "null", "0", "-1e5",
}

// text returns one to six pieces.
func (g *generator) text() string {
	var b strings.Builder
	for range 1 + g.rand.IntN(6) {
		b.WriteString(pieces[g.rand.IntN(len(pieces))])
		if g.rand.IntN(8) == 0 {
			b.WriteString(strconv.Itoa(g.rand.IntN(1000)))
		}
	}
	return b.String()
}

func (g *generator) one(choices ...string) string { return choices[g.rand.IntN(len(choices))] }

func (g *generator) moment(zone *time.Location) time.Time {
	return time.Date(2026, 1, 1, 0, 0, g.rand.IntN(300_000_000), 0, time.UTC).In(zone)
}

func (g *generator) zone() *time.Location {
	return time.FixedZone("", []int{0, 8 * 3600, -(3*3600 + 1800), 14 * 3600}[g.rand.IntN(4)])
}

// numberSource is a random source for certificate numbers that gives the same bytes at every run.
type numberSource struct{ *rand.Rand }

func (s numberSource) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s.Uint32())
	}
	return len(p), nil
}

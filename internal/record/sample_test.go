package record

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"laurel/certlog"
	"laurel/credential"
)

const sampleBase = "https://certs.example.org"

// sampler makes certificates that are plainly samples, and rounds of them, as the issuer would.
type sampler struct {
	t      testing.TB
	rand   *rand.ChaCha8
	key    ed25519.PrivateKey
	method string
	now    time.Time
	tree   *certlog.Tree
	made   int
}

func newSampler(t testing.TB) *sampler {
	did, err := credential.DIDWeb(sampleBase)
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	return &sampler{
		t: t, rand: rand.NewChaCha8([32]byte{1}), key: key, method: credential.Method(did, key.Public().(ed25519.PublicKey)),
		now: time.Date(2026, 3, 1, 2, 3, 4, 0, time.UTC), tree: &certlog.Tree{},
	}
}

// issue makes one certificate; change may alter its record before it is signed.
func (s *sampler) issue(change func(*Record)) Issue {
	s.t.Helper()
	number, err := credential.NewNumber(s.rand)
	if err != nil {
		s.t.Fatal(err)
	}
	s.made++
	s.now = s.now.Add(time.Second)
	r := &Record{
		Number: number, Template: "course", Type: "course", Title: "结业证书", Recipient: Person{ID: fmt.Sprintf("sample-%03d", s.made), Name: "样例 Sample"},
		Achievement: Item{ID: "C-301", Name: "安全生产基础"}, Result: Result{CompletionRate: "100"}, IssuedAt: s.now, Status: Valid,
		StatusIndex: uint32(s.made), Principal: "lms", Recorded: s.now,
	}
	if s.made%3 == 0 {
		r.Organisation = "acme"
	}
	if change != nil {
		change(r)
	}
	c := credential.New(credential.Facts{
		BaseURL: sampleBase, IssuerName: "示例学院 Example Academy", Number: number, Template: r.Template, Type: "course",
		TitleZh: r.Title, TitleEn: "Certificate of Completion", Description: "样例 / Sample", Criteria: "Sample.", RecipientName: r.Recipient.Name,
		AchievementID: r.Achievement.ID, AchievementName: r.Achievement.Name, Rate: "100", RequiredRate: "80", ValidFrom: r.IssuedAt,
		StatusList: r.StatusList, StatusIndex: r.StatusIndex,
	})
	if r.Document, err = credential.Sign(c, s.key, s.method, s.now); err != nil {
		s.t.Fatal(err)
	}
	digest, err := credential.Digest(r.Document)
	if err != nil {
		s.t.Fatal(err)
	}
	return Issue{
		Record: r, Natural: r.Natural(),
		Entry: certlog.Entry{Kind: certlog.Issue, Time: s.now.UnixMilli(), List: certlog.NoList, Index: certlog.NoList, Digest: digest},
	}
}

// round puts certificates into the log and gives the batch that commits them.
func (s *sampler) round(issues ...Issue) Batch {
	b := Batch{Prev: s.tree.Head(), Tree: s.tree.Clone(), Issues: issues}
	for i := range issues {
		issues[i].Record.LogIndex = b.Tree.Append(issues[i].Entry)
	}
	b.Lists = []List{{N: 0, Key: [32]byte{7}, Next: uint32(s.made) + 1}}
	s.tree = b.Tree
	return b
}

// state gives a certificate another status, as the issuer does, and adds it to a batch that round has made.
func (s *sampler) state(b *Batch, r *Record, status, code string) *Record {
	s.t.Helper()
	now := *r
	now.Revision++
	now.Status = status
	now.History = append(append([]Change(nil), r.History...), Change{
		Status: status, Code: code, Time: s.now, LogIndex: b.Tree.Size(), Principal: "lms", Reason: "样例 Sample",
	})
	all := &credential.Statements{BaseURL: sampleBase, Issuer: "did:web:certs.example.org", Number: r.Number}
	for i, c := range now.History {
		if code == credential.CodeErased {
			now.History[i].Principal, now.History[i].Reason = "", ""
		}
		all.All = append(all.All, credential.Statement{
			Number: r.Number, Status: c.Status, Code: c.Code, Time: c.Time.Format(time.RFC3339), List: r.StatusList, Index: r.StatusIndex, LogIndex: c.LogIndex,
		})
	}
	var err error
	if now.Statements, err = credential.SignStatements(all, s.key, s.method, s.now); err != nil {
		s.t.Fatal(err)
	}
	if code == credential.CodeErased {
		now.Erased, now.Principal = true, ""
		now.Recipient, now.Achievement, now.Result, now.Occasion, now.Organisation, now.Document = Person{}, Item{}, Result{}, "", "", nil
	}
	e := EntryOf(all.Last(), s.now.UnixMilli())
	b.Entries = append(b.Entries, Entry{Index: b.Tree.Append(e), Entry: e})
	b.Changed = append(b.Changed, &now)
	return &now
}

// request remembers an idempotency key with an issue.
func (s *sampler) request(i *Issue, key string, at time.Time) {
	sum := sha256.Sum256([]byte(key))
	i.Request = &Request{Key: RequestKey(sum[:16]), Body: [16]byte(binary.BigEndian.AppendUint64(make([]byte, 8), uint64(len(key)))), Number: i.Record.Number, Time: at}
}

// checkpoint signs a head.
func (s *sampler) checkpoint(h certlog.Head) []byte {
	s.t.Helper()
	signed, err := certlog.SignCheckpoint("certs.example.org/log", h, certlog.NewSigner("certs.example.org/log", s.key))
	if err != nil {
		s.t.Fatal(err)
	}
	return signed
}

// commit commits n further certificates, half of them with a request key, in rounds of three.
func (s *sampler) commit(store Store, n int) []*Record {
	s.t.Helper()
	var all []*Record
	for len(all) < n {
		var issues []Issue
		for range min(3, n-len(all)) {
			i := s.issue(nil)
			if s.made%2 == 0 {
				s.request(&i, string(i.Record.Number), s.now)
			}
			issues = append(issues, i)
			all = append(all, i.Record)
		}
		if err := store.Commit(context.Background(), s.round(issues...)); err != nil {
			s.t.Fatal(err)
		}
	}
	return all
}

var sampleEndpoint = Endpoint{ID: "e0000001", URL: "https://lms.example.org/hook", Secrets: []Secret{{Key: []byte("sample")}}}

// delivered says of what is due to the sample endpoint that it has arrived, of the first n.
func (s *sampler) delivered(db *Bolt, n int) []Delivery {
	s.t.Helper()
	due, _, err := db.Due(context.Background(), sampleEndpoint.ID, s.now.Add(time.Hour), n)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range due {
		due[i].State, due[i].Attempts, due[i].Status, due[i].Last = Delivered, 1, 200, s.now
	}
	return due
}

// newFile makes a store with n certificates, a third of them published, one revoked, one suspended and
// the last one erased, two documents of the site and a token, and closes it.
func newFile(t testing.TB, n int) (path string, s *sampler) {
	t.Helper()
	ctx := context.Background()
	path = filepath.Join(t.TempDir(), "certd.db")
	db, err := CreateBolt(path)
	if err != nil {
		t.Fatal(err)
	}
	s = newSampler(t)
	if err := db.AddEndpoint(ctx, sampleEndpoint); err != nil {
		t.Fatal(err)
	}
	all := s.commit(db, n)
	if n > 3 {
		for i, c := range [][2]string{{Revoked, "error"}, {Suspended, "review"}} {
			b := s.round()
			all[i] = s.state(&b, all[i], c[0], c[1])
			if err := db.Commit(ctx, b); err != nil {
				t.Fatal(err)
			}
		}
		b := s.round()
		s.state(&b, all[n-1], Revoked, credential.CodeErased)
		if err := db.Commit(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	docs := []Document{{Path: "site.json", Data: []byte(`{"sample":true}`)}, {Path: ".well-known/did.json", Data: []byte(`{}`)}}
	steps := []error{
		db.Commit(ctx, Batch{Documents: docs}),
		db.Done(ctx, all[:n/3], docs[:1]),
		db.PutToken(ctx, Token{ID: "t1", Name: "lms", Hash: [32]byte{9}, Scopes: []string{"issue"}, Created: s.now}),
		db.PutCheckpoint(ctx, s.tree.Size(), s.checkpoint(s.tree.Head())),
		db.Settle(ctx, s.delivered(db, 2)),
		db.Close(),
	}
	for _, err := range steps {
		if err != nil {
			t.Fatal(err)
		}
	}
	return path, s
}

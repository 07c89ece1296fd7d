package site

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"laurel/certlog"
	"laurel/certlog/logtest"
	"laurel/credential"
	"laurel/templates"
)

const testBase = "https://certs.example.org"

// issuer signs documents for the tests of this package, from a fixed seed.
type issuer struct {
	key         ed25519.PrivateKey
	did         string
	method      string
	base        string
	drawn       int
	log         *logtest.Log
	files       []any  // in site.json; nil: nothing
	precompress []any  // the same
	suffix      string // of the issuer's name
}

func newIssuer(t testing.TB, base string) *issuer {
	t.Helper()
	seed := sha256.Sum256([]byte("site test " + base))
	i := &issuer{key: ed25519.NewKeyFromSeed(seed[:]), base: base}
	var err error
	if i.did, err = credential.DIDWeb(base); err != nil {
		t.Fatal(err)
	}
	i.method = credential.Method(i.did, i.pub())
	i.log = logtest.New(strings.TrimPrefix(base, "https://") + "/log")
	return i
}

// logKeys are the keys of its log.
func (i *issuer) logKeys() LogKeys { return LogKeys{Key: i.log.Key(), Cosigner: i.log.Cosigner()} }

func (i *issuer) pub() ed25519.PublicKey { return i.key.Public().(ed25519.PublicKey) }

func (i *issuer) keys() credential.Keys { return credential.NewKeys(i.did, i.pub()) }

// Read gives the random bytes of numbers: all different, the same in every run.
func (i *issuer) Read(p []byte) (int, error) {
	i.drawn++
	sum := sha256.Sum256(fmt.Append(nil, i.base, i.drawn))
	return copy(p, sum[:]), nil
}

var signedAt = time.Date(2026, 3, 1, 2, 3, 4, 0, time.UTC)

// site returns the documents of the tree itself.
func (i *issuer) site(t testing.TB) []Document {
	t.Helper()
	fields := map[string]any{
		"type": "LaurelSite", "version": 1, "id": i.base + "/site.json", "issuer": i.did, "baseUrl": i.base,
		"issuerName": "示例学院 Example Academy" + i.suffix, "timezone": "Asia/Shanghai", "log": i.logKeys().Fields(),
	}
	if i.files != nil {
		fields["files"] = i.files
	}
	if i.precompress != nil {
		fields["precompress"] = i.precompress
	}
	settings, err := credential.SignDocument(fields, i.key, i.method, signedAt)
	if err != nil {
		t.Fatal(err)
	}
	history, err := credential.SignHistory(&credential.History{Base: i.base, Sequence: 1, Updated: signedAt, Keys: []credential.Key{
		{Method: i.method, Listed: signedAt, Signs: signedAt},
	}}, i.key, signedAt)
	if err != nil {
		t.Fatal(err)
	}
	return []Document{
		{Path: DIDPath, Data: credential.DIDDocument(i.did, i.pub())},
		{Path: SettingsPath, Data: settings},
		{Path: KeysPath, Data: history},
		i.list(t, Revocation), i.list(t, Suspension),
	}
}

// list signs status list 0 of a purpose with the bits of indexes set.
func (i *issuer) list(t testing.TB, purpose string, indexes ...uint32) Document {
	t.Helper()
	l := &credential.StatusList{URL: i.base + "/" + StatusListPath(purpose, 0), Issuer: i.did, Purpose: purpose,
		ValidFrom: signedAt, Bits: make([]byte, credential.StatusListSize/8)}
	for _, n := range indexes {
		l.Bits[n/8] |= 0x80 >> (n % 8)
	}
	data, err := credential.SignStatusList(l, i.key, i.method, signedAt)
	if err != nil {
		t.Fatal(err)
	}
	return Document{Path: StatusListPath(purpose, 0), Data: data}
}

// certificate signs one certificate; change adjusts its facts, nil leaves those of a course.
func (i *issuer) certificate(t testing.TB, change func(*credential.Facts)) Document {
	t.Helper()
	n, err := credential.NewNumber(i)
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("", 8*3600)
	f := credential.Facts{
		BaseURL: i.base, IssuerName: "示例学院 Example Academy", Number: n, Template: "course", Type: "course",
		TitleZh: "结业证书", TitleEn: "Certificate of Completion", Description: "说明 / Description",
		Criteria: "完成率不低于 80%。\n\nA completion rate of at least 80%.", RecipientName: "张伟",
		AchievementID: "C-301", AchievementName: "安全生产基础", Rate: "100", RequiredRate: "80",
		ValidFrom: signedAt, Zone: zone, StatusIndex: uint32(i.drawn*7) % credential.StatusListSize,
	}
	if change != nil {
		change(&f)
	}
	if f.Type != "course" {
		f.Rate, f.RequiredRate = "", ""
	}
	doc, err := credential.Sign(credential.New(f), i.key, i.method, signedAt)
	if err != nil {
		t.Fatal(err)
	}
	return Document{Path: CredentialPath(n), Data: doc}
}

func asExam(f *credential.Facts) {
	f.Template, f.Type, f.TitleZh, f.TitleEn = "exam", "exam", "考试合格证书", "Certificate of Examination"
	f.RecipientName, f.AchievementID, f.AchievementName = "Nguyễn Thị Minh", "E-501", "Fire Safety"
	f.Score, f.MaxScore, f.RequiredScore = "92.5", "100", "60"
	f.ValidUntil = signedAt.AddDate(2, 0, 0)
}

func asAchievement(f *credential.Facts) {
	f.Template, f.Type, f.TitleZh, f.TitleEn = "achievement", "achievement", "荣誉证书", "Certificate of Honour"
	f.RecipientName, f.AchievementID, f.AchievementName = "李娜", "A-701", "年度安全生产标兵"
}

// all returns a small site: its own documents and one certificate of each type.
func (i *issuer) all(t testing.TB) []Document {
	return append(i.site(t), i.certificate(t, nil), i.certificate(t, asExam), i.certificate(t, asAchievement))
}

// whole is all with a log: a tree in which nothing is missing.
func (i *issuer) whole(t testing.TB) []Document { return i.logged(t, i.all(t)) }

// logged records the certificates among docs in the log, publishes that, and adds what it consists of.
func (i *issuer) logged(t testing.TB, docs []Document) []Document {
	t.Helper()
	index := map[credential.Number]int64{}
	for _, d := range docs {
		if n := numberOf(d); d.Path == CredentialPath(n) {
			digest, err := credential.Digest(d.Data)
			if err != nil {
				t.Fatal(err)
			}
			index[n] = i.log.Append(certlog.Entry{Kind: certlog.Issue, Time: signedAt.UnixMilli(), List: certlog.NoList, Index: certlog.NoList, Digest: digest})
		}
	}
	i.log.Publish(signedAt.Add(time.Minute))
	files := i.log.Files()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		docs = append(docs, Document{Path: "log/" + name, Data: files[name]})
	}
	for _, n := range slices.Sorted(maps.Keys(index)) {
		docs = append(docs, Document{Path: ProofPath(n), Data: i.log.Proof(index[n])})
	}
	return docs
}

// treeLog is the log among documents.
func (i *issuer) treeLog(t testing.TB, docs []Document) *Log {
	t.Helper()
	file := func(path string) ([]byte, error) {
		for _, d := range docs {
			if d.Path == path {
				return d.Data, nil
			}
		}
		return nil, fs.ErrNotExist
	}
	log, err := OpenLog(i.logKeys(), func(c *credential.Credential) ([]byte, error) { return file(ProofPath(c.Number())) }, file)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func each(docs []Document) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

func numberOf(d Document) credential.Number {
	n, _ := NumberIn(d.Path)
	return n
}

func embeddedSet(t testing.TB) *templates.Set {
	t.Helper()
	s, err := templates.Open("")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sharedRenderer is that of the embedded templates; parsing their fonts for every test would take most of the time.
var sharedRenderer = sync.OnceValues(func() (*Renderer, error) {
	set, err := templates.Open("")
	if err != nil {
		return nil, err
	}
	return NewRenderer(set, nil)
})

// check checks a tree of the embedded templates; without pictures where they do not matter.
func check(t testing.TB, dir string, keys credential.Keys, noPicture bool) Report {
	t.Helper()
	r, err := sharedRenderer()
	if err != nil {
		t.Fatal(err)
	}
	report, err := checkWith(context.Background(), dir, keys, CheckOptions{NoPicture: noPicture}, r)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func open(t testing.TB, dir string, set *templates.Set, o Options) *Builder {
	t.Helper()
	renderer := func() (*Renderer, error) { return NewRenderer(set, o.FontDirs) }
	if set == nil {
		renderer = sharedRenderer
	}
	b, err := openWith(dir, o, renderer)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// build opens, builds and closes.
func build(t testing.TB, dir string, set *templates.Set, docs iter.Seq2[Document, error], o Options) Changes {
	t.Helper()
	b := open(t, dir, set, o)
	c, err := b.Build(context.Background(), docs, nil)
	if err != nil {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	return c
}

// snapshotOf reads a tree: path to content and time.
func snapshotOf(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sameTrees fails where two trees differ in a name or a byte.
func sameTrees(t testing.TB, got, want map[string]string) {
	t.Helper()
	for path, data := range want {
		switch other, ok := got[path]; {
		case !ok:
			t.Errorf("%s is missing", path)
		case other != data:
			t.Errorf("%s differs: %d bytes, want %d", path, len(other), len(data))
		}
	}
	for path := range got {
		if _, ok := want[path]; !ok {
			t.Errorf("%s is too many", path)
		}
	}
}

// files returns what the file system says of every file of a tree.
func files(t testing.TB, dir string) map[string]os.FileInfo {
	t.Helper()
	out := map[string]os.FileInfo{}
	for path := range snapshotOf(t, dir) {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		out[path] = info
	}
	return out
}

// touched returns the files of a tree that are not the very files they were before, sorted.
func touched(t testing.TB, dir string, before map[string]os.FileInfo) []string {
	t.Helper()
	var out []string
	for path, info := range files(t, dir) {
		if old, ok := before[path]; !ok || !os.SameFile(old, info) || !old.ModTime().Equal(info.ModTime()) {
			out = append(out, path)
		}
	}
	slices.Sort(out)
	return out
}

func putFile(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// problems writes a report as lines.
func problems(r Report) string {
	var b strings.Builder
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "%s: %s\n", p.Path, p.Message)
	}
	return b.String()
}

// factsOf shortens the signatures of changes.
type factsOf = credential.Facts

func benchmarkState(b *testing.B, i *issuer) (*snapshot, *credential.Credential) {
	b.Helper()
	r, err := NewRenderer(embeddedSet(b), nil)
	if err != nil {
		b.Fatal(err)
	}
	docs := i.all(b)
	state, err := newSiteState(docs[0].Data, docs[1].Data)
	if err != nil {
		b.Fatal(err)
	}
	c, err := state.credential(numberOf(docs[6]), docs[6].Data)
	if err != nil {
		b.Fatal(err)
	}
	return &snapshot{Renderer: r, site: state}, c
}

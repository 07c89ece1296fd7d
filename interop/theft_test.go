package interop

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	cred "laurel/credential"
)

// TestTheTheftDrill lets a thief have the seed that signs. Before the issuer revokes the key, other people's verifiers
// believe what the thief makes; page and command do not, because the log has none of it. Afterwards nobody does, and all
// that was issued before is good everywhere. certd is killed while keys turn and while certificates are signed anew.
func TestTheTheftDrill(t *testing.T) {
	d := newDrill(t)
	d.rotateUnderFire()
	d.issue()
	genuine := d.copies()
	honest := d.voidOne()
	forged := d.forge()
	old := d.mirror("before the revocation", forged)
	if heard := d.peers(old, forged[0].number); heard.refused == heard.asked {
		t.Error("other verifiers refuse what the thief made even before the key is revoked: the drill proves nothing")
	}
	d.notValid(old, forged)

	d.revokeUnderFire()
	out := run(t, 0, "certd", "status", "--data", d.data, honest, "revoked", "--reason", "made after the theft")
	if !strings.Contains(out, honest) {
		t.Errorf("certd status says %q", out)
	}
	run(t, 0, "certgen", "check", "--public", d.public)
	run(t, 0, "certgen", append([]string{"verify", "--quiet", "--public", d.public}, d.numbers()...)...)
	run(t, 0, "certgen", append([]string{"verify", "--quiet", "--public", d.public}, genuine...)...)
	run(t, 1, "certgen", "verify", "--quiet", "--public", d.public, honest)

	after := d.mirror("after the revocation", forged, honest)
	for _, r := range d.receipts[2:7] {
		if heard := d.peers(after, r.Number); heard.refused > 0 {
			t.Errorf("%s: %d of %d other verifiers refuse it after it was signed anew: %s", r.Number, heard.refused, heard.asked, heard.why)
		}
	}
	for _, f := range forged {
		if heard := d.peers(after, f.number); heard.refused < heard.asked {
			t.Errorf("%s: %d of %d other verifiers accept it", f.name, heard.asked-heard.refused, heard.asked)
		}
	}
	d.notValid(after, forged)
	d.inTheBrowser(after, forged, genuine[0], honest)
}

// drill is an issuer, with its daemon or without.
type drill struct {
	*issuedSite
	t       *testing.T
	dir     string
	rand    *mathrand.Rand
	running *exec.Cmd
}

func newDrill(t *testing.T) *drill {
	size := 40
	if s := os.Getenv("LAUREL_DRILL"); s != "" {
		var err error
		if size, err = strconv.Atoi(s); err != nil {
			t.Fatalf("LAUREL_DRILL=%s: %v", s, err)
		}
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("LAUREL_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("LAUREL_SEED=%s: %v", s, err)
		}
	}
	t.Logf("LAUREL_SEED=%d", seed)
	dir := t.TempDir()
	d := &drill{t: t, dir: dir, rand: mathrand.New(mathrand.NewPCG(seed, 3)),
		issuedSite: &issuedSite{base: base, data: filepath.Join(dir, "data"), public: filepath.Join(dir, "public")}}
	run(t, 0, "certd", "init", "--data", d.data, "--public", d.public, "--base-url", base, "--issuer-name", "示例学院 Example Academy")
	settings, err := os.OpenFile(filepath.Join(d.data, "certd.yaml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(settings, "key_wait: 1ms")
	if err := settings.Close(); err != nil {
		t.Fatal(err)
	}
	var requests bytes.Buffer
	for n := range size {
		fmt.Fprintf(&requests, `{"template":"course","recipient":{"id":"d-%d","name":"样例 Sample %d"},"achievement":{"id":"C-301","name":"安全生产基础"},"result":{"completion_rate":100}}`+"\n", n, n)
	}
	write(t, requests.Bytes(), dir, "requests.ndjson")
	t.Cleanup(func() { d.stop(syscall.SIGKILL) })
	return d
}

// start runs certd serve in the background.
func (d *drill) start() {
	d.t.Helper()
	name := filepath.Join(d.dir, "certd.log")
	log, err := os.Create(name)
	if err != nil {
		d.t.Fatal(err)
	}
	defer log.Close()
	d.running = exec.Command(program(d.t, "certd"), "serve", "--data", d.data, "--listen", "127.0.0.1:0")
	d.running.Stderr = log
	if err := d.running.Start(); err != nil {
		d.t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		said, err := os.ReadFile(name)
		if bytes.Contains(said, []byte(`"msg":"listening"`)) {
			return
		}
		if err != nil || time.Now().After(deadline) {
			d.t.Fatalf("certd serve does not listen: %v\n%s", err, said)
		}
	}
}

func (d *drill) stop(sig os.Signal) {
	if d.running == nil {
		return
	}
	_ = d.running.Process.Signal(sig)
	_ = d.running.Wait()
	d.running = nil
}

// killSometimes kills the daemon at random moments and starts it again, a few times, or until done says so.
func (d *drill) killSometimes(done func() bool) {
	d.t.Helper()
	for range 4 {
		time.Sleep(time.Duration(d.rand.IntN(400)) * time.Millisecond)
		d.stop(syscall.SIGKILL)
		if d.start(); done() {
			return
		}
	}
}

// until asks for the keys until they are as they should be.
func (d *drill) until(what string, good func(list string) bool) {
	d.t.Helper()
	list := ""
	for deadline := time.Now().Add(30 * time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if list = run(d.t, 0, "certd", "key", "list", "--data", d.data); good(list) {
			return
		}
	}
	d.t.Fatalf("%s:\n%s", what, list)
}

// rotateUnderFire has a first rotation while the daemon is killed.
func (d *drill) rotateUnderFire() {
	d.t.Helper()
	d.start()
	run(d.t, 0, "certd", "key", "rotate", "--data", d.data)
	d.killSometimes(func() bool { return false })
	d.until("the new key does not sign", func(list string) bool { return strings.Contains(list, "retired") && !strings.Contains(list, "waits") })
	d.stop(syscall.SIGTERM)
	run(d.t, 0, "certgen", "check", "--public", d.public)
}

// issue issues everything and waits until it is published.
func (d *drill) issue() {
	d.t.Helper()
	d.start()
	out, err := output(exec.Command(program(d.t, "certd"), "issue", "--data", d.data, filepath.Join(d.dir, "requests.ndjson")))
	if err != nil {
		d.t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var r receipt
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil || r.Number == "" {
			d.t.Fatalf("certd issue printed %q, which is no receipt", lines.Text())
		}
		d.receipts = append(d.receipts, r)
	}
	for _, r := range d.receipts {
		d.published(r.Number)
	}
}

// published waits for a certificate's page.
func (d *drill) published(number string) {
	d.t.Helper()
	for deadline := time.Now().Add(10 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(d.file("c", number, "index.html")); err == nil {
			return
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("%s is not published", number)
		}
	}
}

func (d *drill) numbers() (all []string) {
	for _, r := range d.receipts {
		all = append(all, r.Number)
	}
	return all
}

// copies are what recipients have in their drawers.
func (d *drill) copies() (files []string) {
	d.t.Helper()
	for _, r := range d.receipts {
		data, err := os.ReadFile(d.file("c", r.Number, "credential.json"))
		if err != nil {
			d.t.Fatal(err)
		}
		write(d.t, data, d.dir, "drawers", r.Number+".json")
		files = append(files, filepath.Join(d.dir, "drawers", r.Number+".json"))
	}
	return files
}

// voidOne is a certificate that the issuer himself makes after the theft, before he knows of it.
func (d *drill) voidOne() string {
	d.t.Helper()
	write(d.t, []byte(`{"template":"course","recipient":{"id":"late","name":"Late"},"achievement":{"id":"C-301","name":"安全生产基础"},"result":{"completion_rate":100}}`), d.dir, "late.json")
	var r receipt
	out, err := output(exec.Command(program(d.t, "certd"), "issue", "--data", d.data, filepath.Join(d.dir, "late.json")))
	if err == nil {
		err = json.Unmarshal(out, &r)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	d.published(r.Number)
	return r.Number
}

// forgery is a document that the thief made.
type forgery struct {
	name, number string
	doc          []byte
}

// forge makes what a thief can make who has the seed: a certificate of today, one that claims to be older than the theft,
// and one that takes another's number.
func (d *drill) forge() (all []forgery) {
	d.t.Helper()
	seeds, err := filepath.Glob(filepath.Join(d.data, "seed-*"))
	if err != nil || len(seeds) != 1 {
		d.t.Fatalf("%v, %v", seeds, err)
	}
	seed, err := os.ReadFile(seeds[0])
	if err != nil {
		d.t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(seed)
	did, err := cred.DIDWeb(base)
	if err != nil {
		d.t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	for _, f := range []struct {
		name    string
		created time.Time
		number  cred.Number
	}{{"of today", now, ""}, {"backdated", now.Add(-time.Minute), ""}, {"under another's number", now, cred.Number(d.receipts[1].Number)}} {
		if f.number == "" {
			if f.number, err = cred.NewNumber(rand.Reader); err != nil {
				d.t.Fatal(err)
			}
		}
		c := cred.New(cred.Facts{
			BaseURL: base, IssuerName: "示例学院 Example Academy", Number: f.number, TitleZh: "结业证书", TitleEn: "Certificate of Completion",
			Description: "x", Criteria: "x\n", RecipientName: "The Thief", AchievementID: "C-301", AchievementName: "安全生产基础",
			ValidFrom: now.AddDate(0, -1, 0), Zone: time.UTC, Template: "course", Type: "course", Rate: "100", RequiredRate: "80", StatusIndex: 77,
		})
		doc, err := cred.Sign(c, key, cred.Method(did, key.Public().(ed25519.PublicKey)), f.created)
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, forgery{f.name, string(f.number), doc})
	}
	return all
}

// mirror is the thief's copy of the tree as it is now: all but the certificates, some of these, and the forged documents,
// each under its own number with pages of its own and somebody else's inclusion proof.
func (d *drill) mirror(name string, forged []forgery, more ...string) string {
	d.t.Helper()
	to := filepath.Join(d.dir, name)
	entries, err := os.ReadDir(d.public)
	if err != nil {
		d.t.Fatal(err)
	}
	var copied []string
	for _, e := range entries {
		if e.Name() != "c" {
			copied = append(copied, e.Name())
		}
	}
	for _, number := range append(d.numbers()[:8:8], more...) {
		copied = append(copied, filepath.Join("c", number))
	}
	for _, path := range copied {
		parent := filepath.Dir(filepath.Join(to, path))
		if err := os.MkdirAll(parent, 0o755); err != nil {
			d.t.Fatal(err)
		}
		if out, err := exec.Command("cp", "-r", d.file(path), parent).CombinedOutput(); err != nil {
			d.t.Fatalf("%v\n%s", err, out)
		}
	}
	proof, err := os.ReadFile(d.file("c", d.receipts[0].Number, "certificate.tlog-proof"))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range forged {
		write(d.t, f.doc, to, "c", f.number, "credential.json")
		write(d.t, proof, to, "c", f.number, "certificate.tlog-proof")
	}
	run(d.t, 0, "certgen", "build", "--public", to)
	return to
}

// notValid holds forged documents against the command, as files and as part of a mirror.
func (d *drill) notValid(mirror string, forged []forgery) {
	d.t.Helper()
	for _, f := range forged {
		for _, input := range []string{f.number, filepath.Join(mirror, "c", f.number, "certificate.png"), filepath.Join(mirror, "c", f.number, "certificate.pdf")} {
			if out := run(d.t, 1, "certgen", "verify", "--public", mirror, input); !strings.Contains(out, "invalid") {
				d.t.Errorf("%s, %s:\n%s", f.name, input, out)
			}
		}
	}
}

// verifies reports whether a judge of judge.mjs verifies signatures, and not only the form of a document.
func verifies(judge string) bool {
	return judge == "both suites" || judge == "rdfc alone" || judge == "jcs alone" || judge == "verifier-core"
}

// heard is what other people's verifiers say of one document.
type heard struct {
	asked, refused int
	why            string
}

// peers asks other people's verifiers about one certificate of a tree, beside the keys and lists of that tree.
func (d *drill) peers(tree, number string) (h heard) {
	d.t.Helper()
	one := d.t.TempDir()
	for _, path := range []string{".well-known/did.json", "status/revocation/0.json", "status/suspension/0.json", "c/" + number + "/credential.json"} {
		data, err := os.ReadFile(filepath.Join(tree, path))
		if err != nil {
			d.t.Fatal(err)
		}
		write(d.t, data, one, path)
	}
	out, _ := node(d.t, "judge.mjs", "--tree", one, "--base", base, "--accept-only").Output()
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var j judgement
		if err := json.Unmarshal(lines.Bytes(), &j); err != nil {
			d.t.Fatalf("judge.mjs printed %q: %v", lines.Text(), err)
		}
		if !strings.HasPrefix(j.File, "c/") || !verifies(j.Judge) {
			continue
		}
		if h.asked++; !j.OK {
			h.refused++
			h.why += j.Judge + ": " + j.Why + "\n"
		}
	}
	if h.asked == 0 {
		d.t.Fatalf("no verifier was asked:\n%s", out)
	}
	return h
}

// revokeUnderFire revokes the key that signs as of the last certificate that is from before the theft, and kills the
// daemon while it signs anew.
func (d *drill) revokeUnderFire() {
	d.t.Helper()
	list := run(d.t, 0, "certd", "key", "list", "--data", d.data)
	stolen := ""
	for line := range strings.Lines(list) {
		if f := strings.Fields(line); f[0] == "signs" {
			_, stolen, _ = strings.Cut(f[3], "#")
		}
	}
	before := len(d.receipts) + 2 // entries: a rotation makes two
	out := run(d.t, 0, "certd", "key", "revoke", stolen, "--as-of", strconv.Itoa(before), "--data", d.data)
	for _, want := range []string{fmt.Sprintf("from before: %d; they stay good", len(d.receipts)), "recorded later: 1; they are void"} {
		if !strings.Contains(out, want) {
			d.t.Errorf("no %q in\n%s", want, out)
		}
	}
	started := time.Now()
	d.killSometimes(func() bool {
		return !strings.Contains(run(d.t, 0, "certd", "key", "list", "--data", d.data), "signed anew")
	})
	d.until("the signing anew does not end", func(list string) bool { return !strings.Contains(list, "signed anew") })
	d.t.Logf("%d certificates signed anew and published in %v, with kills", len(d.receipts), time.Since(started).Round(time.Second))
	d.stop(syscall.SIGTERM)
	if did, err := os.ReadFile(d.file(".well-known", "did.json")); err != nil || strings.Contains(string(did), stolen) {
		d.t.Errorf("did.json gives the stolen key still: %v", err)
	}
}

// inTheBrowser looks at pages: what was signed anew, an old copy that a mirror has kept, what is void, and what was forged.
func (d *drill) inTheBrowser(mirror string, forged []forgery, drawer, void string) {
	d.t.Helper()
	chromium(d.t)
	port, err := freePort()
	if err != nil {
		d.t.Fatal(err)
	}
	old, err := os.ReadFile(drawer)
	if err != nil {
		d.t.Fatal(err)
	}
	write(d.t, old, mirror, "c", d.receipts[0].Number, "credential.json")
	serve(d.t, mirror, port)
	b := browser(d.t)
	look := func(name, number, verdict, key, says string) {
		d.t.Helper()
		page := open(d.t, b, visitor{language: "en"})
		page.visit(fmt.Sprintf("http://localhost:%d/c/%s/", port, number))
		if got, check := page.verdict(), page.checks()["key"]; got != verdict || check != key || !strings.Contains(page.text("main"), says) {
			d.t.Errorf("%s: verdict %s, key %s; want %s, %s, %q\n%s", name, got, check, verdict, key, says, page.text("main"))
		}
	}
	look("signed anew", d.receipts[2].Number, "valid", "pass", "in force when it was signed")
	look("with its old signature", d.receipts[0].Number, "valid", "pass", "later revoked as stolen; the log shows that the certificate is older")
	look("void", void, "invalid", "fail", "Revoked as stolen; the log does not show that the certificate is older.")
	for _, f := range forged {
		look("forged, "+f.name, f.number, "invalid", "fail", "Do not trust this certificate")
	}
}

package interop

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// office is a daemon of its own, whose pages are visited.
type office struct {
	t                *testing.T
	dir, base, token string
}

// openOffice starts certd on a folder of its own, for the rest of the test.
func openOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, dir: t.TempDir()}
	data := filepath.Join(o.dir, "data")
	run(t, 0, "certd", "init", "--data", data, "--public", filepath.Join(o.dir, "public"), "--base-url", "https://certs.example.org", "--issuer-name", "示例学院 Example Academy", "--timezone", "Asia/Shanghai")
	o.token = strings.TrimSpace(run(t, 0, "certd", "token", "create", "--data", data, "--name", "office", "--scope", "issue", "--scope", "read", "--scope", "status"))
	log := &logged{}
	cmd := exec.Command(program(t, "certd"), "serve", "--data", data, "--listen", "127.0.0.1:0")
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("certd did not end cleanly: %v\n%s", err, log)
		}
	})
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for line := range strings.Lines(log.String()) {
			var said struct{ Msg, Addr string }
			if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "listening" {
				o.base = "http://" + said.Addr
				return o
			}
		}
	}
	t.Fatalf("certd does not listen:\n%s", log)
	return nil
}

// keys types, as somebody does who has no pointer.
func keys(b *tab, all ...string) {
	b.t.Helper()
	for _, k := range all {
		b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(k)))
	}
}

// tabTo goes from control to control until the one of a selector has the focus.
func tabTo(b *tab, selector string) {
	b.t.Helper()
	for range 80 {
		if eval[bool](b, `!!document.activeElement?.matches(`+quote(selector)+`)`) {
			return
		}
		keys(b, kb.Tab)
	}
	b.t.Fatalf("%s is not reached with the keyboard on %s", selector, b.address())
}

// signIn signs in with the keyboard alone.
func (o *office) signIn(b *tab) {
	b.t.Helper()
	b.visit(o.base + "/admin")
	b.wait(`location.pathname === '/admin/login'`)
	tabTo(b, "#f-token")
	keys(b, o.token, kb.Enter)
	b.wait(`location.pathname === '/admin' && document.readyState === 'complete'`)
}

// axe holds a page against the rules of axe-core.
func axe(b *tab, source string) {
	b.t.Helper()
	eval[bool](b, source+"\n;!!window.axe")
	eval[bool](b, `(window.found = null, axe.run(document, {resultTypes: ['violations']}).then(r => window.found = r.violations.map(v => v.id + ': ' + v.help + '\n' + v.nodes.map(n => n.html + '\n' + n.failureSummary).join('\n')), e => window.found = [String(e)]), true)`)
	b.wait(`window.found`)
	for _, violation := range eval[[]string](b, `window.found`) {
		b.t.Errorf("%s: %s", b.address(), violation)
	}
}

func axeSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		missing(t, "axe-core is not installed: npm ci in interop/ ("+err.Error()+")")
	}
	return string(source)
}

func TestACertificateIsIssuedFoundAndRevokedWithTheKeyboardAlone(t *testing.T) {
	o := openOffice(t)
	b := open(t, browser(t), visitor{language: "zh-CN"})
	o.signIn(b)

	tabTo(b, `nav a[href="/admin/issue"]`)
	keys(b, kb.Enter)
	b.wait(`location.pathname === '/admin/issue' && document.readyState === 'complete'`)
	for _, field := range [][2]string{{"recipient.name", "张伟"}, {"recipient.id", "1042"}, {"achievement.name", "安全生产基础"}, {"achievement.id", "C-301"}} {
		tabTo(b, `[name="`+field[0]+`"]`)
		keys(b, field[1])
	}
	b.wait(`document.querySelector('#picture').naturalWidth === 1600 && !document.querySelector('#picture').hidden`)
	keys(b, kb.Enter)
	b.wait(`/^\/admin\/certificates\/.+/.test(location.pathname) && document.readyState === 'complete'`)
	if got := b.text(".note"); got != "证书已颁发。" {
		t.Errorf("it says %q", got)
	}
	number := b.text("h1")

	tabTo(b, `nav a[href="/admin/certificates"]`)
	keys(b, kb.Enter)
	b.wait(`location.pathname === '/admin/certificates' && document.readyState === 'complete'`)
	tabTo(b, `[name=q]`)
	keys(b, "张", kb.Enter)
	b.wait(`location.search.includes('q=') && document.querySelectorAll('tbody tr').length === 1`)
	tabTo(b, `tbody a[href="/admin/certificates/`+number+`"]`)
	keys(b, kb.Enter)
	b.wait(`location.pathname === '/admin/certificates/` + number + `' && document.readyState === 'complete'`)

	tabTo(b, `[name=way]`)
	for range 10 {
		if eval[bool](b, `document.activeElement.value === 'revoked error' && document.activeElement.checked`) {
			break
		}
		keys(b, kb.ArrowDown)
	}
	tabTo(b, `[name=reason]`)
	keys(b, "发错了")
	tabTo(b, `form[action$="/status"] button`)
	keys(b, kb.Enter)
	b.wait(`location.search === '?said=revoked' && document.readyState === 'complete'`)
	if got := b.text(".lede .tag"); got != "已撤销" {
		t.Errorf("its status is %q", got)
	}
	if got := b.text(".steps li:last-child"); !strings.Contains(got, "颁发有误") || !strings.Contains(got, "发错了") {
		t.Errorf("its history says %q", got)
	}
	if n := eval[int](b, `document.querySelectorAll('form[action$="/status"]').length`); n != 0 {
		t.Error("what is revoked can be revoked again")
	}
	tabTo(b, `form[action="/admin/logout"] button`)
	keys(b, kb.Enter)
	b.wait(`location.pathname === '/admin/login' && location.search === '?said=signed-out'`)
	b.clean(o.base)
}

// officePages are pages worth looking at; {number} is a certificate's.
func officePages(o *office) []struct{ name, path string } {
	return []struct{ name, path string }{
		{"home", "/admin"}, {"search", "/admin/certificates?q=C"}, {"certificate", "/admin/certificates/{number}"}, {"issue", "/admin/issue"}, {"replacement", "/admin/certificates/{number}/replacement"},
		{"import", "/admin/import"}, {"templates", "/admin/templates"}, {"nothing", "/admin/certificates?q=nobody-is-called-so"}, {"missing", "/admin/nowhere"},
	}
}

// checkTable has a table checked that has a bad line.
func (o *office) checkTable(b *tab) {
	b.t.Helper()
	const table = "recipient_id,recipient_name,achievement_id,achievement_name,completion_rate,template\n" +
		"2001,王芳,C-301,安全生产基础,100,course\n2002,李娜,C-301,安全生产基础,40,course\n2003,赵敏,C-301,安全生产基础,95,course\n"
	b.visit(o.base + "/admin/import")
	b.wait(`(f => { const d = new DataTransfer(); d.items.add(new File([` + quote(table) + `], 'graduates.csv', {type: 'text/csv'})); f.files = d.files; return f.files.length })(document.querySelector('#f-file'))`)
	tabTo(b, `form[action="/admin/import"] button`)
	keys(b, kb.Enter)
	b.wait(`document.querySelectorAll('tbody tr').length === 1 && document.readyState === 'complete'`)
}

// filed issues a few certificates and returns the number of one that has a history.
func (o *office) filed() string {
	o.t.Helper()
	requests := filepath.Join(o.dir, "requests.ndjson")
	var lines strings.Builder
	for i, name := range []string{"张伟", "Ann Lee", "María Fernanda Guadalupe de los Ángeles Hernández Villaseñor", "欧阳娜娜"} {
		lines.WriteString(`{"template":"exam","recipient":{"id":"` + strconv.Itoa(1042+i) + `","name":"` + name + `"},"achievement":{"id":"C-301","name":"安全生产基础 Crane Safety"},"result":{"score":92.5}}` + "\n")
	}
	if err := os.WriteFile(requests, []byte(lines.String()), 0o600); err != nil {
		o.t.Fatal(err)
	}
	data := filepath.Join(o.dir, "data")
	var first struct{ Number string }
	if err := json.NewDecoder(strings.NewReader(run(o.t, 0, "certd", "issue", "--data", data, requests))).Decode(&first); err != nil {
		o.t.Fatal(err)
	}
	run(o.t, 0, "certd", "status", "--data", data, first.Number, "suspended", "--reason", "a question came up", "--code", "review")
	return first.Number
}

func TestAxeFindsNothingOnThePagesOfThoseWhoRunCertd(t *testing.T) {
	o, source := openOffice(t), axeSource(t)
	number := o.filed()
	for _, v := range []visitor{{language: "zh-CN"}, {language: "en", width: 360, dark: true}} {
		b := open(t, browser(t), v) // a session of its own
		b.visit(o.base + "/admin/login")
		axe(b, source)
		o.signIn(b)
		for _, p := range officePages(o) {
			b.visit(o.base + strings.ReplaceAll(p.path, "{number}", number))
			axe(b, source)
			basics(b)
		}
		b.visit(o.base + "/admin/issue")
		eval[any](b, `document.querySelector('form[data-preview]').noValidate = true`)
		tabTo(b, `[name="recipient.name"]`)
		keys(b, kb.Enter)
		b.wait(`document.activeElement.id === 'wrong'`)
		axe(b, source)
		o.checkTable(b)
		axe(b, source)
		basics(b)
		b.clean(o.base, "status of 404", "status of 422")
	}
}

// TestScreenshotsOfTheOffice makes pictures to be looked at.
func TestScreenshotsOfTheOffice(t *testing.T) {
	dir := os.Getenv(shotsDir)
	if dir == "" {
		t.Skipf("set %s to a folder to have screenshots made", shotsDir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	o := openOffice(t)
	number := o.filed()
	for _, width := range []int64{1280, 360} {
		for _, dark := range []bool{false, true} {
			for _, language := range []string{"zh-CN", "en"} {
				b := open(t, browser(t), visitor{language: language, width: width, dark: dark})
				suffix := "-" + language[:2] + "-" + strconv.FormatInt(width, 10) + map[bool]string{true: "-dark", false: "-light"}[dark] + ".png"
				b.visit(o.base + "/admin/login")
				capture(b, filepath.Join(dir, "admin-login"+suffix))
				o.signIn(b)
				for _, p := range officePages(o) {
					b.visit(o.base + strings.ReplaceAll(p.path, "{number}", number))
					if p.name == "issue" {
						for _, field := range [][2]string{{"recipient.name", "张伟"}, {"recipient.id", "1042"}, {"achievement.name", "安全生产基础"}, {"achievement.id", "C-301"}} {
							tabTo(b, `[name="`+field[0]+`"]`)
							keys(b, field[1])
						}
						b.wait(`document.querySelector('#picture').naturalWidth === 1600`)
					}
					eval[any](b, `document.images.length && [...document.images].forEach(i => i.loading = 'eager')`)
					capture(b, filepath.Join(dir, "admin-"+p.name+suffix))
				}
				o.checkTable(b)
				capture(b, filepath.Join(dir, "admin-import-checked"+suffix))
			}
		}
	}
}

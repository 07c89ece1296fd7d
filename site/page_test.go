package site

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// evil is a name that is markup in every place a page puts it: text, attribute, script, comment.
const evil = `</title><script>alert(1)</script>"' onload=x <img src=x onerror=y>--> {{.Site}} &amp; 'z`

func TestMarkupInANameIsTextEverywhere(t *testing.T) {
	i := newIssuer(t, testBase)
	plain := i.certificate(t, nil)
	doc := i.certificate(t, func(f *factsOf) {
		f.RecipientName, f.AchievementName, f.IssuerName = evil, evil+"2", evil+"3"
		f.TitleZh, f.TitleEn, f.AchievementID = evil+"4", evil+"5", `"><script>`
		f.Criteria = evil + "6"
	})
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(append(i.site(t), plain, doc)), Options{Only: []string{OnlyHTML}})
	read := func(d Document) string {
		data, err := os.ReadFile(filepath.Join(dir, PagePath(numberOf(d))))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	page, want := read(doc), tags(read(plain))
	// The criteria of the two are one paragraph and two, so paragraphs are not compared.
	got := tags(page)
	delete(got, "p")
	delete(want, "p")
	for _, tag := range []string{"script", "img", "title", "meta", "link"} {
		if got[tag] != want[tag] {
			t.Errorf("%d <%s>, want %d as with a plain name", got[tag], tag, want[tag])
		}
	}
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") {
		t.Error("markup of a name is markup of the page")
	}
	if !strings.Contains(html.UnescapeString(page), evil) {
		t.Error("the name does not stand on the page as it was signed")
	}
}

var tag = regexp.MustCompile(`<([a-z]+)`)

func tags(page string) map[string]int {
	out := map[string]int{}
	for _, m := range tag.FindAllStringSubmatch(page, -1) {
		out[m[1]]++
	}
	return out
}

func TestAPageStatesTheFactsAsSigned(t *testing.T) {
	i := newIssuer(t, testBase)
	doc := i.certificate(t, asExam)
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(append(i.site(t), doc)), Options{Only: []string{OnlyHTML}})
	data, err := os.ReadFile(filepath.Join(dir, PagePath(numberOf(doc))))
	if err != nil {
		t.Fatal(err)
	}
	page := html.UnescapeString(string(data))
	for fact, want := range map[string]string{
		"number": string(numberOf(doc)), "recipient": "Nguyễn Thị Minh", "title": "考试合格证书 / Certificate of Examination", "type": "Assessment",
		"achievement": "Fire Safety", "result": "92.5", "issued": "2026-03-01", "expires": "2028-03-01", "issuer": "示例学院 Example Academy",
	} {
		shown := regexp.MustCompile(`data-fact="?` + fact + `"?[^>]*>([^<]*)<`).FindStringSubmatch(page)
		if shown == nil || shown[1] != want {
			t.Errorf("%s: the page says %q, signed is %q", fact, shown, want)
		}
	}
	for _, want := range []string{"2026年3月1日", "1 March 2026", "2028年3月1日", "1 March 2028", `data-verdict="unchecked"`, `data-origin="issuer"`, "noindex"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestEveryAddressInAPageLeadsToAFileOfTheTree(t *testing.T) {
	i := newIssuer(t, testBase)
	dir := filepath.Join(t.TempDir(), "public")
	build(t, dir, nil, each(i.all(t)), Options{})
	tree := snapshotOf(t, dir)
	address := regexp.MustCompile(`(?:href|src|data-copies|data-fallback)="([^"#]*)"`)
	for path, page := range tree {
		if !strings.HasSuffix(path, ".html") {
			continue
		}
		for _, m := range address.FindAllStringSubmatch(page, -1) {
			to := html.UnescapeString(m[1])
			switch {
			case strings.HasPrefix(to, testBase+"/"):
				to = strings.TrimPrefix(to, testBase+"/")
			case strings.HasPrefix(to, "/"):
				to = strings.TrimPrefix(to, "/")
			case strings.Contains(to, ":") || to == "":
				continue
			default:
				to = filepath.ToSlash(filepath.Join(filepath.Dir(path), to))
			}
			if to == "" || strings.HasSuffix(to, "/") {
				to += "index.html"
			}
			if _, ok := tree[to]; !ok && to != "certificate.png" && to != "credential.json" {
				t.Errorf("%s: %s leads to %s, which is not there", path, m[0], to)
			}
		}
	}
}

func TestCriteriaAreRenderedWithoutAnythingHarmful(t *testing.T) {
	md := newMarkdown()
	for _, c := range []struct{ name, source, want string }{
		{"paragraphs carry their language", "完成率 80%。\n\nAt least 80%.", `<p lang="zh-CN">完成率 80%。</p>` + "\n" + `<p lang="en">At least 80%.</p>`},
		{"headings begin below the page's own", "# A\n\n##### B", `<h3 lang="en">A</h3>` + "\n" + `<h6 lang="en">B</h6>`},
		{"a block of HTML is text", "<script>alert(1)</script>", `<p lang="en">&lt;script&gt;alert(1)&lt;/script&gt;</p>`},
		{"HTML within a line is text", "a <b onclick=x>b</b>", `<p lang="en">a &lt;b onclick=x&gt;b&lt;/b&gt;</p>`},
		{"a comment is text", "<!-- x -->", `<p lang="en">&lt;!-- x --&gt;</p>`},
		{"a picture gives way to its description", "![the *logo*](https://x.example/p.png)", `<p lang="en">the <em>logo</em></p>`},
		{"a link to a page", "[a](https://x.example/?a=1&b=2)", `<p lang="en"><a href="https://x.example/?a=1&amp;b=2" rel="noopener noreferrer nofollow">a</a></p>`},
		{"a relative link", "[a](/a/exam/)", `<p lang="en"><a href="/a/exam/" rel="noopener noreferrer nofollow">a</a></p>`},
		{"a link to mail", "<a@example.org>", `<p lang="en"><a href="mailto:a@example.org" rel="noopener noreferrer nofollow">a@example.org</a></p>`},
		{"a script link is text", "[a](javascript:alert(1))", `<p lang="en">a</p>`},
		{"a script link in disguise is text", "[a](JaVaScRiPt&colon;alert(1))", `<p lang="en">a</p>`},
		{"a data link is text", "[a](data:text/html,x)", `<p lang="en">a</p>`},
		{"a link without a scheme to another host is text", "[a](//evil.example)", `<p lang="en">a</p>`},
		{"a backslash stays within the site", `[a](/\\evil.example)`, `<p lang="en"><a href="/%5Cevil.example" rel="noopener noreferrer nofollow">a</a></p>`},
		{"an automatic link to elsewhere is text", "<ftp://x.example/a&amp;b>", `<p lang="en">ftp://x.example/a&amp;amp;b</p>`},
		{"a picture inside a link", "[![alt](x.png)](https://x.example)", `<p lang="en"><a href="https://x.example" rel="noopener noreferrer nofollow">alt</a></p>`},
		{"a table without inline styles", "|分|b|\n|-:|-|\n|1|2|", `<th align="right">分</th>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := render(md, c.source)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.TrimSpace(string(got)), c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if strings.Contains(string(got), "style=") {
				t.Errorf("an inline style, which the policy forbids: %s", got)
			}
		})
	}
}

func TestDatesAreWrittenAsPeopleReadThem(t *testing.T) {
	for date, want := range map[string][2]string{
		"2026-03-01": {"2026年3月1日", "1 March 2026"},
		"1999-12-31": {"1999年12月31日", "31 December 1999"},
		"":           {"", ""},
		"2026-02-30": {"", ""},
	} {
		if got := [2]string{dateZh(date), dateEn(date)}; got != want {
			t.Errorf("%q: %q, want %q", date, got, want)
		}
	}
}

func TestThePathOfAQRCodeDrawsItsModules(t *testing.T) {
	r, err := NewRenderer(embeddedSet(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	modules, err := r.fonts.Code(CertificateURL(testBase, "7F3K-9QXM-2T8W-RB5H"))
	if err != nil {
		t.Fatal(err)
	}
	path, side := qrPath(modules), len(modules)
	if side < 21 || (side-17)%4 != 0 {
		t.Errorf("%d modules a side: no QR code", side)
	}
	grid := make([][]bool, side)
	for y := range grid {
		grid[y] = make([]bool, side)
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "M"), "M") {
		var x, y, n, back int
		if _, err := fmt.Sscanf(part, "%d %dh%dv1h-%dz", &x, &y, &n, &back); err != nil || n != back || x+n > side || y >= side {
			t.Fatalf("M%s: %v", part, err)
		}
		for k := range n {
			grid[y][x+k] = true
		}
	}
	// The three finder patterns: a ring around a block, in all corners but the lower right.
	for _, corner := range [][2]int{{0, 0}, {side - 7, 0}, {0, side - 7}} {
		for y := range 7 {
			for x := range 7 {
				ring := max(abs(x-3), abs(y-3))
				if want := ring != 2; grid[corner[1]+y][corner[0]+x] != want {
					t.Fatalf("no finder pattern at %v", corner)
				}
			}
		}
	}
}

func abs(n int) int { return max(n, -n) }

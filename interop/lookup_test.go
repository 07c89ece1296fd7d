package interop

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	cred "laurel/credential"
)

// typeInto types text into the field for the number as on a keyboard.
func typeInto(b *tab, text string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Focus(chromedp.CSS("#n")), chromedp.KeyEvent(text)))
}

// feedback waits for the line under the field to contain what is wanted.
func feedback(b *tab, want string) {
	b.t.Helper()
	b.wait(`document.querySelector('#fb').innerText.includes(` + quote(want) + `)`)
}

// quote writes s as a string of JavaScript.
func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// mistyped is number with its i-th symbol, from 0 and not counting dashes, replaced.
func mistyped(number string, i int) string {
	at := i + i/4
	other := "8"
	if number[at] == '8' {
		other = "3"
	}
	return number[:at] + other + number[at+1:]
}

func TestTypingANumberOpensItsPage(t *testing.T) {
	site, b := served(t), browser(t)
	number := site.receipts[exam].Number
	page := open(t, b, visitor{})
	page.visit(site.base + "/")

	typeInto(page, strings.ToLower(number[:7]))
	feedback(page, "已输入 6 位，共 16 位")
	typeInto(page, " "+strings.ReplaceAll(strings.ToLower(number[7:]), "-", " ")+"\r")
	page.wait(`location.pathname === ` + quote("/c/"+number+"/"))
	if got := page.verdict(); got != "valid" {
		t.Errorf("verdict %s", got)
	}
	page.clean(site.base)
}

func TestATypingMistakeIsNoticedAndItsRepairOffered(t *testing.T) {
	site, b := served(t), browser(t)
	number := site.receipts[exam].Number
	page := open(t, b, visitor{language: "en"})
	page.visit(site.base + "/")

	typeInto(page, mistyped(number, 11))
	feedback(page, "perhaps in character 12")
	feedback(page, number)
	page.must(clickOn(page, `document.querySelector('#fb button')`))
	page.wait(`document.querySelector('#n').value.replaceAll(/[^0-9A-Z]/g, '') === ` + quote(strings.ReplaceAll(number, "-", "")))
	feedback(page, "well formed")
	typeInto(page, "\r")
	page.wait(`location.pathname === ` + quote("/c/"+number+"/"))
	page.verdict()
	page.clean(site.base)
}

func TestMistakesWithoutARepairAreNamed(t *testing.T) {
	site, b := served(t), browser(t)
	number := site.receipts[exam].Number
	first, second := 0, 1
	for number[first] == number[second] {
		first, second = second, second+1
		if number[second] == '-' {
			second++
		}
	}
	swapped := []byte(number)
	swapped[first], swapped[second] = swapped[second], swapped[first]
	for typed, want := range map[string]string{
		string(swapped): "可能有两位写反了",
		"7F3K-9QXM-2U":  "编号里不会出现“U”",
		number + "0":    "多了 1 位",
	} {
		page := open(t, b, visitor{})
		page.visit(site.base + "/")
		typeInto(page, typed)
		feedback(page, want)
		typeInto(page, "\r")
		if got := eval[string](page, `location.pathname`); got != "/" {
			t.Errorf("%s: the wrong number was looked up at %s", typed, got)
		}
		page.clean(site.base)
	}
}

// drop lets a file fall onto the page.
func drop(b *tab, file string) {
	b.t.Helper()
	type point struct{ X, Y float64 }
	at := eval[point](b, `(e => { e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();
		return {X: r.x + r.width / 2, Y: r.y + r.height / 2} })(document.querySelector('#drop'))`)
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: []string{file}, DragOperationsMask: 1}
	for _, kind := range []input.DispatchDragEventType{
		input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop,
	} {
		_, err := chromedp.Call(b.ctx, input.DispatchDragEvent, input.DispatchDragEventParams{Type: kind, X: at.X, Y: at.Y, Data: data})
		b.must(err)
	}
}

func TestADroppedFileIsVerified(t *testing.T) {
	site, b := served(t), browser(t)
	number := site.receipts[exam].Number
	original, err := os.ReadFile(site.file("c", number, "credential.json"))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(site.file("c", number, "certificate.png"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile(site.file("c", number, "certificate.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file string
		data       []byte
		verdict    string
	}{
		{"the PDF", "证书.pdf", document, "valid"},
		{"the PDF with another name in it", "changed.pdf", reattached(t, document, replace("张伟", "张玮")(t, site, original)), "invalid"},
		{"the signed file", "credential.json", original, "valid"},
		{"the picture", "张伟.png", picture, "valid"},
		{"the signed file, formatted anew", "pretty.json", indented(t, original), "valid"},
		{"the signed file with another name in it", "changed.json", replace("张伟", "张玮")(t, site, original), "invalid"},
		{"the signed file without its jcs proof", "less.json", dropProof(t, original, 1), "invalid"},
		{"the picture with another name in it", "changed.png", rebaked(t, picture, "张伟", "张玮"), "invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), c.file)
			write(t, c.data, file)
			page := open(t, b, visitor{})
			page.visit(site.base + "/")
			drop(page, file)
			if got := page.verdict(); got != c.verdict {
				t.Errorf("verdict %s, want %s\n%s", got, c.verdict, page.text("body"))
			}
			if c.verdict == "valid" {
				checkFacts(t, page, readCredential(t, site, number))
			}
			page.clean(site.base)
		})
	}
}

// A copy that differs is no forgery: the credential has the verdict, and both stand side by side.
func TestACopyIsComparedWithThePublishedOne(t *testing.T) {
	site, b := served(t), browser(t)
	number := site.receipts[exam].Number
	read := func(name string) []byte {
		data, err := os.ReadFile(site.file("c", number, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	document, picture := read("certificate.pdf"), read("certificate.png")
	other := noted(picture)
	for _, c := range []struct {
		name     string
		data     []byte
		says     string
		pictures int
	}{
		{"same.pdf", document, "Identical to the published file.", 0},
		{"same.png", picture, "Identical to the published file.", 0},
		{"other.pdf", bytes.Replace(document, []byte(">Laurel<"), []byte(">Lawrel<"), 1), "This copy differs from the published one. Compare the facts.", 1},
		{"other.png", other, "This copy differs from the published one. Compare the facts.", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), c.name)
			write(t, c.data, file)
			page := open(t, b, visitor{language: "en"})
			page.visit(site.base + "/")
			drop(page, file)
			if got := page.verdict(); got != "valid" {
				t.Fatalf("verdict %s", got)
			}
			page.wait(`document.querySelector('#copy').children.length > 0`)
			if got := page.text("#copy"); !strings.Contains(got, c.says) || strings.Contains(got, "forge") {
				t.Errorf("it says %q, want %q", got, c.says)
			}
			page.wait(`[...document.querySelectorAll('#copy img')].every(i => i.complete && i.naturalWidth === 1600)`)
			if got := eval[int](page, `document.querySelectorAll('#copy img').length`); got != c.pictures {
				t.Errorf("%d pictures beside each other, want %d", got, c.pictures)
			}
			page.clean(site.base)
		})
	}
}

func TestADroppedFileThatIsNoneOfOursIsRefused(t *testing.T) {
	site, b := served(t), browser(t)
	other, err := production()
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := os.ReadFile(other.file("c", other.receipts[0].Number, "credential.json"))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := os.ReadFile(site.file("c", site.receipts[exam].Number, "certificate.png"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile(site.file("c", site.receipts[exam].Number, "certificate.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"foreign.json":  foreign,
		"notes.txt":     []byte("just text"),
		"broken.json":   []byte(`{"a":`),
		"empty.json":    nil,
		"cut.png":       bare[:len(bare)/2],
		"cut.pdf":       document[:len(document)/2],
		"none.pdf":      bereft(t, document),
		"encrypted.pdf": bytes.Replace(document, []byte("/Root "), []byte("/Encrypt 1 0 R/Root "), 1),
		"plain.png":     rebaked(t, bare, "openbadgecredential", "somethingdifferent!"),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), name)
			write(t, data, file)
			page := open(t, b, visitor{language: "en"})
			page.visit(site.base + "/")
			drop(page, file)
			page.wait(`document.querySelector('#fb-file').innerText !== '' || document.documentElement.dataset.verdict !== 'unchecked'`)
			if got := eval[string](page, `document.documentElement.dataset.verdict`); got == "valid" {
				t.Errorf("%s is called valid", name)
			}
			page.clean(site.base)
		})
	}
}

func TestAFileCanBeChosenInsteadOfDropped(t *testing.T) {
	site, b := served(t), browser(t)
	number := site.receipts[course].Number
	page := open(t, b, visitor{language: "en"})
	page.visit(site.base + "/")
	node := eval[bool](page, `!!document.querySelector('#file')`)
	if !node {
		t.Fatal("no field for a file")
	}
	setFile(page, "#file", site.file("c", number, "credential.json"))
	if got := page.verdict(); got != "valid" {
		t.Errorf("verdict %s", got)
	}
	checkFacts(t, page, readCredential(t, site, number))
	page.clean(site.base)
}

// setFile chooses a file as the dialog would, though the field itself is hidden.
func setFile(b *tab, selector, file string) {
	b.t.Helper()
	document, err := chromedp.Call(b.ctx, dom.GetDocument, dom.GetDocumentParams{})
	b.must(err)
	field, err := chromedp.Call(b.ctx, dom.QuerySelector, dom.QuerySelectorParams{NodeID: document.Root.NodeID, Selector: selector})
	b.must(err)
	_, err = chromedp.Call(b.ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{file}, NodeID: field.NodeID})
	b.must(err)
}

func indented(t *testing.T, doc []byte) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAnUnknownNumberIsNotFoundAndShownAsItShouldBeTyped(t *testing.T) {
	site, b := served(t), browser(t)
	unknown, err := cred.NewNumber(strings.NewReader("a number that nobody was ever given"))
	if err != nil {
		t.Fatal(err)
	}
	sloppy := strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(strings.ReplaceAll(string(unknown), "-", "")), "0", "o"), "1", "l")
	answer, err := http.Get(site.base + "/c/" + sloppy + "/")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusNotFound {
		t.Errorf("status %d, want 404", answer.StatusCode)
	}
	page := open(t, b, visitor{language: "en"})
	page.visit(site.base + "/c/" + sloppy + "/")
	page.wait(`document.querySelector('#n').value === ` + quote(string(unknown)))
	if text := page.text("main"); !strings.Contains(text, string(unknown)) || !strings.Contains(text, "Certificate not found") {
		t.Errorf("the page does not name the number %s:\n%s", unknown, text)
	}
	page.clean(site.base, "404")
}

func TestANumberTypedSloppilyIntoTheAddressLeadsToItsPage(t *testing.T) {
	site, b := served(t), browser(t)
	number := site.receipts[exam].Number
	page := open(t, b, visitor{})
	page.visit(site.base + "/c/" + strings.ToLower(strings.ReplaceAll(number, "-", "")))
	// Whether the page goes there by itself or after a press of the button, the number is in the field.
	page.wait(`location.pathname === ` + quote("/c/"+number+"/") + ` || document.querySelector('#n')?.value === ` + quote(number))
	if eval[string](page, `location.pathname`) != "/c/"+number+"/" {
		typeInto(page, "\r")
	}
	page.wait(`location.pathname === ` + quote("/c/"+number+"/"))
	if got := page.verdict(); got != "valid" {
		t.Errorf("verdict %s", got)
	}
	page.clean(site.base, "404")
}

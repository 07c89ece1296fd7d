package picture

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"laurel/internal/pdf"
)

// names in many scripts and lengths, with characters beyond the basic plane.
var names = []string{
	"张伟", "䶮𬱖", "欧阳思远", "阿卜杜热合曼·阿卜杜外力·买买提依明江", "Alexandra Müller", "Nguyễn Thị Ánh Tuyết", "Jürgen Müßig", "O’Brien “Mac” fflein",
	"Maria Alexandra Fernanda von Hohenberg-Castellanos y Villanueva", "Łukasz Żółć", "Ελένη Παπαδοπούλου", "Дмитрий Шостакович", "李 John", "㛃𬭊",
}

// documents lists certificates for the judges: LAUREL_DOCUMENTS says how many, 40 otherwise.
func documentsFor(t *testing.T) (out []struct {
	layout string
	values Values
}) {
	n := 40
	if s := os.Getenv("LAUREL_DOCUMENTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		p := pictures[i%len(pictures)]
		v := sample(p.values, Values{"name": names[(i+i/len(names))%len(names)]})
		number := fmt.Sprintf("7F3K-9QXM-%04d-%04d", i*7919%10000, i)
		for key, text := range map[string]string{"number": number, "address": "certs.example.org/c/" + number + "/", "url": "https://certs.example.org/c/" + number + "/"} {
			v[key] = text
		}
		out = append(out, struct {
			layout string
			values Values
		}{p.layout, v})
	}
	return out
}

// packages are where the judges are from.
var packages = map[string]string{"qpdf": "qpdf", "mutool": "mupdf-tools", "pdffonts": "poppler-utils", "pdftotext": "poppler-utils", "pdfdetach": "poppler-utils", "pngcheck": "pngcheck"}

// judge runs a judge; whatever it writes to its error output, but for lines that match pass, is a finding.
func judge(t *testing.T, pass string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(tool(t, packages[name], name), args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v: %s%s", name, err, errs.String(), out.String())
	}
	for line := range strings.Lines(errs.String()) {
		if line = strings.TrimSpace(line); line != "" && (pass == "" || !regexp.MustCompile(pass).MatchString(line)) {
			t.Errorf("%s: %s", name, line)
		}
	}
	return out.String()
}

// Other people's programs find nothing wrong with a document, and read from it what was put in: every text to the letter,
// and the attachment to the byte.
func TestOtherProgramsReadDocumentsWhole(t *testing.T) {
	dir := t.TempDir()
	for i, c := range documentsFor(t) {
		file := filepath.Join(dir, "certificate.pdf")
		doc := pdfOf(t, c.layout, c.values)
		if err := os.WriteFile(file, doc, 0o644); err != nil {
			t.Fatal(err)
		}
		judge(t, "", "qpdf", "--check", file)
		judge(t, "ICC support is not available", "mutool", "draw", "-q", "-r", "30", "-o", filepath.Join(dir, "page.png"), file)
		fonts := strings.Split(strings.TrimSpace(judge(t, "", "pdffonts", file)), "\n")[2:]
		for _, f := range fonts {
			if !strings.Contains(f, "yes yes yes") {
				t.Errorf("a font is not embedded, cut to its glyphs and mapped to Unicode: %s", f)
			}
		}
		text := judge(t, "", "pdftotext", "-raw", file, "-")
		for _, it := range composed(t, layouts()[c.layout], c.values).items {
			if it.kind == itemGlyphs && !strings.Contains(text, it.text) {
				t.Errorf("document %d: %q is not in its text:\n%s", i, it.text, text)
			}
		}
		saved := filepath.Join(dir, "credential.json")
		judge(t, "", "pdfdetach", "-save", "1", "-o", saved, file)
		attached, err := pdf.Attached(doc, "credential.json")
		if got, _ := os.ReadFile(saved); err != nil || !bytes.Equal(got, attached) || len(got) == 0 {
			t.Errorf("document %d: pdfdetach saves %d bytes, we read %d (%v)", i, len(got), len(attached), err)
		}
		if t.Failed() {
			return
		}
	}
}

// Fonts of an operator's own folder are embedded too, whichever outlines they have; and what runs from right to left comes
// out in the order in which it is spoken.
func TestFontsOfAFolderAreEmbedded(t *testing.T) {
	for _, c := range []struct{ dir, name, font string }{
		{"testdata/fonts/arabic", "محمد عبد الرحمن", "Arabic"},
		{"testdata/fonts/korean", "홍길동", "Collection-1"}, // with outlines of CFF
	} {
		l := load(c.dir)["classical"]
		p := composed(t, l, sample(Values{"name": c.name}))
		file := filepath.Join(t.TempDir(), "certificate.pdf")
		var out bytes.Buffer
		if err := p.PDF(&out, pdf.Info{Title: c.name, Language: "zh-CN"}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		judge(t, "", "qpdf", "--check", file)
		if fonts := judge(t, "", "pdffonts", file); !regexp.MustCompile(c.font + `\S* +CID TrueType`).MatchString(fonts) {
			t.Errorf("%s: no %s among\n%s", c.name, c.font, fonts)
		}
		text := judge(t, "", "pdftotext", file, "-") // in the order of reading; -raw would be that of the file, from left to right
		if text = strings.NewReplacer("\u202a", "", "\u202b", "", "\u202c", "").Replace(text); !strings.Contains(text, c.name) {
			t.Errorf("%s is not in\n%s", c.name, text)
		}
		var png bytes.Buffer
		if err := p.PNG(&png); err != nil {
			t.Fatal(err)
		}
		painted := decode(t, png.Bytes())
		page := pageImage(t, out.Bytes(), painted.Rect.Dx(), painted.Rect.Dy())
		for i := range p.items {
			if p.items[i].text == c.name {
				sameLine(t, p, &p.items[i], painted, page)
			}
		}
	}
}

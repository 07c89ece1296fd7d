package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// little is the least document that carries an attachment.
func little(t testing.TB, attachments ...Attachment) []byte {
	t.Helper()
	w := NewWriter()
	w.Begin()
	specs, err := w.Attach(attachments)
	if err != nil {
		t.Fatal(err)
	}
	page, pages, root := w.Reserve(), w.Reserve(), w.Reserve()
	w.Open(page)
	w.Raw("<</Type/Page/MediaBox[0 0 10 10]/Parent ")
	w.Ref(pages)
	w.Raw(">>")
	w.Close()
	w.Open(pages)
	w.Raw("<</Type/Pages/Count 1/Kids[")
	w.Ref(page)
	w.Raw("]>>")
	w.Close()
	w.Open(root)
	w.Raw("<</Type/Catalog/Pages ")
	w.Ref(pages)
	w.List(attachments, specs)
	w.Raw(">>")
	w.Close()
	file, err := w.End(root, w.Info(&Info{Title: "小 (little) \\"}))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(file)
}

func attachment(name, data string) Attachment {
	return Attachment{Name: name, MediaType: "application/json", Description: "数据", Data: []byte(data)}
}

// plain is a document as it was written before there were object streams: objects in plain text, a table of where they
// lie. %LENGTH% and the like stand where a test puts something else.
func plain(data string) []byte {
	return tabled([]string{
		"<</Type/Catalog/Names<</EmbeddedFiles<</Names[(credential.json)2 0 R]>>>>>>",
		"<</Type/Filespec/F(credential.json)/EF<</F 3 0 R>>>>",
		fmt.Sprintf("<</Type/EmbeddedFile/Length %d>>\nstream\n%s\nendstream", len(data), data),
	}, "/Root 1 0 R")
}

// tabled writes objects from the number 1 on, a table and a trailer.
func tabled(objects []string, trailer string) []byte {
	var b Buffer
	b.Raw("%PDF-1.7\n")
	table := "0000000000 65535 f \n"
	for i, o := range objects {
		table += pad(len(b.B)) + " 00000 n \n"
		b.Raw(fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, o))
	}
	at := len(b.B)
	b.Raw(fmt.Sprintf("xref\n0 %d\n%strailer\n<</Size %d%s>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table, len(objects)+1, trailer, at))
	return b.B
}

func itoa(n int) string { return fmt.Sprint(n) }
func pad(n int) string  { return fmt.Sprintf("%010d", n) }

func TestWhatWasAttachedIsFoundByteForByte(t *testing.T) {
	for _, data := range []string{"", "{}", "endstream\nendobj\n%%EOF\n", strings.Repeat("\x00\xff", 5000)} {
		for what, file := range map[string][]byte{
			"a document":       little(t, attachment("another.json", "other"), attachment("credential.json", data)),
			"an older version": plain(data),
		} {
			got, err := Attached(file, "credential.json")
			if err != nil || string(got) != data {
				t.Errorf("%s with %q: got %q, %v", what, brief(data), brief(string(got)), err)
			}
		}
	}
}

func brief(s string) string { return s[:min(len(s), 40)] }

// A certificate that was published before objects were packed, and one that another program (qpdf) has written anew.
func TestOlderAndForeignFilesAreRead(t *testing.T) {
	want, err := os.ReadFile("../../credential/testdata/course.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"older.pdf", "foreign.pdf"} {
		file, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Attached(file, "credential.json"); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %q, %v", name, brief(string(got)), err)
		}
	}
}

// A program that adds to a file writes the objects that it changes, and where they lie: in a table, or as the file itself
// has it, in a stream.
func TestAFileThatWasAddedToIsReadAsItsLastVersionSays(t *testing.T) {
	const second = "1 0 obj\n<</Type/EmbeddedFile/Length 6>>\nstream\nsecond\nendstream\nendobj\n"
	for what, file := range map[string][]byte{"new": little(t, attachment("credential.json", "first")), "older": plain("first")} {
		number, root := "1", "5"
		if what == "older" {
			number, root = "3", "1"
		}
		old := string(file[bytes.LastIndex(file, []byte("startxref\n"))+10:])
		old = old[:strings.Index(old, "\n")]
		added := append(bytes.Clone(file), number+second[1:]...)
		at := len(added)
		table := "xref\n" + number + " 1\n" + pad(len(file)) + " 00000 n \ntrailer\n<</Size 9/Root " + root + " 0 R/Prev " + old + ">>"
		row := []byte{1, byte(len(file) >> 8), byte(len(file))}
		stream := "9 0 obj\n<</Type/XRef/Size 9/W[1 2 0]/Index[" + number + " 1]/Root " + root + " 0 R/Prev " + old + "/Length 3>>\nstream\n" + string(row) + "\nendstream\nendobj"
		for _, section := range []string{table, stream} {
			got, err := Attached(append(bytes.Clone(added), section+"\nstartxref\n"+itoa(at)+"\n%%EOF\n"...), "credential.json")
			if err != nil || string(got) != "second" {
				t.Errorf("%s: got %q, %v", what, got, err)
			}
		}
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	good, old := little(t, attachment("credential.json", "{}")), plain("{}")
	replaced := func(file []byte, a, b string) []byte {
		if !bytes.Contains(file, []byte(a)) {
			t.Fatalf("no %s", a)
		}
		return bytes.Replace(file, []byte(a), []byte(b), 1)
	}
	for what, c := range map[string]struct {
		file []byte
		err  error
	}{
		"nothing":                 {nil, ErrFormat},
		"something else":          {[]byte("GIF89a"), ErrFormat},
		"half":                    {good[:len(good)/2], ErrFormat},
		"half of an older one":    {old[:len(old)/2], ErrFormat},
		"a wrong place":           {replaced(good, "startxref\n", "startxref\n9"), ErrFormat},
		"a wrong place in the":    {replaced(old, "startxref\n", "startxref\n9"), ErrFormat},
		"a longer length":         {replaced(old, "/Length 2>>", "/Length 99999999>>"), ErrFormat},
		"an unknown filter":       {replaced(old, "/Length 2>>", "/Filter/LZW/Length 2>>"), ErrFormat},
		"a filter it is not":      {replaced(old, "/Length 2>>", "/Filter/FlateDecode/Length 2>>"), ErrFormat},
		"encrypted":               {replaced(good, "/Root", "/Encrypt 1 0 R/Root"), ErrFormat},
		"encrypted, older":        {replaced(old, "/Root", "/Encrypt 1 0 R/Root"), ErrFormat},
		"a circle of sections":    {replaced(old, "/Root 1 0 R", "/Root 1 0 R/Prev "+itoa(bytes.Index(old, []byte("\nxref\n"))+1)), ErrFormat},
		"none":                    {little(t), ErrNoAttachment},
		"another":                 {little(t, attachment("other.json", "{}")), ErrNoAttachment},
		"twice":                   {little(t, attachment("credential.json", "1"), attachment("credential.json", "2")), ErrFormat},
		"a key twice":             {replaced(old, "/Type/Catalog", "/Type/Catalog/Names 1 0 R"), ErrFormat},
		"two tables in one":       {replaced(old, "/Root 1 0 R", "/Root 1 0 R/XRefStm 9"), ErrFormat},
		"no cross-reference":      {append(bytes.Clone(good), "startxref\n9\n%%EOF\n"...), ErrFormat},
		"no objects in a stream":  {replaced(good, "/Type/ObjStm", "/Type/ObjSta"), ErrFormat},
		"more objects than there": {replaced(good, "/ObjStm/N 5", "/ObjStm/N 65536"), ErrFormat},
		"far more objects":        {replaced(good, "/ObjStm/N 5", "/ObjStm/N 99999999999"), ErrFormat},
		"a list beyond its end":   {replaced(good, "/First ", "/First 9"), ErrFormat},
	} {
		if _, err := Attached(c.file, "credential.json"); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", what, err, c.err)
		}
	}
}

func FuzzAttached(f *testing.F) {
	f.Add(little(f, attachment("credential.json", `{"id":"x"}`)))
	f.Add(plain(`{"id":"x"}`))
	f.Add(streamed(listed("5 0 "), rows(row(1, 9), row(1, at(listed("5 0 "), 2)), row(2, 1)), "/W[1 2 1]/Index[1 2 5 1]"))
	f.Add([]byte("%PDF-1.7\n1 0 obj<</Names<</EmbeddedFiles<</Kids[1 0 R]>>>>>>endobj\nxref\n1 1\n0000000009 00000 n \ntrailer<</Root 1 0 R>>\nstartxref\n74\n%%EOF"))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := Attached(file, "credential.json")
		if err == nil && len(got) > MaxAttachment {
			t.Errorf("an attachment of %d bytes", len(got))
		}
		if err != nil && !errors.Is(err, ErrFormat) && !errors.Is(err, ErrNoAttachment) {
			t.Errorf("an error of another kind: %v", err)
		}
	})
}

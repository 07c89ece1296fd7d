package pdf

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// little is the least document that carries an attachment.
func little(t testing.TB, attachments ...Attachment) []byte {
	t.Helper()
	w := NewWriter()
	w.Begin()
	specs := w.Attach(attachments)
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
	info := w.Info(&Info{Title: "小 (little) \\"})
	return bytes.Clone(w.End(root, info))
}

func attachment(name, data string) Attachment {
	return Attachment{Name: name, MediaType: "application/json", Description: "数据", Data: []byte(data)}
}

func TestWhatWasAttachedIsFoundByteForByte(t *testing.T) {
	for _, data := range []string{"", "{}", "endstream\nendobj\n%%EOF\n", strings.Repeat("\x00\xff", 5000)} {
		file := little(t, attachment("another.json", "other"), attachment("credential.json", data))
		got, err := Attached(file, "credential.json")
		if err != nil || string(got) != data {
			t.Errorf("attached %q: got %q, %v", brief(data), brief(string(got)), err)
		}
	}
}

func brief(s string) string { return s[:min(len(s), 40)] }

func TestAFileThatWasAddedToIsReadAsItsLastVersionSays(t *testing.T) {
	file := little(t, attachment("credential.json", "first"))
	old := bytes.LastIndex(file, []byte("\nxref\n")) + 1
	added := append(bytes.Clone(file), "1 0 obj\n<</Type/EmbeddedFile/Length 6>>\nstream\nsecond\nendstream\nendobj\n"...)
	at := len(added)
	added = append(added, "xref\n1 1\n"...)
	added = append(added, pad(len(file))+" 00000 n \ntrailer\n<</Size 7/Root 5 0 R/Prev "+itoa(old)+">>\nstartxref\n"+itoa(at)+"\n%%EOF\n"...)
	got, err := Attached(added, "credential.json")
	if err != nil || string(got) != "second" {
		t.Errorf("got %q, %v", got, err)
	}
}

func itoa(n int) string { var b Buffer; b.Int(n); return string(b.B) }
func pad(n int) string  { s := itoa(n); return "0000000000"[:10-len(s)] + s }

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	good := little(t, attachment("credential.json", "{}"))
	replaced := func(a, b string) []byte { return bytes.Replace(good, []byte(a), []byte(b), 1) }
	for what, c := range map[string]struct {
		file []byte
		err  error
	}{
		"nothing":            {nil, ErrFormat},
		"something else":     {[]byte("GIF89a"), ErrFormat},
		"half":               {good[:len(good)/2], ErrFormat},
		"a wrong place":      {replaced("startxref\n", "startxref\n9"), ErrFormat},
		"a longer length":    {replaced("/Length 2>>", "/Length 99999999>>"), ErrFormat},
		"an unknown filter":  {replaced("/Length 2>>", "/Filter/LZW/Length 2>>"), ErrFormat},
		"encrypted":          {replaced("/Root", "/Encrypt 1 0 R/Root"), ErrFormat},
		"a circle":           {replaced("/Root 5 0 R", "/Root 5 0 R/Prev "+itoa(bytes.Index(good, []byte("\nxref\n"))+1)), ErrFormat},
		"none":               {little(t), ErrNoAttachment},
		"another":            {little(t, attachment("other.json", "{}")), ErrNoAttachment},
		"twice":              {little(t, attachment("credential.json", "1"), attachment("credential.json", "2")), ErrFormat},
		"a key twice":        {replaced("/Type/Catalog", "/Type/Catalog/Names 1 0 R"), ErrFormat},
		"compressed objects": {append(bytes.Clone(good), "startxref\n9\n%%EOF\n"...), ErrFormat},
	} {
		if _, err := Attached(c.file, "credential.json"); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", what, err, c.err)
		}
	}
}

func FuzzAttached(f *testing.F) {
	f.Add(little(f, attachment("credential.json", `{"id":"x"}`)))
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

package interop

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// reattached is a document to which a program has added: another credential.
func reattached(t *testing.T, document, credential []byte) []byte {
	t.Helper()
	number := match(t, document, `(\d+) 0 obj\n<</Type/EmbeddedFile`)
	return updated(t, document, number, fmt.Sprintf("<</Type/EmbeddedFile/Length %d>>\nstream\n%s\nendstream", len(credential), credential))
}

// bereft is a document to which a program has added: its catalog names no attachments any more.
func bereft(t *testing.T, document []byte) []byte {
	t.Helper()
	return updated(t, document, match(t, document, `/Root (\d+) 0 R`), "<</Type/Catalog>>")
}

// updated is a document to which a program has added another version of an object (ISO 32000-1 §7.5.6).
func updated(t *testing.T, document []byte, number, object string) []byte {
	t.Helper()
	out := append(bytes.Clone(document), number+" 0 obj\n"+object+"\nendobj\n"...)
	at := len(out)
	return fmt.Appendf(out, "xref\n%s 1\n%010d 00000 n \ntrailer\n<</Size %s/Root %s 0 R/Prev %s>>\nstartxref\n%d\n%%%%EOF\n", number, len(document),
		match(t, document, `/Size (\d+)`), match(t, document, `/Root (\d+) 0 R`), match(t, document, `startxref\n(\d+)`), at)
}

// match gives the last text of a document that the group in a pattern matches.
func match(t *testing.T, document []byte, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindAllSubmatch(document, -1)
	if len(found) == 0 {
		t.Fatalf("no %s in the document", pattern)
	}
	return strings.TrimSpace(string(found[len(found)-1][1]))
}

package picture

import "testing"

// mostBytes of a certificate's PDF, the credential in it.
const mostBytes = 30_000

func TestACertificateIsASmallFile(t *testing.T) {
	for _, name := range []string{"classical-course-zh", "classical-course-en", "classical-exam-zh", "classical-exam-en", "classical-achievement-zh", "classical-achievement-en",
		"classical-portrait-course-zh", "classical-portrait-exam-en", "modern-course-zh", "modern-course-en", "modern-exam-zh", "modern-exam-en",
		"modern-achievement-zh", "modern-achievement-en", "modern-portrait-course-zh", "modern-portrait-exam-en"} {
		found := false
		for _, p := range pictures {
			if p.name == name {
				found = true
				if n := len(pdfOf(t, p.layout, p.values)); n > mostBytes {
					t.Errorf("%s: the PDF has %d bytes, more than %d", name, n, mostBytes)
				}
			}
		}
		if !found {
			t.Errorf("no sample %s", name)
		}
	}
}

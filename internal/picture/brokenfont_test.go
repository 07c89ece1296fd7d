package picture

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func folderWith(t *testing.T, name string, data []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestABrokenFontIsRefusedWhenItIsLoaded(t *testing.T) {
	whole := must(os.ReadFile("testdata/fonts/scripts/NotoSansHebrew.ttf"))
	overwritten := func(table string) []byte {
		out := bytes.Clone(whole)
		entry := out[bytes.Index(out, []byte(table)):]
		from := int(entry[8])<<24 | int(entry[9])<<16 | int(entry[10])<<8 | int(entry[11])
		for i := range 64 {
			out[from+i] = 0xff
		}
		return out
	}
	for why, data := range map[string][]byte{
		"a text":             []byte("<!doctype html><title>404</title>"),
		"nothing":            nil,
		"half a file":        whole[:len(whole)/2],
		"a head and no more": whole[:300],
		"loca overwritten":   overwritten("loca"),
		"maxp overwritten":   overwritten("maxp"),
		"head overwritten":   overwritten("head"),
		"cmap overwritten":   overwritten("cmap"),
	} {
		_, err := LoadFonts(embedded(), folderWith(t, "Broken.ttf", data))
		if err == nil || !strings.Contains(err.Error(), "Broken.ttf") {
			t.Errorf("%s: %v; want an error that names the file", why, err)
		}
	}
}

// No check at loading finds everything: here one byte of a table says that a list goes on where it does not, which the
// library falls over when a text gets there.
func TestAFontThatIsBrokenWhereATextNeedsItSetsNoneOfIt(t *testing.T) {
	data := must(os.ReadFile("testdata/fonts/scripts/NotoSansArabic.ttf"))
	rules := data[bytes.Index(data, []byte("GSUB")):]
	from := int(rules[8])<<24 | int(rules[9])<<16 | int(rules[10])<<8 | int(rules[11])
	size := int(rules[12])<<24 | int(rules[13])<<16 | int(rules[14])<<8 | int(rules[15])
	fell := false
	for at := from; at < from+size; at += 4 {
		one := bytes.Clone(data)
		one[at] = 0xff
		fonts, err := LoadFonts(nil, folderWith(t, "Broken.ttf", one))
		if err != nil {
			continue
		}
		s := newSetter(fonts)
		if _, missing := s.shape(&typeface{han: fonts.fonts, other: fonts.fonts}, "", "عبدالرحمن", false); len(s.broken) > 0 {
			fell = true
			if missing != 'ع' {
				t.Errorf("byte %d: the text is refused for %q", at, missing)
			}
		}
	}
	if !fell {
		t.Error("no byte makes the library fall over: the test says nothing")
	}
}

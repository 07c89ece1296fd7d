package interop

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"laurel/internal/jcs"
)

// browserJCS is the canonical JSON of the browser script, in a Node process that lives as long as the test.
type browserJCS struct {
	mu  sync.Mutex
	in  io.WriteCloser
	out *bufio.Reader
}

func startBrowserJCS(t testing.TB) *browserJCS {
	t.Helper()
	cmd := node(t, "jcs.mjs")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("jcs.mjs: %v", err)
		}
	})
	return &browserJCS{in: in, out: bufio.NewReader(out)}
}

// transform returns the canonical form, or why the text was refused.
func (b *browserJCS) transform(t testing.TB, data []byte) (canonical []byte, refused string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := io.WriteString(b.in, base64.StdEncoding.EncodeToString(data)+"\n"); err != nil {
		t.Fatal(err)
	}
	line, err := b.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("jcs.mjs gave no answer: %v", err)
	}
	var answer struct {
		JCS     []byte
		Refused *string
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		t.Fatalf("jcs.mjs answered %q: %v", line, err)
	}
	if answer.Refused != nil {
		return nil, "refused: " + *answer.Refused
	}
	return answer.JCS, ""
}

// agree fails the test unless Go and the browser refuse data alike, or make the same bytes of it.
func agree(t testing.TB, browser *browserJCS, data []byte) {
	t.Helper()
	want, err := jcs.Transform(data)
	got, refused := browser.transform(t, data)
	switch {
	case err != nil && refused == "":
		t.Errorf("%q: Go refuses it (%v), the browser makes it %q", data, err, got)
	case err == nil && refused != "":
		t.Errorf("%q: Go makes it %q, the browser %s", data, want, refused)
	case err == nil && !bytes.Equal(got, want):
		t.Errorf("%q: Go makes it %q, the browser %q", data, want, got)
	}
}

// jcsSeeds are texts on which two readers of JSON are most likely to differ.
var jcsSeeds = []string{
	`{"b":1,"a":[true,false,null,"x"],"":{}}`,
	` { "a" : "\u00e9\ud834\udd1e\/\b\f\n\r\t\"\\" } `,
	`{"\ud83d\ude00":1,"\ufb33":2,"\u20ac":3,"\r":4,"1":5,"\u0080":6,"\u00f6":7}`,
	`{"a":1,"a":1}`, `{"a":1,"\u0061":2}`, `{"__proto__":1,"constructor":2,"toString":3}`, `{"__proto__":{},"__proto__":{}}`,
	`{"10":1,"9":2,"1":3,"01":4,"-1":5}`,
	`[0,-0,0.0,-0.0,1e0,1E+2,1e-7,0.000001,1e21,1e20,123456789012345678901234567890,5e-324,1.7976931348623157e308]`,
	`[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,9007199254740993,0.1,100]`,
	`1e400`, `-1e400`, `1e-400`, `01`, `-`, `1.`, `.5`, `+1`, `0x1`, `1e`, `NaN`, `Infinity`, `-01`, `1e+`,
	`"\ud800"`, `"\udc00\ud800"`, `"\ud800x"`, `"\ud83d\ude00"`, `"\uD83D\uDE00"`, `"\u00"`, `"\x41"`, `"\'"`, `"\U0041"`,
	"\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\xaf\"", "\"\xf4\x90\x80\x80\"", "\"\x00\"", "\"\x1f\"", "\"\x7f\u0085\u2028\u2029\ufeff\"", "\ufeff{}",
	"\"\n\"", "\"\t\"", "\u00a0{}", "\v{}", "{}\x00", "[1]\n\r\t ",
	``, ` `, `{}`, `[]`, `""`, `null`, `true`, `tru`, `nul`, `True`, `{}{}`, `[1,]`, `{"a":1,}`, `{,}`, `[,]`, `{"a"}`, `{a:1}`, `{'a':1}`, `// x` + "\n1", `/**/1`,
	`{"a":1 "b":2}`, `[1 2]`, `{"a"::1}`, `{1:2}`, `{"a":}`, `"abc`, `{"a":[`, `]`, `}`,
}

// deep is text nested n arrays or objects deep.
func deep(n int, object bool) string {
	if object {
		return strings.Repeat(`{"a":`, n) + `1` + strings.Repeat(`}`, n)
	}
	return strings.Repeat(`[`, n) + strings.Repeat(`]`, n)
}

func TestCanonicalJSONOfGoAndOfTheBrowserAgree(t *testing.T) {
	browser := startBrowserJCS(t)
	for _, seed := range jcsSeeds {
		agree(t, browser, []byte(seed))
	}
	for n := 60; n <= 70; n++ {
		agree(t, browser, []byte(deep(n, false)))
		agree(t, browser, []byte(deep(n, true)))
	}
	agree(t, browser, []byte(deep(100_000, false)))
	requests, err := os.ReadFile(samples)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(requests) {
		agree(t, browser, line)
	}
}

func FuzzCanonicalJSONOfGoAndOfTheBrowserAgree(f *testing.F) {
	browser := startBrowserJCS(f)
	for _, seed := range jcsSeeds {
		f.Add([]byte(seed))
	}
	f.Add([]byte(deep(64, true)))
	f.Add([]byte(deep(65, false)))
	f.Fuzz(func(t *testing.T, data []byte) { agree(t, browser, data) })
}
